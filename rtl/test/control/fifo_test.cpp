// agc_fifo against a queue: random pushes, pops and clears; depth 5, so the pointers wrap at a number that is no power of two.
#include "Vagc_fifo.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

TEST(Fifo, RandomTraffic) {
  auto fifo = std::make_unique<Vagc_fifo>();
  std::mt19937 random(1);
  std::deque<uint32_t> model;
  fifo->rst_ni = 0;
  fifo->clear_i = 0;
  for (int k = 0; k < 3; k++) {
    fifo->clk_i = 0;
    fifo->eval();
    fifo->clk_i = 1;
    fifo->eval();
  }
  fifo->rst_ni = 1;
  int full = 0, empty = 0;
  for (int k = 0; k < 50000; k++) {
    unsigned bias = k / 1000 % 3;  // filling, balanced, draining
    fifo->clk_i = 0;
    fifo->wr_valid_i = random() % 4 > bias;
    fifo->rd_ready_i = random() % 4 <= bias + 1;
    fifo->wr_data_i = uint16_t(random());
    fifo->clear_i = random() % 500 == 0;
    fifo->eval();
    ASSERT_EQ(fifo->wr_ready_o, model.size() < 5);
    ASSERT_EQ(fifo->rd_valid_o, !model.empty());
    if (!model.empty()) {
      ASSERT_EQ(fifo->rd_data_o, model.front());
    }
    full += model.size() == 5;
    empty += model.empty();
    bool push = fifo->wr_valid_i && fifo->wr_ready_o, pop = fifo->rd_ready_i && fifo->rd_valid_o;
    if (pop) model.pop_front();
    if (push) model.push_back(fifo->wr_data_i);
    if (fifo->clear_i) model.clear();
    fifo->clk_i = 1;
    fifo->eval();
  }
  EXPECT_GT(full, 1000);
  EXPECT_GT(empty, 1000);
}
