//===- OvlOps.td - instructions and buffers --------------------------------===//
#ifndef AGCC_DIALECT_OVL_OVLOPS_TD
#define AGCC_DIALECT_OVL_OVLOPS_TD

include "agcc/Dialect/Ovl/OvlDialect.td"

// A number of at most 64 bits. Which range an instruction field has is asked of the instruction encoder.
def Ovl_Int : TypedSignlessIntegerAttrBase<I64, "int64_t", "integer">;
class Ovl_Field<string value = "0"> : DefaultValuedAttr<Ovl_Int, value>;

class Ovl_Op<string mnemonic, list<Trait> traits = []> : Op<Ovl_Dialect, mnemonic, traits>;

def Ovl_ProgramOp : Ovl_Op<"program", [NoRegionArguments, SingleBlock, NoTerminator, IsolatedFromAbove]> {
  let summary = "A whole program";
  let description = [{
    `core`: a built-in core's name or the text of a core file. `inputs`, `outputs`: the tensors of the border, dictionaries as
    in the manifest of prog.bin. `layers`: dictionaries {names, ops, macs, tile}, in the order of the numbers that instructions
    carry; layers that run fused are one of them, with all names and, as `fused`, the dictionary of each.
  }];
  let arguments = (ins StrAttr:$core, DefaultValuedAttr<ArrayAttr, "{}">:$inputs, DefaultValuedAttr<ArrayAttr, "{}">:$outputs,
                       DefaultValuedAttr<ArrayAttr, "{}">:$layers, Ovl_Field<>:$compulsory_bytes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Ovl_BufferOp : Ovl_Op<"buffer"> {
  let summary = "Begin of a buffer's life";
  let description = [{
    `words` of the memory: 64 bytes in the weight buffer, 8 bytes elsewhere. `address`: where it lies, in words of the memory
    or segment. `high`: placed from the upper end. `border`: inputs and outputs, index in the program's list. `data`: content of
    constants, int8.
  }];
  let arguments = (ins Ovl_Memory:$memory, Ovl_Int:$words, OptionalAttr<Ovl_Int>:$address, UnitAttr:$high,
                       OptionalAttr<Ovl_Int>:$border, OptionalAttr<StrAttr>:$holds, OptionalAttr<ElementsAttr>:$data);
  let results = (outs Ovl_Buffer:$result);
  let assemblyFormat = "$memory $words (`at` $address^)? attr-dict";
  let hasVerifier = 1;
}

def Ovl_ReleaseOp : Ovl_Op<"release"> {
  let summary = "End of a buffer's life: its words may be given to buffers behind";
  let arguments = (ins Ovl_Buffer:$buffer);
  let assemblyFormat = "$buffer attr-dict";
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

class Ovl_Instruction<string mnemonic, dag fields> : Ovl_Op<mnemonic> {
  dag header = (ins OptionalAttr<DenseI32ArrayAttr>:$wait, OptionalAttr<DenseI32ArrayAttr>:$post, Ovl_Field<>:$layer);
  let arguments = !con(fields, header);
  string semaphores = "(`wait` $wait^)? (`post` $post^)? attr-dict";
  let hasVerifier = 1;
}

def Ovl_LoadOp : Ovl_Instruction<"load",
    (ins Ovl_Buffer:$dram, Ovl_Int:$dram_offset, Ovl_Buffer:$sp, Ovl_Int:$sp_offset, Ovl_Field<"1">:$n0, Ovl_Field<"1">:$n1,
         Ovl_Field<"1">:$n2, Ovl_Field<>:$d1, Ovl_Field<>:$d2, Ovl_Field<>:$s1, Ovl_Field<>:$s2, Ovl_Field<>:$split,
         Ovl_Field<>:$half)> {
  let summary = "LOAD: DRAM to scratchpad";
  let assemblyFormat = "$dram `[` $dram_offset `]` `to` $sp `[` $sp_offset `]`" # semaphores;
}

def Ovl_LoadFoldOp : Ovl_Instruction<"load_fold",
    (ins Ovl_Buffer:$dram, Ovl_Int:$dram_offset, Ovl_Buffer:$sp, Ovl_Int:$sp_offset, Ovl_Field<"1">:$n0, Ovl_Field<"1">:$n1,
         Ovl_Field<"1">:$w, Ovl_Field<>:$d1, Ovl_Field<>:$s1, Ovl_Field<>:$s2, Ovl_Field<"1">:$c, Ovl_Field<"1">:$kw,
         Ovl_Field<"1">:$sx, Ovl_Field<>:$left, Ovl_Field<>:$pad)> {
  let summary = "LOAD_FOLD: DRAM to scratchpad, kernel columns folded into channels";
  let assemblyFormat = "$dram `[` $dram_offset `]` `to` $sp `[` $sp_offset `]`" # semaphores;
}

def Ovl_StoreOp : Ovl_Instruction<"store",
    (ins Ovl_Buffer:$sp, Ovl_Int:$sp_offset, Ovl_Buffer:$dram, Ovl_Int:$dram_offset, Ovl_Field<"1">:$n0, Ovl_Field<"1">:$n1,
         Ovl_Field<"1">:$n2, Ovl_Field<>:$d1, Ovl_Field<>:$d2, Ovl_Field<>:$s1, Ovl_Field<>:$s2)> {
  let summary = "STORE: scratchpad to DRAM";
  let assemblyFormat = "$sp `[` $sp_offset `]` `to` $dram `[` $dram_offset `]`" # semaphores;
}

def Ovl_WloadOp : Ovl_Instruction<"wload",
    (ins Ovl_Buffer:$dram, Ovl_Int:$dram_offset, Ovl_Buffer:$wb, Ovl_Int:$wb_offset, Ovl_Field<"1">:$n)> {
  let summary = "WLOAD: DRAM to weight buffer";
  let assemblyFormat = "$dram `[` $dram_offset `]` `to` $wb `[` $wb_offset `]`" # semaphores;
}

def Ovl_ConvGeoOp : Ovl_Instruction<"conv_geo",
    (ins Ovl_Field<"1">:$kh, Ovl_Field<"1">:$kw, Ovl_Field<"1">:$sy, Ovl_Field<"1">:$sx, Ovl_Field<"1">:$dy,
         Ovl_Field<"1">:$dx, Ovl_Field<>:$up, Ovl_Field<>:$grp, Ovl_Field<"1">:$icb, Ovl_Field<>:$in_pitch,
         Ovl_Field<>:$in_cpitch, Ovl_Field<>:$out_pitch, Ovl_Field<>:$out_cpitch, Ovl_Field<>:$res_pitch,
         Ovl_Field<>:$res_cpitch, Ovl_Field<>:$w_pitch, Ovl_Field<>:$pad, Ovl_Field<>:$split, Ovl_Field<>:$in_half,
         Ovl_Field<>:$block, Ovl_Field<>:$out_split, Ovl_Field<>:$out_half, Ovl_Field<>:$out_step)> {
  let summary = "CONV_GEO: geometry of the convolutions behind it";
  let assemblyFormat = semaphores;
}

def Ovl_ConvEpiOp : Ovl_Instruction<"conv_epi",
    (ins Ovl_Field<>:$z1, Ovl_Field<"-128">:$lo1, Ovl_Field<"127">:$hi1, Ovl_Field<>:$res, Ovl_Field<>:$zr, Ovl_Field<>:$a,
         Ovl_Field<>:$b, Ovl_Field<>:$sh2, Ovl_Field<>:$zo, Ovl_Field<"-128">:$lo, Ovl_Field<"127">:$hi,
         Ovl_Field<>:$part_in, Ovl_Field<>:$part_out, Ovl_Field<>:$op, Ovl_Field<>:$zq, Ovl_Field<>:$table,
         Ovl_Field<>:$res_still)> {
  let summary = "CONV_EPI: epilogue of the convolutions behind it";
  let assemblyFormat = semaphores;
}

def Ovl_ConvTableOp : Ovl_Instruction<"conv_table", (ins Ovl_Buffer:$wb, Ovl_Int:$wb_offset)> {
  let summary = "CONV_TABLE: table of the epilogue of the convolutions behind it, four words of the weight buffer";
  let assemblyFormat = "$wb `[` $wb_offset `]`" # semaphores;
}

def Ovl_ConvOp : Ovl_Instruction<"conv",
    (ins Ovl_Buffer:$in, Ovl_Int:$in_offset, Ovl_Buffer:$wb, Ovl_Int:$wb_offset, Optional<Ovl_Buffer>:$out,
         Ovl_Field<>:$out_offset, Optional<Ovl_Buffer>:$res, Ovl_Field<>:$res_offset, Optional<Ovl_Buffer>:$part,
         Ovl_Field<>:$part_offset, Ovl_Field<"1">:$in_h, Ovl_Field<"1">:$in_w, Ovl_Field<>:$off_y, Ovl_Field<>:$off_x,
         Ovl_Field<"1">:$oh, Ovl_Field<"1">:$ow, Ovl_Field<"1">:$ocb)> {
  let summary = "CONV: one tile";
  let traits = [AttrSizedOperandSegments];
  let assemblyFormat = [{
    $in `[` $in_offset `]` `weights` $wb `[` $wb_offset `]` (`residual` $res^ `[` $res_offset `]`)?
    (`partial` $part^ `[` $part_offset `]`)? (`to` $out^ `[` $out_offset `]`)?
  }] # semaphores;
}

def Ovl_EndOp : Ovl_Op<"end"> {
  let summary = "END of the program";
  let assemblyFormat = "attr-dict";
}

#endif // AGCC_DIALECT_OVL_OVLOPS_TD
