// DRAM behind the AXI masters of a Verilated core: one object per port, driven once a cycle, no allocation while it runs.
//
// An address that is taken in cycle t has its first data beat at cycle t + latency at the earliest; beats follow one a cycle, in the
// order of the addresses. A write response comes a latency after the last beat. All ports share the bandwidth of the profile. Under
// `stress` every ready and valid is held back at random and every read takes a random time more, so ports answer in any order
// to each other.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "memory_profile.h"
#include "machine_observer.h"
#include "random_fill.h"
#include "segments.h"

namespace agc::runtime {

/// Bytes that all ports may still move in this cycle.
class SharedBandwidth {
 public:
  explicit SharedBandwidth(uint32_t bytesPerCycle) : perCycle_(static_cast<int32_t>(bytesPerCycle)) {}

  /// At the start of every cycle. What is left over is kept for one cycle, so that the mean is met with beats of 8 bytes.
  void nextCycle() {
    budget_ = std::min(budget_ + perCycle_, perCycle_ + 7);
  }
  bool allows() const { return perCycle_ == 0 || budget_ >= 8; }
  /// Write data are spent when the core has them, behind the reads of their cycle: the budget may become negative for a cycle.
  void spend() { budget_ -= perCycle_ == 0 ? 0 : 8; }

 private:
  int32_t perCycle_;
  int32_t budget_ = 0;
};

/// Signals of a port, values before the clock edge.
struct AxiOutputs {  // of the core
  bool arValid, rReady, awValid, wValid, wLast, bReady;
  uint32_t arAddress, arLength, awAddress, awLength;  ///< lengths: beats - 1
  uint64_t wData;
  uint8_t wStrobe;
};
struct AxiInputs {  // of the core
  bool arReady = false, rValid = false, rLast = false, awReady = false, wReady = false, bValid = false;
  bool rError = false, bError = false;
  uint64_t rData = 0;
};

class AxiMemoryPort {
 public:
  AxiMemoryPort(Segments& segments, const std::vector<DramError>& errors, const MemoryProfile& profile, uint32_t burstBeats,
                SharedBandwidth& bandwidth, uint64_t seed, MachineObserver* observer = nullptr);

  /// Signals for the core in this cycle; they do not depend on the core's outputs of the same cycle.
  const AxiInputs& drive(uint64_t cycle);
  /// What the core shows with these inputs, before the clock edge. True when anything was transferred.
  bool sample(uint64_t cycle, const AxiOutputs& core);

  bool idle() const { return reads_.empty() && writes_.empty() && responses_.empty(); }
  uint64_t readBeats() const { return readBeats_; }
  uint64_t writeBeats() const { return writeBeats_; }
  /// First breach of the protocol or of the segments' limits by the core; empty: none.
  const std::string& breach() const { return breach_; }

 private:
  /// Fixed-size queue.
  template <typename T>
  class Ring {
   public:
    static constexpr uint32_t capacity = 64;
    bool empty() const { return first_ == last_; }
    bool full() const { return last_ - first_ == capacity; }
    T& front() { return items_[first_ % capacity]; }
    void push(const T& item) { items_[last_++ % capacity] = item; }
    void pop() { ++first_; }

   private:
    std::array<T, capacity> items_{};
    uint32_t first_ = 0, last_ = 0;
  };
  struct Burst {
    uint8_t* data = nullptr;    ///< null: outside of all segments
    uint64_t ready = 0;         ///< reads: cycle of the first beat
    uint32_t left = 0;          ///< beats
    uint32_t address = 0;
    bool error = false;         ///< some beat of it answers with an error
    int segment = 0;
  };
  struct Response {
    uint64_t ready;
    bool error;
  };

  bool stalls(uint32_t percent) { return random_.next() % 100 < percent; }
  Burst open(uint32_t address, uint32_t length, const char* channel);
  bool isError(uint32_t address, uint32_t beats) const;

  Segments& segments_;
  const std::vector<DramError>& errors_;
  const MemoryProfile& profile_;
  uint32_t burstBeats_;
  SharedBandwidth& bandwidth_;
  RandomSource random_;
  MachineObserver* observer_;
  AxiInputs inputs_;
  bool rHeld_ = false, bHeld_ = false;  ///< valid was shown and not yet taken: it must stay
  Ring<Burst> reads_, writes_;
  Ring<Response> responses_;
  uint64_t readBeats_ = 0, writeBeats_ = 0;
  std::string breach_;
};

}  // namespace agc::runtime
