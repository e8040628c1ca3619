#include <gtest/gtest.h>

#include <stdexcept>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/isa/testing/random_instruction.h"

namespace agc::isa {
namespace {

void setBit(Word& word, unsigned bit) { word[bit / 8] = static_cast<uint8_t>(word[bit / 8] | 1u << bit % 8); }

TEST(Codec, RandomInstructionsSurvive) {
  std::mt19937 rng(1);
  for (int n = 0; n < 20000; ++n) {
    Instruction instruction = testing::randomInstruction(rng);
    std::string error;
    std::optional<Instruction> back = decode(encode(instruction), &error);
    ASSERT_TRUE(back) << error << " " << print(instruction);
    ASSERT_EQ(*back, instruction) << print(*back) << " is not " << print(instruction);
  }
}

// What decode accepts is encoded to the very same bits, so no bit is ignored.
TEST(Codec, RandomWordsThatDecodeAreCanonical) {
  std::mt19937 rng(2);
  int accepted = 0;
  for (int n = 0; n < 200000; ++n) {
    Word word = encode(testing::randomInstruction(rng));
    for (int flips = n % 4; flips > 0; --flips) word[rng() % word.size()] ^= static_cast<uint8_t>(1u << rng() % 8);
    std::string error;
    if (std::optional<Instruction> instruction = decode(word, &error)) {
      ASSERT_EQ(encode(*instruction), word);
      ASSERT_EQ(check(word), Fault::None);
      ++accepted;
    } else {
      ASSERT_FALSE(error.empty());
      ASSERT_NE(check(word), Fault::None);
    }
  }
  EXPECT_GT(accepted, 50000);
  EXPECT_LT(accepted, 199000);
}

// Written out by hand from isa.json, so that generator and tables are not only compared with themselves.
TEST(Codec, BitsOfAnExample) {
  Conv conv;
  conv.h.wait = {1, 2, 0, 0};
  conv.h.post = {3, 0, 0, 0};
  conv.h.layer = 0x1234;
  conv.in = 0xabcde;
  conv.off_y = -2;
  Word expected{};
  auto put = [&](unsigned lsb, unsigned width, uint64_t value) {
    for (unsigned bit = 0; bit < width; ++bit)
      if (value >> bit & 1) setBit(expected, lsb + bit);
  };
  put(0, 8, 50);
  put(8, 5, 1);
  put(13, 5, 2);
  put(28, 5, 3);
  put(48, 16, 0x1234);
  put(64, 20, 0xabcde);
  for (unsigned lsb : {84, 97, 126, 139, 152}) put(lsb, 1, 1);  // in_h, in_w, oh, ow, ocb default to 1
  put(110, 8, 0xfe);
  EXPECT_EQ(encode(conv), expected);
}

TEST(Codec, EncodeNamesTheFieldThatDoesNotFit) {
  Conv conv;
  conv.in = 1 << 20;
  try {
    encode(conv);
    FAIL() << "a field of 21 bits was encoded into 20";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "CONV: the field in must be 0 to 1048575, not 1048576.");
  }
  ConvGeo geo;
  geo.pad = -129;
  EXPECT_THROW(encode(geo), std::out_of_range);
  geo.pad = -128;
  EXPECT_NO_THROW(encode(geo));
  geo.kh = 0;
  EXPECT_THROW(encode(geo), std::out_of_range);
  Load load;
  load.h.wait[3] = semaphoreCount;
  EXPECT_THROW(encode(load), std::out_of_range);
  End end;
  end.h.post[0] = 1;
  EXPECT_THROW(encode(end), std::out_of_range);
}

TEST(Codec, EveryBitOfEveryInstructionIsAFieldOrRefused) {
  for (size_t n = 0; n < instructions().size(); ++n) {
    Instruction instruction = makeInstruction(n);
    const Word base = encode(instruction);
    for (unsigned bit = 8; bit < 256; ++bit) {
      Word word = base;
      word[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      std::optional<Instruction> changed = decode(word);
      if (changed) {
        EXPECT_NE(*changed, instruction) << infoOf(instruction).mnemonic << " bit " << bit;
      } else {
        EXPECT_NE(check(word), Fault::None);
      }
    }
  }
}

TEST(Codec, RefusesInWords) {
  std::string error;
  Word word{};
  EXPECT_FALSE(decode(word, &error));
  EXPECT_EQ(error, "There is no operation 0.");
  EXPECT_EQ(check(word), Fault::BadOpcode);

  word = encode(End{});
  setBit(word, 255);
  EXPECT_FALSE(decode(word, &error));
  EXPECT_EQ(error, "END: a reserved bit of 255:64 is set; these must be zero.");
  EXPECT_EQ(check(word), Fault::BadField);

  word = encode(Wload{});
  word[12] = word[13] = word[14] = 0;  // n
  EXPECT_FALSE(decode(word, &error));
  EXPECT_EQ(error, "WLOAD: the field n must be 1 to 65535, not 0.");
  EXPECT_EQ(check(word), Fault::BadField);

  word = encode(End{});
  setBit(word, 8);
  EXPECT_FALSE(decode(word, &error));
  EXPECT_EQ(error, "END takes no semaphores: its wait and post lists must be empty.");
  EXPECT_EQ(check(word), Fault::Semaphore);
}

TEST(Names, OfEnumerations) {
  EXPECT_STREQ(name(Engine::Wload), "WLOAD");
  EXPECT_STREQ(name(Opcode::ConvGeo), "CONV_GEO");
  EXPECT_STREQ(name(Fault::SpRange), "SP_RANGE");
  EXPECT_STREQ(name(static_cast<Fault>(200)), "?");
  EXPECT_EQ(engineOf(ConvEpi{}), Engine::Conv);
  EXPECT_EQ(opcodeOf(Store{}), Opcode::Store);
  EXPECT_EQ(reg::segBytes(2), 0x54u);
  EXPECT_EQ(reg::faultEngine(0x0000'0307), 3u);
}

}  // namespace
}  // namespace agc::isa
