// Programs that no verifier has seen: well-formed instructions with random fields.
#pragma once

#include <cstdint>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/program_file.h"

namespace agc::runtime::test {

/// `count` random instructions and END. Counts are small, addresses and strides anything; semaphores at random.
isa::ProgramFile hostileProgram(const isa::CoreConfig& core, uint64_t seed, unsigned count);

/// CONV_GEO, CONV_EPI and one CONV of random fields that needs no memory contents, then END: it runs or stops with a range fault.
isa::ProgramFile hostileConvolution(const isa::CoreConfig& core, uint64_t seed);

}  // namespace agc::runtime::test
