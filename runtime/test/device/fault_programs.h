// Programs that must stop with a known fault, and one good program.
#pragma once

#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/runtime/device.h"

namespace agc::runtime::test {

struct FaultCase {
  std::string name;
  isa::ProgramFile file;
  std::vector<DramError> errors;
  isa::Fault cause;
  isa::Engine engine;
  uint32_t index;
  unsigned semaphore = 0;
};

/// Segments of all programs here: 2, 3 and 4 of 4096 bytes.
std::vector<SegmentSpec> faultSegments();
std::vector<FaultCase> faultCases(const isa::CoreConfig& core);
/// Words that do not decode: every opcode that does not exist, every reserved range, every value just outside of a field's range, semaphores
/// where there must be none, and `flips` random words near a good one for each instruction. The expected fault is isa::check's.
std::vector<FaultCase> encodingFaultCases(const isa::CoreConfig& core, unsigned flips);
/// Copies 32 words from segment 3 to segment 4.
isa::ProgramFile goodProgram(const isa::CoreConfig& core);

}  // namespace agc::runtime::test
