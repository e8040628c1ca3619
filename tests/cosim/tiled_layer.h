// A layer as a compiler would schedule it: bands of rows in double-buffered slots, loads ahead of the convolution, stores behind it.
#pragma once

#include <cstdint>

#include "random_conv.h"

namespace agc::runtime::test {

/// A random layer in `bands` bands; 0: as many as take at least 10^5 cycles of multiplication. Segments: 3 input, 4 output.
RandomProgram tiledLayerProgram(const isa::CoreConfig& core, uint64_t seed, unsigned bands);

}  // namespace agc::runtime::test
