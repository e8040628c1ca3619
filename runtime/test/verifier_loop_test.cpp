// Loops before the verifier: what they spell out is held against every rule, and hostile ones cost little.
#include "agc/runtime/verifier.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agc/isa/loops.h"
#include "program_builder.h"

namespace agc::runtime {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> verify(const ProgramBuilder& b) { return runtime::verify(b.program()); }

isa::Loop loop(uint32_t body, uint32_t count, int32_t dLoad = 0, int32_t dStore = 0) {
  isa::Loop i;
  i.body = body;
  i.count = count;
  i.d_load = dLoad;
  i.d_store = dStore;
  return i;
}

/// "x" to "y", 64 words, in eight iterations of LOAD and STORE. Instructions: 0 LOAD, 1 STORE (both words 0..7 and priming), 2 LOOP,
/// 3 LOAD, 4 STORE, 5 LOAD that takes the last post, 6 END.
ProgramBuilder loopProgram() {
  ProgramBuilder b;
  const uint32_t x = b.input("x", {1, 8, 1, 64}), y = b.output("y", {1, 8, 1, 64});
  b.layers.push_back({1, {"/copy"}, {"Copy"}, 0, 0});
  b.add(with(load(kInputs, x, 0, 8), {}, {1}, 1));
  b.add(with(store(kOutputs, y, 0, 8), {1}, {2}, 1));
  b.add(loop(2, 7, 8, 8));
  b.add(with(load(kInputs, x + 8, 0, 8), {2}, {1}, 1));
  b.add(with(store(kOutputs, y + 8, 0, 8), {1}, {2}, 1));
  b.add(with(load(kInputs, x, 0, 8), {2}, {}, 1));
  return b.end();
}

isa::Loop& loopOf(ProgramBuilder& b) { return std::get<isa::Loop>(b.code[2]); }

TEST(VerifierLoops, GoodOnePasses) { EXPECT_THAT(verify(loopProgram()), IsEmpty()); }

TEST(VerifierLoops, RulesHoldInEveryIteration) {
  ProgramBuilder b = loopProgram();
  loopOf(b).d_load = 9;
  EXPECT_THAT(verify(b), ElementsAre(::testing::AllOf(HasSubstr("instruction 3 (LOAD "), HasSubstr("iteration 7 of 7: reads words 62 to 69 of segment 3"))));
  b = loopProgram();
  loopOf(b).d_store = -8;
  EXPECT_THAT(verify(b), ::testing::Contains(::testing::AllOf(HasSubstr("instruction 4 (STORE "), HasSubstr("iteration 3 of 7"))));
  b = loopProgram();
  loopOf(b).count = 6;
  EXPECT_THAT(verify(b), ElementsAre(HasSubstr("output \"y\" is never written at word 56")));
  b = loopProgram();
  loopOf(b).count = 8;
  EXPECT_THAT(verify(b), ::testing::Contains(HasSubstr("iteration 8 of 8")));
  b = loopProgram();
  isa::header(b.code[4]).post = {};
  EXPECT_THAT(verify(b), ::testing::Contains(::testing::AllOf(HasSubstr("iteration 2 of 7"), HasSubstr("waits for semaphore 2"))));
  b = loopProgram();
  isa::header(b.code[3]).wait = {};
  EXPECT_THAT(verify(b), ::testing::Contains(HasSubstr("semaphore 2 is left at 7")));
}

// A race that only a later iteration has: the convolution's output wanders into its input.
TEST(VerifierLoops, ConvolutionsWander) {
  ProgramBuilder b = convProgram();
  isa::Loop wander = loop(1, 2);
  wander.d_out = -64;
  const auto conv = std::get<isa::Conv>(b.code[4]);
  isa::Conv again = conv;
  again.h.wait = {};
  again.h.post = {};
  b.code.insert(b.code.begin() + 5, {isa::Instruction(wander), isa::Instruction(again)});
  EXPECT_THAT(verify(b), ::testing::Contains(::testing::AllOf(HasSubstr("iteration 2 of 2"), HasSubstr("its output overlaps its input"))));
  std::get<isa::Loop>(b.code[5]).d_out = 24;
  std::get<isa::Loop>(b.code[5]).d_wb = 1;
  EXPECT_THAT(verify(b), ::testing::Contains(::testing::AllOf(HasSubstr("iteration 2 of 2"), HasSubstr("weight"))));
}

TEST(VerifierLoops, BodiesAreWhole) {
  ProgramBuilder b = loopProgram();
  loopOf(b).body = 4;
  EXPECT_THAT(verify(b), ElementsAre(::testing::AllOf(HasSubstr("instruction 2 (LOOP "), HasSubstr("its body holds a LOOP or END"))));
  loopOf(b).body = 5;
  EXPECT_THAT(verify(b), ElementsAre(HasSubstr("its body holds a LOOP or END")));
  b.code.pop_back();
  EXPECT_THAT(verify(b), ElementsAre(HasSubstr("its body runs past the end of the program")));
  b = loopProgram();
  b.code[3] = loop(1, 2);
  EXPECT_THAT(verify(b), ElementsAre(HasSubstr("its body holds a LOOP or END")));
}

TEST(VerifierLoops, LengthIsBounded) {
  ProgramBuilder b;
  b.input("x", {1, 8, 1, 64});
  b.add(loop(4095, 16383));
  for (int i = 0; i < 4095; ++i) b.add(load(kInputs, 0, 0, 1));
  b.end();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(verify(b), ElementsAre(HasSubstr("with it the program runs more than")));
  std::get<isa::Loop>(b.code[0]).count = 1000;  // just accepted
  EXPECT_THAT(verify(b), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace agc::runtime
