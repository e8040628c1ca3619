// Runs a circuit that NNgen made (class VNngenTop, master port of DATA_BITS) in the memory profile ddr3-z7020 of runtime/lib/sim/memory_profile.cpp:
// 25 bytes a cycle for reads and writes together, 50 cycles from an address to its first data beat and from the last write beat to its response.
//
//   nngen_bench MEMORY.bin OUTPUT.bin
//
// MEMORY is the whole DRAM; OUTPUT is the same after the run. Prints the cycles from the write to the start register to the interrupt or the
// last write response, whichever is later, and the bytes read and written.
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "VNngenTop.h"

namespace {

constexpr unsigned kBeatBytes = DATA_BITS / 8, kBytesPerCycle = 25, kLatency = 50;
constexpr uint64_t kPatience = 400000000;
constexpr uint32_t kStart = 4 * 4, kInterruptEnable = 4 * 10;  // nngen/verilog.py, control_reg_*

struct Burst {
  uint64_t address, ready;
  unsigned left;
};

class Bench {
 public:
  explicit Bench(std::vector<uint8_t>& memory) : memory_(memory), top_(std::make_unique<VNngenTop>()) {
    top_->RESETN = 0;
    top_->maxi_arready = top_->maxi_awready = 1;
    top_->saxi_bready = top_->saxi_rready = 1;
    for (int i = 0; i < 64; ++i) tick();
    top_->RESETN = 1;
    for (int i = 0; i < 256; ++i) tick();
  }

  void writeRegister(uint32_t address, uint32_t value) {
    top_->saxi_awaddr = address;
    top_->saxi_wdata = value;
    top_->saxi_wstrb = 15;
    top_->saxi_awvalid = top_->saxi_wvalid = 1;
    for (int patience = 0; top_->saxi_awvalid || top_->saxi_wvalid; ++patience) {
      if (patience == 1000) throw "the circuit does not take a register write";
      settle();
      const bool a = top_->saxi_awvalid && top_->saxi_awready, w = top_->saxi_wvalid && top_->saxi_wready;
      edge();
      if (a) top_->saxi_awvalid = 0;
      if (w) top_->saxi_wvalid = 0;
    }
  }

  uint64_t run() {
    writeRegister(kInterruptEnable, 1);
    for (int i = 0; i < 16; ++i) tick();
    const uint64_t begin = cycle_;
    readBytes = writtenBytes = 0;
    writeRegister(kStart, 1);
    while (!top_->irq) {
      tick();
      if (cycle_ - begin > kPatience) throw "the circuit does not finish";
    }
    const uint64_t interrupt = cycle_;
    while (!responses_.empty() || !writes_.empty()) tick();
    return std::max(interrupt, lastResponse_) - begin;
  }

  uint64_t readBytes = 0, writtenBytes = 0;

 private:
  void tick() {
    settle();
    edge();
  }

  void settle() {
    budget_ = std::min(budget_ + kBytesPerCycle, kBytesPerCycle + kBeatBytes - 1);
    // Reads and writes take turns where the memory cannot serve both.
    const bool readFirst = (cycle_ & 1) == 0;
    for (int turn = 0; turn < 2; ++turn) {
      if ((turn == 0) == readFirst) {
        top_->maxi_rvalid = !reads_.empty() && reads_.front().ready <= cycle_ && budget_ >= kBeatBytes;
        if (top_->maxi_rvalid) {
          budget_ -= kBeatBytes;
          std::memcpy(&top_->maxi_rdata, at(reads_.front().address), kBeatBytes);
          top_->maxi_rlast = reads_.front().left == 1;
        }
      } else {
        top_->maxi_wready = budget_ >= kBeatBytes;
        if (top_->maxi_wready) budget_ -= kBeatBytes;
      }
    }
    top_->maxi_bvalid = !responses_.empty() && responses_.front() <= cycle_;
    top_->CLK = 0;
    top_->eval();
    if (top_->maxi_wready && !top_->maxi_wvalid) budget_ += kBeatBytes;
  }

  void edge() {
    if (top_->maxi_rvalid && top_->maxi_rready) {
      readBytes += kBeatBytes;
      reads_.front().address += kBeatBytes;
      if (--reads_.front().left == 0) reads_.pop_front();
    }
    if (top_->maxi_arvalid && top_->maxi_arready) reads_.push_back({top_->maxi_araddr, cycle_ + kLatency, top_->maxi_arlen + 1u});
    if (top_->maxi_awvalid && top_->maxi_awready) writes_.push_back({top_->maxi_awaddr, 0, top_->maxi_awlen + 1u});
    if (top_->maxi_wvalid && top_->maxi_wready) {
      if (writes_.empty()) throw "write data came before their address";
      uint8_t data[kBeatBytes];
      std::memcpy(data, &top_->maxi_wdata, kBeatBytes);
      uint8_t* target = at(writes_.front().address);
      for (unsigned i = 0; i < kBeatBytes; ++i) {
        if ((top_->maxi_wstrb >> i & 1) != 0) target[i] = data[i];
      }
      writtenBytes += kBeatBytes;
      writes_.front().address += kBeatBytes;
      if (--writes_.front().left == 0) {
        writes_.pop_front();
        responses_.push_back(cycle_ + kLatency);
      }
    }
    if (top_->maxi_bvalid && top_->maxi_bready) {
      responses_.pop_front();
      lastResponse_ = cycle_;
    }
    top_->CLK = 1;
    top_->eval();
    ++cycle_;
  }

  uint8_t* at(uint64_t address) {
    if (address + kBeatBytes > memory_.size()) throw "the circuit left its memory";
    return memory_.data() + address;
  }

  std::vector<uint8_t>& memory_;
  std::unique_ptr<VNngenTop> top_;
  std::deque<Burst> reads_, writes_;
  std::deque<uint64_t> responses_;
  uint64_t cycle_ = 0, lastResponse_ = 0;
  unsigned budget_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: nngen_bench MEMORY.bin OUTPUT.bin\n"), 1;
  std::ifstream in(argv[1], std::ios::binary);
  std::vector<uint8_t> memory((std::istreambuf_iterator<char>(in)), {});
  try {
    Bench bench(memory);
    const uint64_t cycles = bench.run();
    std::printf("%llu %llu %llu\n", static_cast<unsigned long long>(cycles), static_cast<unsigned long long>(bench.readBytes),
                static_cast<unsigned long long>(bench.writtenBytes));
  } catch (const char* reason) {
    return std::fprintf(stderr, "nngen_bench: %s\n", reason), 1;
  }
  std::ofstream(argv[2], std::ios::binary).write(reinterpret_cast<const char*>(memory.data()), static_cast<std::streamsize>(memory.size()));
  return 0;
}
