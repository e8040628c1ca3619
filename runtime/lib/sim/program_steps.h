// A loaded program as the simulator runs it: every instruction decoded once, or the fault that its decoding raises.
#pragma once

#include <vector>

#include "agc/isa/instruction.h"
#include "agc/isa/isa_gen.h"

namespace agc::runtime {

struct Step {
  isa::Instruction instruction;
  isa::Engine engine = isa::Engine::Ctrl;
  isa::Fault fault = isa::Fault::None;  ///< raised by the fetch unit
  uint32_t waitMask = 0, postMask = 0;  ///< bit s: semaphore s; bit 0 never
  uint16_t layer = 0;
};

std::vector<Step> decodeProgram(const std::vector<isa::Word>& code);

/// DRAM bytes that an instruction reads (`written` false) or writes.
uint64_t dramBytes(const isa::Instruction& instruction, bool written);

}  // namespace agc::runtime
