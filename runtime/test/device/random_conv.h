// Random valid programs: one convolution in one or two CONV instructions, with its loads and stores, for any core.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/program_file.h"
#include "agc/runtime/device.h"

namespace agc::runtime::test {

struct RandomProgram {
  isa::ProgramFile file;
  std::vector<SegmentSpec> segments;  ///< 3: inputs, 4: outputs
  std::string text;                   ///< one instruction a line, for failure messages
};

/// `scale` bounds the output positions: 1 gives a few dozen pixels, 4 some hundreds.
RandomProgram randomConvProgram(const isa::CoreConfig& core, uint64_t seed, unsigned scale = 1);

/// Strided copies through the scratchpad: LOADs (plain, split, folded) and STOREs of random regions that overlap in time but not in place.
RandomProgram randomCopyProgram(const isa::CoreConfig& core, uint64_t seed);

/// `count` LOADs (plain, split, folded) without semaphores, and nothing else.
RandomProgram randomLoadProgram(const isa::CoreConfig& core, uint64_t seed, unsigned count);

/// Fills a segment of a device with bytes of `seed`.
void fillSegment(Device& device, int segment, uint64_t bytes, uint64_t seed);

}  // namespace agc::runtime::test
