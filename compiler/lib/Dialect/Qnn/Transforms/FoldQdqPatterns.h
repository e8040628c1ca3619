// The rewrites of qnn-fold-qdq, apart from the pass that applies them and reports what they leave.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "mlir/IR/PatternMatch.h"

namespace agc::qnn {

void populateFoldQdqPatterns(mlir::RewritePatternSet &patterns);
// Those of elementwise arithmetic, pools and concatenations.
void populateIslandPatterns(mlir::RewritePatternSet &patterns);

// `op`, between a DequantizeLinear that makes `integer` and `quantize`, on integers; `quantize` is replaced by it.
template <typename Op>
void foldOntoIntegers(mlir::PatternRewriter &rewriter, QuantizeOp quantize, Op op, mlir::Value integer) {
  auto copy = llvm::cast<Op>(rewriter.clone(*op));
  copy.getInputMutable().assign(integer);
  copy.getOutput().setType(llvm::cast<mlir::RankedTensorType>(quantize.getOutput().getType()));
  rewriter.replaceOp(quantize, copy.getOutput());
}

} // namespace agc::qnn
