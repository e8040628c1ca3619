// Large maxima over windows in two passes.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace agc::schedule {

/// A maximum over kh x kw positions is that over kw of those over kh: kh + kw positions instead of their product. Replaces each `qnn.fused_conv`
/// with a `max_window` by two where that is less work; the second one changes no value and has the table.
void splitPools(mlir::func::FuncOp function);

}  // namespace agc::schedule
