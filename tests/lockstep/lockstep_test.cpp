// A slice of the long run, and that a difference is found and named.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "agc/runtime/verifier.h"
#include "lockstep.h"
#include "mutate_program.h"
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

// A program with a mistake in it: the verifier refuses it, or both machines do the same.
TEST(LockstepMutations, AreRefusedOrAgree) {
  const isa::CoreConfig core = isa::CoreConfig::builtin("tiny");
  Lockstep lockstep(core, "stress", 7);
  Rng rng(3);
  const char* text = std::getenv("AGC_MUTATIONS");  // of each kind
  const int count = text == nullptr ? 24 : std::atoi(text);
  const int runs = text == nullptr ? 2 : count;
  for (int kind = 0; kind < kMutations; ++kind) {
    const auto mutation = static_cast<Mutation>(kind);
    int refused = 0, accepted = 0;
    for (int n = 0; n < count; ++n) {
      const StreamProgram stream = randomStream(core, {static_cast<uint64_t>(500 + n), 120});
      std::string what;
      const Program changed = mutated(stream.program, mutation, rng, &what);
      if (what == "nothing") continue;
      if (!verify(changed).empty()) {
        ++refused;
      } else if (++accepted <= runs) {
        ASSERT_EQ(lockstep.run(changed, static_cast<uint64_t>(n)), "") << "kind " << kind << ", program " << 500 + n << ": " << what;
      }
    }
    std::printf("mutation %d: %d refused, %d accepted, %d of these run\n", kind, refused, accepted, std::min(accepted, runs));
    EXPECT_GT(refused + accepted, count / 2) << "kind " << kind;
    EXPECT_GT(refused, 0) << "kind " << kind;
    // A post or a wait alone leaves a count behind or waits for ever: never right.
    const bool never = mutation == Mutation::DropWait || mutation == Mutation::DropPost;
    EXPECT_EQ(accepted == 0, never) << "kind " << kind;
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
