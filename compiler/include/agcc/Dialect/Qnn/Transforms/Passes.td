//===- Passes.td - passes on the quantized graph ----------------------------===//
#ifndef AGCC_DIALECT_QNN_TRANSFORMS_PASSES_TD
#define AGCC_DIALECT_QNN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def QnnFoldQdq : Pass<"qnn-fold-qdq", "::mlir::func::FuncOp"> {
  let summary = "From quantize/dequantize around float ops to ops on quantized tensors";
  let description = [{
    Moves quantize up through relu, clip and resize and dequantize down through relu, resize and clips whose bounds are
    values of the scale (all exact, because rounding is monotonic and these ops choose values), turns conv and add between
    dequantize and quantize into ops on quantized tensors, and gives float arguments and results the type of the stored
    tensor. What stays float is reported, each op once.
  }];
  let dependentDialects = ["::agc::qnn::QnnDialect"];
}

def QnnFuse : Pass<"qnn-fuse", "::mlir::func::FuncOp"> {
  let summary = "Convolutions become qnn.fused_conv and take in activations, residual adds and upsampling";
  let description = [{
    An activation or an add is taken in when it is the convolution's only use; every requantization stays (a residual add
    requantizes twice). An upsampling is taken in by each convolution that reads it with strides of 1.
  }];
  let dependentDialects = ["::agc::qnn::QnnDialect"];
}

def QnnLegalize : Pass<"qnn-legalize", "::mlir::func::FuncOp"> {
  let summary = "Elementwise ops and resizes that are left become block-grouped 1x1 qnn.fused_conv";
  let description = [{
    Weight 1 on the diagonal, so the first requantization is exact where scale and zero point stay. Also copies a result
    that is an argument, or that is returned twice, so that each output has an op of its own.
  }];
  let dependentDialects = ["::agc::qnn::QnnDialect"];
}

def QnnVerifyCanonical : Pass<"qnn-verify-canonical", "::mlir::func::FuncOp"> {
  let summary = "Nothing but qnn.fused_conv on quantized tensors is left";
}

#endif // AGCC_DIALECT_QNN_TRANSFORMS_PASSES_TD
