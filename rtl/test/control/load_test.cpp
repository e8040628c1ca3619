// agc_load against a model: random LOAD and LOAD_FOLD back to back, a stalling scratchpad, stalling memory, errors, halt.
#include "dma_bench.h"

#include "Vagc_load.h"

namespace agc::bench {
namespace {

constexpr uint32_t spWords = 4096;  // the module's default

template <class Other> uint32_t segmentOf(const Other &) { return ~0u; }
inline uint32_t segmentOf(const isa::Load &in) { return in.seg; }
inline uint32_t segmentOf(const isa::LoadFold &in) { return in.seg; }

struct LoadBench {
  Dram dram{0x10040 + 8 * segmentWords};
  AxiReadPort port;
  Random random;
  std::unique_ptr<Vagc_load> dut = std::make_unique<Vagc_load>();
  std::deque<std::pair<isa::Instruction, uint32_t>> todo;         // instruction, index
  bool stands = false;  // the first of them has been on cmd_* for a cycle
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

  void add(const isa::Instruction &instruction, uint32_t index) {
    todo.push_back({instruction, index});
  }

  /// Any LOAD, one with split columns, or a LOAD_FOLD.
  isa::Instruction any() {
    switch (random.pick(0, 2)) {
      case 0: return random.region<isa::Load>(spWords);
      case 1: return split();
      default: return fold();
    }
  }

  isa::Load split() {
    for (;;) {
      auto in = random.region<isa::Load>(spWords);
      in.split = 1;
      in.half = random.pick(0, 70);
      if (in.sp + (in.n2 - 1) * in.s2 + (in.n1 - 1) * in.s1 + std::max((in.n0 + 1) / 2, in.half + in.n0 / 2) <= spWords) return in;
    }
  }

  isa::LoadFold fold() {
    for (;;) {
      auto region = random.region<isa::Load>(spWords);
      isa::LoadFold in;
      in.h = region.h;
      in.seg = region.seg;
      in.dram = region.dram;
      in.w = region.n0;
      in.n1 = region.n1;
      in.d1 = region.d1;
      in.sp = region.sp;
      in.s1 = region.s1;
      in.s2 = region.s2;
      in.c = random.pick(1, 4);
      in.kw = random.pick(1, 15);
      in.sx = random.pick(1, random.chance(70) ? 2 : 7);
      in.left = random.chance(60) ? (in.kw - 1) / 2 : random.pick(0, 15);
      // Often what a convolution needs, sometimes far beyond the source columns or short of them.
      in.n0 = random.chance(60) ? (in.w + in.sx - 1) / in.sx : random.pick(1, 40);
      in.pad = int32_t(random.pick(0, 255)) - 128;
      if (in.sp + ((in.kw * in.c + 7) / 8 - 1) * in.s2 + (in.n1 - 1) * in.s1 + in.n0 <= spWords) return in;
    }
  }

  void expect(const isa::Instruction &in, uint32_t index) {
    if (auto *load = std::get_if<isa::Load>(&in)) expectWords(*load);
    if (auto *folded = std::get_if<isa::LoadFold>(&in)) expectWords(*folded);
    completions.push_back({tagOf(isa::header(in), index), writes + expected.size()});
  }

  void expectWords(const isa::Load &in) {
    for (uint32_t p = 0; p < in.n2; p++)
      for (uint32_t r = 0; r < in.n1; r++)
        for (uint32_t c = 0; c < in.n0; c++)
          expected.push_back({in.sp + p * in.s2 + r * in.s1 + (in.split ? (c >> 1) + (c & 1) * in.half : c),
                              dram.word(segmentBase + 8 * (in.dram + p * in.d2 + r * in.d1 + c))});
  }

  void expectWords(const isa::LoadFold &in) {
    for (uint32_t r = 0; r < in.n1; r++)
      for (uint32_t x = 0; x < in.n0; x++)
        for (uint32_t f = 0; f < (in.kw * in.c + 7) / 8; f++) {
          uint64_t word = 0;
          for (uint32_t b = 0; b < 8; b++) {
            uint32_t lane = 8 * f + b, h = x * in.sx + lane / in.c - in.left;   // wraps far beyond w in front of the first column
            uint8_t value = uint8_t(in.pad);
            if (lane < in.kw * in.c && h < in.w) value = uint8_t(dram.word(segmentBase + 8 * (in.dram + r * in.d1 + h)) >> 8 * (lane % in.c));
            word |= uint64_t(value) << 8 * b;
          }
          expected.push_back({in.sp + f * in.s2 + r * in.s1 + x, word});
        }
  }

  void cycle() {
    auto r = port.drive();
    dut->clk_i = 0;
    // As the queue does it, a command stands still for a cycle before it is offered.
    dut->cmd_valid_i = !todo.empty() && stands;
    stands = !todo.empty();
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
      EXPECT_EQ(dut->seg_o, std::visit([](auto &in) { return segmentOf(in); }, todo.front().first));
      expect(todo.front().first, todo.front().second);
      todo.pop_front();
      stands = false;
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

TEST_P(LoadTest, RandomInstructions) {
  for (unsigned stall : {0u, 50u}) {
    LoadBench bench(GetParam(), 5 + stall);
    bench.spStall = stall;
    for (uint32_t k = 0; k < 250; k++) bench.add(bench.any(), 0x123400 + k);
    EXPECT_TRUE(bench.finish(1000000));
    bench.noProblems();
    EXPECT_LE(bench.port.maxOpen, 8u);
  }
}

TEST_P(LoadTest, ErrorStopsTheInstruction) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    LoadBench bench(GetParam(), seed);
    isa::Instruction first = bench.any();
    auto second = bench.random.region<isa::Load>(spWords);
    isa::LoadFold folded = bench.fold();
    bench.add(first, 1);
    if (seed % 2) bench.add(second, 2);
    else bench.add(folded, 2);
    isa::Header secondHeader = seed % 2 ? second.h : folded.h;
    // The last word of the second region; the first one may touch it too.
    uint32_t last = seed % 2 ? second.dram + (second.n2 - 1) * second.d2 + (second.n1 - 1) * second.d1 + second.n0 - 1
                             : folded.dram + (folded.n1 - 1) * folded.d1 + folded.w - 1;
    bench.dram.readErrors = {segmentBase + 8 * last};
    EXPECT_FALSE(bench.finish());
    ASSERT_TRUE(bench.fault);
    EXPECT_EQ(bench.cause, unsigned(isa::Fault::AxiRead));
    EXPECT_TRUE(bench.faultTag == tagOf(isa::header(first), 1) || bench.faultTag == tagOf(secondHeader, 2));
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
  auto check = [&](const isa::Instruction &bad, isa::Fault cause) {
    bench.add(bench.any(), 7);
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
    bench.add(bench.any(), 9);
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

  // The farther of the two halves decides.
  bad = {};
  bad.split = 1;
  bad.n0 = 4;
  bad.half = 2;
  bad.sp = spWords - 3;
  check(bad, isa::Fault::SpRange);
  bad.half = 0;
  bad.n0 = 7;
  check(bad, isa::Fault::SpRange);
  // All blocks of a row count, also where their addresses would wrap.
  isa::LoadFold fold;
  fold.c = 4;
  fold.kw = 15;
  fold.n0 = 5;
  fold.s2 = 20;
  fold.sp = spWords - 144;
  check(fold, isa::Fault::SpRange);
  fold.sp = 0;
  fold.s2 = (1u << 20) - 10;
  check(fold, isa::Fault::SpRange);
  fold.s2 = 0;
  fold.dram = segmentWords - 3;
  fold.w = 4;
  check(fold, isa::Fault::Window);
  bench.noProblems();
}

// The last words of the scratchpad may be written by each kind.
TEST_P(LoadTest, TheLastWordsOfTheScratchpad) {
  LoadBench bench(GetParam(), 78);
  isa::Load split;
  split.split = 1;
  split.n0 = 7;
  split.half = 0;
  split.sp = spWords - 4;
  bench.add(split, 1);
  split.half = 6;
  split.sp = spWords - 9;
  bench.add(split, 2);
  split.n0 = 1;
  split.half = 8191;
  split.sp = spWords - 1;
  bench.add(split, 3);
  isa::LoadFold fold;
  fold.c = 4;
  fold.kw = 15;
  fold.n0 = 5;
  fold.s2 = 20;
  fold.sp = spWords - 145;
  bench.add(fold, 4);
  EXPECT_TRUE(bench.finish());
  EXPECT_FALSE(bench.fault);
  bench.noProblems();
}

// With nothing in the way: a word a cycle, and little more than that for each row.
TEST(LoadRate, FoldedRowsOfStrideOneTakeAWordACycle) {
  for (auto [c, kw] : {std::pair{3u, 7u}, {1u, 5u}, {3u, 3u}, {4u, 4u}, {2u, 15u}}) {
    LoadBench bench({0, 1, 1, false}, 5);
    isa::LoadFold fold;
    fold.c = c;
    fold.kw = kw;
    fold.left = kw / 2;
    fold.n0 = fold.w = 64;
    fold.n1 = 8;
    fold.d1 = fold.s1 = 64;
    fold.s2 = 512;
    uint32_t blocks = (kw * c + 7) / 8;
    fold.sp = 0;
    bench.add(fold, 1);
    EXPECT_TRUE(bench.finish());
    EXPECT_EQ(bench.writes, blocks * 64 * 8);
    EXPECT_LE(bench.cycles, blocks * 64 * 8 + 8 * (kw + 2) + 30) << "c = " << c << ", kw = " << kw;
  }
}

} // namespace
} // namespace agc::bench
