// The rewrites of qnn-fold-qdq, apart from the pass that applies them and reports what they leave.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "mlir/IR/PatternMatch.h"

namespace agc::qnn {

void populateFoldQdqPatterns(mlir::RewritePatternSet &patterns);
// Those of elementwise arithmetic, pools and concatenations.
void populateIslandPatterns(mlir::RewritePatternSet &patterns);

} // namespace agc::qnn
