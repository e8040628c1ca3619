// Passes on the ovl dialect; see OvlPasses.td.
#pragma once

#include <memory>

#include "agcc/Dialect/Ovl/OvlOps.h"
#include "mlir/Pass/Pass.h"

namespace agc::ovl {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "agcc/Dialect/Ovl/OvlPasses.h.inc"

}  // namespace agc::ovl
