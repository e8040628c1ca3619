// The simulator and the Verilog core side by side: what each instruction wrote, all memories at the end, and the counters.
#pragma once

#include <memory>
#include <string>

#include "agc/runtime/device.h"
#include "agc/runtime/program.h"
#include "write_digests.h"

namespace agc::runtime::test {

class Lockstep {
 public:
  /// On-chip memories start with different random contents on the two sides; a program has to write what it reads.
  Lockstep(const isa::CoreConfig& core, const std::string& memory, uint64_t seed);

  /// Runs it on both with the same DRAM contents, drawn from `seed`. Empty when nothing differs, otherwise the first difference as a sentence.
  std::string run(const Program& program, uint64_t seed) { return run(program, program, seed); }
  /// The same with another program for the Verilog, which has to have the same segments.
  std::string run(const Program& simulated, const Program& verilated, uint64_t seed);

  uint64_t cycles = 0;   ///< of the Verilog, all runs together
  uint64_t digests = 0;  ///< compared, all runs together

 private:
  WriteDigests simWrites_, verilogWrites_;
  std::unique_ptr<Device> sim_, verilog_;
};

}  // namespace agc::runtime::test
