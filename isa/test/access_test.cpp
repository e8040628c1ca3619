// Regions of an instruction against the loops of docs/machine.md, written out word by word.
#include "agc/isa/access.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "agc/isa/instruction.h"

namespace agc::isa {
namespace {

using Words = std::set<uint64_t>;

std::map<AccessPath, Words> wordsByPath(const Instruction& instruction, const ConvState& state) {
  std::vector<Region> regions;
  appendRegions(instruction, state, regions);
  std::map<AccessPath, Words> all;
  for (const Region& r : regions) {
    uint64_t last = 0, count = 0;
    forEachRun(r, [&](uint64_t start, uint64_t words) {
      for (uint64_t w = start; w < start + words; ++w) all[r.path].insert(w);
      last = std::max(last, start + words);
      count += words;
    });
    EXPECT_EQ(r.end(), last);
    EXPECT_EQ(r.words(), count);
  }
  return all;
}

/// The reads and writes of the pseudo code, literally.
std::map<AccessPath, Words> literally(const Conv& c, const ConvGeo& g, const ConvEpi& e) {
  std::map<AccessPath, Words> all;
  uint64_t n = 0;
  for (uint32_t j = 0; j < c.ocb; ++j) {
    for (uint32_t k = 0; k <= g.icb * g.kh * g.kw; ++k) all[AccessPath::ConvWeights].insert(c.wb + j * g.w_pitch + k);
    for (uint32_t y = 0; y < c.oh; ++y)
      for (uint32_t x = 0; x < c.ow; ++x, ++n) {
        for (uint32_t i = 0; i < g.icb; ++i)
          for (uint32_t ky = 0; ky < g.kh; ++ky)
            for (uint32_t kx = 0; kx < g.kw; ++kx) {
              int64_t v = int64_t{y} * g.sy + ky * g.dy + c.off_y, h = int64_t{x} * g.sx + kx * g.dx + c.off_x;
              if (g.up) v >>= 1, h >>= 1;
              const uint64_t plane = (g.grp ? j * g.icb : 0) + i;
              if (v >= 0 && v < c.in_h && h >= 0 && h < c.in_w)
                all[AccessPath::ConvInput].insert(c.in + plane * g.in_cpitch + uint64_t(v) * g.in_pitch + uint64_t(g.split ? (h >> 1) + (h & 1) * int64_t{g.in_half} : h));
            }
        for (uint64_t t = 0; t < 4; ++t) {
          if (e.part_in) all[AccessPath::ConvPartialIn].insert(c.part + 4 * n + t);
          if (e.part_out) all[AccessPath::ConvPartialOut].insert(c.part + 4 * n + t);
        }
        if (e.part_out) continue;
        if (e.res) all[AccessPath::ConvResidual].insert(c.res + j * g.res_cpitch + y * g.res_pitch + (e.res_still ? 0 : x));
        const uint64_t column = g.out_split ? (x >> 1) + (x & 1) * g.out_half : x * (g.out_step + 1);
        all[AccessPath::ConvOutput].insert(c.out + j * g.out_cpitch + y * g.out_pitch + column);
      }
  }
  return all;
}

TEST(Access, RandomConvolutionsTouchExactlyTheWordsOfThePseudoCode) {
  std::mt19937 random(1);
  auto pick = [&](uint32_t low, uint32_t high) { return std::uniform_int_distribution<uint32_t>(low, high)(random); };
  for (int n = 0; n < 4000; ++n) {
    ConvState state;
    ConvGeo g;
    g.kh = pick(1, 5), g.kw = pick(1, 5);
    g.up = pick(0, 3) == 0;
    g.sy = pick(1, 7), g.sx = g.up ? 1 : pick(1, 7);
    g.dy = pick(1, 4), g.dx = pick(1, 9);
    g.split = !g.up && pick(0, 2) == 0, g.out_split = pick(0, 3) == 0;
    g.out_step = !g.out_split && pick(0, 1) == 0 ? pick(1, 7) : 0;
    g.in_half = pick(0, 12), g.out_half = pick(0, 12);
    g.grp = pick(0, 1);
    g.icb = pick(1, 3);
    g.in_pitch = pick(0, 40), g.in_cpitch = pick(0, 900);
    g.out_pitch = pick(0, 40), g.out_cpitch = pick(0, 900);
    g.res_pitch = pick(0, 40), g.res_cpitch = pick(0, 900);
    g.w_pitch = pick(0, 99);
    ConvEpi e;
    e.res = pick(0, 1), e.res_still = pick(0, 1), e.part_in = pick(0, 1), e.part_out = pick(0, 3) == 0;
    Conv c;
    c.in = pick(0, 999), c.in_h = pick(1, 20), c.in_w = pick(1, 20);
    c.off_y = int32_t(pick(0, 30)) - 15, c.off_x = int32_t(pick(0, 30)) - 15;
    c.oh = pick(1, 9), c.ow = pick(1, 9), c.ocb = pick(1, 3);
    c.out = pick(0, 999), c.res = pick(0, 999), c.part = pick(0, 999), c.wb = pick(0, 99);
    state.apply(g);
    state.apply(e);
    ASSERT_EQ(wordsByPath(c, state), literally(c, g, e)) << print(g) << "\n" << print(c);
  }
}

TEST(Access, ATableIsFourWordsOfTheWeightBuffer) {
  ConvTable table;
  table.wb = 77;
  std::vector<Region> regions;
  appendRegions(table, {}, regions);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0].memory, Memory::WeightBuffer);
  EXPECT_FALSE(regions[0].write);
  EXPECT_EQ(wordsByPath(table, {}), (std::map<AccessPath, Words>{{AccessPath::ConvWeights, {77, 78, 79, 80}}}));
}

TEST(Access, AStrideOneConvolutionOfADenseMapIsOneRun) {
  ConvState state;
  ConvGeo g;
  g.kh = g.kw = 3;
  g.in_pitch = 16, g.in_cpitch = 160, g.icb = 4;
  state.apply(g);
  state.apply(ConvEpi{});
  Conv c;
  c.in_h = c.oh = 10, c.in_w = c.ow = 16, c.off_y = c.off_x = -1;
  std::vector<Region> regions;
  appendRegions(c, state, regions);
  ASSERT_FALSE(regions.empty());
  EXPECT_EQ(regions[0].runWords, 640u);
  EXPECT_EQ(regions[0].words(), 640u);
}

TEST(Access, AConvolutionOfNothingButPaddingReadsNoInput) {
  ConvState state;
  state.apply(ConvGeo{});
  state.apply(ConvEpi{});
  Conv c;
  c.off_y = -100;
  EXPECT_EQ(wordsByPath(c, state).count(AccessPath::ConvInput), 0u);
}

TEST(Access, CopiesReadOneMemoryAndWriteTheOther) {
  Load load;
  load.seg = 3, load.dram = 100, load.n0 = 2, load.n1 = 2, load.n2 = 2, load.d1 = 10, load.d2 = 50, load.sp = 7, load.s1 = 2, load.s2 = 4;
  std::vector<Region> regions;
  appendRegions(load, {}, regions);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].memory, Memory::Dram);
  EXPECT_EQ(regions[0].segment, 3);
  EXPECT_FALSE(regions[0].write);
  EXPECT_EQ(regions[0].end(), 162u);
  EXPECT_EQ(regions[1].memory, Memory::Scratchpad);
  EXPECT_TRUE(regions[1].write);
  EXPECT_EQ(regions[1].runWords, 8u);  // s1 and s2 continue the rows

  load.split = 1, load.half = 3, load.n0 = 5;
  regions.clear();
  appendRegions(load, {}, regions);
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_EQ(regions[0].words(), 20u);
  EXPECT_EQ(regions[1].words(), 12u);
  EXPECT_EQ(regions[2].words(), 8u);
  load.n0 = 1;
  regions.clear();
  appendRegions(load, {}, regions);
  EXPECT_EQ(regions.size(), 2u);

  Wload wload;
  wload.seg = 1, wload.dram = 8, wload.n = 3, wload.wb = 5;
  regions.clear();
  appendRegions(wload, {}, regions);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].words(), 24u);
  EXPECT_EQ(regions[1].memory, Memory::WeightBuffer);
  EXPECT_EQ(regions[1].end(), 8u);
}

TEST(Access, SplitAndFoldedLoadsWriteTheWordsOfTheirFormulas) {
  std::mt19937 random(2);
  auto pick = [&](uint32_t low, uint32_t high) { return std::uniform_int_distribution<uint32_t>(low, high)(random); };
  auto dmaWords = [&](const Instruction& instruction, Memory memory) {
    std::vector<Region> regions;
    appendRegions(instruction, {}, regions);
    Words words;
    for (const Region& r : regions) {
      EXPECT_EQ(r.write, r.memory == Memory::Scratchpad);
      if (r.memory != memory) continue;
      forEachRun(r, [&](uint64_t start, uint64_t count) {
        for (uint64_t w = start; w < start + count; ++w) words.insert(w);
      });
    }
    return words;
  };
  for (int n = 0; n < 2000; ++n) {
    Load load;
    load.n0 = pick(1, 9), load.n1 = pick(1, 4), load.n2 = pick(1, 3);
    load.s1 = pick(0, 12), load.s2 = pick(0, 40), load.sp = pick(0, 99);
    load.split = 1, load.half = pick(0, 9);
    Words expected;
    for (uint32_t p = 0; p < load.n2; ++p)
      for (uint32_t r = 0; r < load.n1; ++r)
        for (uint32_t c = 0; c < load.n0; ++c) expected.insert(load.sp + p * load.s2 + r * load.s1 + (c >> 1) + (c & 1) * load.half);
    ASSERT_EQ(dmaWords(load, Memory::Scratchpad), expected) << print(load);

    LoadFold fold;
    fold.seg = 3, fold.dram = pick(0, 99), fold.n0 = pick(1, 9), fold.n1 = pick(1, 4), fold.w = pick(1, 9), fold.d1 = pick(0, 20);
    fold.sp = pick(0, 99), fold.s1 = pick(0, 12), fold.s2 = pick(0, 60), fold.c = pick(1, 4), fold.kw = pick(1, 15);
    expected.clear();
    Words read;
    for (uint32_t r = 0; r < fold.n1; ++r) {
      for (uint32_t h = 0; h < fold.w; ++h) read.insert(fold.dram + r * fold.d1 + h);
      for (uint32_t x = 0; x < fold.n0; ++x)
        for (uint32_t lane = 0; lane < fold.kw * fold.c; ++lane) expected.insert(fold.sp + lane / 8 * fold.s2 + r * fold.s1 + x);
    }
    ASSERT_EQ(dmaWords(fold, Memory::Scratchpad), expected) << print(fold);
    ASSERT_EQ(dmaWords(fold, Memory::Dram), read) << print(fold);
  }
}

}  // namespace
}  // namespace agc::isa
