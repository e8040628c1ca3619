// agc_wbuf against an array: fills every word, then random writes beside random reads with freezes.
//
//   agc_rtl_wbuf_WORDS_test [SEED [ROUNDS]]      a round is 1000 cycles
#include "bench_args.h"

#include "Vagc_wbuf.h"
#include "verilated.h"

#include <array>
#include <cstdio>
#include <memory>
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
    dut_->w_en_i = dut_->r_en_i = 0;
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
    dut_->w_en_i = 0;
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
      const unsigned written = unsigned(random_.below(words)), lane = unsigned(random_.below(8));
      unsigned address = random_.chance(30) ? lastWritten_ : unsigned(random_.below(words));
      const bool writes = random_.chance(50), reads = random_.chance(flow);
      if (writes && written == address) address = (address + 1) % words;
      const Word next = memory[address];
      dut_->w_en_i = 0;
      if (writes) {
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
    dut_->w_en_i = 1;
    dut_->w_addr_i = address;
    dut_->w_lane_i = lane;
    dut_->w_data_i = memory[address][lane];
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
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
  }

  agc::bench::Random random_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vagc_wbuf> dut_;
  unsigned lastWritten_ = 0;
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
