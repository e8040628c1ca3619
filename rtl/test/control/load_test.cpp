// agc_load against a model: random regions back to back, a stalling scratchpad, stalling memory, errors, halt.
#include "dma_bench.h"

#include "Vagc_load.h"

namespace agc::bench {
namespace {

constexpr uint32_t spWords = 4096;  // the module's default

struct LoadBench {
  Dram dram{0x10040 + 8 * segmentWords};
  AxiReadPort port;
  Random random;
  std::unique_ptr<Vagc_load> dut = std::make_unique<Vagc_load>();
  std::deque<std::pair<isa::Load, uint32_t>> todo;         // instruction, index
  std::deque<std::pair<uint32_t, uint64_t>> expected;      // address, data of writes to come
  std::deque<std::pair<Tag, size_t>> completions;          // tag, number of writes that come before it
  size_t writes = 0;
  unsigned spStall = 0, cycles = 0;
  bool fault = false;
  unsigned cause = 0;
  Tag faultTag{};

  LoadBench(AxiTiming timing, uint32_t seed) : port(dram, timing, seed), random(seed + 9) {
    dram.readable = {{segmentBase, segmentBase + 8 * segmentWords}};
    resetModel(*dut);
    dut->seg_base_i = segmentBase / 64;
    dut->seg_words_i = segmentWords;
  }

  void add(const isa::Load &instruction, uint32_t index) {
    todo.push_back({instruction, index});
  }

  void expect(const isa::Load &in, uint32_t index) {
    for (uint32_t p = 0; p < in.n2; p++)
      for (uint32_t r = 0; r < in.n1; r++)
        for (uint32_t c = 0; c < in.n0; c++)
          expected.push_back({in.sp + p * in.s2 + r * in.s1 + c, dram.word(segmentBase + 8 * (in.dram + p * in.d2 + r * in.d1 + c))});
    completions.push_back({tagOf(in.h, index), writes + expected.size()});
  }

  void cycle() {
    auto r = port.drive();
    dut->clk_i = 0;
    dut->cmd_valid_i = !todo.empty();
    if (!todo.empty()) {
      setInstruction(dut->cmd_instr_i, todo.front().first);
      dut->cmd_index_i = todo.front().second;
    }
    dut->ar_ready_i = r.arready;
    dut->r_valid_i = r.rvalid;
    dut->r_data_i = r.rdata;
    dut->r_error_i = r.rresp >> 1;
    dut->r_last_i = r.rlast;
    dut->sp_ready_i = 0;
    dut->done_ready_i = random.chance(70);
    dut->eval();
    // The scratchpad is ready only when asked.
    dut->sp_ready_i = dut->sp_valid_o && !random.chance(spStall);
    dut->eval();
    port.sample(dut->ar_valid_o, dut->ar_addr_o, dut->ar_len_o, dut->r_ready_o);
    if (dut->cmd_valid_i && dut->cmd_ready_o) {
      EXPECT_EQ(dut->seg_o, todo.front().first.seg);
      expect(todo.front().first, todo.front().second);
      todo.pop_front();
    }
    if (dut->sp_valid_o && dut->sp_ready_i) {
      ASSERT_FALSE(expected.empty());
      ASSERT_EQ(dut->sp_addr_o, expected.front().first);
      ASSERT_EQ(dut->sp_wdata_o, expected.front().second);
      expected.pop_front();
      writes++;
    }
    if (dut->done_valid_o && dut->done_ready_i) {
      ASSERT_FALSE(completions.empty());
      ASSERT_TRUE(tagOf(dut->done_tag_o) == completions.front().first);
      ASSERT_GE(writes, completions.front().second);
      completions.pop_front();
    }
    if (dut->fault_valid_o && !fault) {
      fault = true;
      cause = dut->fault_cause_o;
      faultTag = tagOf(dut->fault_tag_o);
    }
    clockTick(*dut);
    cycles++;
  }

  bool finish(unsigned limit = 100000) {
    for (unsigned k = 0; k < limit; k++) {
      if (todo.empty() && expected.empty() && completions.empty() && !dut->busy_o && dut->axi_idle_o) return true;
      cycle();
      if (::testing::Test::HasFatalFailure() || fault) return false;
    }
    return false;
  }

  void noProblems() {
    for (auto &problem : dram.problems) ADD_FAILURE() << problem;
  }
};

class LoadTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, LoadTest, ::testing::ValuesIn(timings), [](const auto &info) { return std::to_string(info.index); });

TEST_P(LoadTest, RandomRegions) {
  for (unsigned stall : {0u, 50u}) {
    LoadBench bench(GetParam(), 5 + stall);
    bench.spStall = stall;
    for (uint32_t k = 0; k < 150; k++) bench.add(bench.random.region<isa::Load>(spWords), 0x123400 + k);
    EXPECT_TRUE(bench.finish(1000000));
    bench.noProblems();
    EXPECT_LE(bench.port.maxOpen, 8u);
  }
}

TEST_P(LoadTest, ErrorStopsTheInstruction) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    LoadBench bench(GetParam(), seed);
    auto first = bench.random.region<isa::Load>(spWords), second = bench.random.region<isa::Load>(spWords);
    bench.add(first, 1);
    bench.add(second, 2);
    // The last word of the second region; the first one may touch it too.
    uint32_t last = second.dram + (second.n2 - 1) * second.d2 + (second.n1 - 1) * second.d1 + second.n0 - 1;
    bench.dram.readErrors = {segmentBase + 8 * last};
    EXPECT_FALSE(bench.finish());
    ASSERT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(isa::Fault::AxiRead));
    EXPECT_TRUE(bench.faultTag == tagOf(first.h, 1) || bench.faultTag == tagOf(second.h, 2));
    bench.dut->halt_i = 1;
    size_t before = bench.completions.size();
    bench.todo.clear();
    for (int k = 0; k < 2000 && !bench.dut->axi_idle_o; k++) bench.cycle();
    EXPECT_TRUE(bench.port.idle());
    EXPECT_LE(before - bench.completions.size(), 1u);
    EXPECT_FALSE(bench.completions.empty());
    bench.noProblems();
  }
}

TEST_P(LoadTest, BadRowsNeverReachTheBus) {
  LoadBench bench(GetParam(), 77);
  auto check = [&](isa::Load bad, isa::Fault cause) {
    bench.add(bench.random.region<isa::Load>(spWords), 7);
    bench.add(bad, 8);
    bench.fault = false;
    EXPECT_FALSE(bench.finish());
    EXPECT_EQ(bench.cause, unsigned(cause));
    EXPECT_EQ(bench.faultTag.index, 8u);
    bench.dut->halt_i = 1;
    for (int k = 0; k < 3000 && !bench.dut->axi_idle_o; k++) bench.cycle();
    bench.dut->clear_i = 1;
    bench.cycle();
    bench.dut->clear_i = bench.dut->halt_i = 0;
    bench.expected.clear();
    bench.completions.clear();
    bench.todo.clear();
    bench.fault = false;
    bench.add(bench.random.region<isa::Load>(spWords), 9);
    bench.writes = 0;
    EXPECT_TRUE(bench.finish()) << "does not work after clear";
  };
  isa::Load bad;
  bad.dram = segmentWords;
  check(bad, isa::Fault::Window);
  bad.dram = segmentWords - 3;
  bad.n0 = 4;
  check(bad, isa::Fault::Window);
  bad.dram = 0;
  bad.n1 = 2;
  bad.d1 = (1u << 20) - 1;
  check(bad, isa::Fault::Window);
  bad = {};
  bad.sp = spWords;
  check(bad, isa::Fault::SpRange);
  bad.sp = spWords - 3;
  bad.n0 = 4;
  check(bad, isa::Fault::SpRange);
  bad = {};
  bad.n2 = 3;
  bad.s2 = spWords / 2;
  check(bad, isa::Fault::SpRange);
  bench.noProblems();
}

} // namespace
} // namespace agc::bench
