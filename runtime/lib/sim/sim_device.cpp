#include "sim_device.h"

#include <cstring>
#include <optional>

#include "conv.h"
#include "cycle_model.h"
#include "dma.h"
#include "host_timer.h"
#include "machine_observer.h"
#include "memory_profile.h"
#include "on_chip.h"
#include "program_steps.h"
#include "run_recorder.h"
#include "segments.h"
#include "timeline.h"

namespace agc::runtime {

namespace {

class SimDevice final : public Device {
 public:
  SimDevice(const isa::CoreConfig& core, const DeviceOptions& options)
      : core_(core), options_(options), memory_(memoryProfile(options.memory)), random_(options.seed) {
    if (!options.tracePath.empty()) throw Error("the simulator has no signals to trace: use --backend verilator for a waveform");
    chip_.pixels = core.pixels;
    chip_.scratchpad.resize(core.scratchpadWords());
    chip_.weights.resize(kWeightWordBytes * core.weightWords);
    random_.fill(chip_.scratchpad.data(), 8 * chip_.scratchpad.size());
    random_.fill(chip_.weights.data(), chip_.weights.size());
    random_.fill(chip_.table.data(), chip_.table.size());
  }

  const char* name() const override { return "sim"; }

  void load(const isa::ProgramFile& program, const std::vector<SegmentSpec>& segments) override {
    checkCore(program, core_);
    dram_.build(program, segments, memory_.randomStalls, random_);
    loaded_ = false;
    order_.reset();
    code_ = program.code;
    steps_ = decodeProgram(code_);
    order_.emplace(steps_);
    loaded_ = true;
  }

  uint8_t* segment(int index) override { return dram_.host(index); }

  RunResult run() override {
    if (!loaded_) throw Error("no program is loaded");
    HostTimer timer;
    std::array<uint64_t, kSegments> bases{};
    for (int i = 0; i < kSegments; ++i) bases[static_cast<size_t>(i)] = dram_[i].base / 8;
    RunRecorder recorder(steps_, !options_.timelinePath.empty());
    Effects effects(*this, recorder);
    RunResult result;
    try {
      CycleModel model(core_, memory_, *order_, static_cast<uint32_t>(code_.size()), bases, options_.watchdogCycles, options_.seed, effects);
      result = model.run();
    } catch (const ModelFault& fault) {
      throw DeviceFault(describeFault(fault.cause, fault.engine, fault.index, fault.layer, fault.semaphore, code_), fault.cause,
                        fault.engine, fault.index, fault.layer, fault.semaphore);
    }
    if (options_.observer != nullptr) {
      std::vector<uint64_t> weights(chip_.weights.size() / 8);
      std::memcpy(weights.data(), chip_.weights.data(), chip_.weights.size());
      options_.observer->finished(chip_.scratchpad, weights);
    }
    result.layers = recorder.layers();
    if (!options_.timelinePath.empty()) writeTimeline(options_.timelinePath, steps_, recorder.spans(), core_, options_.layerNames);
    timer.stop(result);
    return result;
  }

 private:
  // Instructions take effect in the order in which the cycle model starts them.
  class Effects final : public CycleModel::Actions {
   public:
    Effects(SimDevice& device, RunRecorder& recorder) : d_(device), recorder_(recorder) {}

    isa::Fault execute(const isa::Instruction& instruction) override {
      const isa::Fault fault = apply(instruction);
      if (d_.options_.observer != nullptr && fault == isa::Fault::None) show(instruction);
      return fault;
    }

    void completed(uint32_t index, uint64_t start, uint64_t end) override { recorder_.completed(index, start, end); }

    bool fetchError(uint32_t index) override {
      if (d_.options_.dramErrors.empty()) return false;
      return touchesError({0, uint64_t{4} * index, 4, 1, 1, 0, 0}, d_.options_.dramErrors);
    }

   private:
    isa::Fault apply(const isa::Instruction& instruction) {
      const std::vector<DramError>& errors = d_.options_.dramErrors;
      if (auto* load = std::get_if<isa::Load>(&instruction)) return runLoad(d_.chip_, d_.dram_, errors, *load);
      if (auto* fold = std::get_if<isa::LoadFold>(&instruction)) return runLoadFold(d_.chip_, d_.dram_, errors, *fold);
      if (auto* wload = std::get_if<isa::Wload>(&instruction)) return runWload(d_.chip_, d_.dram_, errors, *wload);
      if (auto* store = std::get_if<isa::Store>(&instruction)) return runStore(d_.chip_, d_.dram_, errors, *store);
      if (auto* conv = std::get_if<isa::Conv>(&instruction)) return runConv(d_.chip_, *conv);
      if (auto* table = std::get_if<isa::ConvTable>(&instruction)) return runConvTable(d_.chip_, *table);
      if (auto* geo = std::get_if<isa::ConvGeo>(&instruction)) d_.chip_.geometry = *geo;
      if (auto* epi = std::get_if<isa::ConvEpi>(&instruction)) d_.chip_.epilogue = *epi;
      return isa::Fault::None;
    }

    /// What the instruction wrote, read back from where it is now.
    void show(const isa::Instruction& instruction) {
      shown_.apply(instruction);
      std::vector<isa::Region> regions;
      isa::appendRegions(instruction, shown_, regions);
      for (const isa::Region& r : regions) {
        if (!r.write) continue;
        isa::forEachRun(r, [&](uint64_t first, uint64_t words) {
          const bool isWeights = r.memory == isa::Memory::WeightBuffer;
          for (uint64_t w = isWeights ? 8 * first : first, end = isWeights ? 8 * (first + words) : first + words; w < end; ++w) {
            uint64_t value = 0;
            if (r.memory == isa::Memory::Scratchpad) value = d_.chip_.scratchpad[w];
            else std::memcpy(&value, (isWeights ? d_.chip_.weights.data() : d_.dram_[r.segment].data.data()) + 8 * w, 8);
            d_.options_.observer->wrote(isa::engineOf(instruction), r.memory, r.segment, w, value);
          }
        });
      }
    }

    SimDevice& d_;
    isa::ConvState shown_;
    RunRecorder& recorder_;
  };

  isa::CoreConfig core_;
  DeviceOptions options_;
  const MemoryProfile& memory_;
  RandomSource random_;
  OnChip chip_;
  Segments dram_;
  std::vector<isa::Word> code_;
  std::vector<Step> steps_;
  std::optional<StepOrder> order_;
  bool loaded_ = false;
};

}  // namespace

std::unique_ptr<Device> makeSimDevice(const isa::CoreConfig& core, const DeviceOptions& options) {
  return std::make_unique<SimDevice>(core, options);
}

}  // namespace agc::runtime
