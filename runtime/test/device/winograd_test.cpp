// The simulator's ways to a quick convolution, Winograd and input kept from one CONV to the next, against the path that computes every
// address and product alone; and Winograd's kernels against their portable versions.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "agc/isa/instruction.h"
#include "conv.h"
#include "conv_geometry.h"
#include "conv_kernel.h"
#include "winograd.h"

namespace agc::runtime::test {
namespace {

struct Case {
  OnChip chip;
  isa::Conv conv;
};

// A random 3x3 convolution in a scratchpad of 8400 words, inputs below 4096, outputs above. `extreme`: every byte the most negative one.
Case randomCase(uint64_t seed, bool extreme) {
  std::mt19937_64 engine(seed);
  auto pick = [&engine](uint32_t low, uint32_t high) { return low + static_cast<uint32_t>(engine() % (high - low + 1)); };
  Case c;
  c.chip.scratchpad.resize(8400);
  for (uint64_t& word : c.chip.scratchpad) word = extreme ? 0x8080808080808080u : engine();
  c.chip.weights.resize(kWeightWordBytes * 512);
  for (uint8_t& byte : c.chip.weights) byte = extreme ? 0x80 : static_cast<uint8_t>(engine());
  isa::ConvGeo& geo = c.chip.geometry;
  isa::ConvEpi& epi = c.chip.epilogue;
  isa::Conv& conv = c.conv;
  geo.kh = geo.kw = 3;
  geo.up = pick(0, 3) == 0;
  geo.grp = pick(0, 3) == 0;
  geo.icb = pick(1, 5);
  geo.pad = static_cast<int8_t>(engine());
  conv.ocb = pick(1, 3);
  conv.oh = pick(1, 13);
  conv.ow = pick(1, 21);
  conv.in_h = pick(1, 10);
  conv.in_w = pick(1, 12);
  conv.off_y = static_cast<int32_t>(pick(0, 6)) - 3;
  conv.off_x = static_cast<int32_t>(pick(0, 6)) - 3;
  conv.in = pick(0, 40);
  geo.in_pitch = conv.in_w + pick(0, 2);
  geo.in_cpitch = geo.in_pitch * conv.in_h;
  geo.w_pitch = 1 + 9 * geo.icb;
  conv.wb = pick(0, 9);
  conv.out = 4096;
  geo.out_pitch = conv.ow;
  geo.out_cpitch = conv.ow * conv.oh;
  epi.part_in = pick(0, 2) == 0;
  epi.part_out = pick(0, 2) == 0;
  conv.part = 4096 + 900;
  epi.res = pick(0, 1);
  conv.res = 4096;
  geo.res_pitch = geo.out_pitch;
  geo.res_cpitch = geo.out_cpitch;
  epi.z1 = static_cast<int8_t>(engine());
  epi.zr = static_cast<int8_t>(engine());
  epi.a = static_cast<int32_t>(pick(1 << 20, (1 << 21) - 1));
  epi.b = static_cast<int32_t>(pick(1 << 18, (1 << 20) - 1));
  epi.sh2 = 20;
  epi.lo1 = epi.lo = -128;
  epi.hi1 = epi.hi = 127;
  // Multipliers that bring the sums of this case into the range of the outputs.
  for (uint32_t j = 0; j < conv.ocb; ++j) {
    for (size_t o = 0; o < 8; ++o) {
      uint8_t* lane = &c.chip.weights[kWeightWordBytes * weightBlock(geo, conv, j) + 8 * o];
      uint64_t value = (engine() & 0xffff) | uint64_t{pick(1 << 23, (1 << 24) - 1)} << 32 | uint64_t{pick(32, 36)} << 57;
      for (size_t byte = 0; byte < 8; ++byte) lane[byte] = static_cast<uint8_t>(value >> (8 * byte));
    }
  }
  return c;
}

TEST(Winograd, EqualsDirectConvolution) {
  unsigned used = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Case fast = randomCase(seed, seed % 16 == 0);
    Case slow = fast;
    used += Winograd::suits(fast.chip.geometry, fast.conv) ? 1 : 0;
    ASSERT_EQ(runConv(fast.chip, fast.conv), isa::Fault::None);
    ASSERT_EQ(runConvDirect(slow.chip, slow.conv), isa::Fault::None);
    ASSERT_EQ(fast.chip.scratchpad, slow.chip.scratchpad)
        << "seed " << seed << ": " << isa::print(fast.chip.geometry) << ", " << isa::print(fast.chip.epilogue) << ", " << isa::print(fast.conv);
  }
  EXPECT_GT(used, 300u);
}

// What one CONV has laid out serves the next one only while the input is the same, byte by byte and in shape.
TEST(ConvInput, IsLaidOutAgainWhenItChanges) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 engine(seed);
    Case fast = randomCase(seed, false);
    if (seed % 2 == 1) fast.chip.geometry.sx = 2;  // without Winograd too
    if (seed % 2 == 1) fast.chip.geometry.up = 0;
    Case slow = fast;
    for (int round = 0; round < 6; ++round) {
      for (Case* c : {&fast, &slow}) {
        std::mt19937_64 change(seed * 8 + static_cast<uint64_t>(round));
        switch (change() % 5) {
          case 0: c->chip.scratchpad[c->conv.in + change() % (size_t{c->conv.in_h} * c->chip.geometry.in_pitch)] ^= uint64_t{1} << change() % 64; break;
          case 1: c->conv.in = static_cast<uint32_t>(change() % 40); break;
          case 2: c->conv.off_x += change() % 2 == 0 ? 1 : -1; break;
          case 3: c->chip.geometry.pad = static_cast<int8_t>(change()); break;
          default: c->chip.weights[kWeightWordBytes * (c->conv.wb + 1) + change() % 64] ^= 1; break;
        }
      }
      ASSERT_EQ(runConv(fast.chip, fast.conv), isa::Fault::None);
      ASSERT_EQ(runConvDirect(slow.chip, slow.conv), isa::Fault::None);
      ASSERT_EQ(fast.chip.scratchpad, slow.chip.scratchpad) << "seed " << seed << ", round " << round;
    }
  }
}

// Four times a sum of this many products of -128 and -128 just fits 32 bits; one more block and the plain loops have to take over.
TEST(Winograd, LargestSums) {
  for (uint32_t icb : {454u, 455u, 456u, 512u}) {
    OnChip fast;
    fast.scratchpad.assign(3000, 0x8080808080808080u);
    fast.weights.assign(kWeightWordBytes * (1 + 9 * icb), 0x80);
    for (size_t o = 0; o < 8; ++o) {  // multiplier 2^23, shift 23 + 25
      for (size_t byte = 0; byte < 8; ++byte) fast.weights[8 * o + byte] = static_cast<uint8_t>((uint64_t{1 << 23} << 32 | uint64_t{48} << 57) >> (8 * byte));
    }
    fast.geometry.kh = fast.geometry.kw = 3;
    fast.geometry.icb = icb;
    fast.geometry.in_pitch = 1;  // planes overlap: all bytes are the same
    fast.geometry.in_cpitch = 1;
    fast.geometry.w_pitch = 1;
    fast.geometry.out_pitch = 6;
    fast.epilogue.lo1 = -128;
    fast.epilogue.hi1 = 127;
    isa::Conv conv;
    conv.oh = conv.ow = 6;
    conv.in_h = conv.in_w = 8;
    conv.ocb = 1;
    conv.out = 2000;
    EXPECT_EQ(Winograd::suits(fast.geometry, conv), icb <= 455) << icb;
    OnChip slow = fast;
    ASSERT_EQ(runConv(fast, conv), isa::Fault::None);
    ASSERT_EQ(runConvDirect(slow, conv), isa::Fault::None);
    EXPECT_EQ(fast.scratchpad, slow.scratchpad) << icb;
    EXPECT_EQ(fast.scratchpad[2000] & 0xff, (uint64_t{icb} * 72 * 16384 + (1 << 24)) >> 25) << icb;
  }
}

TEST(Winograd, SuitsOnlyItsForm) {
  isa::ConvGeo geo;
  geo.kh = geo.kw = 3;
  geo.icb = 4;
  isa::Conv conv;
  conv.oh = conv.ow = 16;
  EXPECT_TRUE(Winograd::suits(geo, conv));
  for (auto change : {+[](isa::ConvGeo& g) { g.sx = 2; }, +[](isa::ConvGeo& g) { g.sy = 2; }, +[](isa::ConvGeo& g) { g.dx = 2; },
                      +[](isa::ConvGeo& g) { g.dy = 2; }, +[](isa::ConvGeo& g) { g.kw = 1; }, +[](isa::ConvGeo& g) { g.kh = 5; }}) {
    isa::ConvGeo other = geo;
    change(other);
    EXPECT_FALSE(Winograd::suits(other, conv)) << isa::print(other);
  }
  conv.oh = 1;  // half of every tile would be dropped
  EXPECT_FALSE(Winograd::suits(geo, conv));
}

TEST(WinogradKernels, BestEqualsPortable) {
  const ConvKernels& best = convKernels();
  const ConvKernels& portable = portableConvKernels();
  std::mt19937_64 engine(5);
  auto fill = [&engine](std::vector<int16_t>& values, int bound, bool extreme) {
    for (int16_t& v : values) v = static_cast<int16_t>(extreme ? -bound : static_cast<int>(engine() % (2 * static_cast<unsigned>(bound))) - bound);
  };
  for (int round = 0; round < 60; ++round) {
    bool extreme = round % 3 == 0;
    size_t count = 1 + engine() % 9;
    std::vector<uint64_t> words(8 * count);
    for (uint64_t& word : words) word = engine();
    std::vector<int16_t> a(64 * count), b(64 * count);
    best.widenPixels(words.data(), 8 * count, a.data());
    portable.widenPixels(words.data(), 8 * count, b.data());
    ASSERT_EQ(a, b);
    best.widenWeights(reinterpret_cast<const uint8_t*>(words.data()), count, a.data());
    portable.widenWeights(reinterpret_cast<const uint8_t*>(words.data()), count, b.data());
    ASSERT_EQ(a, b);

    size_t tiles = 1 + engine() % 11, tileStride = 8 * count, positionStride = tiles * tileStride + 32;
    std::vector<int16_t> pixels(4 * 8 * (2 * tiles + 2));
    fill(pixels, 128, extreme);
    const int16_t* rows[4];
    for (size_t r = 0; r < 4; ++r) rows[r] = pixels.data() + r * (pixels.size() / 4);
    std::vector<int16_t> v(16 * positionStride), w(v);
    best.transformInput(rows, tiles, positionStride, tileStride, v.data());
    portable.transformInput(rows, tiles, positionStride, tileStride, w.data());
    ASSERT_EQ(v, w);

    std::vector<int16_t> taps(9 * 64), u(16 * 64), x(16 * 64);
    fill(taps, 128, extreme);
    best.transformWeights(taps.data(), 64, u.data());
    portable.transformWeights(taps.data(), 64, x.data());
    ASSERT_EQ(u, x);

    size_t pairs = 4 * count, together = std::min(tiles, kMaxTiles);
    fill(v, 512, extreme);
    u.resize(2 * 16 * 16 * pairs);
    fill(u, 1152, extreme);
    std::vector<int32_t> m(2 * 16 * 8 * together), n(m.size());
    for (size_t blocks : {1u, 2u}) {
      best.multiplyTiles(v.data(), tileStride, positionStride, u.data(), pairs, together, blocks, m.data());
      portable.multiplyTiles(v.data(), tileStride, positionStride, u.data(), pairs, together, blocks, n.data());
      ASSERT_EQ(m, n);
    }

    std::vector<int32_t> sums(32), others(32);
    best.transformOutput(m.data(), 16 * together, sums.data(), sums.data() + 16);
    portable.transformOutput(m.data(), 16 * together, others.data(), others.data() + 16);
    ASSERT_EQ(sums, others);
  }
}

}  // namespace
}  // namespace agc::runtime::test
