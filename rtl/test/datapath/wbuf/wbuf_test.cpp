// agc_wbuf against an array: fills every word, then random writes to several lanes at once beside random reads with freezes.
//
//   agc_rtl_wbuf_WORDS_test [SEED [ROUNDS]]      a round is 1000 cycles
#include "bench_args.h"

#include "Vagc_wbuf.h"
#include "verilated.h"

#include <array>
#include <cstdio>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

constexpr unsigned words = AGC_WORDS;
using Word = std::array<uint64_t, 8>;

class Bench {
public:
  explicit Bench(uint64_t seed) : memory(words), random_(seed) {
    context_ = std::make_unique<VerilatedContext>();
    context_->randReset(2);
    context_->randSeed(int(seed & 0x7fffffff));
    dut_ = std::make_unique<Vagc_wbuf>(context_.get());
    dut_->r_en_i = 0;
    clock();
  }

  /// Every lane of every word once, read back in order at one word a cycle.
  bool sweep() {
    for (unsigned address = 0; address < words; address++) {
      for (unsigned lane = 0; lane < 8; lane++) {
        write(address, lane);
        clock();
      }
    }
    dut_->r_en_i = 1;
    for (unsigned cycle = 0; cycle < words + 2; cycle++) {
      if (cycle >= 2 && !matches(memory[cycle - 2], cycle - 2)) return false;
      dut_->r_addr_i = cycle < words ? cycle : 0;
      clock();
    }
    return true;
  }

  bool round() {
    // What the two pipeline stages hold; addresses that are being written are not read in that cycle.
    const unsigned flow = unsigned(random_.range(30, 100));
    unsigned filled = 0;
    Word stage{}, out{};
    for (unsigned cycle = 0; cycle < 1000; cycle++) {
      unsigned address = random_.chance(30) ? lastWritten_ : unsigned(random_.below(words));
      const bool reads = random_.chance(flow);
      const Word next = memory[address];
      const unsigned lanes = random_.chance(50) ? unsigned(random_.below(256)) : 0;
      for (unsigned lane = 0; lane < 8; lane++) {
        unsigned written = unsigned(random_.below(words));
        if (written == address) written = (address + 1) % words;
        if (!(lanes >> lane & 1)) continue;
        write(written, lane);
        lastWritten_ = written;
      }
      dut_->r_en_i = reads;
      dut_->r_addr_i = address;
      clock();
      if (reads) {
        out = stage;
        stage = next;
        filled++;
      }
      if (filled >= 2 && !matches(out, cycle)) return false;
    }
    return true;
  }

  std::vector<Word> memory;

private:
  void write(unsigned address, unsigned lane) {
    memory[address][lane] = random_.bits();
    enables_ |= 1u << lane;
    addresses_[lane] = address;
    data_[lane] = memory[address][lane];
  }

  /// A port of at most 64 bits is an integer, a wider one an array of 32-bit words.
  template <class Port> static void setBits(Port &port, const std::array<uint32_t, 8> &bits) {
    if constexpr (std::is_integral_v<Port>) {
      port = Port(bits[0] | uint64_t(bits[1]) << 32);
    } else {
      for (size_t k = 0; k < sizeof(port) / 4; k++) port[k] = bits[k];
    }
  }

  /// The write ports of this cycle; lanes that are not written show something else.
  void driveWrites() {
    unsigned addressBits = 0;
    while (1u << addressBits < words) addressBits++;
    std::array<uint32_t, 8> packed{};
    for (unsigned lane = 0; lane < 8; lane++) {
      if (!(enables_ >> lane & 1)) {
        addresses_[lane] = unsigned(random_.below(words));
        data_[lane] = random_.bits();
      }
      dut_->w_data_i[2 * lane] = uint32_t(data_[lane]);
      dut_->w_data_i[2 * lane + 1] = uint32_t(data_[lane] >> 32);
      for (unsigned b = 0; b < addressBits; b++) {
        unsigned bit = lane * addressBits + b;
        packed[bit / 32] |= (addresses_[lane] >> b & 1) << bit % 32;
      }
    }
    setBits(dut_->w_addr_i, packed);
    dut_->w_en_i = enables_;
    enables_ = 0;
  }

  bool matches(const Word &expected, unsigned where) {
    for (unsigned lane = 0; lane < 8; lane++) {
      const uint64_t got = dut_->r_data_o[2 * lane] | uint64_t(dut_->r_data_o[2 * lane + 1]) << 32;
      if (got == expected[lane]) continue;
      std::printf("at %u, lane %u: got %016llx, expected %016llx\n", where, lane, (unsigned long long)got, (unsigned long long)expected[lane]);
      return false;
    }
    return true;
  }

  void clock() {
    driveWrites();
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
  }

  agc::bench::Random random_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vagc_wbuf> dut_;
  unsigned lastWritten_ = 0;
  unsigned enables_ = 0;
  std::array<unsigned, 8> addresses_{};
  std::array<uint64_t, 8> data_{};
};

} // namespace

int main(int argc, char **argv) {
  const agc::bench::BenchArgs args(argc, argv, 100);
  Bench bench(args.seed);
  bool ok = bench.sweep();
  for (unsigned k = 0; ok && k < args.rounds; k++) ok = bench.round();
  std::printf("seed %llu, %u words: %s\n", (unsigned long long)args.seed, words, ok ? "PASS" : "FAIL");
  return ok ? 0 : 1;
}
