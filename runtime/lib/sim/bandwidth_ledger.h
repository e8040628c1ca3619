// Which beats the memory moves in which cycle, where the ports together could move more than it does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "memory_profile.h"

namespace agc::runtime {

/// Beats are entered when they are asked for, which is long before they move, so those of port 0, which the memory serves first, may find
/// their cycle full of later ports' beats. They keep it, and one beat of the later ports moves in the next cycle that has room.
class BandwidthLedger {
 public:
  /// `ports`: port 0, which reads and writes, and those that only read; a channel moves 8 bytes a cycle. Profiles with random stalls are not
  /// predicted beat by beat.
  BandwidthLedger(const MemoryProfile& profile, uint32_t ports) : bytesPerCycle_(profile.bytesPerCycle), laterPorts_(ports - 1) {
    if (bytesPerCycle_ != 0 && !profile.randomStalls && 8 * (ports + 1) > bytesPerCycle_) cycles_.resize(kCycles);
  }

  /// False when the memory never limits the ports: nothing has to be entered.
  bool limits() const { return !cycles_.empty(); }

  /// A beat of port 0 moves in `cycle`.
  void enterFirst(uint64_t cycle) {
    Cycle& entry = at(cycle);
    bool full = entry.first + entry.later >= capacity(cycle);
    ++entry.first;
    if (!full || entry.later == 0) return;
    --entry.later;
    displaced_ = enter(std::max(cycle + 1, displaced_));
  }

  /// The cycle, `cycle` or a later one, in which a beat of another port moves.
  uint64_t enter(uint64_t cycle) {
    for (;; ++cycle) {
      Cycle& entry = at(cycle);
      if (entry.later >= laterPorts_ || entry.first + entry.later >= capacity(cycle)) continue;
      ++entry.later;
      return cycle;
    }
  }

 private:
  struct Cycle {
    uint64_t cycle = 0;
    uint32_t first = 0, later = 0;  ///< beats of port 0, of the others
  };
  /// Farther ahead nothing is remembered; what is asked for at one time lies closer together.
  static constexpr uint64_t kCycles = 1 << 15;

  Cycle& at(uint64_t cycle) {
    Cycle& entry = cycles_[cycle % kCycles];
    if (entry.cycle != cycle) entry = {cycle, 0, 0};
    return entry;
  }

  /// Whole beats: what is left of a cycle's bytes is used in a later one.
  uint32_t capacity(uint64_t cycle) const {
    return static_cast<uint32_t>((cycle + 1) * bytesPerCycle_ / 8 - cycle * bytesPerCycle_ / 8);
  }

  uint64_t bytesPerCycle_;
  uint32_t laterPorts_;
  std::vector<Cycle> cycles_;
  uint64_t displaced_ = 0;  ///< where the last beat went that had to give way; up to there all is full
};

}  // namespace agc::runtime
