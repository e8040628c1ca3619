// A core that runs programs: the simulator, the Verilated core, and later the Zynq, behind one interface.
//
// The host sees a device as eight DRAM segments (docs/machine.md) that it may read and write between runs. A device does no
// arithmetic on tensors and knows nothing of them: packing and quantizing borders is the caller's work.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agc/isa/isa_gen.h"
#include "agc/isa/program_file.h"

namespace agc::runtime {

/// Number of engines, CTRL included; indices of the per-engine tables are `isa::Engine` values.
constexpr size_t kEngines = 7;
/// Number of DRAM segments of the machine.
constexpr int kSegments = 8;

/// DRAM bytes that answer with an error response; used by tests of fault handling.
struct DramError {
  int segment = 0;
  uint64_t offset = 0;  ///< bytes from the segment's start
  uint64_t bytes = 0;
};

class MachineObserver;

/// How a device is built. Every random choice comes from `seed`.
struct DeviceOptions {
  std::string memory = "ddr3-z7020";  ///< "ideal", "ddr3-z7020" or "stress"
  uint64_t seed = 0;
  std::string tracePath;     ///< FST waveform (verilator only; a sentence elsewhere); empty: none
  std::string timelinePath;  ///< trace of instructions and stalls by engine for Perfetto and chrome://tracing, JSON; empty: none
  std::map<uint32_t, std::string> layerNames;  ///< for the timeline, by the instructions' `layer`
  uint64_t watchdogCycles = 1000000;
  std::vector<DramError> dramErrors;
  /// Tests: sees every word that is written (lib/sim/machine_observer.h); must outlive the device. On verilator only where the model was
  /// made with probes; a sentence elsewhere.
  MachineObserver* observer = nullptr;
};

/// One layer of a run. `cycles` runs from the end of the layer before it (in completion order) to its own end, so that the
/// layers sum up to the run less its last few cycles. Bytes count whole AXI beats.
struct LayerStats {
  uint16_t layer = 0;
  uint64_t cycles = 0;
  uint64_t dramRead = 0;
  uint64_t dramWritten = 0;
};

/// Cycles of one engine in a run, as the core's counters define them (isa.json, registers BUSY to EMPTY).
struct EngineStats {
  uint64_t busy = 0;
  uint64_t wait = 0;
  uint64_t stall = 0;
  uint64_t empty = 0;
};

struct RunResult {
  uint64_t cycles = 0;        ///< doorbell to done
  uint64_t instructions = 0;  ///< completed, END included
  uint64_t dramRead = 0;      ///< bytes, instruction fetch included
  uint64_t dramWritten = 0;   ///< bytes
  uint64_t macCycles = 0;     ///< cycles in which the multiplier array took a beat
  uint64_t hostNs = 0;        ///< wall time of run()
  uint64_t hostCpuNs = 0;     ///< processor time of the thread that called run(), in it
  std::vector<LayerStats> layers;  ///< in order of completion
  std::array<EngineStats, kEngines> engines{};
};

/// A segment that the host provides. Segments 0 (code) and 1 (constants) come from the program file and need no entry.
struct SegmentSpec {
  int index = 0;       ///< 1 .. 7
  uint64_t bytes = 0;  ///< rounded up to a multiple of 8 by the device
};

/// The device stopped by a fault: all that the core reports. `what()` is one sentence with the same content.
class DeviceFault : public Error {
 public:
  DeviceFault(const std::string& sentence, isa::Fault cause, isa::Engine engine, uint32_t index, uint16_t layer, unsigned semaphore)
      : Error(sentence), cause(cause), engine(engine), index(index), layer(layer), semaphore(semaphore) {}

  isa::Fault cause;
  isa::Engine engine;
  uint32_t index;      ///< instruction number in the program
  uint16_t layer;
  unsigned semaphore;  ///< WATCHDOG: one that the engine waits for; 0: none
};

/// Life of a device: load() once per program, then any number of { write inputs; run(); read outputs }.
/// On-chip memories are random (seeded) at creation and keep their contents from run to run and from program to program;
/// DRAM segments are random when load() makes them and keep their contents from run to run.
class Device {
 public:
  virtual ~Device() = default;

  /// Name of the backend: "sim", "verilator", ...
  virtual const char* name() const = 0;

  /// Takes a program and lays out the segments. Invalidates earlier segment() pointers. Throws Error when the program is for
  /// another core or a segment is impossible. The instructions are not verified here: the core reports what it cannot do.
  virtual void load(const isa::ProgramFile& program, const std::vector<SegmentSpec>& segments) = 0;

  /// Host view of a segment, of the size given to load(); null for a segment that does not exist. Must not be used during run().
  virtual uint8_t* segment(int index) = 0;

  /// Runs the loaded program from its first instruction to END. Throws DeviceFault when the core stops with a fault; the device
  /// can run again afterwards (the on-chip memories then hold what the faulty run left).
  virtual RunResult run() = 0;
};

/// Makes a device. `backend`: "sim"; "verilator" (cores whose model was built); "zynq" (not available here). Throws Error with a
/// sentence for anything that cannot be made.
std::unique_ptr<Device> makeDevice(const std::string& backend, const isa::CoreConfig& core, const DeviceOptions& options);

/// The sentence of a fault as every backend words it. `code` may be shorter than `index` (then the text is left out).
std::string describeFault(isa::Fault cause, isa::Engine engine, uint32_t index, uint16_t layer, unsigned semaphore,
                          const std::vector<isa::Word>& code);

}  // namespace agc::runtime
