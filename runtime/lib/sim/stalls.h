// Where the cycles of the engines went, from nothing but the start and the end of every instruction; so the same for every backend.
//
// An engine's useful cycles are those that a DMA engine needs for its words at full speed, and the beats that the multipliers take. An engine also has a pipeline: of
// an instruction that nothing delays, `fill` cycles lie between its start and its end besides the useful ones. Fill is the least that any
// instruction of the engine shows in the run. Seen `fill` cycles before its end, an instruction should follow the one before without a gap; what it does not
// is lost, and the instruction's late start or its slow run say why.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/runtime/device.h"
#include "program_steps.h"

namespace agc::runtime {

/// An instruction as it ran; cycles count from the doorbell.
struct Span {
  uint32_t index;  ///< in the program
  uint64_t start;  ///< the engine took it
  uint64_t end;    ///< it was complete
};

enum class StallCause : uint8_t {
  Semaphore,  ///< late: another engine had not posted
  Starved,    ///< late: not yet fetched, or on its way from the queue to the engine
  Drain,      ///< CONV: accumulators waited for the drain
  Registers,  ///< CONV: late: the engine drained, which CONV_GEO, CONV_EPI and CONV_TABLE wait for
  Reads,      ///< CONV: beats that read and do not multiply: parameter words, second reads where a stride meets the banks
  Dram,       ///< DMA engines: latency, other users of the port or of the scratchpad
};

const char* name(StallCause cause);

struct Stall {
  StallCause cause;
  isa::Engine engine;  ///< that lost the cycles
  isa::Engine from;    ///< Semaphore: the posting engine
  uint8_t semaphore;   ///< Semaphore: its number
  uint32_t index;      ///< instruction that was late or slow
  uint64_t begin, end;
};

class Stalls {
 public:
  /// `spans` in the order of their ends.
  Stalls(const std::vector<Step>& steps, const std::vector<Span>& spans, const isa::CoreConfig& core);

  /// By engine, in order of time and without overlap.
  const std::vector<Stall>& list() const { return list_; }
  /// Useful cycles of an engine.
  uint64_t useful(isa::Engine engine) const { return useful_[static_cast<size_t>(engine)]; }

 private:
  /// Time and place of the last post that an instruction waited for.
  struct Post {
    uint64_t time = 0;
    isa::Engine engine = isa::Engine::Ctrl;
    uint8_t semaphore = 0;
  };
  struct Work {
    uint64_t useful = 0, drain = 0;
    bool registers = false;  ///< CONV_GEO, CONV_EPI, CONV_TABLE: sets registers when the engine has drained
  };

  void engine(isa::Engine engine, const std::vector<Span>& spans, const std::vector<Work>& work, const std::vector<Post>& posts);
  void add(const Stall& stall) {
    if (stall.end > stall.begin) list_.push_back(stall);
  }

  std::vector<Stall> list_;
  std::array<uint64_t, kEngines> useful_{};
};

}  // namespace agc::runtime
