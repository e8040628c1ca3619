// Manifests and whole program files that are wrong in one place.
#include "agc/runtime/manifest.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "program_builder.h"

namespace agc::runtime {
namespace {

using namespace test;
using nlohmann::json;
using ::testing::HasSubstr;

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

/// The sentence for a good manifest after `change`.
std::string refusalOf(const std::function<void(json&)>& change) {
  const ProgramBuilder b = convProgram();
  json m = json::parse(b.manifestJson());
  change(m);
  return refusal([&] { parseManifest(m.dump(), b.core().hash); });
}

TEST(Manifest, GoodOneIsTakenApart) {
  const ProgramBuilder b = convProgram();
  const Manifest m = parseManifest(b.manifestJson(), b.core().hash);
  ASSERT_EQ(m.inputs.size(), 1u);
  EXPECT_EQ(m.inputs[0].name, "x");
  EXPECT_EQ(shapeText(m.inputs[0].shape), "1x8x4x6");
  EXPECT_EQ(m.inputs[0].elements(), 192u);
  ASSERT_NE(m.layer(1), nullptr);
  EXPECT_EQ(m.layer(1)->names[0], "/conv");
  EXPECT_EQ(m.layer(2), nullptr);
  ASSERT_NE(m.segment(3), nullptr);
  EXPECT_EQ(m.segment(3)->bytes, 192u);
  EXPECT_EQ(m.segment(7), nullptr);
  EXPECT_EQ(m.macs, 4u * 6 * 8 * 8 * 9);
}

TEST(Manifest, EveryKeyIsNeeded) {
  const json good = json::parse(convProgram().manifestJson());
  for (const auto& item : good.items())
    EXPECT_THAT(refusalOf([&](json& m) { m.erase(item.key()); }), HasSubstr(item.key() + " is missing"));
  for (const auto& item : good["inputs"][0].items())
    EXPECT_THAT(refusalOf([&](json& m) { m["inputs"][0].erase(item.key()); }), HasSubstr("inputs[0]." + item.key() + " is missing"));
}

TEST(Manifest, EveryKeyHasItsType) {
  const json good = json::parse(convProgram().manifestJson());
  for (const auto& item : good.items())
    EXPECT_NE(refusalOf([&](json& m) { m[item.key()] = -1.5; }), "accepted") << item.key();
  for (const char* list : {"inputs", "outputs", "segments", "layers"})
    for (const auto& item : good[list][0].items())
      for (const json& bad : {json(-1.5), json(nullptr), json::array({json::object()}), json(-1), json(1e300)})
        EXPECT_NE(refusalOf([&](json& m) { m[list][0][item.key()] = bad; }), "accepted") << list << " " << item.key() << " " << bad;
}

TEST(Manifest, Sentences) {
  EXPECT_THAT(refusal([] { parseManifest("{\"a\": ", 0); }), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal([] { parseManifest("\xff\xfe", 0); }), HasSubstr("not valid JSON"));
  // Printing a core_config of this depth would run out of stack.
  const std::string deep(1000000, '[');
  EXPECT_THAT(refusal([&] { parseManifest("{\"core_config\": {\"name\": " + deep + std::string(deep.size(), ']') + "}}", 0); }), HasSubstr("nest deeper"));
  EXPECT_THAT(refusal([&] { parseManifest("{\"generator\": \"\\\"" + deep + "\"}", 0); }), HasSubstr("core is missing"));
  EXPECT_THAT(refusal([] { parseManifest("[]", 0); }), HasSubstr("is not an object"));
  EXPECT_THAT(refusalOf([](json& m) { m["core"] = "z7020"; }), HasSubstr("core is \"z7020\" but core_config describes \"tiny\""));
  EXPECT_THAT(refusalOf([](json& m) { m["core_config"]["banks"] = 16; }), HasSubstr("core_config has hash"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["shape"] = {1, 8, 4, 7}; }), HasSubstr("inputs[0].bytes is 192 but shape 1x8x4x7 in layout C8 has 224 bytes"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["shape"] = {0}; }), HasSubstr("dimension of 0"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["shape"] = json::array(); }), HasSubstr("rank 0"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["shape"] = {1, 1, 1, 1, 8}; }), HasSubstr("rank 5"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["shape"] = {1 << 29, 1 << 29, 1 << 29, 1 << 29}; }), HasSubstr("larger than 1 GiB"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["dtype"] = "int16"; }), HasSubstr("is \"int16\"; this version knows"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["dtype"] = "uint8"; }), HasSubstr("is uint8 but is held as int8"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["layout"] = "NHWC"; }), HasSubstr("layout is \"NHWC\""));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["quant"]["scale"] = 0; }), HasSubstr("scale is not a positive"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["quant"]["scale"] = 1e-60; }), HasSubstr("scale is not a positive"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["quant"]["zero_point"] = 128; }), HasSubstr("not an integer from -128 to 127"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["quant"]["type"] = "float32"; }), HasSubstr("held as int8 or uint8"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["segment"] = 4; }), HasSubstr("segment is 4 but has to be 3"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["offset"] = 4; }), HasSubstr("not a multiple of 8"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["offset"] = 8; }), HasSubstr("does not lie inside segment 3"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"][0]["name"] = ""; }), HasSubstr("name is empty"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"].push_back(m["inputs"][0]); }), HasSubstr("has \"x\" twice"));
  EXPECT_THAT(refusalOf([](json& m) { m["inputs"].push_back(m["inputs"][0]), m["inputs"][1]["name"] = "z"; }), HasSubstr("tensors \"x\" and \"z\" overlap"));
  EXPECT_THAT(refusalOf([](json& m) { m["layers"].push_back(m["layers"][0]); }), HasSubstr("layer 1 is listed twice"));
  EXPECT_THAT(refusalOf([](json& m) { m["segments"].push_back(m["segments"][0]); }), HasSubstr("segment 0 is listed twice"));
  EXPECT_THAT(refusalOf([](json& m) { m["segments"][0]["index"] = 5; }), HasSubstr("not an integer from 0 to 4"));
  EXPECT_THAT(refusalOf([](json& m) { m["segments"][0]["bytes"] = 4; }), HasSubstr("not a multiple of 8"));
  EXPECT_THAT(refusalOf([](json& m) { m["segments"][2]["bytes"] = 1u << 30; }), HasSubstr("together are larger than 1 GiB"));
}

TEST(Program, SectionsHaveTheSizeOfTheirSegments) {
  auto refusalWith = [](const char* name) {
    const ProgramBuilder b = convProgram();
    json m = json::parse(b.manifestJson());
    for (json& s : m["segments"])
      if (s["name"] == name) s["bytes"] = s["bytes"].get<uint64_t>() + 64;
    isa::ProgramFile f = b.file();
    f.manifestJson = m.dump();
    const auto bytes = isa::write(f);
    return refusal([&] { Program::fromBytes(bytes.data(), bytes.size()); });
  };
  EXPECT_THAT(refusalWith("code"), HasSubstr("segment 0 has 288 bytes but the code section has 224"));
  EXPECT_THAT(refusalWith("constants"), HasSubstr("segment 1 has 704 bytes but the constants section has 640"));
}

TEST(Program, InstructionThatDoesNotDecode) {
  isa::ProgramFile f = convProgram().file();
  f.code[3][0] = 0xff;
  const auto bytes = isa::write(f);
  EXPECT_THAT(refusal([&] { Program::fromBytes(bytes.data(), bytes.size()); }), HasSubstr("instruction 3 does not decode: "));
}

TEST(Program, EveryFlippedBitAndEveryTruncationIsRefused) {
  const auto good = copyProgram().bytes();
  for (size_t bit = 0; bit < good.size() * 8; bit += 5) {
    auto bytes = good;
    bytes[bit / 8] ^= uint8_t(1u << bit % 8);
    ASSERT_NE(refusal([&] { Program::fromBytes(bytes.data(), bytes.size()); }), "accepted") << "bit " << bit;
  }
  for (size_t size = 0; size < good.size(); size += 3)
    ASSERT_NE(refusal([&] { Program::fromBytes(good.data(), size); }), "accepted") << "size " << size;
}

TEST(Program, FileIsNamed) {
  EXPECT_THAT(refusal([] { Program::load("/nonexistent/p.bin"); }), HasSubstr("cannot open /nonexistent/p.bin: No such file"));
  EXPECT_THAT(refusal([] { Program::load("/"); }), HasSubstr("cannot read /: Is a directory"));
}

}  // namespace
}  // namespace agc::runtime
