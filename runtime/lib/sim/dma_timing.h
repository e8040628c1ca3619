// Timing of the DMA engines, burst by burst.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "burst_walker.h"
#include "fold_timing.h"
#include "port_timing.h"

namespace agc::runtime {

/// Rows and bursts as the row generator and the burst splitter of a DMA engine hand them on. The splitter cuts one row, a burst a cycle, and
/// holds the next one; the generator takes the next instruction when its last row has gone to the splitter.
class BurstPipeline {
 public:
  explicit BurstPipeline(uint32_t burstBeats) : burstBeats_(burstBeats) {}

  /// A command is taken in cycle `cycle`.
  void accept(uint64_t cycle, const DramRows& rows, uint64_t baseWord);
  bool empty() const { return commands_.empty(); }
  /// Earliest cycle in which the next burst can leave the splitter.
  uint64_t earliest() const;
  /// The next burst leaves in cycle `cycle`.
  BurstWalker::Burst take(uint64_t cycle);
  /// Cycle from which the generator takes another command; empty while its last row is not with the splitter.
  std::optional<uint64_t> commandReady() const;

 private:
  struct Command {
    BurstWalker walker;
    uint64_t rowOffered;  ///< cycle from which the generator offers the next row
  };

  /// The next row leaves the generator; returns the cycle.
  uint64_t leaveGenerator(Command& command);
  /// The row behind the one that is cut leaves the generator, if it is known.
  void lookAhead();
  void loadRow();

  uint32_t burstBeats_;
  std::deque<Command> commands_;  ///< the last ones may still be in the generator
  bool rowLoaded_ = false;
  uint64_t rowCut_ = 0;           ///< cycle from whose end on the latest row is cut
  std::optional<uint64_t> ahead_; ///< cycle in which the row behind it leaves the generator
  uint64_t splitterFree_ = 0;     ///< last burst of the row before
  uint64_t nextBurst_ = 0;
  uint64_t generatorFree_ = 0;    ///< cycle behind the latest row's leaving the generator
};

/// LOAD: bursts in, words out, with a bounded number of open bursts and of open instructions.
class ReadEngineTiming {
 public:
  ReadEngineTiming(uint32_t burstBeats, uint32_t outstanding) : pipeline_(burstBeats), pending_(outstanding) {}

  /// `fold`: what a LOAD_FOLD does with its words; others take a word a cycle.
  void accept(uint64_t cycle, uint32_t instruction, const DramRows& rows, uint64_t baseWord, std::optional<FoldTiming> fold = {});
  bool idle() const { return pipeline_.empty(); }
  /// Cycle in which the next burst leaves for the port.
  uint64_t nextBurst() const;

  struct Progress {
    uint64_t taken = 0;
    std::optional<uint32_t> completed;  ///< instruction whose last word is written
    uint64_t completion = 0;            ///< in this cycle
  };
  /// Sends the next burst to `port`; cycle = nextBurst().
  Progress step(SharedReadPort& port);

  /// Cycle from which a command is taken, as far as known.
  std::optional<uint64_t> commandReady() const { return pipeline_.commandReady(); }

 private:
  struct Open {
    uint32_t instruction;
    std::optional<FoldTiming> fold;
  };

  BurstPipeline pipeline_;
  SlotRing pending_;
  std::deque<Open> instructions_;
  uint64_t taken_ = 0, takenBefore_ = 0;  ///< cycles in which the latest beats left the register slice, where their order matters
  uint64_t reported_ = 0;  ///< from here on an instruction's last word is taken: the report of the one before has left
  uint64_t addressFree_ = 0;
};

/// WLOAD: the same over several ports. A burst goes to the port with the fewest open bursts of those that can take one, of equal ones to
/// the highest number.
class PortedReadEngineTiming {
 public:
  PortedReadEngineTiming(uint32_t burstBeats, uint32_t outstanding, size_t ports)
      : pipeline_(burstBeats), outstanding_(outstanding), ports_(ports) {}

  void accept(uint64_t cycle, uint32_t instruction, const DramRows& rows, uint64_t baseWord);
  bool idle() const { return pipeline_.empty(); }
  /// Cycle in which the next burst leaves for its port.
  uint64_t nextBurst() const;
  /// Sends the next burst to one of `ports`; cycle = nextBurst().
  ReadEngineTiming::Progress step(std::vector<SharedReadPort>& ports);
  /// Cycle from which a command is taken, as far as known.
  std::optional<uint64_t> commandReady() const { return pipeline_.commandReady(); }

 private:
  struct Port {
    std::deque<uint64_t> ends;  ///< cycles from which its open bursts are open no more, in order
    uint64_t addressFree = 0;
  };

  /// Cycle from which the port takes a burst.
  uint64_t available(const Port& port) const;

  BurstPipeline pipeline_;
  size_t outstanding_;
  std::vector<Port> ports_;
  std::deque<uint32_t> instructions_;
  uint64_t written_ = 0;    ///< last word so far of the instruction whose bursts go out
  uint64_t completed_ = 0;  ///< completion of the instruction before
};

/// STORE.
class WriteEngineTiming {
 public:
  WriteEngineTiming(const MemoryProfile& profile, uint32_t burstBeats, uint32_t outstanding, uint64_t seed, BandwidthLedger& ledger)
      : pipeline_(burstBeats), open_(outstanding), channel_(profile, 0, seed, ledger, true), responseLatency_(profile.writeLatency) {}

  struct Result {
    uint64_t commandReady;
    uint64_t completion;  ///< last response
  };
  Result accept(uint64_t cycle, const DramRows& rows, uint64_t baseWord);

 private:
  BurstPipeline pipeline_;
  SlotRing open_;
  DataChannel channel_;
  uint32_t responseLatency_;
  uint64_t readFree_ = 0;
};

}  // namespace agc::runtime
