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

//===----------------------------------------------------------------------===//
// The canonical form
//===----------------------------------------------------------------------===//

def Qnn_FusedConvOp : Qnn_Op<"fused_conv", [DeclareOpInterfaceMethods<RegionOpInterface, ["getOperandTile"]>]> {
  let summary = "The convolution of docs/machine.md: integer in, integer out, everything fused";
  let description = [{
    For output channel o of pixel (y, x), with r the residual, rhe = round half to even of v / 2^s:

        acc = sum over i, ky, kx of weights[o, i, ky, kx] * in(...)           # int32; pad_value outside the input
        q   = clamp(rhe((acc + bias[o]) * multiplier[o], shift[o]) + z1, lo1, hi1)
        q   = clamp(rhe((q - z1)*a + (r - zr)*b, sh2) + zo, lo, hi)           # with a residual only

    * `weights` int8 [O, Ig, KH, KW] in -127..127. Ig is the number of input channels; when `block_grouped`, it is a multiple
      of eight and output block j (channels 8j..8j+7) reads the input blocks j*Ig/8 ... (j+1)*Ig/8 - 1 only.
    * `bias` int32 [O], zero-point term folded in. `multiplier` [O]: 0 or 2^23 .. 2^24-1. `shift` [O]: 0..63.
    * `strides`, `dilations`: [y, x]; `pads`: [top, left, bottom, right] in pixels as read (after upsampling).
    * `upsample`: the input is read through nearest upsampling by two; strides are 1 then.
    * `z1`, `lo1`, `hi1`, and with a residual `zr`, `a`, `b`, `sh2`, `zo`, `lo`, `hi`.
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
                       StrArrayAttr:$ops, StrArrayAttr:$names, Qnn_IntAttr:$macs);
  let results = (outs Qnn_Tensor:$output);
  let assemblyFormat = [{
    $input (`residual` $residual^)? attr-dict `:` functional-type(operands, $output)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType inputType() { return ::llvm::cast<::mlir::RankedTensorType>(getInput().getType()); }
    ::mlir::RankedTensorType outputType() { return ::llvm::cast<::mlir::RankedTensorType>(getOutput().getType()); }
    // Kernel size and channels of `weights`.
    int64_t outChannels();
    int64_t groupInChannels();
    int64_t kernelHeight();
    int64_t kernelWidth();
    // The weights in the order of the attribute, [O][Ig][KH][KW].
    std::vector<int8_t> weightValues();
    // `ops` and `names` as strings.
    std::vector<std::string> opNames();
    std::vector<std::string> nodeNames();
  }];
}

#endif // AGCC_DIALECT_QNN_QNNOPS_TD
