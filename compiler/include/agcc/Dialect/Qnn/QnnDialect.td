//===- QnnDialect.td - the quantized graph ---------------------------------===//
#ifndef AGCC_DIALECT_QNN_QNNDIALECT_TD
#define AGCC_DIALECT_QNN_QNNDIALECT_TD

include "mlir/IR/OpBase.td"

def Qnn_Dialect : Dialect {
  let name = "qnn";
  let cppNamespace = "::agc::qnn";
  let summary = "Quantized neural networks";
  let description = [{
    Ops with ONNX meaning on `tensor<1xCxHxWxf32>` and on `tensor<1xCxHxWx!quant.uniform<i8:f32, scale:zero>>`, and their
    canonical integer form `qnn.fused_conv`, in which the numerics of docs/machine.md are fixed. See docs/rationale-qnn.md.

    The arguments and results of `@main` carry `qnn.name` (the ONNX name, verbatim) and `qnn.border` ("float32", "int8" or
    "uint8"): what the user hands over and gets. The type is that of the tensor which the machine holds; the host converts
    one to one. Where the user's shape is another one, `qnn.shape` has it: N images of the type's C, H, W, in the order
    N, C, H, W, or N, C, W with a height of 1, or N, C with one pixel. All have one N then; `@main` computes one image and runs N times.
  }];
  let dependentDialects = ["::mlir::quant::QuantizationDialect"];
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kNameAttr = "qnn.name";
    static constexpr ::llvm::StringLiteral kBorderAttr = "qnn.border";
    static constexpr ::llvm::StringLiteral kShapeAttr = "qnn.shape";
  }];
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

#endif // AGCC_DIALECT_QNN_QNNDIALECT_TD
