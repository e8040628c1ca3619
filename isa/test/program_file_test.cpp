#include "agc/isa/program_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "agc/isa/crc32c.h"
#include "agc/isa/error.h"

namespace agc::isa {
namespace {

ProgramFile example() {
  ProgramFile program;
  program.manifestJson = R"({"core":"tiny"})";
  program.debugJson = R"({"layers":[]})";
  program.code = {encode(Wload{}), encode(End{})};
  program.constants.resize(128);
  for (size_t n = 0; n < program.constants.size(); ++n) program.constants[n] = static_cast<uint8_t>(n * 7);
  program.coreHash = 0x12345678;
  return program;
}

ProgramFile readAll(const std::vector<uint8_t>& file) { return read(file.data(), file.size()); }

/// The sentence of the refusal; the test fails when there is none.
std::string refusal(const std::vector<uint8_t>& file) {
  try {
    readAll(file);
  } catch (const Error& error) {
    std::string sentence = error.what();
    EXPECT_EQ(sentence.rfind("The program file ", 0), 0u) << sentence;
    EXPECT_EQ(sentence.back(), '.') << sentence;
    return sentence;
  }
  ADD_FAILURE() << "was not refused";
  return "";
}

void put(std::vector<uint8_t>& file, size_t at, size_t bytes, uint64_t value) {
  for (size_t n = 0; n < bytes; ++n) file[at + n] = static_cast<uint8_t>(value >> 8 * n);
}

/// Makes the header's checksum right again, so that the checks behind it are reached.
void seal(std::vector<uint8_t>& file, size_t sections) {
  put(file, 28, 4, 0);
  put(file, 28, 4, crc32c(file.data(), 32 + 24 * sections));
}

TEST(Crc32c, KnownAnswers) {
  EXPECT_EQ(crc32c("", 0), 0u);
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283u);
  std::vector<uint8_t> zeros(32), ones(32, 0xff);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(zeros.data(), 32), 0x8a9136aau);
  EXPECT_EQ(crc32c(ones.data(), 32), 0x62a8ab43u);
  EXPECT_EQ(crc32c("6789", 4, crc32c("12345", 5)), 0xe3069283u);
}

TEST(ProgramFile, Survives) {
  ProgramFile program = example();
  for (bool full : {true, false}) {
    if (!full) {
      program.constants.clear();
      program.debugJson.clear();
    }
    ProgramFile back = readAll(write(program));
    EXPECT_EQ(back.manifestJson, program.manifestJson);
    EXPECT_EQ(back.debugJson, program.debugJson);
    EXPECT_EQ(back.code, program.code);
    EXPECT_EQ(back.constants, program.constants);
    EXPECT_EQ(back.coreHash, program.coreHash);
    EXPECT_EQ(write(back), write(program));
  }
}

TEST(ProgramFile, LayoutIsThatOfTheMachinePage) {
  std::vector<uint8_t> file = write(example());
  EXPECT_EQ(std::string(file.begin(), file.begin() + 8), std::string("AGCPROG\0", 8));
  EXPECT_EQ(file[8], 1);   // container version
  EXPECT_EQ(file[14], 4);  // sections
  EXPECT_EQ(file[16], 0x78);
  EXPECT_EQ(std::string(file.begin() + 32, file.begin() + 36), "MNFT");
  EXPECT_EQ(file[40], 128);  // the table ends at 32 + 4*24 = 128, already a multiple of 64
  EXPECT_EQ(std::string(file.begin() + 56, file.begin() + 60), "CODE");
  EXPECT_EQ(file[64], 192);
  EXPECT_EQ(std::string(file.begin() + 128, file.begin() + 143), example().manifestJson);
}

TEST(ProgramFile, EveryFlippedBitIsRefused) {
  std::vector<uint8_t> file = write(example());
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    file[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_FALSE(refusal(file).empty()) << "bit " << bit;
    file[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  }
  EXPECT_NO_THROW(readAll(file));
}

TEST(ProgramFile, EveryTruncationIsRefused) {
  std::vector<uint8_t> file = write(example());
  for (size_t size = 0; size < file.size(); ++size) {
    std::vector<uint8_t> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(refusal(cut).find(size < 8 ? "does not begin" : "cut short"), std::string::npos) << size;
  }
  file.push_back(0);
  EXPECT_NE(refusal(file).find("more than"), std::string::npos);
}

TEST(ProgramFile, RefusesInWords) {
  struct Case {
    const char* expected;
    std::function<void(std::vector<uint8_t>&)> damage;
  };
  const size_t manifest = 32, code = 56, constants = 80, debug = 104;
  const std::string nextMajor = "instruction set " + std::to_string(versionMajor + 1) + "." + std::to_string(versionMinor);
  const std::string lastMinor = "instruction set " + std::to_string(versionMajor) + ".65535";
  const Case cases[] = {
      {"does not begin with AGCPROG", [](auto& f) { f[0] = 0x7f; }},
      {"container version 2", [](auto& f) { put(f, 8, 2, 2); }},
      {nextMajor.c_str(), [](auto& f) { put(f, 10, 2, versionMajor + 1); }},
      {lastMinor.c_str(), [](auto& f) { put(f, 12, 2, 65535); }},
      {"instruction set 1.1", [](auto& f) { put(f, 12, 2, 1); }},  // its CONV_EPI has no zq
      {"65535 sections do not fit", [](auto& f) { put(f, 14, 2, 65535); }},
      {"reserved word", [](auto& f) { put(f, 24, 4, 1), seal(f, 4); }},
      {"does not know", [=](auto& f) { f[manifest] = 'X', seal(f, 4); }},
      {"section CODE twice", [=](auto& f) { std::copy_n(&f[code], 4, &f[constants]), seal(f, 4); }},
      {"section CODE is misplaced", [=](auto& f) { put(f, code + 8, 8, 128), seal(f, 4); }},
      {"section CODE is misplaced", [=](auto& f) { put(f, code + 8, 8, 200), seal(f, 4); }},
      {"section CODE is misplaced", [=](auto& f) { put(f, code + 8, 8, UINT64_MAX - 63), seal(f, 4); }},
      {"section CODE is misplaced", [=](auto& f) { put(f, code + 16, 8, UINT64_MAX), seal(f, 4); }},
      {"section DBUG is misplaced", [=](auto& f) { put(f, debug + 16, 8, 1000), seal(f, 4); }},
      {"section CODE has 33 bytes", [=](auto& f) { put(f, code + 16, 8, 33), seal(f, 4); }},
      {"section MNFT has 0 bytes", [=](auto& f) { put(f, manifest + 16, 8, 0), seal(f, 4); }},
      {"section CNST has 96 bytes", [=](auto& f) { put(f, constants + 16, 8, 96), seal(f, 4); }},
      {"checksum of its section MNFT", [](auto& f) { f[128] ^= 1; }},
      {"filling", [](auto& f) { f[191] = 1; }},
      {"lacks the section MNFT", [](auto& f) { put(f, 14, 2, 0), std::fill(f.begin() + 32, f.end(), 0), seal(f, 0); }},
  };
  for (const Case& test : cases) {
    std::vector<uint8_t> file = write(example());
    test.damage(file);
    EXPECT_NE(refusal(file).find(test.expected), std::string::npos) << refusal(file) << " lacks: " << test.expected;
  }
}

TEST(ProgramFile, WriterRefusesWhatTheReaderWould) {
  ProgramFile program = example();
  program.constants.resize(65);
  EXPECT_THROW(write(program), Error);
  program = example();
  program.code.clear();
  EXPECT_THROW(write(program), Error);
  program = example();
  program.manifestJson.clear();
  EXPECT_THROW(write(program), Error);
}

}  // namespace
}  // namespace agc::isa
