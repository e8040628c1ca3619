// A layer with few pixels and many weights: output blocks in a double-buffered weight buffer, each used for a few pixels and left.
#pragma once

#include <cstdint>

#include "random_conv.h"

namespace agc::runtime::test {

/// Random block sizes, at least 10^5 cycles at a word of 8 bytes a cycle on each of the ports that bring weights. With `loads` port 0 reads
/// beside them. Segments: 3 input, 4 output.
RandomProgram weightBoundProgram(const isa::CoreConfig& core, uint64_t seed, bool loads);

}  // namespace agc::runtime::test
