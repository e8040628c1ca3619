// When addresses and data move on an AXI port.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bandwidth_ledger.h"
#include "memory_profile.h"
#include "random_fill.h"

namespace agc::runtime {

/// The times at which the entries of a FIFO of fixed depth become free again.
class SlotRing {
 public:
  explicit SlotRing(size_t depth) : free_(depth, 0) {}
  /// Earliest cycle in which the next entry can be taken.
  uint64_t available() const { return free_[next_]; }
  /// Takes it; it can be taken again from `release` on.
  void take(uint64_t release) {
    free_[next_] = release;
    next_ = (next_ + 1) % free_.size();
  }

 private:
  std::vector<uint64_t> free_;
  size_t next_ = 0;
};

/// A channel of data in the order of the addresses.
class DataChannel {
 public:
  /// `first`: the memory serves it before all that are not.
  DataChannel(const MemoryProfile& profile, uint32_t latency, uint64_t seed, BandwidthLedger& ledger, bool first)
      : profile_(profile), latency_(latency), random_(seed), ledger_(ledger), first_(first) {}

  struct Beats {
    uint64_t first, last;
  };

  /// Data of a read burst whose address is taken in cycle `address`.
  Beats read(uint64_t address, uint32_t beats) {
    uint64_t delay = latency_;
    // Mean delays of the stress memory; its cycles are not meant to be predicted.
    if (profile_.randomStalls) delay += random_.below(64);
    return move(std::max(address + delay, free_), beats);
  }

  /// The same for a reader that takes its data when it can: `accept(cycle)` is told from when on a beat is there and returns the cycle in
  /// which it is taken.
  template <typename Accept>
  Beats readInto(uint64_t address, uint32_t beats, Accept accept) {
    Beats result = read(address, 1);
    result.first = result.last = accept(result.first);
    for (uint32_t beat = 1; beat < beats; ++beat) result.last = accept(result.last + 1);
    free_ = result.last + 1;
    return result;
  }

  /// Data of a write burst that are ready in cycle `ready`.
  Beats write(uint64_t ready, uint32_t beats) { return move(std::max(ready, free_), beats); }

 private:
  Beats move(uint64_t cycle, uint32_t beats) {
    Beats result{cycle, cycle + (profile_.randomStalls ? beats + beats / 2 : beats) - 1};
    if (ledger_.limits()) {
      for (uint32_t k = 0; k < beats; ++k, ++cycle) {
        if (first_) ledger_.enterFirst(cycle);
        else cycle = ledger_.enter(cycle);
        if (k == 0) result.first = cycle;
        result.last = cycle;
      }
    }
    free_ = result.last + 1;
    return result;
  }

  MemoryProfile profile_;
  uint32_t latency_;
  RandomSource random_;
  BandwidthLedger& ledger_;
  bool first_;
  uint64_t free_ = 0;
};

/// A read port with the register and the owner FIFO that several readers share.
class SharedReadPort {
 public:
  SharedReadPort(const MemoryProfile& profile, uint64_t seed, BandwidthLedger& ledger, bool first, uint64_t addressDelay, size_t openBursts)
      : channel_(profile, profile.readLatency, seed, ledger, first), addressDelay_(addressDelay), open_(openBursts) {}

  struct Read {
    uint64_t taken;  ///< cycle in which the reader's address is taken
    DataChannel::Beats data;
  };

  /// A reader offers an address from cycle `offered` on. Calls must come in the order of their `offered`.
  Read read(uint64_t offered, uint32_t beats) {
    return place(offered, [&](uint64_t address) { return channel_.read(address, beats); });
  }

  /// The same for a reader that takes its data when it can, see DataChannel::readInto.
  template <typename Accept>
  Read readInto(uint64_t offered, uint32_t beats, Accept accept) {
    return place(offered, [&](uint64_t address) { return channel_.readInto(address, beats, accept); });
  }

 private:
  template <typename Data>
  Read place(uint64_t offered, Data data) {
    Read result{};
    result.taken = std::max({offered, nextAddress_, open_.available()});
    nextAddress_ = result.taken + 1;
    result.data = data(result.taken + addressDelay_);
    open_.take(result.data.last + 1);
    return result;
  }

  DataChannel channel_;
  uint64_t addressDelay_;
  SlotRing open_;
  uint64_t nextAddress_ = 0;
};

}  // namespace agc::runtime
