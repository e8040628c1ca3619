// agc_wload against a model: random blocks, stalling memory, errors, ranges.
#include "dma_bench.h"

#include "Vagc_wload.h"

namespace agc::bench {
namespace {

constexpr uint32_t wbWords = 256;  // the module's default

struct WloadBench {
  Dram dram{0x10040 + 8 * segmentWords};
  AxiReadPort port;
  Random random;
  std::unique_ptr<Vagc_wload> dut = std::make_unique<Vagc_wload>();
  std::deque<std::pair<isa::Wload, uint32_t>> todo;
  std::deque<std::pair<uint32_t, uint64_t>> expected;  // 8 * word + lane, data
  std::deque<std::pair<Tag, size_t>> completions;
  size_t writes = 0;
  bool fault = false;
  unsigned cause = 0, faultIndex = 0;

  WloadBench(AxiTiming timing, uint32_t seed) : port(dram, timing, seed), random(seed + 9) {
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
    dut->done_ready_i = random.chance(70);
    dut->eval();
    port.sample(dut->ar_valid_o, dut->ar_addr_o, dut->ar_len_o, dut->r_ready_o);
    if (dut->cmd_valid_i && dut->cmd_ready_o) {
      auto &[in, index] = todo.front();
      EXPECT_EQ(dut->seg_o, in.seg);
      for (uint32_t k = 0; k < 8 * in.n; k++) expected.push_back({8 * in.wb + k, dram.word(segmentBase + 8 * (in.dram + k))});
      completions.push_back({tagOf(in.h, index), writes + expected.size()});
      todo.pop_front();
    }
    if (dut->w_en_o) {
      ASSERT_FALSE(expected.empty());
      ASSERT_EQ(uint32_t(dut->w_addr_o) * 8 + dut->w_lane_o, expected.front().first);
      ASSERT_EQ(dut->w_data_o, expected.front().second);
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
      faultIndex = tagOf(dut->fault_tag_o).index;
    }
    clockTick(*dut);
  }

  bool finish(unsigned limit = 200000) {
    for (unsigned k = 0; k < limit; k++) {
      if (todo.empty() && expected.empty() && completions.empty() && !dut->busy_o && dut->axi_idle_o) return true;
      cycle();
      if (::testing::Test::HasFatalFailure() || fault) return false;
    }
    return false;
  }
};

class WloadTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, WloadTest, ::testing::ValuesIn(timings), [](const auto &info) { return std::to_string(info.index); });

TEST_P(WloadTest, RandomBlocks) {
  WloadBench bench(GetParam(), 3);
  for (uint32_t k = 0; k < 120; k++) bench.todo.push_back({bench.block(), k});
  EXPECT_TRUE(bench.finish());
  EXPECT_LE(bench.port.maxOpen, 8u);
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

} // namespace
} // namespace agc::bench
