// A loaded program as the simulator runs it: every instruction decoded once, or the fault that its decoding raises.
#pragma once

#include <vector>

#include "agc/isa/instruction.h"
#include "agc/isa/isa_gen.h"
#include "agc/isa/loops.h"

namespace agc::runtime {

struct Step {
  isa::Instruction instruction;
  isa::Engine engine = isa::Engine::Ctrl;
  isa::Fault fault = isa::Fault::None;  ///< raised by the fetch unit
  uint32_t waitMask = 0, postMask = 0;  ///< bit s: semaphore s; bit 0 never
  uint16_t layer = 0;
};

/// One step for each instruction of the code.
std::vector<Step> decodeProgram(const std::vector<isa::Word>& code);

/// The steps in the order in which the fetch unit comes to them, LOOPs included.
class StepOrder {
 public:
  /// `steps` must outlive it. Throws Error when the loops spell out more than isa::LoopOrder::maxLength instructions. A LOOP or END
  /// inside of a body is the last position; so is the last instruction of the code when a body runs past it.
  explicit StepOrder(const std::vector<Step>& steps);

  size_t size() const { return order_.size(); }
  /// Index in the code; the code's size for a position behind the last one.
  uint32_t index(size_t position) const;
  const Step& step(size_t position) const { return steps_[order_.place(position).index]; }
  /// With the increments of its loop.
  isa::Instruction instruction(size_t position) const;
  /// Raised by the fetch unit.
  isa::Fault fault(size_t position) const;

 private:
  const std::vector<Step>& steps_;
  isa::LoopOrder order_;
};

/// DRAM bytes that an instruction reads (`written` false) or writes.
uint64_t dramBytes(const isa::Instruction& instruction, bool written);

}  // namespace agc::runtime
