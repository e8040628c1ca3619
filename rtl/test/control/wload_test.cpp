// agc_wload against a model: random blocks over several ports that answer in any order to each other, errors, ranges, halt, throughput.
#include "dma_bench.h"

#include "Vagc_wload.h"

#include <map>
#include <type_traits>
#include <vector>

namespace agc::bench {
namespace {

constexpr uint32_t wbWords = 256;  // the module's default

constexpr unsigned ports = PORTS;

struct WloadBench {
  Dram dram{0x10040 + 8 * segmentWords};
  std::vector<AxiReadPort> memory;
  Random random;
  std::unique_ptr<Vagc_wload> dut = std::make_unique<Vagc_wload>();
  std::deque<std::pair<isa::Wload, uint32_t>> todo;
  struct Write {
    uint64_t data;
    size_t instruction;  // of all that began
  };
  std::map<uint32_t, Write> expected;  // 8 * word + lane; two instructions never write to one place at once
  std::deque<Tag> completions;
  std::deque<size_t> left;             // words that are not written, of each instruction from `completed` on
  size_t completed = 0;
  bool fault = false;
  unsigned cause = 0, faultIndex = 0, cycles = 0;

  WloadBench(AxiTiming timing, uint32_t seed) : random(seed + 9) {
    for (unsigned p = 0; p < ports; p++) memory.emplace_back(dram, timing, seed + 100 * p);
    dram.readable = {{segmentBase, segmentBase + 8 * segmentWords}};
    resetModel(*dut);
    dut->seg_base_i = segmentBase / 64;
    dut->seg_words_i = segmentWords;
  }

  isa::Wload block() {
    isa::Wload result;
    result.seg = random.pick(0, 7);
    result.n = random.chance(50) ? random.pick(1, 4) : random.pick(1, 60);
    result.wb = random.pick(0, wbWords - result.n);
    result.dram = random.pick(0, segmentWords - 8 * result.n);
    result.h.post[2] = uint8_t(random.pick(0, 31));
    return result;
  }

  /// Bits of a port that is an integer or an array of 32-bit words.
  template <class Port> static uint64_t bits(const Port &port, unsigned lsb, unsigned width) {
    uint64_t value = 0;
    for (unsigned b = 0; b < width; b++) {
      unsigned at = lsb + b;
      uint64_t bit;
      if constexpr (std::is_integral_v<Port>) bit = uint64_t(port) >> at & 1;
      else bit = port[at / 32] >> at % 32 & 1;
      value |= bit << b;
    }
    return value;
  }

  template <class Port> static void set64(Port &port, unsigned index, uint64_t value) {
    if constexpr (std::is_integral_v<Port>) {
      port = Port(value);
    } else {
      port[2 * index] = uint32_t(value);
      port[2 * index + 1] = uint32_t(value >> 32);
    }
  }

  void accept() {
    auto &[in, index] = todo.front();
    EXPECT_EQ(dut->seg_o, in.seg);
    for (uint32_t k = 0; k < 8 * in.n; k++) {
      Write write{dram.word(segmentBase + 8 * (in.dram + k)), completed + left.size()};
      ASSERT_TRUE(expected.insert({8 * in.wb + k, write}).second) << "begun while an earlier one writes to the same place";
    }
    completions.push_back(tagOf(in.h, index));
    left.push_back(8 * in.n);
    todo.pop_front();
  }

  void cycle() {
    unsigned ready = 0, valid = 0, error = 0, last = 0;
    for (unsigned p = 0; p < ports; p++) {
      auto r = memory[p].drive();
      ready |= unsigned(r.arready) << p;
      valid |= unsigned(r.rvalid) << p;
      error |= (r.rresp >> 1) << p;
      last |= unsigned(r.rlast) << p;
      set64(dut->r_data_i, p, r.rdata);
    }
    dut->clk_i = 0;
    dut->cmd_valid_i = !todo.empty();
    if (!todo.empty()) {
      setInstruction(dut->cmd_instr_i, todo.front().first);
      dut->cmd_index_i = todo.front().second;
    }
    dut->ar_ready_i = uint8_t(ready);
    dut->r_valid_i = uint8_t(valid);
    dut->r_error_i = uint8_t(error);
    dut->r_last_i = uint8_t(last);
    dut->done_ready_i = random.chance(70);
    dut->eval();
    for (unsigned p = 0; p < ports; p++) {
      memory[p].sample(dut->ar_valid_o >> p & 1, uint32_t(bits(dut->ar_addr_o, 32 * p, 32)), dut->ar_len_o >> 4 * p & 15, dut->r_ready_o >> p & 1);
    }
    if (dut->cmd_valid_i && dut->cmd_ready_o) accept();
    for (unsigned lane = 0; lane < 8; lane++) {
      if (!(dut->w_en_o >> lane & 1)) continue;
      auto found = expected.find(uint32_t(bits(dut->w_addr_o, lane * 8, 8)) * 8 + lane);
      ASSERT_NE(found, expected.end());
      ASSERT_EQ(bits(dut->w_data_o, 64 * lane, 64), found->second.data);
      ASSERT_GE(found->second.instruction, completed) << "written after its completion";
      left[found->second.instruction - completed]--;
      expected.erase(found);
    }
    if (dut->done_valid_o && dut->done_ready_i) {
      ASSERT_FALSE(completions.empty());
      ASSERT_TRUE(tagOf(dut->done_tag_o) == completions.front());
      ASSERT_EQ(left.front(), 0u);
      completions.pop_front();
      left.pop_front();
      completed++;
    }
    if (dut->fault_valid_o && !fault) {
      fault = true;
      cause = dut->fault_cause_o;
      faultIndex = tagOf(dut->fault_tag_o).index;
    }
    clockTick(*dut);
    cycles++;
  }

  bool finish(unsigned limit = 200000) {
    for (unsigned k = 0; k < limit; k++) {
      if (todo.empty() && expected.empty() && completions.empty() && !dut->busy_o && dut->axi_idle_o) return true;
      cycle();
      if (::testing::Test::HasFatalFailure() || fault) return false;
    }
    return false;
  }

  bool idle() const {
    for (auto &port : memory) {
      if (!port.idle()) return false;
    }
    return true;
  }
};

class WloadTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, WloadTest, ::testing::ValuesIn(timings), [](const auto &info) { return std::to_string(info.index); });

TEST_P(WloadTest, RandomBlocks) {
  WloadBench bench(GetParam(), 3);
  for (uint32_t k = 0; k < 120; k++) bench.todo.push_back({bench.block(), k});
  EXPECT_TRUE(bench.finish());
  for (auto &port : bench.memory) EXPECT_LE(port.maxOpen, 8u);
  EXPECT_TRUE(bench.dram.problems.empty());
}

TEST_P(WloadTest, Faults) {
  auto check = [&](uint32_t dramWord, uint32_t n, uint32_t wb, isa::Fault cause, bool error) {
    WloadBench bench(GetParam(), 4);
    bench.todo.push_back({bench.block(), 5});
    isa::Wload bad;
    bad.dram = dramWord;
    bad.n = n;
    bad.wb = wb;
    if (error) {
      bench.todo.clear();
      bench.dram.readErrors = {segmentBase + 8 * (dramWord + 8 * n - 1)};
    }
    bench.todo.push_back({bad, 6});
    EXPECT_FALSE(bench.finish());
    EXPECT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(cause));
    EXPECT_EQ(bench.faultIndex, 6u);
    EXPECT_TRUE(bench.dram.problems.empty());
  };
  check(segmentWords - 7, 1, 0, isa::Fault::Window, false);
  check(0xffffffff, 65535, 0, isa::Fault::WbRange, false);
  check(0xffffffff, 1, 0, isa::Fault::Window, false);
  check(0, 1, wbWords, isa::Fault::WbRange, false);
  check(0, 65535, 65535, isa::Fault::WbRange, false);
  check(0, 2, wbWords - 1, isa::Fault::WbRange, false);
  check(3, 4, wbWords - 4, isa::Fault::AxiRead, true);
}

// Of two instructions with errors the first one is named, whichever port answers first.
TEST_P(WloadTest, TheFirstErrorIsReported) {
  for (uint32_t seed = 0; seed < 30; seed++) {
    WloadBench bench(GetParam(), seed);
    for (uint32_t k = 0; k < 3; k++) {
      isa::Wload in;
      in.n = bench.random.pick(1, 12);
      in.wb = 20 * k;
      in.dram = 1000 * k + bench.random.pick(0, 20);
      if (k > 0) bench.dram.readErrors.insert(segmentBase + 8 * (in.dram + bench.random.pick(0, 8 * in.n - 1)));
      bench.todo.push_back({in, 50 + k});
    }
    EXPECT_FALSE(bench.finish());
    ASSERT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(isa::Fault::AxiRead));
    EXPECT_EQ(bench.faultIndex, 51u);
    EXPECT_TRUE(bench.completed == 1 || bench.left.front() == 0) << "reported before the one in front of it was complete";
  }
}

// A halt lets open requests end and writes nothing more; after a clear the engine works.
TEST_P(WloadTest, HaltDrainClear) {
  WloadBench bench(GetParam(), 8);
  for (uint32_t round = 0; round < 40; round++) {
    for (uint32_t k = 0; k < 6; k++) bench.todo.push_back({bench.block(), k});
    for (uint32_t k = bench.random.pick(0, 200); k > 0; k--) bench.cycle();
    bench.dut->halt_i = 1;
    bench.todo.clear();
    bench.cycle();
    bench.cycle();
    auto expected = bench.expected.size();
    for (int k = 0; k < 3000 && !bench.dut->axi_idle_o; k++) bench.cycle();
    EXPECT_TRUE(bench.idle());
    EXPECT_EQ(bench.expected.size(), expected);
    bench.dut->clear_i = 1;
    bench.cycle();
    bench.dut->clear_i = bench.dut->halt_i = 0;
    bench.expected.clear();
    bench.completions.clear();
    bench.left.clear();
    bench.fault = false;
    for (uint32_t k = 0; k < 3; k++) bench.todo.push_back({bench.block(), k});
    ASSERT_TRUE(bench.finish()) << "does not work after clear";
    EXPECT_TRUE(bench.dram.problems.empty());
  }
}

// With enough bursts under way every port delivers a word a cycle, and lanes do not collide for long.
TEST(WloadThroughput, AWordACycleAndPort) {
  for (uint32_t n : {9u, 37u, 60u}) {
    WloadBench bench({0, 20, 20, false}, 5);
    for (uint32_t k = 0; k < 40; k++) {
      isa::Wload in;
      in.n = n;
      in.wb = k % 4 * 64;
      in.dram = 8 * n * (k % 20) + 3;
      bench.todo.push_back({in, k});
    }
    ASSERT_TRUE(bench.finish());
    EXPECT_LT(bench.cycles, 1.04 * 40 * 8 * n / ports + 80) << n;
  }
}

} // namespace
} // namespace agc::bench
