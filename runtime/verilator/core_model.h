// A Verilated core as the device drives it, without its class: one implementation per core configuration (core_harness.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agc/runtime/device.h"
#include "axi_memory.h"
#include "machine_observer.h"

namespace agc::runtime {

/// An instruction started or is complete.
struct CoreEvent {
  uint64_t cycle;
  uint32_t index;
  uint16_t layer;
  uint8_t engine;
  bool done;
};

class CoreModel {
 public:
  virtual ~CoreModel() = default;

  /// Clock cycles since the model was made.
  virtual uint64_t cycle() const = 0;
  /// AXI4-Lite accesses; memory keeps running meanwhile. Throw Error when the core does not answer.
  virtual void writeRegister(uint32_t address, uint32_t value) = 0;
  virtual uint32_t readRegister(uint32_t address) = 0;
  /// Clocks until the interrupt is up and collects events. Throws Error when nothing moves for `patience` cycles.
  virtual void runToInterrupt(uint64_t patience, std::vector<CoreEvent>& events) = 0;
  virtual void clock(uint64_t cycles) = 0;
  /// The observer sees writes into the on-chip memories from now on. Throws Error for a model without probes.
  virtual void observe(MachineObserver& observer) = 0;
  /// Tells the observer what the on-chip memories hold.
  virtual void showMemories() = 0;
};

/// The memory of a device, shared with its core model. Ports are made anew when segments move.
struct CoreMemory {
  std::vector<AxiMemoryPort> ports;
  SharedBandwidth bandwidth{0};
};

struct CoreModelOptions {
  uint64_t seed = 0;
  std::string tracePath;
};

/// A prebuilt core.
struct CoreModelEntry {
  std::string core;
  std::unique_ptr<CoreModel> (*make)(CoreMemory& memory, const CoreModelOptions& options);
  /// Null when the variant with waveforms was not built.
  std::unique_ptr<CoreModel> (*makeTraced)(CoreMemory& memory, const CoreModelOptions& options);
};

/// All cores of this build.
const std::vector<CoreModelEntry>& coreModels();

}  // namespace agc::runtime
