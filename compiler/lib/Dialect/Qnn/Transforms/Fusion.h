// Building blocks that qnn-fuse and qnn-legalize share. All replace ops in place and leave valid IR.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"
#include "mlir/IR/PatternMatch.h"

namespace agc::qnn {

// ONNX node name for `names`; the op's own name when the location carries none.
std::string displayName(mlir::Operation *op);

// `array` with `text` behind it.
mlir::ArrayAttr appended(mlir::ArrayAttr array, llvm::StringRef text);

// When `activation` (relu, clip) is the only use of a qnn.fused_conv, tightens that op's last clamp instead.
bool foldIntoClamp(mlir::RewriterBase &rewriter, mlir::Operation *activation);

// Block-grouped 1x1 qnn.fused_conv with weight 1: `input` as `resultType`, which may have another scale or zero point.
// `input` that a qnn.resize makes is read upsampled. Null, and an error at `source`, when the factor does not fit.
FusedConvOp createIdentity(mlir::RewriterBase &rewriter, mlir::Operation *source, mlir::Value input, mlir::Type resultType);

// The convolution that makes `value` and can take in an op on it and another tensor; null when there is none.
FusedConvOp residualHost(mlir::Value value);

// Gives `conv`, whose result has the type of its first stage, a second stage with `residual`. `factors` are those of docs/machine.md.
void setResidual(FusedConvOp conv, mlir::Value residual, llvm::StringRef operation, const AddFactors &factors, mlir::Type resultType);

// Joins `conv` and `residual` at the place of `op`, whose result has the second requantization, and replaces `op`. `kind` is Add,
// Sub, Mul, Max or Min, `hostIsLeft` that `conv` makes its left operand. The conv is erased. Null, and an error at `op`, when the
// factors do not fit.
FusedConvOp fuseResidual(mlir::RewriterBase &rewriter, FusedConvOp conv, mlir::Value residual, mlir::Operation *op, llvm::StringRef kind,
                         bool hostIsLeft);

} // namespace agc::qnn
