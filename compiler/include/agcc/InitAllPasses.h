// Every pass of the compiler, for agc-opt.
#pragma once

#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"
#include "agcc/Schedule/Passes.h"

namespace agc {

inline void registerAllPasses() {
  qnn::registerQnnPasses();
  schedule::registerSchedulePasses();
  ovl::registerOvlPasses();
}

} // namespace agc
