// From the qnn dialect to the scheduler's graph.
#pragma once

#include <string>
#include <vector>

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "agcc/Schedule/Graph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace agc::schedule {

/// A graph and where it came from.
struct ReadResult {
  Graph graph;
  std::vector<qnn::FusedConvOp> ops;  ///< per layer
};

/// Reads `@main`, which holds nothing but `qnn.fused_conv` and the return. What cannot be read is added to `problems`.
ReadResult readGraph(mlir::func::FuncOp function, std::vector<std::string> &problems);

}  // namespace agc::schedule
