// The whole core with programs of LOAD, WLOAD and STORE: copies, semaphores, counters, every fault and recovery from it.
#include "core_bench.h"
#include "core_programs.h"

#include VAGC_HEADER

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace agc::bench {
namespace {

using Bench = CoreBench<VAGC_CLASS>;
using isa::Engine;

constexpr AxiTiming ideal{0, 1, 1, false};
constexpr AxiTiming slow{0, 50, 50, false};
constexpr AxiTiming stress{40, 1, 60, false};

void expectCopy(const Bench &bench, uint32_t words, uint32_t from = 0, uint32_t to = 0) {
  for (uint32_t k = 0; k < words; k++) {
    ASSERT_EQ(bench.dram.word(Layout::input + 8 * (from + k)), bench.dram.word(Layout::output + 8 * (to + k))) << "word " << k;
  }
}

void expectClean(const Bench &bench) {
  for (auto &problem : bench.dram.problems) ADD_FAILURE() << problem;
  EXPECT_TRUE(bench.idle());
}

/// Runs a program that must end in a fault, checks what is reported, resets and proves that the next program runs.
Fault expectFault(Bench &bench, isa::Fault cause, Engine engine, uint32_t index) {
  EXPECT_TRUE(bench.finish()) << "no interrupt";
  EXPECT_EQ(bench.read(isa::reg::IrqStatus), 2u);
  EXPECT_TRUE(isa::reg::statusFault(bench.read(isa::reg::Status)));
  Fault fault = bench.fault();
  EXPECT_EQ(fault.cause, unsigned(cause));
  EXPECT_EQ(fault.engine, unsigned(engine));
  EXPECT_EQ(fault.index, index);
  EXPECT_TRUE(bench.reset());
  EXPECT_EQ(bench.read(isa::reg::Fault), 0u);
  for (int s = 0; s < 32; s++) EXPECT_EQ(bench.read(isa::reg::Sem + 4 * s), 0u);
  bench.dram.readErrors.clear();
  bench.dram.writeErrors.clear();
  EXPECT_TRUE(bench.run(copyProgram(300, 3, 5, 7)));
  expectCopy(bench, 300, 3, 5);
  expectClean(bench);
  return fault;
}

class CoreTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, CoreTest, ::testing::Values(ideal, slow, stress), [](const auto &info) {
  return info.index == 0 ? "ideal" : info.index == 1 ? "slow" : "stress";
});

TEST_P(CoreTest, Identification) {
  Bench bench(1, GetParam());
  EXPECT_EQ(bench.read(isa::reg::Id), 0x41474343u);
  EXPECT_EQ(bench.read(isa::reg::IsaVersion), uint32_t(isa::versionMajor) << 16 | isa::versionMinor);
  EXPECT_EQ(bench.read(isa::reg::Status), 0u);
  EXPECT_EQ(bench.read(isa::reg::SegBase + 8), Layout::constants);
  EXPECT_EQ(bench.read(isa::reg::SegBytes + 8), Layout::constantBytes);
  EXPECT_EQ(bench.read(0xffc), 0u);
}

TEST_P(CoreTest, EmptyProgramEnds) {
  Bench bench(2, GetParam());
  EXPECT_TRUE(bench.run({isa::End{}}));
  EXPECT_EQ(bench.read(isa::reg::Instructions), 1u);
  ASSERT_EQ(bench.dones.size(), 1u);
  EXPECT_EQ(bench.dones[0].engine, 0u);
  expectClean(bench);
}

TEST_P(CoreTest, CopyIsExactAndCounted) {
  Bench bench(3, GetParam());
  ASSERT_TRUE(bench.run(copyProgram(777)));
  expectCopy(bench, 777);
  EXPECT_EQ(bench.read(isa::reg::WriteBeats), 777u);
  EXPECT_EQ(bench.read(isa::reg::ReadBeats), bench.readBeats());
  EXPECT_EQ(bench.read(isa::reg::Instructions), 3u);
  uint32_t cycles = bench.read(isa::reg::CyclesLo);
  EXPECT_EQ(bench.read(isa::reg::CyclesHi), 0u);
  EXPECT_GT(cycles, 2 * 777u);
  EXPECT_LT(cycles, bench.cycles);
  // STORE waited for the semaphore of LOAD while LOAD was busy.
  uint32_t busyLoad = bench.read(isa::reg::Busy + 4), busyStore = bench.read(isa::reg::Busy + 16);
  uint32_t waitStore = bench.read(isa::reg::Wait + 16), semWait = bench.read(isa::reg::SemWait + 4);
  EXPECT_EQ(waitStore, semWait);
  EXPECT_GT(waitStore, 600u);
  EXPECT_GE(busyLoad, 777u);
  EXPECT_GE(busyStore, 777u);
  EXPECT_LE(busyLoad + busyStore, cycles);
  EXPECT_EQ(bench.read(isa::reg::Busy + 8), 0u);
  EXPECT_EQ(bench.read(isa::reg::Stall + 4) + 777, busyLoad);
  // Frozen after the end.
  EXPECT_EQ(bench.read(isa::reg::CyclesLo), cycles);
  EXPECT_EQ(bench.read(isa::reg::Wait + 16), waitStore);
  ASSERT_EQ(bench.dones.size(), 3u);
  EXPECT_EQ(bench.dones[0].engine, unsigned(Engine::Load));
  EXPECT_EQ(bench.dones[0].layer, 1u);
  EXPECT_EQ(bench.dones[1].engine, unsigned(Engine::Store));
  EXPECT_EQ(bench.dones[1].index, 1u);
  EXPECT_EQ(bench.dones[1].layer, 2u);
  ASSERT_EQ(bench.starts.size(), 3u);
  expectClean(bench);
}

TEST_P(CoreTest, RandomStridedCopies) {
  std::mt19937 random(7);
  auto pick = [&](uint32_t low, uint32_t high) { return low + uint32_t(random() % (high - low + 1)); };
  Bench bench(4, GetParam());
  for (int round = 0; round < 12; round++) {
    // Regions of the scratchpad are gathered by one shape and scattered by another one.
    Program program;
    std::vector<std::pair<uint32_t, uint32_t>> expected;  // output word <- input word
    uint32_t outBase = 0;
    for (int piece = 0; piece < 9; piece++) {
      isa::Load in;
      in.seg = 3;
      in.n0 = pick(1, 20);
      in.n1 = pick(1, 6);
      in.n2 = pick(1, 4);
      in.d1 = pick(0, 40);
      in.d2 = pick(0, 300);
      in.dram = pick(0, 10000);
      uint32_t slot = 1024 * uint32_t(piece % 3);
      in.s1 = in.n0 + pick(0, 9);
      in.s2 = in.n1 * in.s1 + pick(0, 5);
      in.sp = slot + pick(0, 60);
      isa::Store out;
      out.seg = 4;
      out.n0 = in.n0;
      out.n1 = in.n1;
      out.n2 = in.n2;
      out.sp = in.sp;
      out.s1 = in.s1;
      out.s2 = in.s2;
      out.d1 = in.n0 + pick(0, 3);
      out.d2 = out.d1 * in.n1 + pick(0, 3);
      out.dram = outBase;
      for (uint32_t p = 0; p < in.n2; p++)
        for (uint32_t r = 0; r < in.n1; r++)
          for (uint32_t c = 0; c < in.n0; c++)
            expected.push_back({out.dram + p * out.d2 + r * out.d1 + c, in.dram + p * in.d2 + r * in.d1 + c});
      outBase += in.n2 * out.d2 + pick(0, 20);
      // Slots are full (1..3) and free (4..6) by semaphores.
      uint8_t full = uint8_t(1 + piece % 3), free = uint8_t(4 + piece % 3);
      program.push_back(sync(in, piece >= 3 ? free : 0, full));
      program.push_back(sync(out, full, piece + 3 < 9 ? free : 0));
    }
    program.push_back(isa::End{});
    ASSERT_TRUE(bench.run(program)) << "round " << round << " fault " << bench.fault().cause;
    for (auto &[to, from] : expected) {
      ASSERT_EQ(bench.dram.word(Layout::output + 8 * to), bench.dram.word(Layout::input + 8 * from)) << "round " << round;
    }
    for (int s = 1; s < 32; s++) EXPECT_EQ(bench.read(isa::reg::Sem + 4 * s), 0u);
  }
  expectClean(bench);
}

TEST_P(CoreTest, WloadWithLoadsBeside) {
  Bench bench(5, GetParam());
  Program program;
  for (int k = 0; k < 20; k++) {
    isa::Wload weights;
    weights.seg = 1;
    weights.dram = uint32_t(8 * k + k % 5);
    weights.n = uint32_t(1 + k);
    weights.wb = uint32_t(10 * k);
    program.push_back(sync(weights, 0, k == 19 ? 3 : 0));
    program.push_back(sync(load(3, uint32_t(50 * k), 50, uint32_t(50 * k)), 0, k == 19 ? 1 : 0));
  }
  auto out = sync(store(4, 0, 1000, 0), 1, 0);
  out.h.wait[1] = 3;
  program.push_back(out);
  program.push_back(isa::End{});
  ASSERT_TRUE(bench.run(program));
  expectCopy(bench, 1000);
  EXPECT_EQ(bench.read(isa::reg::Instructions), 42u);
  EXPECT_EQ(bench.read(isa::reg::ReadBeats), bench.readBeats());
  uint64_t weightBeats = 0;
  for (unsigned p = 1; p < Bench::ports; p++) {
    weightBeats += bench.reads[p].beats;
    EXPECT_GE(bench.reads[p].beats, 8 * 210u / (Bench::ports - 1) * 3 / 4) << "port " << p;
  }
  EXPECT_GE(weightBeats, 8 * 210u + 4 * 42);
  expectClean(bench);
}

TEST_P(CoreTest, WindowFaults) {
  Bench bench(10, GetParam());
  uint32_t end = Layout::inputBytes / 8;
  // First word outside, last word outside, a stride that leaves, far away, a segment without window.
  isa::Load strided = load(3, 0, 16, 0);
  strided.n1 = 3;
  strided.d1 = end / 2;
  strided.s1 = 16;
  isa::Load planes = load(3, 5, 16, 0);
  planes.n2 = 1000;
  planes.d2 = (1u << 26) - 1;
  for (auto &bad : {load(3, end, 1, 0), load(3, end - 15, 16, 0), strided, planes, load(3, 0xffffffff, 1, 0), load(7, 0, 1, 0)}) {
    bench.start({sync(load(3, 0, 100, 500), 0, 0, 4), sync(bad, 0, 0, 9), isa::End{}});
    Fault fault = expectFault(bench, isa::Fault::Window, Engine::Load, 1);
    EXPECT_EQ(fault.layer, 9u);
  }
  isa::Wload weights;
  weights.seg = 1;
  weights.dram = Layout::constantBytes / 8 - 15;
  weights.n = 2;
  bench.start({weights, isa::End{}});
  expectFault(bench, isa::Fault::Window, Engine::Wload, 0);
  bench.start({store(4, Layout::outputBytes / 8 - 3, 4, 0), isa::End{}});
  expectFault(bench, isa::Fault::Window, Engine::Store, 0);
  // The last words of the window are inside.
  EXPECT_TRUE(bench.run({load(3, end - 16, 16, 0), isa::End{}}));
  // A window that wraps around the end of the address space has no words behind it.
  bench.setSegment(5, 0xffffff80, 256);
  bench.start({load(5, 16, 1, 0), isa::End{}});
  expectFault(bench, isa::Fault::Window, Engine::Load, 0);
}

TEST_P(CoreTest, RangeFaults) {
  Bench bench(11, GetParam());
  uint32_t words = SP_WORDS, weightWords = WB_WORDS;
  isa::Load wrap = load(3, 0, 4, 0xffff0);
  wrap.n1 = 2;
  wrap.s1 = 0x10;
  for (auto &bad : {load(3, 0, 1, words), load(3, 0, 16, words - 15), load(3, 0, 1, 0xfffff), wrap}) {
    bench.start({bad, isa::End{}});
    expectFault(bench, isa::Fault::SpRange, Engine::Load, 0);
  }
  bench.start({store(4, 0, 2, words - 1), isa::End{}});
  expectFault(bench, isa::Fault::SpRange, Engine::Store, 0);
  isa::Wload weights;
  weights.seg = 1;
  weights.n = 2;
  weights.wb = weightWords - 1;
  bench.start({weights, isa::End{}});
  expectFault(bench, isa::Fault::WbRange, Engine::Wload, 0);
  EXPECT_TRUE(bench.run({load(3, 0, 16, words - 16), isa::End{}}));
}

TEST_P(CoreTest, ProgramFaults) {
  Bench bench(12, GetParam());
  auto good = isa::encode(load(3, 0, 4, 0)), end = isa::encode(isa::End{});
  auto unknown = good;
  unknown[0] = 0x77;
  bench.startWords({good, good, unknown, end});
  expectFault(bench, isa::Fault::BadOpcode, Engine::Ctrl, 2);
  auto reserved = good;
  reserved[31] = 0x80;
  reserved[6] = 0x34;
  reserved[7] = 0x12;
  bench.startWords({good, reserved, end});
  EXPECT_EQ(expectFault(bench, isa::Fault::BadField, Engine::Load, 1).layer, 0x1234u);
  auto zero = isa::encode(store(4, 0, 1, 0));
  zero[12] = zero[13] = 0;
  bench.startWords({zero, end});
  expectFault(bench, isa::Fault::BadField, Engine::Store, 0);
  auto busyEnd = end;
  busyEnd[1] = 1;
  bench.startWords({busyEnd});
  expectFault(bench, isa::Fault::Semaphore, Engine::Ctrl, 0);
  // No END: at PROG_COUNT, with an empty program, at the end of the window.
  bench.startWords({good, good, good, good, good});
  expectFault(bench, isa::Fault::FetchEnd, Engine::Ctrl, 5);
  bench.startWords({});
  expectFault(bench, isa::Fault::FetchEnd, Engine::Ctrl, 0);
  bench.setSegment(0, Layout::code, 96);
  bench.startWords({good, good, good, end});
  bench.finish();
  EXPECT_EQ(bench.fault().cause, unsigned(isa::Fault::Window));
  EXPECT_EQ(bench.fault().index, 3u);
  EXPECT_TRUE(bench.reset());
  bench.setSegment(0, Layout::code, Layout::codeBytes);
  EXPECT_TRUE(bench.run(copyProgram(20)));
  expectClean(bench);
}

TEST_P(CoreTest, AxiErrors) {
  Bench bench(13, GetParam());
  for (uint32_t word : {0u, 15u, 16u, 77u, 199u}) {
    bench.dram.readErrors = {Layout::input + 8 * word};
    bench.start(copyProgram(200));
    expectFault(bench, isa::Fault::AxiRead, Engine::Load, 0);
    bench.dram.writeErrors = {Layout::output + 8 * word};
    bench.start(copyProgram(200));
    expectFault(bench, isa::Fault::AxiWrite, Engine::Store, 1);
  }
  isa::Wload weights;
  weights.seg = 1;
  weights.n = 9;
  bench.dram.readErrors = {Layout::constants + 8 * 33};
  bench.start({weights, isa::End{}});
  expectFault(bench, isa::Fault::AxiRead, Engine::Wload, 0);
  bench.dram.readErrors = {Layout::code + 32 + 16};
  bench.start(copyProgram(100));
  expectFault(bench, isa::Fault::AxiRead, Engine::Ctrl, 1);
  // Prefetched words behind END do not count.
  bench.dram.readErrors = {Layout::code + 3 * 32};
  auto words = copyProgram(10);
  words.push_back(load(3, 0, 1, 0));
  EXPECT_TRUE(bench.run(words));
}

TEST_P(CoreTest, Semaphores) {
  Bench bench(14, GetParam());
  // 256 posts without a wait.
  Program program(256, sync(load(3, 0, 1, 0), 0, 5, 3));
  program.push_back(isa::End{});
  bench.start(program);
  Fault fault = expectFault(bench, isa::Fault::Semaphore, Engine::Load, 255);
  EXPECT_EQ(fault.layer, 3u);
  // 255 are fine, are counted and visible; the next program starts from zero.
  program.erase(program.begin());
  EXPECT_TRUE(bench.run(program));
  EXPECT_EQ(bench.read(isa::reg::Sem + 4 * 5), 255u);
  EXPECT_TRUE(bench.run({isa::End{}}));
  EXPECT_EQ(bench.read(isa::reg::Sem + 4 * 5), 0u);
}

TEST_P(CoreTest, WatchdogNamesTheWaitingEngine) {
  Bench bench(15, GetParam());
  bench.write(isa::reg::Watchdog, 500);
  auto waiting = store(4, 0, 4, 0);
  waiting.h.wait = {1, 9, 0, 0};
  waiting.h.layer = 77;
  bench.start({sync(load(3, 0, 40, 0), 0, 1), waiting, isa::End{}});
  Fault fault = expectFault(bench, isa::Fault::Watchdog, Engine::Store, 1);
  EXPECT_EQ(fault.sem, 9u);
  EXPECT_EQ(fault.layer, 77u);
  // Off: nothing happens; CTRL.reset gets out of it.
  bench.write(isa::reg::Watchdog, 0);
  bench.start({waiting, isa::End{}});
  EXPECT_FALSE(bench.finish(5000));
  EXPECT_EQ(bench.read(isa::reg::Status), 1u);
  EXPECT_TRUE(bench.reset());
  EXPECT_TRUE(bench.run(copyProgram(50)));
  expectCopy(bench, 50);
}

TEST_P(CoreTest, SilentMemoryIsAWatchdogFault) {
  Bench bench(16, GetParam());
  bench.write(isa::reg::Watchdog, 300);
  bench.start(copyProgram(900));
  for (int k = 0; k < 400; k++) bench.cycle();
  AxiTiming dead = GetParam();
  dead.dead = true;
  bench.setTiming(dead);
  EXPECT_TRUE(bench.finish());
  EXPECT_EQ(bench.fault().cause, unsigned(isa::Fault::Watchdog));
  // Open transactions cannot be finished: busy until the memory answers again.
  EXPECT_TRUE(bench.read(isa::reg::Status) & 1);
  bench.setTiming(GetParam());
  EXPECT_TRUE(bench.reset());
  EXPECT_TRUE(bench.run(copyProgram(50)));
  expectCopy(bench, 50);
  expectClean(bench);
}

TEST_P(CoreTest, ResetAtAnyMoment) {
  Bench bench(17, GetParam());
  std::mt19937 random(5);
  Program program;
  for (int k = 0; k < 8; k++) {
    program.push_back(sync(load(3, uint32_t(100 * k), 100, uint32_t(100 * k)), 0, 1));
    program.push_back(sync(store(4, uint32_t(100 * k), 100, uint32_t(100 * k)), 1, 0));
  }
  program.push_back(isa::End{});
  for (int round = 0; round < 40; round++) {
    bench.start(program);
    for (uint32_t k = random() % 1500; k > 0; k--) bench.cycle();
    ASSERT_TRUE(bench.reset());
    if (round % 8 == 0) {
      uint32_t from = random() % 500;
      ASSERT_TRUE(bench.run(copyProgram(64, from, 3)));
      expectCopy(bench, 64, from, 3);
    }
  }
  EXPECT_TRUE(bench.run(program));
  expectCopy(bench, 800);
  expectClean(bench);
}

TEST_P(CoreTest, DoorbellWhileBusyIsIgnored) {
  Bench bench(18, GetParam());
  bench.start(copyProgram(200));
  bench.write(isa::reg::Ctrl, 1);
  ASSERT_TRUE(bench.finish());
  EXPECT_EQ(bench.read(isa::reg::Instructions), 3u);
  expectCopy(bench, 200);
  // Interrupts that are not enabled stay pending and silent.
  bench.write(isa::reg::IrqStatus, 3);
  bench.write(isa::reg::IrqEnable, 2);
  bench.start(copyProgram(10));
  EXPECT_FALSE(bench.finish(3000));
  EXPECT_EQ(bench.read(isa::reg::IrqStatus), 1u);
}

/// Rows of `row` words at 50 cycles of read latency: with 16 bursts under way a port delivers a word a cycle. Weights come on all ports but
/// port 0; the shortest ones are bound by four instructions in a latency.
TEST(CoreThroughput, ShortRowsAtLatency) {
  for (uint32_t row : {4u, 5u, 8u, 11u, 16u, 64u}) {
    Bench bench(20, slow);
    uint32_t rows = 2400 / row / 6;
    Program program;
    for (uint32_t piece = 0; piece < 6; piece++) {
      isa::Load in = load(3, 3 + piece * 1000, row, 0);
      in.n1 = rows;
      in.d1 = row + 9;
      in.s1 = row + 1;
      program.push_back(sync(in, 0, piece == 5 ? 1 : 0));
    }
    for (uint32_t piece = 0; piece < 6; piece++) {
      isa::Store out = store(4, 3 + piece * 1000, row, 0);
      out.n1 = rows;
      out.d1 = row + 9;
      out.s1 = row + 1;
      program.push_back(sync(out, piece == 0 ? 1 : 0, piece == 5 ? 2 : 0));
    }
    isa::Wload weights;
    weights.seg = 1;
    weights.n = row;
    weights.dram = 5;
    for (uint32_t piece = 0; piece < 30; piece++) {
      weights.wb = piece % 4 * 64;
      program.push_back(piece ? weights : sync(weights, 2, 0));
    }
    program.push_back(isa::End{});
    ASSERT_TRUE(bench.run(program, 4000000));
    double words = 6.0 * rows * row, weightWords = 30.0 * 8 * row;
    double loadCycles = bench.read(isa::reg::busy(1)), weightCycles = bench.read(isa::reg::busy(2)), storeCycles = bench.read(isa::reg::busy(4));
    std::printf("row %2u: LOAD %.3f, STORE %.3f, WLOAD %.3f words a cycle\n", row, words / loadCycles, words / storeCycles,
                weightWords / weightCycles);
    if (OUTSTANDING >= 16) {
      EXPECT_LT(loadCycles, 1.05 * words + 120);
      // Bursts of four words and fewer are bound by the way to the write response and back.
      EXPECT_LT(storeCycles, (row == 4 ? 1.15 : 1.05) * words + 120);
      double rate = std::min(Bench::ports - 1.0, 4 * 8.0 * row / 66);
      // A block that is cut into bursts of unequal lengths, as many as ports or a multiple, loads the ports unequally.
      EXPECT_LT(weightCycles, 1.15 * weightWords / rate + 120);
    }
    EXPECT_LE(bench.reads[0].maxOpen, size_t(OUTSTANDING));
    expectClean(bench);
  }
}

} // namespace
} // namespace agc::bench
