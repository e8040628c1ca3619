// The random programs themselves: the verifier takes them, they are what their seed says, and every field of the ISA is drawn.
#include "random_stream.h"

#include <gmock/gmock.h>

#include "agc/runtime/verifier.h"

namespace agc::runtime::test {
namespace {

using ::testing::IsEmpty;

std::string text(const std::vector<std::string>& sentences) {
  std::string all;
  for (const std::string& s : sentences) all += s + "\n";
  return all;
}

class StreamTest : public ::testing::TestWithParam<const char*> {};

TEST_P(StreamTest, TheVerifierTakesThem) {
  const isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const StreamProgram stream = randomStream(core, {seed, 1000});
    ASSERT_THAT(verify(stream.program), IsEmpty()) << "seed " << seed;
    EXPECT_GE(stream.running, 1000u);
    EXPECT_LT(stream.running, 2500u);
  }
}

TEST_P(StreamTest, OneSeedOneProgram) {
  const isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  EXPECT_EQ(randomStream(core, {7, 300}).program.file.code, randomStream(core, {7, 300}).program.file.code);
  EXPECT_NE(randomStream(core, {7, 300}).program.file.code, randomStream(core, {8, 300}).program.file.code);
}

TEST_P(StreamTest, EveryFieldIsDrawn) {
  const isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  FieldStatistics statistics;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const StreamProgram stream = randomStream(core, {100 + seed, 1000}, &statistics);
    statistics.count(stream.program.code.back());
  }
  // The verifier's rules leave few segments to each.
  const std::set<std::string> segments = {"LOAD.seg", "LOAD_FOLD.seg", "WLOAD.seg", "STORE.seg"};
  EXPECT_EQ(text(statistics.neverDrawn(4, segments)), "");
}

INSTANTIATE_TEST_SUITE_P(Cores, StreamTest, ::testing::Values("tiny", "z7020"), [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace agc::runtime::test
