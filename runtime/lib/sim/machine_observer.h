// Looks on while a device runs: every word that an engine writes, and the on-chip memories at the end. For tests that compare machines
// instruction by instruction.
#pragma once

#include <cstdint>
#include <vector>

#include "agc/isa/access.h"
#include "agc/isa/isa_gen.h"

namespace agc::runtime {

class MachineObserver {
 public:
  virtual ~MachineObserver() = default;

  /// An engine wrote eight bytes. `word`: in the scratchpad; in the weight buffer 8 times the word plus the lane; in a DRAM segment.
  /// Words of one engine come in the order of its instructions, each as often as the instruction writes it; within an instruction the
  /// order is the machine's own, and a device may give a word that is written several times its last value each time.
  virtual void wrote(isa::Engine engine, isa::Memory memory, int segment, uint64_t word, uint64_t value) = 0;

  /// The run is over without a fault. `weights`: 8 words of 8 bytes for each of the weight buffer.
  virtual void finished(const std::vector<uint64_t>& scratchpad, const std::vector<uint64_t>& weights) = 0;
};

}  // namespace agc::runtime
