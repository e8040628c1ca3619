// agc_semaphores against counters: grants only what is there, one engine at a time, all waits at once, nothing lost, nobody forgotten.
#include "Vagc_semaphores.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>

namespace {

constexpr unsigned engines = 4;

struct Bench {
  std::unique_ptr<Vagc_semaphores> dut = std::make_unique<Vagc_semaphores>();
  std::array<unsigned, 32> counts{};
  std::array<uint32_t, engines> masks{};
  unsigned requests = 0;

  Bench() {
    dut->rst_ni = 0;
    step();
    step();
    dut->rst_ni = 1;
  }

  void step() {
    dut->clk_i = 1;
    dut->eval();
    dut->clk_i = 0;
    dut->eval();
  }

  void drive() {
    dut->req_i = uint8_t(requests);
    for (unsigned e = 0; e < engines; e++) dut->mask_i[e] = masks[e];
    dut->eval();
  }

  unsigned read(unsigned semaphore) {
    dut->rd_index_i = uint8_t(semaphore);
    dut->eval();
    return dut->rd_count_o;
  }
};

} // namespace

TEST(Semaphores, RandomTraffic) {
  Bench bench;
  std::mt19937 random(3);
  std::array<unsigned, engines> available{};
  unsigned grants = 0, overflows = 0;
  for (int k = 0; k < 60000; k++) {
    for (unsigned e = 0; e < engines; e++) {
      if (!(bench.requests >> e & 1) && random() % 3 == 0) {
        bench.requests |= 1u << e;
        bench.masks[e] = 0;
        for (unsigned waits = random() % 5; waits > 0; waits--) bench.masks[e] |= 1u << (1 + random() % 8) & ~1u;
      }
    }
    uint32_t posts = 0;
    if (random() % 2) {
      for (unsigned n = 0; n < 4; n++) posts |= random() % 3 ? 0 : 1u << random() % 9;
    }
    posts &= ~1u;
    bench.dut->post_mask_i = posts;
    bench.drive();
    unsigned grant = bench.dut->grant_o, take = 0;
    ASSERT_EQ(grant & (grant - 1), 0u) << "two at once";
    ASSERT_EQ(grant & ~bench.requests, 0u);
    bool overflow = false;
    for (unsigned e = 0; e < engines; e++) {
      bool there = true;
      for (unsigned s = 1; s < 32; s++) there &= !(bench.masks[e] >> s & 1) || bench.counts[s] > 0;
      bool requested = bench.requests >> e & 1;
      ASSERT_EQ(bench.dut->blocked_o >> e & 1, requested && !there);
      if (grant >> e & 1) {
        ASSERT_TRUE(there);
        take = bench.masks[e];
        grants++;
      }
      // Engines are served in turn, a grant takes two cycles.
      available[e] = requested && there && !(grant >> e & 1) ? available[e] + 1 : 0;
      ASSERT_LT(available[e], 2 * engines + 1);
    }
    for (unsigned s = 1; s < 32; s++) {
      bool up = posts >> s & 1, down = take >> s & 1;
      if (up && !down && bench.counts[s] == 255) overflow = true;
      else bench.counts[s] += unsigned(up) - unsigned(down);
    }
    ASSERT_EQ(bench.dut->overflow_o, overflow);
    overflows += overflow;
    unsigned probe = random() % 32;
    bench.step();
    ASSERT_EQ(bench.read(probe), probe ? bench.counts[probe] : 0u);
    bench.requests &= ~grant;
  }
  EXPECT_GT(grants, 5000u);
  // Clear forgets everything.
  bench.requests = 0;
  bench.dut->post_mask_i = 0;
  bench.dut->clear_i = 1;
  bench.drive();
  bench.step();
  bench.dut->clear_i = 0;
  for (unsigned s = 0; s < 32; s++) EXPECT_EQ(bench.read(s), 0u);
}

TEST(Semaphores, CountsTo255AndSaysMore) {
  Bench bench;
  for (unsigned k = 0; k < 260; k++) {
    bench.dut->post_mask_i = 1u << 31;
    bench.drive();
    ASSERT_EQ(bench.dut->overflow_o, k >= 255);
    bench.step();
    bench.dut->post_mask_i = 0;
    ASSERT_EQ(bench.read(31), std::min(k + 1, 255u));
  }
}
