#include "agc/isa/core_config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "agc/isa/error.h"
#include "builtin_cores.h"

namespace agc::isa {
namespace {

std::string refusal(const std::string& text) {
  try {
    CoreConfig::fromJson(text, "x.json");
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "was not refused: " << text;
  return "";
}

constexpr char legal[] =
    R"({"axi_burst_beats":16,"axi_data_bits":64,"axi_outstanding":8,"axi_ports":2,"bank_words":4096,"banks":8,)"
    R"("clock_mhz":125,"dsp_pixels":6,"input_channels":8,"name":"z7020","output_channels":8,"pixels":8,)"
    R"("queue_depth":16,"weight_words":1536})";

/// A legal core with one piece of its text replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = legal;
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CoreConfig, BuiltinCores) {
  ASSERT_GE(CoreConfig::builtinNames().size(), 2u);
  for (size_t n = 0; n < builtinCoreCount(); ++n) {
    CoreConfig core = CoreConfig::builtin(builtinCores()[n].name);
    EXPECT_EQ(core.name, builtinCores()[n].name);
    EXPECT_EQ(core.hash, builtinCores()[n].hash) << "library and generator must agree on the hash of " << core.name;
    EXPECT_EQ(CoreConfig::fromJson(core.json).hash, core.hash);
    EXPECT_EQ(core.json.find("description"), std::string::npos);
  }
  CoreConfig z7020 = CoreConfig::builtin("z7020");
  EXPECT_EQ(z7020.peakMacs(), z7020.pixels * 64);
  EXPECT_EQ(z7020.scratchpadWords(), z7020.banks * z7020.bankWords);
}

TEST(CoreConfig, HashIgnoresDescriptionAndFormOnly) {
  CoreConfig core = CoreConfig::fromJson(legal);
  EXPECT_EQ(core.json, legal);
  std::string text = "\n { \"description\": \"other\", " + core.json.substr(1);
  EXPECT_EQ(CoreConfig::fromJson(text).hash, core.hash);
  EXPECT_NE(CoreConfig::fromJson(changed("\"weight_words\":", "\"weight_words\":1")).hash, core.hash);
}

TEST(CoreConfig, RefusesInWords) {
  EXPECT_EQ(refusal("{"), "x.json: is not JSON; see isa/cores for examples of core files.");
  EXPECT_EQ(refusal("[1]"), "x.json: must be a JSON object.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":7")), "x.json: \"banks\" must be a power of two.");
  EXPECT_EQ(refusal(changed("\"banks\":8,", "")), "x.json: the key \"banks\" is missing.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":\"8\"")), "x.json: \"banks\" must be a whole number from 4 to 64.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":8.5")), "x.json: \"banks\" must be a whole number from 4 to 64.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":-8")), "x.json: \"banks\" must be a whole number from 4 to 64.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":true")), "x.json: \"banks\" must be a whole number from 4 to 64.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":8,\"bonks\":1")), "x.json: the key \"bonks\" does not exist; remove it.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":8,\"banks\":16")), "x.json: a key appears twice: banks.");
  EXPECT_EQ(refusal(changed("\"banks\":8", "\"banks\":[8]")), "x.json: all values must be numbers or texts.");
  EXPECT_EQ(refusal(changed("\"axi_data_bits\":64", "\"axi_data_bits\":32")), "x.json: \"axi_data_bits\" must be 64.");
  EXPECT_EQ(refusal(changed("\"name\":\"z7020\"", "\"name\":\"Z/../7020\"")),
            "x.json: \"name\" must be a lower-case identifier of at most 64 characters.");
  EXPECT_EQ(refusal(changed("\"dsp_pixels\":6", "\"dsp_pixels\":9")), "x.json: \"dsp_pixels\" must not exceed \"pixels\".");
  std::string two = refusal(changed("\"banks\":8,\"", "\"bonks\":8,\""));
  EXPECT_NE(two.find("missing"), std::string::npos);
  EXPECT_NE(two.find("bonks"), std::string::npos) << "all problems are told at once";
  EXPECT_FALSE(refusal(std::string(1 << 19, '[')).empty());
}

TEST(CoreConfig, LoadTakesNamesAndPaths) {
  EXPECT_EQ(CoreConfig::load("tiny").name, "tiny");
  std::string path = ::testing::TempDir() + "/agc_core_config_test.json";
  std::ofstream(path) << changed("\"name\":\"z7020\"", "\"name\":\"mine\"");
  EXPECT_EQ(CoreConfig::load(path).name, "mine");
  for (const char* wrong : {"nosuchcore", "./nosuch.json", "/", ""}) EXPECT_THROW(CoreConfig::load(wrong), Error) << wrong;
}

}  // namespace
}  // namespace agc::isa
