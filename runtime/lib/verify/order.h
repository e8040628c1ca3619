// Stage 2 of the verifier: semaphores, and from them what is ordered before what.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "findings.h"

namespace agc::runtime {

/// Which instructions of other engines have surely completed when an instruction starts.
///
/// Instructions are named by their positions in the running order. A vector clock per instruction: element e is the number of instructions of engine e that are complete. The k-th wait for a
/// semaphore takes the k-th post (one posting, one waiting engine, both in order), and an engine completes its instructions in
/// order, so a wait brings the clock of the poster's completion.
class Order {
 public:
  /// Checks the semaphore rules of docs/machine.md and fills the clocks. The clocks mean nothing when something was found.
  void build(const Program& program, const RunningCode& running, Findings& findings);

  /// `earlier` is complete before `later` starts. True for a pair of one engine only when a semaphore, or a CONV_GEO,
  /// CONV_EPI or CONV_TABLE (which wait for the drain), says so.
  bool completeBefore(uint32_t earlier, uint32_t later) const {
    const Place& p = places_[earlier];
    return clocks_[later][p.engine] > p.position;
  }
  /// Same engine.
  bool sameEngine(uint32_t a, uint32_t b) const { return places_[a].engine == places_[b].engine; }

 private:
  /// LOAD, WLOAD, CONV, STORE: the engines that have instructions.
  static constexpr size_t kClocks = 4;
  using Clock = std::array<uint32_t, kClocks>;
  struct Place {
    uint8_t engine;     ///< index into a Clock
    uint32_t position;  ///< among the instructions of its engine
  };

  std::vector<Place> places_;
  std::vector<Clock> clocks_;
};

}  // namespace agc::runtime
