// A slice of the long run, and that a difference is found and named.
#include <gtest/gtest.h>

#include <cstdlib>

#include "lockstep.h"
#include "random_stream.h"

namespace agc::runtime::test {
namespace {

class LockstepTest : public ::testing::TestWithParam<const char*> {
 protected:
  isa::CoreConfig core_ = isa::CoreConfig::builtin("tiny");
};

TEST_P(LockstepTest, RandomPrograms) {
  Lockstep lockstep(core_, GetParam(), 5);
  uint64_t running = 0;
  for (uint64_t seed = 40; seed < 44; ++seed) {
    const StreamProgram stream = randomStream(core_, {seed, 800});
    ASSERT_EQ(lockstep.run(stream.program, seed), "") << "seed " << seed;
    running += stream.running;
  }
  EXPECT_GT(running, 3200u);
  EXPECT_GT(lockstep.digests, 2000u);
}

// One instruction of the Verilog's program writes something else.
TEST_P(LockstepTest, ADifferenceIsNamed) {
  Lockstep lockstep(core_, GetParam(), 6);
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const StreamProgram stream = randomStream(core_, {seed, 200});
    Program other = stream.program;
    size_t changed = 0;
    for (size_t i = 20 + 10 * seed; i < other.code.size() && changed == 0; ++i) {
      auto* store = std::get_if<isa::Store>(&other.code[i]);
      if (store == nullptr || store->sp == 0) continue;
      store->sp -= 1;
      other.file.code[i] = isa::encode(other.code[i]);
      changed = i;
    }
    ASSERT_NE(changed, 0u);
    const std::string found = lockstep.run(stream.program, other, seed);
    EXPECT_NE(found.find("STORE"), std::string::npos) << found;
    EXPECT_NE(found.find("instruction " + std::to_string(changed) + " "), std::string::npos) << found;
  }
}

INSTANTIATE_TEST_SUITE_P(Memory, LockstepTest, ::testing::Values("ideal", "ddr3-z7020", "stress"), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace agc::runtime::test
