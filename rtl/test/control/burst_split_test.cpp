// agc_burst_split against a model: random rows, a sink that hesitates, clears; the row behind the one that is cut is taken ahead of it.
#include "dma_bench.h"

#include "Vagc_burst_split.h"

namespace agc::bench {
namespace {

constexpr uint32_t beats = 16;

struct Row {
  uint32_t addr, dst, count;
  bool last;
};

struct Burst {
  uint32_t addr, dst, beats;
  bool last;
};

TEST(BurstSplit, RandomRows) {
  auto dut = std::make_unique<Vagc_burst_split>();
  Random random(5);
  std::deque<Burst> expected;
  std::deque<uint32_t> rowsOpen;  // bursts of each row that are still to come
  dut->rst_ni = dut->clear_i = dut->row_valid_i = dut->burst_ready_i = 0;
  for (int k = 0; k < 3; k++) {
    dut->clk_i = 0;
    dut->eval();
    clockTick(*dut);
  }
  dut->rst_ni = 1;
  Row row{};
  bool have = false;
  uint32_t ahead = 0, gaps = 0, bursts = 0;
  for (int k = 0; k < 50000; k++) {
    unsigned mode = k / 500 % 3;  // both hesitate, only the sink, only the source
    if (!have && (mode == 1 || random.chance(40))) {
      row = {random.pick(0, 0x1fffff00), random.pick(0, 0xfffff), random.chance(50) ? random.pick(1, 17) : random.pick(1, 300), random.chance(30)};
      have = true;
    }
    dut->clk_i = 0;
    dut->clear_i = random.chance(1) && random.chance(20);
    dut->row_valid_i = have;
    dut->row_addr_i = row.addr;
    dut->row_dst_i = row.dst;
    dut->row_count_i = row.count;
    dut->row_last_i = row.last;
    dut->burst_ready_i = mode == 2 || random.chance(40);
    dut->eval();
    ASSERT_EQ(dut->row_ready_o, rowsOpen.size() < 2);
    ASSERT_EQ(dut->burst_valid_o, !expected.empty());
    if (dut->burst_valid_o) {
      ASSERT_EQ(dut->burst_addr_o, expected.front().addr);
      ASSERT_EQ(dut->burst_dst_o, expected.front().dst);
      ASSERT_EQ(dut->burst_len_o, expected.front().beats - 1);
      ASSERT_EQ(dut->burst_last_o, expected.front().last);
    }
    bool take = dut->burst_valid_o && dut->burst_ready_i;
    bool push = dut->row_valid_i && dut->row_ready_o;
    ahead += rowsOpen.size() == 2;
    if (take) {
      bursts++;
      expected.pop_front();
      if (--rowsOpen.front() == 0) rowsOpen.pop_front();
    }
    if (push) {
      uint32_t addr = row.addr, dst = row.dst, left = row.count, count = 0;
      while (left > 0) {
        uint32_t now = std::min(left, beats - addr % beats);
        left -= now;
        expected.push_back({addr, dst, now, row.last && left == 0});
        addr += now;
        dst = (dst + now) & 0xfffff;
        count++;
      }
      rowsOpen.push_back(count);
      have = false;
    }
    if (dut->clear_i) {
      expected.clear();
      rowsOpen.clear();
    }
    gaps += !dut->burst_valid_o;
    clockTick(*dut);
  }
  EXPECT_GT(ahead, 1000u);
  EXPECT_GT(gaps, 1000u);
  EXPECT_GT(bursts, 10000u);
}

} // namespace
} // namespace agc::bench
