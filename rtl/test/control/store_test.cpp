// agc_store against a model: random regions back to back, a stalling scratchpad with fixed read latency, stalling memory, errors, halt.
#include "dma_bench.h"

#include "Vagc_store.h"

namespace agc::bench {
namespace {

constexpr uint32_t spWords = 4096;  // the module's default
constexpr unsigned latency = 3;     // of the scratchpad

struct StoreBench {
  Dram dram{0x10040 + 8 * segmentWords};
  std::vector<uint8_t> model = dram.bytes;
  std::vector<uint64_t> scratchpad = std::vector<uint64_t>(spWords);
  AxiWritePort port;
  Random random;
  std::unique_ptr<Vagc_store> dut = std::make_unique<Vagc_store>();
  std::deque<std::pair<isa::Store, uint32_t>> todo;
  std::deque<Tag> completions;
  std::deque<std::pair<bool, uint64_t>> pipe{latency, {false, 0}};
  unsigned spStall = 0;
  bool fault = false;
  unsigned cause = 0;
  Tag faultTag{};

  StoreBench(AxiTiming timing, uint32_t seed) : port(dram, timing, seed), random(seed + 9) {
    dram.writable = {{segmentBase, segmentBase + 8 * segmentWords}};
    for (auto &word : scratchpad) word = uint64_t(random.pick(0, ~0u - 1)) << 32 | random.pick(0, ~0u - 1);
    resetModel(*dut);
    dut->seg_base_i = segmentBase / 64;
    dut->seg_words_i = segmentWords;
  }

  void cycle() {
    auto w = port.drive();
    dut->clk_i = 0;
    dut->cmd_valid_i = !todo.empty();
    if (!todo.empty()) {
      setInstruction(dut->cmd_instr_i, todo.front().first);
      dut->cmd_index_i = todo.front().second;
    }
    dut->aw_ready_i = w.awready;
    dut->w_ready_i = w.wready;
    dut->b_valid_i = w.bvalid;
    dut->b_error_i = w.bresp >> 1;
    dut->sp_rvalid_i = pipe.front().first;
    dut->sp_rdata_i = pipe.front().first ? pipe.front().second : uint64_t(random.pick(0, 1000));
    dut->done_ready_i = random.chance(70);
    dut->sp_ready_i = 0;
    dut->eval();
    dut->sp_ready_i = dut->sp_valid_o && !random.chance(spStall);
    dut->eval();
    pipe.pop_front();
    bool read = dut->sp_valid_o && dut->sp_ready_i;
    if (read) {
      EXPECT_LT(dut->sp_addr_o, spWords);
    }
    pipe.push_back({read, read ? scratchpad[dut->sp_addr_o % spWords] : 0});
    port.sample(dut->aw_valid_o, dut->aw_addr_o, dut->aw_len_o, dut->w_valid_o, dut->w_data_o, dut->w_strb_o, dut->w_last_o, dut->b_ready_o);
    if (dut->cmd_valid_i && dut->cmd_ready_o) {
      auto &[in, index] = todo.front();
      EXPECT_EQ(dut->seg_o, in.seg);
      for (uint32_t p = 0; p < in.n2; p++)
        for (uint32_t r = 0; r < in.n1; r++)
          for (uint32_t c = 0; c < in.n0; c++)
            std::memcpy(&model[segmentBase + 8 * (in.dram + p * in.d2 + r * in.d1 + c)], &scratchpad[in.sp + p * in.s2 + r * in.s1 + c], 8);
      completions.push_back(tagOf(in.h, index));
      todo.pop_front();
    }
    if (dut->done_valid_o && dut->done_ready_i) {
      ASSERT_FALSE(completions.empty());
      ASSERT_TRUE(tagOf(dut->done_tag_o) == completions.front());
      completions.pop_front();
      // The last instruction is complete only when memory holds everything.
      if (completions.empty() && todo.empty() && !fault) {
        ASSERT_TRUE(dram.bytes == model);
      }
    }
    if (dut->fault_valid_o && !fault) {
      fault = true;
      cause = dut->fault_cause_o;
      faultTag = tagOf(dut->fault_tag_o);
    }
    clockTick(*dut);
  }

  bool finish(unsigned limit = 1000000) {
    for (unsigned k = 0; k < limit; k++) {
      if (todo.empty() && completions.empty() && !dut->busy_o && dut->axi_idle_o) return true;
      cycle();
      if (::testing::Test::HasFatalFailure() || fault) return false;
    }
    return false;
  }

  void noProblems() {
    for (auto &problem : dram.problems) ADD_FAILURE() << problem;
  }
};

class StoreTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, StoreTest, ::testing::ValuesIn(timings), [](const auto &info) { return std::to_string(info.index); });

TEST_P(StoreTest, RandomRegions) {
  for (unsigned stall : {0u, 50u}) {
    StoreBench bench(GetParam(), 15 + stall);
    bench.spStall = stall;
    for (uint32_t k = 0; k < 150; k++) bench.todo.push_back({bench.random.region<isa::Store>(spWords), 0x123400 + k});
    EXPECT_TRUE(bench.finish());
    EXPECT_TRUE(bench.dram.bytes == bench.model);
    bench.noProblems();
  }
}

TEST_P(StoreTest, ErrorResponseAndHalt) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    StoreBench bench(GetParam(), seed);
    auto first = bench.random.region<isa::Store>(spWords), second = bench.random.region<isa::Store>(spWords);
    bench.todo = {{first, 1}, {second, 2}};
    uint32_t last = second.dram + (second.n2 - 1) * second.d2 + (second.n1 - 1) * second.d1 + second.n0 - 1;
    bench.dram.writeErrors = {segmentBase + 8 * last};
    EXPECT_FALSE(bench.finish());
    ASSERT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(isa::Fault::AxiWrite));
    EXPECT_TRUE(bench.faultTag == tagOf(first.h, 1) || bench.faultTag == tagOf(second.h, 2));
    bench.dut->halt_i = 1;
    bench.todo.clear();
    for (int k = 0; k < 3000 && !bench.dut->axi_idle_o; k++) bench.cycle();
    EXPECT_TRUE(bench.dut->axi_idle_o && bench.port.idle());
    EXPECT_FALSE(bench.completions.empty());
    bench.noProblems();
  }
}

TEST_P(StoreTest, HaltFinishesOpenBurstsWithoutWriting) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    StoreBench bench(GetParam(), 100 + seed);
    isa::Store wide;
    wide.n0 = 3000;
    bench.todo = {{wide, 1}};
    for (uint32_t k = 0; k < 20 + 13 * seed; k++) bench.cycle();
    bench.dut->halt_i = 1;
    for (int k = 0; k < 3000 && !(bench.dut->axi_idle_o && bench.port.idle()); k++) bench.cycle();
    EXPECT_TRUE(bench.dut->axi_idle_o && bench.port.idle());
    // Every word of memory is either the old or the new one.
    StoreBench old(GetParam(), 100 + seed);
    for (uint32_t k = 0; k < segmentWords; k++) {
      uint64_t before = old.dram.word(segmentBase + 8 * k), after = bench.dram.word(segmentBase + 8 * k);
      ASSERT_TRUE(after == before || (k < 3000 && after == bench.scratchpad[k])) << k;
    }
    bench.noProblems();
    // Works again after clear.
    bench.dut->clear_i = 1;
    for (int k = 0; k < 8; k++) bench.cycle();
    bench.dut->clear_i = bench.dut->halt_i = 0;
    bench.completions.clear();
    bench.model = bench.dram.bytes;
    bench.todo = {{bench.random.region<isa::Store>(spWords), 3}};
    EXPECT_TRUE(bench.finish());
    EXPECT_TRUE(bench.dram.bytes == bench.model);
  }
}

TEST_P(StoreTest, BadRowsNeverReachTheBus) {
  auto check = [&](isa::Store bad, isa::Fault cause) {
    StoreBench bench(GetParam(), 50);
    // The model of memory takes no bad region, so the instruction is offered by hand.
    setInstruction(bench.dut->cmd_instr_i, bad);
    bench.dut->cmd_index_i = 8;
    bench.dut->cmd_valid_i = 1;
    bench.dut->clk_i = 0;
    bench.dut->eval();
    ASSERT_TRUE(bench.dut->cmd_ready_o);
    clockTick(*bench.dut);
    bench.dut->cmd_valid_i = 0;
    for (int k = 0; k < 2000 && !bench.fault; k++) bench.cycle();
    EXPECT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(cause));
    EXPECT_EQ(bench.faultTag.index, 8u);
    bench.noProblems();
  };
  isa::Store bad;
  bad.dram = segmentWords;
  check(bad, isa::Fault::Window);
  bad.dram = segmentWords - 3;
  bad.n0 = 4;
  check(bad, isa::Fault::Window);
  bad = {};
  bad.sp = spWords;
  check(bad, isa::Fault::SpRange);
  bad.sp = 0xfffff;
  bad.n0 = 8191;
  check(bad, isa::Fault::SpRange);
}

} // namespace
} // namespace agc::bench
