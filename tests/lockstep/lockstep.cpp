#include "lockstep.h"

#include "random_fill.h"

namespace agc::runtime::test {

Lockstep::Lockstep(const isa::CoreConfig& core, const std::string& memory, uint64_t seed) {
  DeviceOptions options;
  options.memory = memory;
  options.seed = 2 * seed + 1;
  options.observer = &simWrites_;
  sim_ = makeDevice("sim", core, options);
  options.seed += 1;
  options.observer = &verilogWrites_;
  verilog_ = makeDevice("verilator", core, options);
}

std::string Lockstep::run(const Program& simulated, const Program& verilated, uint64_t seed) {
  sim_->load(simulated.file, simulated.hostSegments());
  verilog_->load(verilated.file, verilated.hostSegments());
  for (const SegmentSpec& spec : simulated.hostSegments()) {
    for (Device* device : {sim_.get(), verilog_.get()}) {
      RandomSource(seed + static_cast<uint64_t>(spec.index)).fill(device->segment(spec.index), spec.bytes);
    }
  }
  simWrites_.begin(simulated);
  verilogWrites_.begin(verilated);
  RunResult sim, verilog;
  try {
    sim = sim_->run();
  } catch (const Error& error) {
    return std::string("simulator: ") + error.what();
  }
  try {
    verilog = verilog_->run();
  } catch (const Error& error) {
    return std::string("Verilog: ") + error.what();
  }
  cycles += verilog.cycles;
  digests += verilogWrites_.digests();
  std::string found = simWrites_.differenceTo(verilogWrites_, "simulator", "Verilog");
  if (!found.empty()) return found;
  for (const SegmentSpec& spec : simulated.hostSegments()) {
    const uint8_t *a = sim_->segment(spec.index), *b = verilog_->segment(spec.index);
    for (uint64_t i = 0; i < spec.bytes; ++i) {
      if (a[i] != b[i]) return "segment " + std::to_string(spec.index) + ", byte " + std::to_string(i) + " differs at the end";
    }
  }
  if (sim.instructions != verilog.instructions || sim.macCycles != verilog.macCycles || sim.dramWritten != verilog.dramWritten) {
    return "counters differ: instructions " + std::to_string(sim.instructions) + " and " + std::to_string(verilog.instructions) +
           ", multiply beats " + std::to_string(sim.macCycles) + " and " + std::to_string(verilog.macCycles) + ", bytes written " +
           std::to_string(sim.dramWritten) + " and " + std::to_string(verilog.dramWritten);
  }
  return "";
}

}  // namespace agc::runtime::test
