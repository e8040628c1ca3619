// The simulator's convolution: fast path against the naive machine and against its own slow path, kernels against each other.
#include "conv.h"

#include <gtest/gtest.h>

#include <random>

#include "backends.h"
#include "compare.h"
#include "conv_kernel.h"
#include "fault_programs.h"
#include "hostile.h"
#include "random_chain.h"
#include "random_loop.h"

namespace agc::runtime::test {
namespace {

TEST(SimulatedConv, MatchesTheNaiveMachine) {
  for (const char* name : {"tiny", "z7020"}) {
    isa::CoreConfig core = isa::CoreConfig::builtin(name);
    auto device = makeDevice("sim", core, {});
    for (uint64_t seed = 1000; seed < 1400; ++seed) {
      ASSERT_TRUE(matchesNaive(*device, core, randomConvProgram(core, seed, 1 + seed % 3), 1, seed)) << name << ", seed " << seed;
    }
  }
}

TEST(SimulatedConv, ChainsMatchTheNaiveMachine) {
  for (const char* name : {"tiny", "z7020"}) {
    isa::CoreConfig core = isa::CoreConfig::builtin(name);
    auto device = makeDevice("sim", core, {});
    for (uint64_t seed = 1000; seed < 1100; ++seed) {
      ASSERT_TRUE(matchesNaive(*device, core, randomChainProgram(core, seed, 1 + seed % 9), 1, seed)) << name << ", seed " << seed;
    }
  }
}

TEST(Simulator, LoopsMatchTheNaiveMachine) {
  for (const char* name : {"tiny", "z7020"}) {
    isa::CoreConfig core = isa::CoreConfig::builtin(name);
    auto device = makeDevice("sim", core, {});
    for (uint64_t seed = 0; seed < 100; ++seed) {
      ASSERT_TRUE(matchesNaive(*device, core, randomLoopProgram(core, seed, 1 + seed % 5), 2, seed)) << name << ", seed " << seed;
    }
  }
}

TEST(SimulatedConv, SlowPathEqualsFastPath) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    isa::CoreConfig core = isa::CoreConfig::builtin(seed % 2 ? "tiny" : "z7020");
    RandomProgram program = randomConvProgram(core, seed);
    std::mt19937_64 engine(seed);
    OnChip fast;
    fast.pixels = core.pixels;
    fast.scratchpad.resize(core.scratchpadWords());
    for (uint64_t& word : fast.scratchpad) word = engine();
    fast.weights.resize(kWeightWordBytes * core.weightWords);
    for (uint8_t& byte : fast.weights) byte = static_cast<uint8_t>(engine());
    OnChip slow = fast;
    for (const isa::Word& word : program.file.code) {
      isa::Instruction instruction = *isa::decode(word);
      for (OnChip* chip : {&fast, &slow}) {
        if (auto* geo = std::get_if<isa::ConvGeo>(&instruction)) chip->geometry = *geo;
        if (auto* epi = std::get_if<isa::ConvEpi>(&instruction)) chip->epilogue = *epi;
      }
      if (auto* table = std::get_if<isa::ConvTable>(&instruction)) {
        for (OnChip* chip : {&fast, &slow}) EXPECT_EQ(runConvTable(*chip, *table), isa::Fault::None);
      }
      if (auto* conv = std::get_if<isa::Conv>(&instruction)) {
        EXPECT_EQ(runConv(fast, *conv), isa::Fault::None);
        EXPECT_EQ(runConvDirect(slow, *conv), isa::Fault::None);
      }
    }
    ASSERT_EQ(fast.scratchpad, slow.scratchpad) << program.text;
  }
}

// Whatever a program says, the simulator runs it or reports a fault of the machine.
TEST(Simulator, SurvivesHostilePrograms) {
  isa::CoreConfig core = isa::CoreConfig::builtin("tiny");
  unsigned finished = 0, stopped = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    auto device = makeDevice("sim", core, {});
    device->load(seed % 3 == 0 ? hostileConvolution(core, seed) : hostileProgram(core, seed, 1 + seed % 12), faultSegments());
    try {
      device->run();
      ++finished;
    } catch (const DeviceFault& fault) {
      EXPECT_NE(fault.cause, isa::Fault::None);
      ++stopped;
    }
  }
  EXPECT_GT(finished, 50u);
  EXPECT_GT(stopped, 500u);
}

TEST(SimulatedConv, AddressesWrapAtTwentyBits) {
  OnChip chip;
  chip.scratchpad.resize(4096);
  chip.weights.assign(kWeightWordBytes * 4, 0);
  for (size_t i = 0; i < 4096; ++i) chip.scratchpad[i] = 0x0101010101010101u * (i & 127);
  for (size_t o = 0; o < 8; ++o) {
    chip.weights[64 + 8 * o + o] = 1;
    chip.weights[8 * o + 6] = 1;        // multiplier 2^16
    chip.weights[8 * o + 7] = 16 << 1;  // shift 16
  }
  chip.geometry.in_pitch = 1;
  chip.geometry.in_cpitch = (1 << 20) - 5;  // a second plane 5 words before the first
  chip.geometry.icb = 2;
  chip.geometry.w_pitch = 3;
  chip.epilogue.lo1 = -128;
  chip.epilogue.hi1 = 127;
  isa::Conv conv;
  conv.in = 20;
  conv.in_h = 1;
  conv.in_w = 1;
  conv.out = 100;
  ASSERT_EQ(runConv(chip, conv), isa::Fault::None);
  EXPECT_EQ(chip.scratchpad[100], 0x0101010101010101u * 20);
  for (size_t o = 0; o < 8; ++o) {
    chip.weights[64 + 8 * o + o] = 0;
    chip.weights[128 + 8 * o + o] = 1;
  }
  ASSERT_EQ(runConv(chip, conv), isa::Fault::None);
  EXPECT_EQ(chip.scratchpad[100], 0x0101010101010101u * 15);
  conv.in = 4;  // 4 + 2^20 - 5 does not wrap
  EXPECT_EQ(runConv(chip, conv), isa::Fault::SpRange);
}

TEST(ConvKernels, BestEqualsPortable) {
  const ConvKernels& best = convKernels();
  const ConvKernels& portable = portableConvKernels();
  std::mt19937_64 engine(3);
  for (int round = 0; round < 60; ++round) {
    size_t pixels = 1 + engine() % 70, taps = 1 + engine() % 30, stride = 8 * (1 + engine() % 4);
    std::vector<int16_t> input(stride * pixels + 64 * taps), weights(64 * taps);
    // Extreme values: 16-bit sums that saturate anywhere would show.
    for (int16_t& v : input) v = static_cast<int16_t>(round % 2 ? -128 : static_cast<int>(engine() % 256) - 128);
    for (int16_t& v : weights) v = static_cast<int16_t>(round % 2 ? -127 : static_cast<int>(engine() % 255) - 127);
    std::vector<const int16_t*> rows(taps);
    for (const int16_t*& row : rows) row = input.data() + 8 * (engine() % (8 * taps - 7));
    std::vector<int32_t> a(8 * pixels), b(8 * pixels);
    best.accumulateRow(rows.data(), taps, weights.data(), stride, pixels, a.data());
    portable.accumulateRow(rows.data(), taps, weights.data(), stride, pixels, b.data());
    ASSERT_EQ(a, b);

    for (int32_t& v : a) v = static_cast<int32_t>(engine() >> (32 + engine() % 20)) * (engine() % 2 ? 1 : -1);
    std::array<uint8_t, 64> parameters;
    for (uint8_t& byte : parameters) byte = static_cast<uint8_t>(engine());
    RequantLanes lanes;
    lanes.set(parameters.data(), -3, -128, 127);
    std::vector<int8_t> p(8 * pixels), q(8 * pixels), residual(8 * pixels);
    best.requantizeRow(a.data(), pixels, lanes, p.data());
    portable.requantizeRow(a.data(), pixels, lanes, q.data());
    ASSERT_EQ(p, q);
    for (int8_t& v : residual) v = static_cast<int8_t>(engine());
    isa::ConvEpi epi;
    epi.op = static_cast<uint32_t>(round % 4);
    epi.zq = -3;
    epi.zr = 5;
    epi.a = static_cast<int32_t>(engine() % (1 << 22)) - (1 << 21);
    epi.b = static_cast<int32_t>(engine() % (1 << 22)) - (1 << 21);
    epi.sh2 = static_cast<uint32_t>(engine() % 64);
    epi.zo = 2;
    epi.lo = -100;
    epi.hi = 127;
    ResidualLanes lanes2;
    lanes2.set(epi);
    best.combineRow(p.data(), residual.data(), pixels, lanes2);
    portable.combineRow(q.data(), residual.data(), pixels, lanes2);
    ASSERT_EQ(p, q);
  }
}

// Every value around every tie for every shift, against arithmetic in 128 bits.
TEST(ConvKernels, RoundsHalfToEven) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (int64_t m : {int64_t{0}, int64_t{1}, int64_t{1} << 16, int64_t{99991}, (int64_t{1} << 24) - 1, -(int64_t{1} << 24)}) {
      std::vector<int32_t> acc;
      for (int32_t centre : {0, 1 << 15, -(1 << 15), INT32_MAX - 16, INT32_MIN + 16, shift > 23 && shift < 54 ? 1 << (shift - 24) : 3}) {
        for (int32_t d = -16; d <= 15; ++d) acc.push_back(static_cast<int32_t>(static_cast<uint32_t>(centre) + static_cast<uint32_t>(d)));
      }
      uint64_t lane = (static_cast<uint64_t>(m) & 0x1ffffff) << 32 | static_cast<uint64_t>(shift) << 57;
      std::array<uint8_t, 64> parameters;
      for (size_t i = 0; i < 64; ++i) parameters[i] = static_cast<uint8_t>(lane >> (8 * (i % 8)));
      RequantLanes lanes;
      lanes.set(parameters.data(), 0, -128, 127);
      std::vector<int8_t> q(acc.size());
      convKernels().requantizeRow(acc.data(), acc.size() / 8, lanes, q.data());
      for (size_t i = 0; i < acc.size(); ++i) {
        __int128 product = static_cast<__int128>(acc[i]) * m, divisor = static_cast<__int128>(1) << shift;
        __int128 floor = product >> shift, rest = product - floor * divisor;
        if (2 * rest > divisor || (2 * rest == divisor && (floor & 1) != 0)) floor += 1;
        __int128 expected = floor < -128 ? -128 : floor > 127 ? 127 : floor;
        ASSERT_EQ(int{q[i]}, static_cast<int>(expected)) << "acc " << acc[i] << ", m " << m << ", shift " << shift;
      }
    }
  }
}

}  // namespace
}  // namespace agc::runtime::test
