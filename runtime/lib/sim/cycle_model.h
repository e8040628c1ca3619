// Discrete-event model of the core: fetch, queues, semaphores and engines run concurrently in simulated time.
//
// Every event carries the clock cycle in which the Verilog does the same thing; cycle 0 is the doorbell. The model also decides in which
// order the instructions take effect: Actions::execute() is called when an engine takes an instruction, which is after all that it
// waits for is complete.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/runtime/device.h"
#include "conv_timing.h"
#include "dma_timing.h"
#include "memory_profile.h"
#include "port_timing.h"
#include "program_steps.h"

namespace agc::runtime {

/// Why and where the modelled core stopped.
struct ModelFault {
  isa::Fault cause;
  isa::Engine engine;
  uint32_t index;
  uint16_t layer;
  unsigned semaphore;
};

class CycleModel {
 public:
  struct Actions {
    virtual ~Actions() = default;
    /// The instruction takes effect, with the increments of its loop. Anything but Fault::None stops the core.
    virtual isa::Fault execute(const isa::Instruction& instruction) = 0;
    /// The engine took instruction `index` of the code in cycle `start` and completed it in cycle `end`; in the order of `end`.
    virtual void completed(uint32_t index, uint64_t start, uint64_t end) = 0;
    /// The fetch unit looks at instruction `index` of the code; true when its bytes answer with an error.
    virtual bool fetchError(uint32_t index) = 0;
  };

  /// `baseWords`: absolute word address of each segment. `codeSize`: instructions in segment 0.
  CycleModel(const isa::CoreConfig& core, const MemoryProfile& memory, const StepOrder& steps, uint32_t codeSize,
             const std::array<uint64_t, kSegments>& baseWords, uint64_t watchdogCycles, uint64_t seed, Actions& actions);

  /// Runs to END. Fills cycles, instructions, macCycles, fetched bytes and the engines' counters. Throws ModelFault.
  RunResult run();

 private:
  enum class Kind : uint8_t { FetchAsk, Dispatch, LoadHead, Grant, Command, WeightBurst, Complete, Post };

  struct Event {
    uint64_t time;
    uint64_t order;
    Kind kind;
    uint32_t engine;
    uint32_t index;
    /// On the port that they share the fetch unit comes before WLOAD.
    bool operator>(const Event& other) const {
      if (time != other.time) return time > other.time;
      bool fetch = kind == Kind::FetchAsk, otherFetch = other.kind == Kind::FetchAsk;
      return fetch != otherFetch ? otherFetch : order > other.order;
    }
  };

  /// Queue of an engine, its head register, and what the engine is doing.
  struct Engine {
    struct Entry {
      uint32_t index;
      uint64_t visible;  ///< cycle from which it can go to the head
    };
    std::deque<Entry> fifo;
    std::optional<uint32_t> head;
    uint64_t headFree = 0;              ///< cycle from which the next one can become the head
    bool granted = false;
    uint64_t requestTime = 0;
    bool blockedDispatch = false;       ///< the fetch unit waits for room
    std::optional<uint64_t> ready = 0;  ///< cycle from which a command is taken; empty: not known yet
    std::optional<uint64_t> prepared;   ///< cycle from which the head may be taken, once it was offered; LOAD only
    bool commandWaits = false;          ///< a granted head waits for `ready` or for an instruction to complete
    uint32_t inFlight = 0;              ///< instructions that began and are not complete
    uint64_t busyUntil = 0;
    uint64_t occupiedFrom = 0, occupied = 0;  ///< cycles with an instruction in the queue or in the engine
    EngineStats stats;
  };

  void at(uint64_t time, Kind kind, uint32_t engine = 0, uint32_t index = 0) { events_.push({time, order_++, kind, engine, index}); }
  [[noreturn]] void fault(isa::Fault cause, isa::Engine engine, uint32_t index, unsigned semaphore = 0) const;

  void tryAsk();
  void fetchAsk(uint64_t now, uint32_t generation);
  void jump(uint64_t now, uint32_t position, const isa::Loop& loop);
  void assemble();
  void dispatch(uint64_t now, uint32_t index);
  void loadHead(uint64_t now, uint32_t engine);
  void grant(uint64_t now);
  void post(uint64_t now, uint32_t engine, uint32_t index);
  void command(uint64_t now, uint32_t engine);
  void begin(uint64_t now, uint32_t engine, uint32_t index, const isa::Instruction& instruction);
  void weightBurst(uint64_t now);
  /// A WLOAD that writes where an earlier one still does.
  bool overlapsOpenWload(const isa::Instruction& instruction) const;
  void complete(uint64_t now, uint32_t engine, uint32_t index);
  /// Semaphores that the instruction waits for and that are zero.
  uint32_t missing(uint32_t index) const;
  [[noreturn]] void deadlock() const;
  bool allIdle() const;

  const isa::CoreConfig& core_;
  const StepOrder& steps_;  ///< every instruction number below is a position in it, unless it is said to be one in the code
  const uint32_t codeSize_;
  std::array<uint64_t, kSegments> baseWords_;
  uint64_t watchdogCycles_;
  Actions& actions_;

  std::priority_queue<Event, std::vector<Event>, std::greater<Event>> events_;
  uint64_t order_ = 0;
  uint64_t now_ = 0;

  // Fetch.
  uint32_t nextAsk_ = 0;              ///< next instruction of the code to be read
  uint32_t loopFirst_ = 0, loopEnd_ = 0, wrapsLeft_ = 0;  ///< the reads go back from loopEnd_ to loopFirst_ that many times
  uint32_t fetchGeneration_ = 0;      ///< requests of an earlier one are forgotten
  uint32_t outstanding_ = 0;          ///< instructions asked for and not yet taken from the buffer
  uint64_t roomTime_ = 0;             ///< cycle in which the buffer got room for a longest burst
  uint64_t askFree_ = 0;              ///< cycle from which the address register takes another burst
  bool askPending_ = false;
  std::deque<uint64_t> arrivals_;     ///< last words of the instructions asked for, at the port
  uint64_t assembledTime_ = 0;        ///< last word of the latest instruction taken from the buffer
  uint32_t assembledCount_ = 0;
  bool previousLeft_ = true;         ///< the instruction before assembledCount_ has gone to its queue
  uint64_t leftTime_ = 0;
  bool endReached_ = false;
  uint64_t endTime_ = 0;

  // Semaphores.
  std::array<uint32_t, 32> counts_{};
  uint64_t lastGrant_ = 0;
  uint32_t lastGranted_ = static_cast<uint32_t>(isa::Engine::Store);
  bool anyGrant_ = false;

  std::array<Engine, kEngines> engines_;
  std::array<uint64_t, kEngines> beats_{};
  std::vector<uint64_t> started_;
  uint64_t completedCount_ = 0;
  uint32_t pendingPosts_ = 0;
  uint64_t nextRetire_ = 0;
  uint64_t lastRetire_ = 0;

  BandwidthLedger ledger_;
  SharedReadPort loadPort_;
  std::vector<SharedReadPort> weightPorts_;  ///< the first one with the fetch unit
  ReadEngineTiming load_;
  PortedReadEngineTiming wload_;
  std::deque<isa::Wload> wloadsOpen_;        ///< begun and not complete
  WriteEngineTiming store_;
  ConvTiming conv_;
  bool weightBurstPending_ = false;
  isa::ConvGeo geo_;
  isa::ConvEpi epi_;
  RunResult result_;
};

}  // namespace agc::runtime
