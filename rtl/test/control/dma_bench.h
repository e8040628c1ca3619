// What the benches of the DMA engines share: clock, tags, random regions, expectations.
#pragma once

#include "agc/isa/instruction.h"
#include "axi_model.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace agc::bench {

constexpr uint32_t segmentBase = 0x10040, segmentWords = 0x3000;

struct Tag {
  uint32_t index;
  uint16_t layer;
  uint32_t posts;
  bool operator==(const Tag &other) const { return index == other.index && layer == other.layer && posts == other.posts; }
};

inline Tag tagOf(uint64_t bits) { return {uint32_t(bits >> 36) & 0xffffff, uint16_t(bits >> 20), uint32_t(bits) & 0xfffff}; }

inline Tag tagOf(const isa::Header &header, uint32_t index) {
  uint32_t posts = 0;
  for (int k = 0; k < 4; k++) posts |= uint32_t(header.post[k]) << 5 * k;
  return {index, header.layer, posts};
}

template <class Words> void setInstruction(Words &port, const isa::Instruction &instruction) {
  isa::Word word = isa::encode(instruction);
  for (int k = 0; k < 8; k++) std::memcpy(&port[k], &word[4 * k], 4);
}

class Random {
public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t pick(uint32_t low, uint32_t high) { return low + uint32_t(engine_() % (high - low + 1)); }
  bool chance(unsigned percent) { return engine_() % 100 < percent; }

  /// A region inside of a segment of `segmentWords` and an on-chip memory of `words`; Region is Load or Store.
  template <class Region> Region region(uint32_t words) {
    for (;;) {
      Region result;
      result.seg = pick(0, 7);
      result.n0 = chance(20) ? pick(1, 100) : pick(1, 17);
      result.n1 = pick(1, 7);
      result.n2 = pick(1, 4);
      result.d1 = pick(0, 120);
      result.d2 = pick(0, 900);
      result.dram = pick(0, segmentWords);
      result.s1 = pick(result.n0, 120);
      result.s2 = pick(0, 900);
      result.sp = pick(0, words);
      result.h.layer = uint16_t(pick(0, 65535));
      for (auto &post : result.h.post) post = uint8_t(pick(0, 31));
      uint64_t dramEnd = uint64_t(result.dram) + (result.n2 - 1) * result.d2 + (result.n1 - 1) * result.d1 + result.n0;
      uint64_t end = uint64_t(result.sp) + (result.n2 - 1) * result.s2 + (result.n1 - 1) * result.s1 + result.n0;
      if (dramEnd <= segmentWords && end <= words) return result;
    }
  }

private:
  std::mt19937 engine_;
};

constexpr AxiTiming timings[] = {{0, 1, 1, false}, {0, 50, 50, false}, {30, 1, 40, false}, {70, 1, 5, false}};

template <class Model> void clockTick(Model &model) {
  model.clk_i = 1;
  model.eval();
}

template <class Model> void resetModel(Model &model) {
  model.rst_ni = 0;
  model.clear_i = model.halt_i = model.cmd_valid_i = 0;
  for (int k = 0; k < 3; k++) {
    model.clk_i = 0;
    model.eval();
    clockTick(model);
  }
  model.rst_ni = 1;
}

} // namespace agc::bench
