// Long random programs over the whole instruction set that the verifier accepts: loads (plain, split, folded), weights, convolutions with
// every field, stores and loops on regions drawn without regard to each other, and the semaphores that this needs.
#pragma once

#include <array>
#include <cstdint>

#include "agc/isa/core_config.h"
#include "agc/runtime/program.h"
#include "field_draw.h"

namespace agc::runtime::test {

struct StreamOptions {
  uint64_t seed = 0;
  /// At least so many instructions as they run (loops spelled out); a little more.
  uint32_t instructions = 1000;
  /// No scratchpad, weight or output dump behind them.
  bool dump = true;
};

struct StreamProgram {
  Program program;       ///< segments: 1 constants, 2 workspace, 3 inputs (any bytes), 4 outputs
  uint64_t running = 0;  ///< instructions as they run, END included
};

/// The program begins by writing all on-chip memories and the workspace and ends by storing the scratchpad. `statistics`, if given,
/// counts the instructions drawn.
StreamProgram randomStream(const isa::CoreConfig& core, const StreamOptions& options, FieldStatistics* statistics = nullptr);

}  // namespace agc::runtime::test
