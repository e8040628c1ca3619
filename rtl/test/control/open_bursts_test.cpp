// agc_open_bursts against a queue: random bursts of 1 to 16 words, words taken as late as they come, clears; room for exactly Depth bursts.
#include "dma_bench.h"

#include "Vagc_open_bursts.h"

#include <algorithm>

namespace agc::bench {
namespace {

constexpr size_t depth = 5;

struct Burst {
  uint32_t dst, note, words, age;
};

TEST(OpenBursts, RandomTraffic) {
  auto dut = std::make_unique<Vagc_open_bursts>();
  Random random(1);
  std::deque<Burst> model;
  dut->rst_ni = dut->clear_i = dut->push_i = dut->take_i = 0;
  for (int k = 0; k < 3; k++) {
    dut->clk_i = 0;
    dut->eval();
    clockTick(*dut);
  }
  dut->rst_ni = 1;
  size_t longest = 0, backToBack = 0, emptyFor = 1;
  bool ended = false;
  for (int k = 0; k < 50000; k++) {
    unsigned bias = k / 1000 % 3;  // filling, balanced, draining
    dut->clk_i = 0;
    dut->clear_i = random.chance(1) && random.chance(20);
    dut->push_i = random.pick(0, 3) > bias;
    dut->dst_i = random.chance(10) ? 0xffffe : random.pick(0, 0xfffff);
    dut->note_i = random.pick(0, 3);
    // A word comes two cycles behind its burst at the earliest.
    dut->take_i = !model.empty() && model.front().age >= 2 && random.pick(0, 3) <= bias + 1;
    dut->last_i = !model.empty() && model.front().words == 1;
    dut->eval();
    // A register: it follows the last burst's end a cycle later.
    if (!model.empty()) ASSERT_TRUE(dut->open_o);
    if (emptyFor >= 2) ASSERT_FALSE(dut->open_o);
    if (model.size() == depth) {
      ASSERT_FALSE(dut->room_o);
    } else if (model.size() + 1 < depth) {
      ASSERT_TRUE(dut->room_o);
    }
    bool taken = dut->take_i, last = dut->last_i;
    if (taken) {
      ASSERT_EQ(dut->dst_o, model.front().dst);
      ASSERT_EQ(dut->note_o, model.front().note);
      backToBack += ended;
      model.front().dst = (model.front().dst + 1) & 0xfffff;
      model.front().words--;
    }
    ended = taken && last;
    bool push = dut->push_i && dut->room_o;
    Burst burst{dut->dst_i, dut->note_i, random.chance(30) ? 1 : random.pick(1, 16), 0};
    bool clear = dut->clear_i;
    clockTick(*dut);
    if (ended) model.pop_front();
    for (Burst &open : model) open.age++;
    if (push) {
      burst.age = 1;
      model.push_back(burst);
    }
    if (clear) model.clear();
    emptyFor = model.empty() ? emptyFor + 1 : 0;
    longest = std::max(longest, model.size());
  }
  EXPECT_EQ(longest, depth);
  EXPECT_GT(backToBack, 1000u);
}

} // namespace
} // namespace agc::bench
