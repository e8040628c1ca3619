// The convolution engine against docs/machine.md.
//
//   conv_test_<core> [--seed N] [--count N] [--verbose] [gtest options]
//
// Every random sequence has a seed of its own, which a failure prints; `--seed N --count 1` runs that one again.
#include "conv_bench.h"

#include AGC_MODEL_HEADER

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

namespace agc::bench {
namespace {

uint64_t firstSeed = 1, sequences = 0;
bool verbose = false;

using Bench = ConvBench<AGC_MODEL_CLASS>;

const isa::CoreConfig &core() {
  static const isa::CoreConfig config = isa::CoreConfig::builtin(AGC_CORE_NAME);
  return config;
}

// Runs `body` for every seed that is asked for, each on a bench of its own, so that the seed alone decides what happens.
template <class Body> void forSeeds(Body body) {
  uint64_t count = sequences ? sequences : core().pixels > 4 ? 12 : 40;
  for (uint64_t seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      Bench bench(core(), seed);
      Random random(seed);
      body(bench, random);
    } catch (const Failure &failure) {
      FAIL() << "--seed " << seed << " --count 1: " << failure.what();
    }
  }
}

Disturbance drawDisturbance(Random &random) {
  Disturbance d;
  if (random.chance(25)) return d;
  d.commandGap = random.chance(50) ? 0 : random.s(50, 99);
  d.traffic = random.chance(40) ? 0 : random.chance(30) ? 100 : random.s(1, 99);
  d.blockWrites = random.chance(60) ? 0 : random.s(1, 95);
  d.blockReads = random.chance(60) ? 0 : random.s(1, 95);
  return d;
}

// One sequence, checked to the last word of the scratchpad.
void runRandom(Bench &bench, Random &random, SequenceOptions options, uint64_t haltAt = 0) {
  std::vector<uint64_t> before = bench.machine.sp;
  Sequence sequence = randomSequence(core(), bench.machine, random, options);
  if (verbose) std::cout << sequence.text() << std::flush;
  bench.writeWeights();
  bench.run(sequence, drawDisturbance(random), before, haltAt);
  bench.compareScratchpad();
}

TEST(Conv, RandomSequences) {
  forSeeds([](Bench &bench, Random &random) { runRandom(bench, random, {}); });
}

TEST(Conv, ShortTilesFollowEachOther) {
  forSeeds([](Bench &bench, Random &random) {
    SequenceOptions options;
    options.groups = 8;
    options.convsPerGroup = 12;
    options.beatsPerConv = 60;
    runRandom(bench, random, options);
  });
}

TEST(Conv, FaultsStopItAndClearRevivesIt) {
  forSeeds([](Bench &bench, Random &random) {
    SequenceOptions options;
    options.groups = 1;
    options.beatsPerConv = 400;
    options.fault = random.chance(70) ? isa::Fault::SpRange : isa::Fault::WbRange;
    runRandom(bench, random, options);
    options.fault = isa::Fault::None;
    runRandom(bench, random, options);
  });
}

TEST(Conv, HaltStopsItAndClearRevivesIt) {
  forSeeds([](Bench &bench, Random &random) {
    SequenceOptions options;
    options.groups = 2;
    options.beatsPerConv = 400;
    runRandom(bench, random, options, random.u(1, 1200));
    runRandom(bench, random, options);
  });
}

// ---- Cycles ---------------------------------------------------------------------------------------------------------------------

struct CostCase {
  const char *name;
  isa::ConvGeo geo;
  isa::ConvEpi epi;
  isa::Conv conv;
  unsigned convs;
};

isa::ConvGeo geometry(uint32_t kernel, uint32_t stride, uint32_t icb, bool up = false) {
  isa::ConvGeo geo;
  geo.kh = geo.kw = kernel;
  geo.sy = geo.sx = stride;
  geo.icb = icb;
  geo.up = up;
  geo.in_pitch = 20;
  geo.in_cpitch = 60;
  geo.out_pitch = geo.res_pitch = 40;
  geo.out_cpitch = geo.res_cpitch = 240;
  geo.w_pitch = 1 + icb * kernel * kernel;
  return geo;
}

/// Pixels go in blocks of two rows, which needs a pitch of its own.
isa::ConvGeo inBlocks(isa::ConvGeo geo) {
  geo.block = 1;
  while (geo.sy * geo.in_pitch % core().banks != core().pixels / 2) geo.in_pitch++;
  return geo;
}

/// Input columns apart by parity.
isa::ConvGeo inParts(isa::ConvGeo geo) {
  geo.split = 1;
  geo.in_half = 10;
  return geo;
}

isa::ConvEpi epilogue(bool res, bool partIn, bool partOut) {
  isa::ConvEpi epi;
  epi.res = res;
  epi.part_in = partIn;
  epi.part_out = partOut;
  epi.lo1 = epi.lo = -128;
  epi.hi1 = epi.hi = 127;
  epi.a = epi.b = 70000;
  epi.sh2 = 17;
  return epi;
}

isa::Conv tile(uint32_t ocb, uint32_t oh, uint32_t ow) {
  isa::Conv conv;
  conv.ocb = ocb;
  conv.oh = oh;
  conv.ow = ow;
  conv.in_h = 3;
  conv.in_w = 20;
  conv.off_y = conv.off_x = -1;
  conv.out = 600;
  conv.res = 1400;
  conv.part = 2200;
  return conv;
}

// Latency from the first multiplier beat of a run to its end, beyond the beats themselves.
constexpr uint64_t fillAndDrain = 44;
// The drain's reads wait for the last write of the CONV before: seen where the drain is the bottleneck.
constexpr uint64_t readsAfterWrites = 32;

TEST(Conv, CyclesFollowTheFormula) {
  const uint32_t px = core().pixels;
  const CostCase cases[] = {
      {"3x3, 4 blocks", geometry(3, 1, 4), epilogue(false, false, false), tile(3, 4, 3 * px), 3},
      {"3x3 stride 2", geometry(3, 2, 3), epilogue(false, false, false), tile(2, 3, 2 * px + 1), 3},
      {"5x5 stride 4", geometry(5, 4, 1), epilogue(false, false, false), tile(2, 3, 2 * px), 2},
      {"3x3 from 2x", geometry(3, 1, 4, true), epilogue(false, false, false), tile(2, 4, 2 * px), 3},
      {"3x3 + residual", geometry(3, 1, 3), epilogue(true, false, false), tile(2, 4, 3 * px), 3},
      {"3x3, partial out", geometry(3, 1, 4), epilogue(false, false, true), tile(1, 4, 3 * px), 2},
      {"3x3, partial in", geometry(3, 1, 4), epilogue(false, true, false), tile(1, 4, 3 * px), 2},
      {"3x3, partial in and out", geometry(3, 1, 4), epilogue(false, true, true), tile(1, 4, 3 * px), 2},
      {"1x1, as long as the drain", geometry(1, 1, px), epilogue(false, false, false), tile(2, 4, 3 * px), 3},
      {"1x1, drain bound", geometry(1, 1, 2), epilogue(false, false, false), tile(3, 4, 3 * px), 3},
      {"1x1, drain bound, residual", geometry(1, 1, 2), epilogue(true, false, false), tile(3, 4, 3 * px), 3},
      {"1x1, drain bound, partial out", geometry(1, 1, 2), epilogue(false, false, true), tile(2, 3, 3 * px), 2},
      {"1x1, drain bound, partial in", geometry(1, 1, 2), epilogue(false, true, false), tile(2, 3, 3 * px), 2},
      {"3x3 stride 2, split", inParts(geometry(3, 2, 3)), epilogue(false, false, false), tile(2, 3, 2 * px + 1), 3},
      {"3x3 stride 4, split", inParts(geometry(3, 4, 3)), epilogue(false, false, false), tile(2, 3, 2 * px), 2},
      {"3x3 in blocks", inBlocks(geometry(3, 1, 3)), epilogue(false, false, false), tile(2, 6, 3 * px / 2), 3},
      {"3x3 in blocks, odd rows and columns", inBlocks(geometry(3, 1, 3)), epilogue(false, false, false), tile(2, 5, px + 1), 3},
      {"3x3 stride 2, split, in blocks", inBlocks(inParts(geometry(3, 2, 3))), epilogue(false, false, false), tile(2, 4, px), 3},
      {"1x1 in blocks, drain bound", inBlocks(geometry(1, 1, 2)), epilogue(false, false, false), tile(3, 4, 3 * px / 2), 3},
      {"1x1 in blocks, drain bound, residual", inBlocks(geometry(1, 1, 2)), epilogue(true, false, false), tile(3, 4, 3 * px / 2), 3},
      {"3x3 in blocks, partial in", inBlocks(geometry(3, 1, 4)), epilogue(false, true, false), tile(1, 4, 3 * px / 2), 2},
      {"3x3, one pixel", geometry(3, 1, 4), epilogue(false, false, false), tile(1, 1, 1), 8},
  };
  for (const CostCase &c : cases) {
    Bench bench(core(), firstSeed);
    Random random(firstSeed);
    WeightAllocator weights(bench.machine, random);
    ASSERT_TRUE(weights.claim(c.geo, c.conv)) << c.name;
    bench.writeWeights();
    Sequence sequence;
    uint64_t formula = 0, drain = 0;
    auto add = [&](const isa::Instruction &instruction) {
      sequence.items.emplace_back();
      sequence.items.back().instruction = instruction;
      sequence.items.back().bits = isa::encode(instruction);
    };
    add(c.geo);
    add(c.epi);
    for (unsigned k = 0; k < c.convs; k++) {
      add(c.conv);
      sequence.items.back().macBeats = macBeats(c.geo, c.conv, core().pixels);
      sequence.items.back().writes = bench.machine.run(c.geo, c.epi, c.conv);
      formula += formulaCycles(c.geo, c.epi, c.conv, core().pixels, core().banks, drain);
    }
    sequence.freeStart = core().scratchpadWords() - 8;
    sequence.freeWords = 8;
    try {
      Measured measured = bench.run(sequence, {}, bench.machine.sp);
      uint64_t taken = measured.lastDone - measured.firstBeat + 1;
      std::cout << AGC_CORE_NAME << ", " << c.name << ": " << c.convs << " x CONV take " << taken << " cycles, formula " << formula + drain << " + "
                << int64_t(taken) - int64_t(formula + drain) << "; stalls " << measured.stalls << "\n";
      uint64_t allowed = formula + drain + fillAndDrain;
      if (measured.stalls && (c.epi.res || c.epi.part_in)) allowed += (c.convs - 1) * readsAfterWrites;
      EXPECT_LE(taken, allowed) << c.name;
      EXPECT_GE(taken, formula) << c.name;
    } catch (const Failure &failure) {
      ADD_FAILURE() << c.name << ": " << failure.what();
    }
  }
}

} // namespace
} // namespace agc::bench

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int k = 1; k < argc; k++) {
    auto number = [&] { return k + 1 < argc ? std::strtoull(argv[++k], nullptr, 0) : 0; };
    if (!std::strcmp(argv[k], "--seed")) agc::bench::firstSeed = number();
    else if (!std::strcmp(argv[k], "--count")) agc::bench::sequences = number();
    else if (!std::strcmp(argv[k], "--verbose")) agc::bench::verbose = true;
    else {
      std::cerr << "conv_test: unknown argument " << argv[k] << "; known: --seed N, --count N, --verbose\n";
      return 1;
    }
  }
  return RUN_ALL_TESTS();
}
