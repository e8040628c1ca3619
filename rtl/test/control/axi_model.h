// Cycle-level models of an AXI memory for the benches: random stalls, latency, error responses, and checks of the protocol.
//
// Use per clock cycle: drive() sets the memory's outputs of this cycle, then the model is evaluated with the clock low, sample()
// takes the core's outputs and settles the handshakes, then the clock rises.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace agc::bench {

/// Memory contents and what the rules of the bench say about accesses. Addresses are bytes from 0.
struct Dram {
  explicit Dram(size_t size, uint64_t seed = 1) : bytes(size) {
    std::mt19937_64 random(seed);
    for (auto &byte : bytes) byte = uint8_t(random());
  }

  std::vector<uint8_t> bytes;
  std::set<uint32_t> readErrors, writeErrors;               ///< addresses of 8-byte words that answer with an error
  std::vector<std::pair<uint32_t, uint32_t>> readable;      ///< allowed ranges [first, end); empty: everything
  std::vector<std::pair<uint32_t, uint32_t>> writable;
  std::vector<std::string> problems;                        ///< broken rules, in words

  uint64_t word(uint32_t address) const {
    uint64_t value = 0;
    if (size_t(address) + 8 <= bytes.size()) std::memcpy(&value, &bytes[address], 8);
    return value;
  }

  void problem(const std::string &text) {
    if (problems.size() < 10) problems.push_back(text);
  }

  void checkBurst(const char *what, uint32_t address, unsigned beats, const std::vector<std::pair<uint32_t, uint32_t>> &ranges) {
    uint64_t end = uint64_t(address) + 8 * beats;
    if (address % 8) problem(std::string(what) + " burst is not aligned to 8 bytes");
    if (address / 128 != (end - 1) / 128) problem(std::string(what) + " burst crosses 128 bytes at " + std::to_string(address));
    if (end > bytes.size()) problem(std::string(what) + " burst beyond the memory at " + std::to_string(address));
    bool inside = ranges.empty();
    for (auto &range : ranges) inside |= address >= range.first && end <= range.second;
    if (!inside) problem(std::string(what) + " burst outside of its window at " + std::to_string(address));
  }
};

struct AxiTiming {
  unsigned stallPercent = 0;   ///< chance that a ready or valid is withheld in a cycle
  unsigned minLatency = 1;     ///< cycles from the address to the first data
  unsigned maxLatency = 1;
  bool dead = false;           ///< never answers
};

class AxiReadPort {
public:
  AxiReadPort(Dram &dram, AxiTiming timing, uint64_t seed) : dram_(dram), timing_(timing), random_(seed) {}

  struct Out {
    bool arready, rvalid, rlast;
    uint64_t rdata;
    unsigned rresp;
  };

  void setTiming(AxiTiming timing) { timing_ = timing; }

  Out drive() {
    Out out{};
    out.arready = !stall();
    if (!bursts_.empty() && bursts_.front().readyAt <= cycle_ && (offered_ || !stall()) && !timing_.dead) {
      auto &burst = bursts_.front();
      offered_ = true;
      out.rvalid = true;
      out.rlast = burst.left == 1;
      out.rdata = dram_.word(burst.address);
      out.rresp = dram_.readErrors.count(burst.address) ? 2 : 0;
    } else {
      out.rdata = random_();
      out.rresp = unsigned(random_() & 3);
      out.rlast = random_() & 1;
    }
    last_ = out;
    return out;
  }

  void sample(bool arvalid, uint32_t araddr, unsigned arlen, bool rready) {
    if (waiting_ && (!arvalid || araddr != heldAddress_ || arlen != heldLength_)) dram_.problem("AR changed while it waited");
    waiting_ = arvalid && !last_.arready;
    heldAddress_ = araddr;
    heldLength_ = arlen;
    if (arvalid && last_.arready) {
      dram_.checkBurst("read", araddr, arlen + 1, dram_.readable);
      unsigned latency = timing_.minLatency + unsigned(random_() % (timing_.maxLatency - timing_.minLatency + 1));
      bursts_.push_back({araddr, arlen + 1, cycle_ + latency});
      maxOpen = std::max(maxOpen, bursts_.size());
    }
    if (last_.rvalid && rready) {
      offered_ = false;
      beats++;
      auto &burst = bursts_.front();
      burst.address += 8;
      if (--burst.left == 0) bursts_.pop_front();
    }
    cycle_++;
  }

  bool idle() const { return bursts_.empty(); }
  uint64_t beats = 0;
  size_t maxOpen = 0;

private:
  struct Burst {
    uint32_t address;
    unsigned left;
    uint64_t readyAt;
  };

  bool stall() { return random_() % 100 < timing_.stallPercent; }

  Dram &dram_;
  AxiTiming timing_;
  std::mt19937_64 random_;
  std::deque<Burst> bursts_;
  uint64_t cycle_ = 0;
  Out last_{};
  bool offered_ = false, waiting_ = false;
  uint32_t heldAddress_ = 0;
  unsigned heldLength_ = 0;
};

class AxiWritePort {
public:
  AxiWritePort(Dram &dram, AxiTiming timing, uint64_t seed) : dram_(dram), timing_(timing), random_(seed) {}

  struct Out {
    bool awready, wready, bvalid;
    unsigned bresp;
  };

  void setTiming(AxiTiming timing) { timing_ = timing; }

  Out drive() {
    Out out{};
    out.awready = !stall();
    out.wready = !stall() && !bursts_.empty();
    if (!answers_.empty() && answers_.front().readyAt <= cycle_ && (offered_ || !stall()) && !timing_.dead) {
      offered_ = true;
      out.bvalid = true;
      out.bresp = answers_.front().error ? 2 : 0;
    } else {
      out.bresp = unsigned(random_() & 3);
    }
    last_ = out;
    return out;
  }

  void sample(bool awvalid, uint32_t awaddr, unsigned awlen, bool wvalid, uint64_t wdata, unsigned wstrb, bool wlast, bool bready) {
    if (waitingAddress_ && (!awvalid || awaddr != heldAddress_)) dram_.problem("AW changed while it waited");
    if (waitingData_ && (!wvalid || wdata != heldData_ || wstrb != heldStrobe_)) dram_.problem("W changed while it waited");
    waitingAddress_ = awvalid && !last_.awready;
    waitingData_ = wvalid && !last_.wready;
    heldAddress_ = awaddr;
    heldData_ = wdata;
    heldStrobe_ = wstrb;
    if (last_.bvalid && bready) {
      offered_ = false;
      answers_.pop_front();
    }
    if (wvalid && last_.wready) {
      beats++;
      auto &burst = bursts_.front();
      for (unsigned k = 0; k < 8; k++) {
        if ((wstrb >> k & 1) && burst.address + k < dram_.bytes.size()) dram_.bytes[burst.address + k] = uint8_t(wdata >> 8 * k);
      }
      burst.error |= dram_.writeErrors.count(burst.address) != 0;
      burst.address += 8;
      if (wlast != (burst.left == 1)) dram_.problem("WLAST in the wrong place");
      if (--burst.left == 0) {
        unsigned latency = timing_.minLatency + unsigned(random_() % (timing_.maxLatency - timing_.minLatency + 1));
        answers_.push_back({cycle_ + latency, burst.error});
        bursts_.pop_front();
      }
    }
    if (awvalid && last_.awready) {
      dram_.checkBurst("write", awaddr, awlen + 1, dram_.writable);
      bursts_.push_back({awaddr, awlen + 1, false});
    }
    cycle_++;
  }

  bool idle() const { return bursts_.empty() && answers_.empty(); }
  uint64_t beats = 0;

private:
  struct Burst {
    uint32_t address;
    unsigned left;
    bool error;
  };
  struct Answer {
    uint64_t readyAt;
    bool error;
  };

  bool stall() { return random_() % 100 < timing_.stallPercent; }

  Dram &dram_;
  AxiTiming timing_;
  std::mt19937_64 random_;
  std::deque<Burst> bursts_;
  std::deque<Answer> answers_;
  uint64_t cycle_ = 0;
  Out last_{};
  bool offered_ = false, waitingAddress_ = false, waitingData_ = false;
  uint32_t heldAddress_ = 0;
  uint64_t heldData_ = 0;
  unsigned heldStrobe_ = 0;
};

} // namespace agc::bench
