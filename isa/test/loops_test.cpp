#include "agc/isa/loops.h"

#include <gtest/gtest.h>

#include "agc/isa/error.h"
#include "agc/isa/instruction.h"
#include "agc/isa/testing/random_instruction.h"

namespace agc::isa {
namespace {

Instruction randomEngineInstruction(std::mt19937& rng) {
  for (;;) {
    Instruction instruction = testing::randomInstruction(rng);
    if (engineOf(instruction) != Engine::Ctrl) return instruction;
  }
}

/// Loops and straight code in turn, END last.
std::vector<Instruction> randomCode(std::mt19937& rng, unsigned loops) {
  auto below = [&](uint32_t bound) { return static_cast<uint32_t>(rng() % bound); };
  std::vector<Instruction> code;
  while (loops--) {
    for (uint32_t k = below(4); k > 0; --k) code.push_back(randomEngineInstruction(rng));
    Loop loop;
    for (size_t n = 0; n < infoOf(loop).fields.size(); ++n) {
      Instruction any = loop;
      setField(any, n, testing::randomField(infoOf(any).fields[n], rng));
      loop = std::get<Loop>(any);
    }
    loop.body = 1 + below(5);
    loop.count = 2 + below(6);
    code.push_back(loop);
    for (uint32_t k = 0; k < loop.body; ++k) code.push_back(randomEngineInstruction(rng));
  }
  code.push_back(End{});
  return code;
}

int64_t field(const Instruction& instruction, const char* name) {
  List<FieldInfo> fields = infoOf(instruction).fields;
  for (size_t n = 0; n < fields.size(); ++n)
    if (std::string(fields[n].name) == name) return getField(instruction, n);
  ADD_FAILURE() << "no field " << name;
  return 0;
}

TEST(Loops, AreSpelledOut) {
  std::mt19937 rng(5);
  for (int round = 0; round < 200; ++round) {
    const std::vector<Instruction> code = randomCode(rng, static_cast<unsigned>(round % 4));
    const std::vector<RunningInstruction> running = expandLoops(code);
    size_t at = 0;
    for (size_t index = 0; index < code.size(); ++index) {
      const auto* loop = std::get_if<Loop>(&code[index]);
      const uint32_t body = loop ? loop->body : 1, count = loop ? loop->count : 1;
      const size_t first = loop ? index + 1 : index;
      for (uint32_t k = 0; k < count; ++k)
        for (uint32_t i = 0; i < body; ++i, ++at) {
          ASSERT_LT(at, running.size());
          EXPECT_EQ(running[at].index, first + i);
          EXPECT_EQ(print(running[at].instruction), print(loop ? inIteration(*loop, k, code[first + i]) : code[first + i]));
        }
      if (loop) index += body;
    }
    EXPECT_EQ(at, running.size());
  }
}

TEST(Loops, EveryIncrementReachesItsFieldModuloItsWidth) {
  Loop loop;
  loop.d_load = -3;
  loop.d_wload = 1 << 20;
  loop.d_store = 7;
  loop.d_in = -5;
  loop.d_out = 1 << 18;
  loop.d_res = 11;
  loop.d_wb = -13;
  EXPECT_EQ(field(inIteration(loop, 2, Load{}), "dram"), (int64_t{1} << 32) - 6);
  EXPECT_EQ(field(inIteration(loop, 2, LoadFold{}), "dram"), (int64_t{1} << 32) - 6);
  EXPECT_EQ(field(inIteration(loop, 16000, Wload{}), "dram"), (int64_t{16000} << 20) % (int64_t{1} << 32));
  EXPECT_EQ(field(inIteration(loop, 3, Store{}), "dram"), 21);
  const Instruction conv = inIteration(loop, 5, Conv{});
  EXPECT_EQ(field(conv, "in"), (1 << 20) - 25);
  EXPECT_EQ(field(conv, "out"), 1 << 18);  // 5 * 2^18 modulo 2^20
  EXPECT_EQ(field(conv, "res"), 55);
  EXPECT_EQ(field(conv, "wb"), (1 << 16) - 65);
  EXPECT_EQ(print(inIteration(loop, 5, ConvGeo{})), print(ConvGeo{}));
}

LoopOrder orderOf(const std::vector<Instruction>& code) {
  return LoopOrder(code.size(), [&](size_t index) { return &code[index]; });
}

TEST(Loops, ProblemsEndTheOrder) {
  Loop loop;
  loop.body = 3;
  loop.count = 2;
  const std::vector<Instruction> end = {Load{}, loop, Load{}, End{}, Load{}, End{}};
  EXPECT_EQ(orderOf(end).problem(), LoopOrder::Problem::Nested);
  EXPECT_EQ(orderOf(end).problemLoop(), 1u);
  EXPECT_EQ(orderOf(end).size(), 4u);
  EXPECT_EQ(orderOf(end).place(3).index, 3u);
  const std::vector<Instruction> nested = {loop, Load{}, Load{}, loop, End{}};
  EXPECT_EQ(orderOf(nested).problem(), LoopOrder::Problem::Nested);
  const std::vector<Instruction> past = {Load{}, loop, Load{}, Load{}};
  EXPECT_EQ(orderOf(past).problem(), LoopOrder::Problem::PastEnd);
  EXPECT_EQ(orderOf(past).size(), 4u);
  EXPECT_EQ(orderOf({loop}).problem(), LoopOrder::Problem::PastEnd);
  for (const auto& code : {end, nested, past}) EXPECT_THROW(expandLoops(code), Error);
  const std::vector<Instruction> behind = {Load{}, End{}, loop};  // what lies behind END does not run
  EXPECT_EQ(orderOf(behind).problem(), LoopOrder::Problem::None);
  EXPECT_EQ(orderOf(behind).size(), 2u);
  EXPECT_EQ(orderOf({}).size(), 0u);
}

TEST(Loops, LengthIsBounded) {
  Loop loop;
  loop.body = 4000;
  loop.count = 16383;
  std::vector<Instruction> code = {loop};
  code.insert(code.end(), 4000, Load{});
  code.push_back(End{});
  EXPECT_EQ(orderOf(code).problem(), LoopOrder::Problem::TooLong);
  EXPECT_LE(orderOf(code).size(), LoopOrder::maxLength);
  EXPECT_THROW(expandLoops(code), Error);
  std::get<Loop>(code[0]).count = static_cast<uint32_t>(LoopOrder::maxLength / 4000 - 1);
  EXPECT_EQ(orderOf(code).problem(), LoopOrder::Problem::None);
  EXPECT_EQ(orderOf(code).place(orderOf(code).size() - 1).index, 4001u);
}

}  // namespace
}  // namespace agc::isa
