#include <gtest/gtest.h>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/isa/testing/random_instruction.h"

namespace agc::isa {
namespace {

TEST(Text, RandomInstructionsSurvive) {
  std::mt19937 rng(3);
  for (int n = 0; n < 20000; ++n) {
    Instruction instruction = testing::randomInstruction(rng);
    std::string error;
    std::optional<Instruction> back = parse(print(instruction), &error);
    ASSERT_TRUE(back) << error << " " << print(instruction);
    ASSERT_EQ(*back, instruction) << print(*back) << " is not " << print(instruction);
  }
}

TEST(Text, LooksLikeThis) {
  Load load;
  load.h.wait = {0, 2, 0, 0};
  load.h.post = {3, 0, 0, 0};
  load.h.layer = 4;
  load.seg = 3;
  load.n0 = 16;
  EXPECT_EQ(print(load), "LOAD seg=3 n0=16 n1=1 n2=1 wait=0,2 post=3 layer=4");
  EXPECT_EQ(print(End{}), "END");
}

TEST(Text, TakesHexadecimalOrderCommentsAndDefaults) {
  std::string error;
  std::optional<Instruction> instruction = parse("  CONV_GEO\tpad=-0x80 kw=3  layer=0xffff # a comment\r\n", &error);
  ASSERT_TRUE(instruction) << error;
  ConvGeo expected;
  expected.pad = -128;
  expected.kw = 3;
  expected.h.layer = 0xffff;
  EXPECT_EQ(*instruction, Instruction(expected));
}

TEST(Text, RefusesInWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "The line has no instruction."},
      {"# LOAD", "The line has no instruction."},
      {"JUMP to=1", "There is no instruction 'JUMP'; there are END, LOOP, "},
      {"load", "There is no instruction 'load'; there are "},
      {"CONV in", "CONV: 'in' is not of the form name=value, such as layer=1."},
      {"CONV inn=1", "CONV has no field 'inn'; it has in, "},
      {"CONV reserved=0", "CONV has no field 'reserved'; it has "},
      {"CONV in=1 in=1", "CONV: 'in' is given twice; leave one of them out."},
      {"CONV wait=1 wait=2", "CONV: 'wait' is given twice; leave one of them out."},
      {"CONV in=", "CONV: '' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=0x", "CONV: '0x' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=+1", "CONV: '+1' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=--1", "CONV: '--1' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=1.5", "CONV: '1.5' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=99999999999999999999", "CONV: '99999999999999999999' for 'in' is not a number, decimal or 0x hexadecimal."},
      {"CONV in=-1", "CONV: in must be 0 to 1048575, not -1."},
      {"CONV in_h=0", "CONV: in_h must be 1 to 8191, not 0."},
      {"CONV off_x=128", "CONV: off_x must be -128 to 127, not 128."},
      {"CONV layer=65536", "CONV: layer must be 0 to 65535, not 65536."},
      {"CONV wait=32", "CONV: wait must be 0 to 31, not 32."},
      {"CONV post=1,", "CONV: '' for 'post' is not a number, decimal or 0x hexadecimal."},
      {"CONV post=1,2,3,4,5", "CONV: post takes at most 4 semaphores."},
      {"LOOP body=there", "LOOP: 'there' for 'body' is not a number, decimal or 0x hexadecimal."},
      {"END wait=1", "END takes no semaphores: leave wait and post out."},
      {"CONV \x01\xff=3", "CONV has no field '?\?'; it has "},
  };
  for (auto [line, sentence] : cases) {
    std::string error;
    EXPECT_FALSE(parse(line, &error)) << line;
    EXPECT_EQ(error.rfind(sentence, 0), 0u) << line << ": " << error;  // a cure may follow
    EXPECT_EQ(error.back(), '.') << error;
  }
}

TEST(Text, RandomCharactersNeverCrash) {
  std::mt19937 rng(4);
  for (int n = 0; n < 20000; ++n) {
    std::string line = print(testing::randomInstruction(rng));
    for (int edits = 1 + n % 5; edits > 0; --edits) line[rng() % line.size()] = static_cast<char>(rng());
    std::string error;
    if (std::optional<Instruction> instruction = parse(line, &error)) {
      EXPECT_EQ(parse(print(*instruction)), instruction);
    } else {
      EXPECT_FALSE(error.empty());
    }
  }
}

}  // namespace
}  // namespace agc::isa
