#include "verilator_device.h"

#include <algorithm>
#include <array>
#include <deque>

#include "core_model.h"
#include "host_timer.h"
#include "memory_profile.h"
#include "program_steps.h"
#include "run_recorder.h"
#include "segments.h"
#include "timeline.h"

namespace agc::runtime {

namespace {

namespace reg = isa::reg;

// The counter of cycles stops when the program is done; the interrupt comes a few cycles later and the doorbell's write takes a few.
constexpr uint64_t kCounterSlack = 16;
// A CONV shows nothing outside for as long as it takes; the longest one that fits a core is far below this.
constexpr uint64_t kPatience = 100000000;

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(value));
  return text;
}

class VerilatorDevice final : public Device {
 public:
  VerilatorDevice(const isa::CoreConfig& core, const DeviceOptions& options, const CoreModelEntry& entry)
      : core_(core), options_(options), profile_(memoryProfile(options.memory)), random_(options.seed) {
    CoreModelOptions modelOptions{options.seed, options.tracePath};
    model_ = options.tracePath.empty() ? entry.make(memory_, modelOptions) : entry.makeTraced(memory_, modelOptions);
    if (options.observer != nullptr) model_->observe(*options.observer);
    expectRegister(reg::Id, 0x41474343, "identification");
    expectRegister(reg::IsaVersion, isa::isaVersion, "ISA version");
    expectRegister(reg::CoreHash, core.hash, "configuration hash");
  }

  const char* name() const override { return "verilator"; }

  void load(const isa::ProgramFile& program, const std::vector<SegmentSpec>& segments) override {
    checkCore(program, core_);
    dram_.build(program, segments, profile_.randomStalls, random_);
    code_ = program.code;
    steps_ = decodeProgram(code_);
    memory_.bandwidth = SharedBandwidth(profile_.bytesPerCycle);
    memory_.ports.clear();
    memory_.ports.reserve(core_.axiPorts);
    for (uint32_t p = 0; p < core_.axiPorts; ++p) {
      memory_.ports.emplace_back(dram_, options_.dramErrors, profile_, core_.axiBurstBeats, memory_.bandwidth, random_.next(), options_.observer);
    }
    loaded_ = true;
  }

  uint8_t* segment(int index) override { return dram_.host(index); }

  RunResult run() override {
    if (!loaded_) throw Error("no program is loaded");
    HostTimer timer;
    uint64_t readBefore = readBeats(), writtenBefore = writeBeats();
    for (uint32_t s = 0; s < kSegments; ++s) {
      model_->writeRegister(reg::segBase(s), dram_[static_cast<int>(s)].base);
      model_->writeRegister(reg::segBytes(s), static_cast<uint32_t>(dram_[static_cast<int>(s)].bytes));
    }
    model_->writeRegister(reg::ProgCount, static_cast<uint32_t>(code_.size()));
    model_->writeRegister(reg::Watchdog, static_cast<uint32_t>(std::min<uint64_t>(options_.watchdogCycles, UINT32_MAX)));
    model_->writeRegister(reg::IrqEnable, 3);
    events_.clear();
    uint64_t doorbell = model_->cycle();
    model_->writeRegister(reg::Ctrl, reg::CtrlStartMask);
    model_->runToInterrupt(std::max(kPatience, 2 * options_.watchdogCycles), events_);
    uint64_t counted = model_->cycle() - doorbell;
    uint32_t status = model_->readRegister(reg::Status);
    model_->writeRegister(reg::IrqStatus, 3);
    checkBreaches();
    if ((status & reg::StatusFaultMask) != 0) raiseFault();
    if ((status & reg::StatusDoneMask) == 0) throw Error("the Verilog model raised its interrupt without being done, status " + hex(status));

    if (options_.observer != nullptr) model_->showMemories();
    RunResult result = readCounters();
    if (counted < result.cycles || counted > result.cycles + kCounterSlack) {
      throw Error("the core's cycle counter says " + std::to_string(result.cycles) + ", the harness counted " + std::to_string(counted));
    }
    result.dramRead = 8 * (readBeats() - readBefore);
    result.dramWritten = 8 * (writeBeats() - writtenBefore);
    // The counter's first cycle is the one in which the register file acts on the doorbell.
    recordEvents(result, doorbell + (counted - result.cycles));
    timer.stop(result);
    return result;
  }

 private:
  uint64_t readBeats() const {
    uint64_t beats = 0;
    for (const AxiMemoryPort& port : memory_.ports) beats += port.readBeats();
    return beats;
  }
  uint64_t writeBeats() const {
    uint64_t beats = 0;
    for (const AxiMemoryPort& port : memory_.ports) beats += port.writeBeats();
    return beats;
  }

  void expectRegister(uint32_t address, uint32_t expected, const char* what) {
    uint32_t found = model_->readRegister(address);
    if (found != expected) {
      throw Error("the Verilog model of core '" + core_.name + "' is out of date: its " + what + " is " + hex(found) + " instead of " +
                  hex(expected) + "; build the target agc_verilator again");
    }
  }

  void checkBreaches() const {
    for (size_t p = 0; p < memory_.ports.size(); ++p) {
      const std::string& breach = memory_.ports[p].breach();
      if (!breach.empty()) throw Error("the core broke the bus protocol on port " + std::to_string(p) + ": " + breach);
    }
  }

  // Reports what the core says about its fault and brings it back by CTRL.reset.
  [[noreturn]] void raiseFault() {
    uint32_t fault = model_->readRegister(reg::Fault);
    uint32_t index = model_->readRegister(reg::FaultIndex);
    auto layer = static_cast<uint16_t>(model_->readRegister(reg::FaultLayer));
    model_->writeRegister(reg::Ctrl, reg::CtrlResetMask);
    int patience = 10000;
    while ((model_->readRegister(reg::Status) & reg::StatusBusyMask) != 0) {
      if (--patience == 0) throw Error("the Verilog model does not come back from CTRL.reset");
    }
    for (const AxiMemoryPort& port : memory_.ports) {
      if (!port.idle()) throw Error("the Verilog model left AXI transactions open after a fault");
    }
    auto cause = static_cast<isa::Fault>(reg::faultCause(fault));
    auto engine = static_cast<isa::Engine>(reg::faultEngine(fault));
    unsigned semaphore = reg::faultSem(fault);
    throw DeviceFault(describeFault(cause, engine, index, layer, semaphore, code_), cause, engine, index, layer, semaphore);
  }

  RunResult readCounters() {
    RunResult result;
    result.cycles = model_->readRegister(reg::CyclesLo) | static_cast<uint64_t>(model_->readRegister(reg::CyclesHi)) << 32;
    result.instructions = model_->readRegister(reg::Instructions);
    result.macCycles = model_->readRegister(reg::MacCycles);
    for (uint32_t e = 0; e < kEngines; ++e) {
      result.engines[e] = {model_->readRegister(reg::busy(e)), model_->readRegister(reg::wait(e)), model_->readRegister(reg::stall(e)),
                           model_->readRegister(reg::empty(e))};
    }
    return result;
  }

  void recordEvents(RunResult& result, uint64_t zero) {
    RunRecorder recorder(steps_, !options_.timelinePath.empty());
    // An engine completes in order; an instruction of a loop may have begun again before it is complete.
    std::array<std::deque<uint64_t>, kEngines> started;
    for (const CoreEvent& event : events_) {
      if (event.index >= steps_.size()) throw Error("the Verilog model reports instruction " + std::to_string(event.index) + ", which does not exist");
      const Step& step = steps_[event.index];
      if (event.layer != step.layer || event.engine != static_cast<uint8_t>(step.engine)) {
        throw Error("the Verilog model reports instruction " + std::to_string(event.index) + " with the wrong layer or engine");
      }
      uint64_t cycle = event.cycle - std::min(event.cycle, zero);
      std::deque<uint64_t>& begun = started[event.engine];
      if (!event.done) {
        begun.push_back(cycle);
        continue;
      }
      if (begun.empty()) throw Error("the Verilog model reports the end of instruction " + std::to_string(event.index) + ", which never began");
      recorder.completed(event.index, begun.front(), cycle);
      begun.pop_front();
    }
    result.layers = recorder.layers();
    if (!options_.timelinePath.empty()) writeTimeline(options_.timelinePath, steps_, recorder.spans(), core_, options_.layerNames);
  }

  isa::CoreConfig core_;
  DeviceOptions options_;
  const MemoryProfile& profile_;
  RandomSource random_;
  Segments dram_;
  CoreMemory memory_;
  std::unique_ptr<CoreModel> model_;
  std::vector<isa::Word> code_;
  std::vector<Step> steps_;
  std::vector<CoreEvent> events_;
  bool loaded_ = false;
};

}  // namespace

std::unique_ptr<Device> makeVerilatorDevice(const isa::CoreConfig& core, const DeviceOptions& options) {
  std::string names;
  for (const CoreModelEntry& entry : coreModels()) {
    names += (names.empty() ? "" : ", ") + entry.core;
    if (entry.core != core.name) continue;
    if (!options.tracePath.empty() && entry.makeTraced == nullptr) {
      throw Error("this build has no Verilog model of core '" + core.name +
                  "' with waveforms: configure with -DAGC_VERILATOR_TRACE=ON and build the target agc_verilator");
    }
    return std::make_unique<VerilatorDevice>(core, options, entry);
  }
  throw Error("this build has no Verilog model of core '" + core.name + "' (it has " + (names.empty() ? "none" : names) +
              "): put its file into isa/cores, add its name to AGC_VERILATED_CORES in rtl/CMakeLists.txt and build the target agc_verilator");
}

}  // namespace agc::runtime
