// Random valid programs with loops whose increments, copies and convolutions all reach the outputs.
#pragma once

#include "random_conv.h"

namespace agc::runtime::test {

/// `loops` loops one after the other; each copies input words to outputs, loads weights and convolves along rows of small maps.
RandomProgram randomLoopProgram(const isa::CoreConfig& core, uint64_t seed, unsigned loops);

}  // namespace agc::runtime::test
