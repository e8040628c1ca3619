// Random valid programs of several convolutions in a row on maps that stay in the scratchpad: what single convolutions cannot show, such
// as registers that change while the engine drains, residuals from an earlier layer, reductions split by partial sums, and in-place sums.
#pragma once

#include "random_conv.h"

namespace agc::runtime::test {

/// `layers` convolutions; segments 3: input, 4: every layer's output in order.
RandomProgram randomChainProgram(const isa::CoreConfig& core, uint64_t seed, unsigned layers);

}  // namespace agc::runtime::test
