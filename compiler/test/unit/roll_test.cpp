// rollLoops: what comes out spells out what went in, and is as short as the repetition allows.
#include "agcc/Emit/RollLoops.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "agc/isa/loops.h"
#include "agc/isa/testing/random_instruction.h"

namespace agc::emit {
namespace {

using Code = std::vector<isa::Instruction>;

Code spelledOut(const Code &code) {
  Code running;
  for (const isa::RunningInstruction &one : isa::expandLoops(code)) running.push_back(one.instruction);
  return running;
}

::testing::AssertionResult equal(const Code &a, const Code &b) {
  if (a.size() != b.size()) return ::testing::AssertionFailure() << a.size() << " and " << b.size() << " instructions";
  for (size_t i = 0; i < a.size(); ++i)
    if (isa::encode(a[i]) != isa::encode(b[i]))
      return ::testing::AssertionFailure() << "instruction " << i << ": " << isa::print(a[i]) << " and " << isa::print(b[i]);
  return ::testing::AssertionSuccess();
}

isa::Instruction engineInstruction(std::mt19937 &rng) {
  for (;;) {
    isa::Instruction instruction = isa::testing::randomInstruction(rng);
    if (isa::engineOf(instruction) != isa::Engine::Ctrl) return instruction;
  }
}

isa::Loop randomLoop(std::mt19937 &rng) {
  isa::Instruction any = isa::Loop{};
  for (size_t n = 0; n < isa::infoOf(any).fields.size(); ++n) isa::setField(any, n, isa::testing::randomField(isa::infoOf(any).fields[n], rng));
  return std::get<isa::Loop>(any);
}

TEST(RollLoops, RandomCodeComesBack) {
  std::mt19937 rng(1);
  for (int round = 0; round < 300; ++round) {
    Code code;
    for (unsigned loops = rng() % 5; loops > 0; --loops) {
      for (unsigned k = rng() % 4; k > 0; --k) code.push_back(engineInstruction(rng));
      isa::Loop loop = randomLoop(rng);
      loop.body = 1 + rng() % 9;
      loop.count = 2 + rng() % 12;
      code.push_back(loop);
      for (uint32_t k = 0; k < loop.body; ++k) code.push_back(engineInstruction(rng));
    }
    code.push_back(isa::End{});
    const Code running = spelledOut(code), rolled = rollLoops(running);
    EXPECT_TRUE(equal(spelledOut(rolled), running));
    EXPECT_LE(rolled.size(), code.size());
  }
}

/// Few different instructions, with small steps: much that almost repeats.
TEST(RollLoops, AlmostRepeatingCodeComesBack) {
  std::mt19937 rng(2);
  for (int round = 0; round < 500; ++round) {
    Code running;
    const unsigned kinds = 1 + rng() % 4, size = 1 + rng() % 60;
    for (unsigned i = 0; i < size; ++i) {
      const auto step = uint32_t(rng() % 3 == 0 ? rng() % 2 : i / 4);
      isa::Load load;
      isa::Conv conv;
      isa::Store store;
      load.dram = store.dram = step;
      conv.in = step;
      conv.wb = uint16_t(i % 2 * (rng() % 2));
      load.h.wait[0] = uint8_t(rng() % 8 == 0);
      switch (rng() % 16 ? i % kinds : rng() % 4) {
        case 0: running.push_back(load); break;
        case 1: running.push_back(conv); break;
        case 2: running.push_back(store); break;
        default: running.push_back(isa::ConvGeo{});
      }
    }
    const Code rolled = rollLoops(running);
    EXPECT_TRUE(equal(spelledOut(rolled), running));
    EXPECT_LE(rolled.size(), running.size());
  }
}

TEST(RollLoops, SteadyStepsBecomeOneLoop) {
  Code running;
  for (uint32_t k = 0; k < 100; ++k) {
    isa::Load load;
    load.dram = 5000 - 7 * k;
    load.h.layer = 3;
    isa::Conv conv;
    conv.out = 8 * k;
    conv.wb = uint16_t(1000 - 10 * k);
    conv.h.layer = 3;
    isa::Store store;
    store.dram = 1000 * k;
    store.h.layer = 3;
    running.insert(running.end(), {load, conv, store});
  }
  running.push_back(isa::End{});
  const Code code = rollLoops(running);
  ASSERT_EQ(code.size(), 5u);
  EXPECT_EQ(isa::print(code[0]), "LOOP body=3 count=100 d_load=-7 d_store=1000 d_out=8 d_wb=-10 layer=3");
}

TEST(RollLoops, TwoStepsForOneKindAreNotOneLoop) {
  Code running;
  for (uint32_t k = 0; k < 10; ++k) {
    isa::Load a, b;
    a.sp = 0;
    b.sp = 100;
    a.dram = 10 * k;
    b.dram = 11 * k;
    running.insert(running.end(), {a, b});
  }
  const Code code = rollLoops(running);
  EXPECT_TRUE(equal(spelledOut(code), running));
  EXPECT_EQ(code.size(), running.size());
}

TEST(RollLoops, NoIncrementOrCountIsTooLarge) {
  for (const int64_t step : {(int64_t{1} << 27) - 1, int64_t{1} << 27, -(int64_t{1} << 27), -(int64_t{1} << 27) - 1}) {
    Code running;
    for (uint32_t k = 0; k < 12; ++k) {
      isa::Load load;
      load.dram = uint32_t((int64_t{1} << 31) + step * k);
      running.push_back(load);
    }
    EXPECT_TRUE(equal(spelledOut(rollLoops(running)), running)) << step;
  }
  const Code same(40000, isa::Load{});
  const Code code = rollLoops(same);
  EXPECT_TRUE(equal(spelledOut(code), same));
  EXPECT_LE(code.size(), 7u);
  EXPECT_TRUE(rollLoops({}).empty());
}

TEST(RollLoops, TimeIsNearlyLinear) {
  std::mt19937 rng(3);
  std::vector<isa::Instruction> few;
  for (int k = 0; k < 20; ++k) few.push_back(engineInstruction(rng));
  Code running;
  for (int k = 0; k < 100000; ++k) running.push_back(few[rng() % few.size()]);
  const auto start = std::chrono::steady_clock::now();
  rollLoops(running);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace agc::emit
