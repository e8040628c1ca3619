// Passes on the qnn dialect, in the order in which the compiler runs them; see Passes.td.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>
#include <vector>

namespace agc::qnn {

#define GEN_PASS_DECL
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"

// Adds the four passes: from an imported module to the canonical form.
void buildCanonicalizationPipeline(mlir::OpPassManager &manager);

// Runs them on `module`. Problems of the model are appended as sentences, and nothing is printed.
// Returns false when there were any; the module is then of no further use.
bool lowerToCanonical(mlir::ModuleOp module, std::vector<std::string> &problems);

} // namespace agc::qnn
