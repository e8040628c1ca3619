//===- QnnOps.td - ops of the quantized graph ------------------------------===//
#ifndef AGCC_DIALECT_QNN_QNNOPS_TD
#define AGCC_DIALECT_QNN_QNNOPS_TD

include "agcc/Dialect/Qnn/QnnDialect.td"
include "agcc/Interfaces/RegionOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Qnn_Op<string mnemonic, list<Trait> traits = []> : Op<Qnn_Dialect, mnemonic, !listconcat(traits, [Pure])>;

// A signed number of at most 64 bits; which range holds is the op verifier's business.
def Qnn_IntAttr : TypedSignlessIntegerAttrBase<I64, "int64_t", "integer">;

// Rank 4 with static shape; the element type is f32 or int8 with scale and zero point. N = 1 and the element types are
// checked by the verifiers, which can say what is wrong.
def Qnn_Tensor : AnyTypeOf<[AnyRankedTensor], "feature map">;

//===----------------------------------------------------------------------===//
// Between float and integer
//===----------------------------------------------------------------------===//

def Qnn_QuantizeOp : Qnn_Op<"quantize"> {
  let summary = "ONNX QuantizeLinear: clamp(round half to even(x / scale) + zero point)";
  let arguments = (ins Qnn_Tensor:$input);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_DequantizeOp : Qnn_Op<"dequantize"> {
  let summary = "ONNX DequantizeLinear: (q - zero point) * scale";
  let arguments = (ins Qnn_Tensor:$input);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_RequantizeOp : Qnn_Op<"requantize"> {
  let summary = "DequantizeLinear, then QuantizeLinear with another scale or zero point";
  let arguments = (ins Qnn_Tensor:$input);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// ONNX ops, on float tensors as imported, on quantized ones after qnn-fold-qdq
//===----------------------------------------------------------------------===//

def Qnn_ConvOp : Qnn_Op<"conv"> {
  let summary = "ONNX Conv with quantized weights";
  let description = [{
    `weights` int8 [O, I, KH, KW], -127..127; `weight_scales` one per output channel or one for all; `bias` the real values
    [O] that the file's bias stands for (empty: none). On quantized tensors the result is the quantized real value.
    `block_grouped`: as of qnn.fused_conv. `onnx_op`: what the file has where it is another op than Conv.
  }];
  let arguments = (ins Qnn_Tensor:$input, ElementsAttr:$weights, DenseF32ArrayAttr:$weight_scales,
                       DenseF32ArrayAttr:$bias, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, Qnn_IntAttr:$macs, UnitAttr:$block_grouped,
                       OptionalAttr<StrAttr>:$onnx_op);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_ReluOp : Qnn_Op<"relu"> {
  let summary = "ONNX Relu";
  let arguments = (ins Qnn_Tensor:$input);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_ClipOp : Qnn_Op<"clip"> {
  let summary = "ONNX Clip with constant bounds; a missing bound is infinite";
  let arguments = (ins Qnn_Tensor:$input, F32Attr:$min, F32Attr:$max);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_AddOp : Qnn_Op<"add"> {
  let summary = "ONNX Add of two tensors of one shape";
  let arguments = (ins Qnn_Tensor:$lhs, Qnn_Tensor:$rhs);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, $output)";
  let hasVerifier = 1;
}

def Qnn_ResizeOp : Qnn_Op<"resize"> {
  let summary = "ONNX Resize, nearest neighbour by two: output (y, x) is input (y >> 1, x >> 1)";
  let arguments = (ins Qnn_Tensor:$input);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

include "agcc/Dialect/Qnn/QnnVectorOps.td"

//===----------------------------------------------------------------------===//
// The canonical form
//===----------------------------------------------------------------------===//

def Qnn_FusedConvOp : Qnn_Op<"fused_conv", [DeclareOpInterfaceMethods<RegionOpInterface, ["getOperandTile"]>]> {
  let summary = "The convolution of docs/machine.md: integer in, integer out, everything fused";
  let description = [{
    For output channel o of pixel (y, x), with r the residual, rhe = round half to even of v / 2^s, T the table:

        acc = sum over i, ky, kx of weights[o, i, ky, kx] * in(...)           # int32; pad_value outside the input
        q   = clamp(rhe((acc + bias[o]) * multiplier[o], shift[o]) + z1, lo1, hi1)
        q   = T[q + 128]                                                      # with a table and table_first
        q   = clamp(rhe(v, sh2) + zo, lo, hi)                                 # with a residual; v by res_op:
              add: (q - zq)*a + (r - zr)*b;  mul: (q - zq)*(r - zr)*a;  max, min: of (q - zq)*a and (r - zr)*b
        q   = T[q + 128]                                                      # with a table, without table_first

    * `weights` int8 [O, Ig, KH, KW] in -127..127, kernels of at most 64x64. Ig is the number of input channels; when
      `block_grouped`, it is a multiple of eight and output block j (channels 8j..8j+7) reads the input blocks
      j*Ig/8 ... (j+1)*Ig/8 - 1 only.
    * `bias` int32 [O], zero-point term folded in. `multiplier` [O]: 0 or 2^23 .. 2^24-1. `shift` [O]: 0..63.
    * `shared`, with block_grouped: O is 8, and weights, bias, multiplier and shift are those of every output block. The result
      has as many channels as its type says.
    * `strides`, `dilations`: [y, x]; `pads`: [top, left, bottom, right] in pixels as read (after upsampling).
    * `upsample`: the input is read through nearest upsampling by two; strides are 1 then.
    * `z1`, `lo1`, `hi1`, and with a residual `zr`, `a`, `b`, `sh2`, `zo`, `lo`, `hi`; `zq` is z1 where it is absent. mul has b = 0. A
      residual has the result's channels; its height, its width or both may be 1 where the result's are more (it is repeated).
    * `table`: 256 values of int8, for q = -128 .. 127.
    * `max_window` = [kh, kw], with `shared` and a 1x1 kernel: the maximum of the result at the window's kh x kw positions, which
      strides, dilations and pads are for. pad_value is -128, there is no residual, and a table is applied to the maximum.
    * `interleave` = [py, px]: O is py*px*O8 with O8 the result's channels rounded up to 8 (lanes beyond them are zero): phase (i, j)
      is the channels from (i*px + j)*O8 on. Result channel o of pixel (y*py + i, x*px + j) is channel o of phase (i, j) of the
      convolution at (y, x). Output blocks of a block-grouped op are counted over all phases. There is no residual.
    * `ops`, `names`: ONNX op types and node names that this op stands for, in data-flow order. `macs`: theirs.
  }];
  let arguments = (ins Qnn_Tensor:$input, Optional<Qnn_Tensor>:$residual, ElementsAttr:$weights,
                       DenseI32ArrayAttr:$bias, DenseI32ArrayAttr:$multiplier, DenseI32ArrayAttr:$shift,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       Qnn_IntAttr:$pad_value, UnitAttr:$upsample, UnitAttr:$block_grouped,
                       Qnn_IntAttr:$z1, Qnn_IntAttr:$lo1, Qnn_IntAttr:$hi1,
                       OptionalAttr<Qnn_IntAttr>:$zr, OptionalAttr<Qnn_IntAttr>:$a, OptionalAttr<Qnn_IntAttr>:$b,
                       OptionalAttr<Qnn_IntAttr>:$sh2, OptionalAttr<Qnn_IntAttr>:$zo, OptionalAttr<Qnn_IntAttr>:$lo,
                       OptionalAttr<Qnn_IntAttr>:$hi,
                       StrArrayAttr:$ops, StrArrayAttr:$names, Qnn_IntAttr:$macs,
                       DefaultValuedStrAttr<StrAttr, "add">:$res_op, OptionalAttr<Qnn_IntAttr>:$zq,
                       OptionalAttr<DenseI8ArrayAttr>:$table, UnitAttr:$table_first, UnitAttr:$shared,
                       OptionalAttr<DenseI64ArrayAttr>:$max_window, OptionalAttr<DenseI64ArrayAttr>:$interleave);
  let results = (outs Qnn_Tensor:$output);
  let builders = [
    // Everything up to `macs`; what comes behind it is set where it is needed.
    OpBuilder<(ins "::mlir::Type":$output, "::mlir::Value":$input, "::mlir::Value":$residual, "::mlir::ElementsAttr":$weights,
      "::llvm::ArrayRef<int32_t>":$bias, "::llvm::ArrayRef<int32_t>":$multiplier, "::llvm::ArrayRef<int32_t>":$shift,
      "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$dilations, "::llvm::ArrayRef<int64_t>":$pads,
      "int64_t":$pad_value, "bool":$upsample, "bool":$block_grouped, "int64_t":$z1, "int64_t":$lo1, "int64_t":$hi1,
      "::mlir::IntegerAttr":$zr, "::mlir::IntegerAttr":$a, "::mlir::IntegerAttr":$b, "::mlir::IntegerAttr":$sh2,
      "::mlir::IntegerAttr":$zo, "::mlir::IntegerAttr":$lo, "::mlir::IntegerAttr":$hi, "::mlir::ArrayAttr":$ops,
      "::mlir::ArrayAttr":$names, "int64_t":$macs), [{
      build($_builder, $_state, output, input, residual, weights, bias, multiplier, shift, strides, dilations, pads,
            static_cast<uint64_t>(pad_value), upsample, block_grouped, static_cast<uint64_t>(z1), static_cast<uint64_t>(lo1),
            static_cast<uint64_t>(hi1), zr, a, b, sh2, zo, lo, hi, ops, names, static_cast<uint64_t>(macs), "add",
            ::mlir::IntegerAttr(), ::mlir::DenseI8ArrayAttr(), false, false, ::mlir::DenseI64ArrayAttr(), ::mlir::DenseI64ArrayAttr());
    }]>
  ];
  let assemblyFormat = [{
    $input (`residual` $residual^)? attr-dict `:` functional-type(operands, $output)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType inputType() { return ::llvm::cast<::mlir::RankedTensorType>(getInput().getType()); }
    ::mlir::RankedTensorType outputType() { return ::llvm::cast<::mlir::RankedTensorType>(getOutput().getType()); }
    // Channels of `weights`: O and Ig. The result's channels are those of its type.
    int64_t outChannels();
    int64_t groupInChannels();
    // Size of the kernel, or of max_window.
    int64_t kernelHeight();
    int64_t kernelWidth();
    // Size of the kernel of `weights`: 1x1 with max_window.
    int64_t weightHeight();
    int64_t weightWidth();
    // [py, px] of interleave, or [1, 1].
    std::pair<int64_t, int64_t> phases();
    // Output blocks of one phase, and of all of them.
    int64_t phaseBlocks() { return (outputType().getDimSize(1) + 7) / 8; }
    int64_t allBlocks() { return phaseBlocks() * phases().first * phases().second; }
    // Zero point that the residual stage subtracts from the first result.
    int64_t residualZero() { return getZq().value_or(getZ1()); }
    // The weights in the order of the attribute, [O][Ig][KH][KW].
    std::vector<int8_t> weightValues();
    // `ops` and `names` as strings.
    std::vector<std::string> opNames();
    std::vector<std::string> nodeNames();
  }];
}

def Qnn_WindowOp : Qnn_Op<"window"> {
  let summary = "A box of a feature map, read where it lies";
  let description = [{
    r[0, c, y, x] = t[n0, c0 + c, y0 + y, x0 + x], sizes from the result's type, `offsets` = [n0, c0, y0, x0], c0 a multiple of 8. The operand is a
    function argument or the result of a fused_conv or an assemble. Where the result has channels that are no multiple of 8, what follows them in
    the operand lies in the unused lanes: weights for those are zero.
  }];
  let arguments = (ins Qnn_Tensor:$input, DenseI64ArrayAttr:$offsets);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $output)";
  let hasVerifier = 1;
}

def Qnn_AssembleOp : Qnn_Op<"assemble"> {
  let summary = "A feature map whose boxes are written by several ops";
  let description = [{
    Operand k lies in the result from `offsets`[4k .. 4k+3] = [n, c, y, x] on, c a multiple of 8. The boxes are disjoint and cover the result. An operand
    is the result of a fused_conv, which lies in one place of one assemble only; others may read it as well, in place.
  }];
  let arguments = (ins Variadic<Qnn_Tensor>:$inputs, DenseI64ArrayAttr:$offsets);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = "$inputs attr-dict `:` functional-type($inputs, $output)";
  let hasVerifier = 1;
}

#endif // AGCC_DIALECT_QNN_QNNOPS_TD
