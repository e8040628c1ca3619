// agc_queue between a fetch unit, semaphores and an engine that all hesitate: order, one grant and one hand-over for each instruction, the
// command stands while it is taken, halt, clear.
#include "dma_bench.h"

#include "Vagc_queue.h"

namespace agc::bench {
namespace {

struct QueueBench {
  std::unique_ptr<Vagc_queue> dut = std::make_unique<Vagc_queue>();
  Random random{3};
  std::deque<std::pair<isa::Store, uint32_t>> model;  // pushed and not yet taken
  bool granted = false, taken = false, offered = false;
  std::pair<isa::Store, uint32_t> latest;
  uint32_t pushed = 0, done = 0;

  QueueBench() {
    dut->push_valid_i = dut->wait_grant_i = dut->cmd_ready_i = 0;
    resetModel();
  }

  void resetModel() {
    dut->rst_ni = dut->clear_i = dut->halt_i = 0;
    for (int k = 0; k < 3; k++) {
      dut->clk_i = 0;
      dut->eval();
      clockTick(*dut);
    }
    dut->rst_ni = 1;
  }

  static uint32_t mask(const isa::Store &in) {
    uint32_t result = 0;
    for (auto wait : in.h.wait) result |= 1u << wait;
    return result & ~1u;
  }

  void expectCommand(const std::pair<isa::Store, uint32_t> &command) {
    isa::Word word = isa::encode(command.first);
    for (int k = 1; k < 32; k++) ASSERT_EQ(dut->cmd_instr_o[k / 4] >> 8 * (k % 4) & 255, word[k]) << "byte " << k;
    ASSERT_EQ(dut->cmd_index_o, command.second);
  }

  /// `push`, `grant`, `ready`: how likely each is, percent.
  void cycle(unsigned push, unsigned grant, unsigned ready) {
    isa::Store in;
    in.n0 = random.pick(1, 8000);
    in.sp = random.pick(0, 0xfffff);
    in.dram = random.pick(0, 0x7fffffff);
    in.s2 = random.pick(0, 0xfffff);
    in.h.layer = uint16_t(random.pick(0, 65535));
    for (auto &wait : in.h.wait) wait = uint8_t(random.pick(0, 31));
    dut->clk_i = 0;
    dut->push_valid_i = random.chance(push);
    setInstruction(dut->push_instr_i, in);
    dut->push_index_i = pushed & 0xffffff;
    dut->cmd_ready_i = !dut->halt_i && random.chance(ready);
    dut->wait_grant_i = 0;
    dut->eval();
    // A grant answers a request that stands.
    dut->wait_grant_i = dut->wait_req_o && random.chance(grant);
    dut->eval();
    ASSERT_EQ(dut->cmd_taken_o, taken);
    if (taken) expectCommand(latest);
    if (dut->wait_req_o) {
      ASSERT_FALSE(granted) << "asks again";
      ASSERT_FALSE(model.empty());
      ASSERT_EQ(dut->wait_mask_o, mask(model.front().first));
    }
    ASSERT_EQ(dut->cmd_valid_o, granted);
    if (dut->cmd_valid_o) expectCommand(model.front());
    if (!model.empty() || taken) {
      ASSERT_FALSE(dut->empty_o);
    }
    taken = dut->cmd_valid_o && dut->cmd_ready_i;
    if (taken) {
      latest = model.front();
      model.pop_front();
      granted = false;
      done++;
    }
    if (dut->wait_grant_i) granted = true;
    if (dut->push_valid_i && dut->push_ready_o) model.push_back({in, pushed++ & 0xffffff});
    clockTick(*dut);
  }
};

TEST(Queue, RandomTraffic) {
  QueueBench bench;
  const unsigned rates[][3] = {{90, 90, 90}, {20, 90, 90}, {90, 20, 90}, {90, 90, 10}, {50, 50, 50}};
  for (auto &rate : rates) {
    uint32_t before = bench.done;
    for (int k = 0; k < 5000; k++) {
      bench.cycle(rate[0], rate[1], rate[2]);
      if (::testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(bench.done, before + 300);
  }
}

// Three cycles from one command to the next when nobody hesitates: it waits, it is offered, it was taken.
TEST(Queue, ACommandEveryThreeCycles) {
  QueueBench bench;
  for (int k = 0; k < 3000; k++) bench.cycle(100, 100, 100);
  EXPECT_NEAR(bench.done, 1000, 3);
}

TEST(Queue, NothingWaitsAfterHalt) {
  QueueBench bench;
  for (int round = 0; round < 50; round++) {
    for (uint32_t k = bench.random.pick(5, 60); k > 0; k--) bench.cycle(60, 50, 50);
    bench.dut->halt_i = 1;
    bench.cycle(0, 50, 0);
    for (int k = 0; k < 10; k++) {
      bench.cycle(0, 100, 100);
      EXPECT_FALSE(bench.dut->wait_req_o);
      EXPECT_FALSE(bench.dut->cmd_taken_o);
    }
    bench.dut->clear_i = 1;
    bench.dut->clk_i = 0;
    bench.dut->eval();
    clockTick(*bench.dut);
    bench.dut->clear_i = bench.dut->halt_i = 0;
    bench.model.clear();
    bench.granted = bench.taken = false;
    bench.dut->clk_i = 0;
    bench.dut->eval();
    EXPECT_TRUE(bench.dut->empty_o);
    uint32_t before = bench.done;
    for (int k = 0; k < 60; k++) bench.cycle(90, 90, 90);
    EXPECT_GT(bench.done, before + 5) << "does not work after clear";
    if (::testing::Test::HasFatalFailure()) return;
  }
}

} // namespace
} // namespace agc::bench
