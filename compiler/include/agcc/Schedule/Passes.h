// The pass from qnn to ovl; see Passes.td.
#pragma once

#include <memory>

#include "agcc/Dialect/Ovl/OvlOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace agc::schedule {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "agcc/Schedule/Passes.h.inc"

}  // namespace agc::schedule
