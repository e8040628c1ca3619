#include <gtest/gtest.h>

#include "Vagc_isa_check.h"
#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/isa/testing/random_instruction.h"

// agc_isa_check.sv says of every word what agc::isa::check says.

namespace agc::isa {
namespace {

double unusedTime = 0;

class IsaCheck : public ::testing::Test {
 protected:
  void compare(const Word& word) {
    for (int n = 0; n < 8; ++n) {
      model.instr_i[n] = 0;
      for (int byte = 0; byte < 4; ++byte) model.instr_i[n] |= uint32_t{word[4 * n + byte]} << 8 * byte;
    }
    model.eval();
    Fault expected = check(word);
    ++seen[static_cast<size_t>(expected)];
    ASSERT_EQ(static_cast<Fault>(model.cause_o), expected) << "opcode " << int{word[0]};
    if (const InstructionInfo* info = findInstruction(word[0])) {
      ASSERT_EQ(static_cast<Engine>(model.engine_o), info->engine);
    }
  }

  Vagc_isa_check model;
  std::array<int, 256> seen{};
};

TEST_F(IsaCheck, EveryBitOfEveryInstruction) {
  std::mt19937 rng(5);
  for (int n = 0; n < 400; ++n) {
    Word word = encode(testing::randomInstruction(rng));
    compare(word);
    for (unsigned bit = 0; bit < 256; ++bit) {
      word[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      compare(word);
      word[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    }
  }
}

TEST_F(IsaCheck, EveryCountBelowItsMinimum) {
  for (size_t n = 0; n < instructions().size(); ++n) {
    Instruction instruction = makeInstruction(n);
    for (const FieldInfo& field : infoOf(instruction).fields) {
      Word word = encode(instruction);
      for (unsigned bit = field.lsb; bit < field.lsb + field.width; ++bit)
        word[bit / 8] &= static_cast<uint8_t>(~(1u << bit % 8));
      compare(word);
      if (field.min > 0) {
        EXPECT_EQ(static_cast<Fault>(model.cause_o), Fault::BadField) << infoOf(instruction).mnemonic << " " << field.name;
      }
    }
  }
}

TEST_F(IsaCheck, EveryFieldAboveItsMaximum) {
  unsigned limited = 0;
  for (size_t n = 0; n < instructions().size(); ++n) {
    Instruction instruction = makeInstruction(n);
    for (const FieldInfo& field : infoOf(instruction).fields) {
      if (field.isSigned || field.max + 1 == int64_t{1} << field.width) continue;
      ++limited;
      for (int64_t value = field.max; value < int64_t{1} << field.width && value < field.max + 9; ++value) {
        Word word = encode(instruction);
        for (unsigned bit = 0; bit < field.width; ++bit) {
          const unsigned at = field.lsb + bit;
          word[at / 8] = static_cast<uint8_t>((word[at / 8] & ~(1u << at % 8)) | (value >> bit & 1) << at % 8);
        }
        compare(word);
        EXPECT_EQ(static_cast<Fault>(model.cause_o), value > field.max ? Fault::BadField : Fault::None)
            << infoOf(instruction).mnemonic << " " << field.name << " = " << value;
      }
    }
  }
  EXPECT_GT(limited, 0u);
}

TEST_F(IsaCheck, RandomWords) {
  std::mt19937 rng(6);
  for (int n = 0; n < 100000; ++n) {
    Word word{};
    // Few bits, so that reserved ones are often left alone.
    for (int bits = static_cast<int>(rng() % 40); bits > 0; --bits) word[rng() % 32] |= static_cast<uint8_t>(1u << rng() % 8);
    if (n % 8) word[0] = static_cast<uint8_t>(instructions()[rng() % instructions().size()].opcode);
    compare(word);
  }
  for (Fault fault : {Fault::BadOpcode, Fault::BadField}) EXPECT_GT(seen[static_cast<size_t>(fault)], 100);
}

}  // namespace
}  // namespace agc::isa

// Verilator's run-time asks for it when a model has no time of its own.
double sc_time_stamp() { return agc::isa::unusedTime; }
