// The simulator and the Verilog core run the same programs with the same DRAM contents: every byte of every segment must agree, and
// so must every fault. On-chip memories start with different random contents on the two sides.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <tuple>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/runtime/device.h"
#include "fault_programs.h"
#include "hostile.h"
#include "random_chain.h"
#include "random_conv.h"
#include "random_loop.h"
#include "tiled_layer.h"
#include "weight_bound.h"

namespace agc::runtime::test {
namespace {

/// A number from the environment, for longer runs: AGC_COSIM_COUNT programs from AGC_COSIM_SEED on.
uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Pair {
 public:
  Pair(const isa::CoreConfig& core, DeviceOptions options) {
    options.seed = 2 * options.seed + 1;
    sim_ = makeDevice("sim", core, options);
    options.seed += 1;
    verilog_ = makeDevice("verilator", core, options);
  }

  /// Runs `runs` inputs in a row on both.
  ::testing::AssertionResult agree(const RandomProgram& program, int runs, uint64_t seed) {
    sim_->load(program.file, program.segments);
    verilog_->load(program.file, program.segments);
    for (int run = 0; run < runs; ++run) {
      for (const SegmentSpec& spec : program.segments) {
        // Inputs change from run to run; the others start equal and keep what the runs before left.
        if (run != 0 && spec.index != 3) continue;
        for (Device* device : {sim_.get(), verilog_.get()}) {
          fillSegment(*device, spec.index, spec.bytes, seed + 100 * static_cast<uint64_t>(spec.index) + static_cast<uint64_t>(run));
        }
      }
      try {
        simResult = sim_->run();
        verilogResult = verilog_->run();
      } catch (const Error& error) {
        return ::testing::AssertionFailure() << error.what() << "\n" << program.text;
      }
      for (const SegmentSpec& spec : program.segments) {
        const uint8_t* a = sim_->segment(spec.index);
        const uint8_t* b = verilog_->segment(spec.index);
        for (uint64_t i = 0; i < spec.bytes; ++i) {
          if (a[i] == b[i]) continue;
          return ::testing::AssertionFailure() << "run " << run << ", segment " << spec.index << ", byte " << i << ": simulator " << int{a[i]}
                                               << ", Verilog " << int{b[i]} << "\n" << program.text;
        }
      }
      if (simResult.instructions != verilogResult.instructions || simResult.macCycles != verilogResult.macCycles ||
          simResult.dramWritten != verilogResult.dramWritten) {
        return ::testing::AssertionFailure() << "counters differ: instructions " << simResult.instructions << " and "
                                             << verilogResult.instructions << ", multiply beats " << simResult.macCycles << " and "
                                             << verilogResult.macCycles << ", bytes written " << simResult.dramWritten << " and "
                                             << verilogResult.dramWritten << "\n" << program.text;
      }
    }
    return ::testing::AssertionSuccess();
  }

  RunResult simResult, verilogResult;

 private:
  std::unique_ptr<Device> sim_, verilog_;
};

class CosimTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  isa::CoreConfig core_ = isa::CoreConfig::builtin(std::get<0>(GetParam()));

  DeviceOptions options(uint64_t seed) const {
    DeviceOptions options;
    options.memory = std::get<1>(GetParam());
    options.seed = seed;
    return options;
  }
};

TEST_P(CosimTest, RandomConvolutions) {
  Pair pair(core_, options(1));
  uint64_t first = setting("AGC_COSIM_SEED", 7000);
  for (uint64_t seed = first; seed < first + setting("AGC_COSIM_COUNT", 60); ++seed) {
    ASSERT_TRUE(pair.agree(randomConvProgram(core_, seed), 3, seed)) << "seed " << seed;
  }
}

TEST_P(CosimTest, RandomCopies) {
  for (uint64_t seed = 0; seed < 15; ++seed) {
    Pair pair(core_, options(seed));
    ASSERT_TRUE(pair.agree(randomCopyProgram(core_, 500 + seed), 3, seed)) << "seed " << seed;
  }
}

TEST_P(CosimTest, RandomChains) {
  Pair pair(core_, options(2));
  uint64_t first = setting("AGC_COSIM_SEED", 300);
  for (uint64_t seed = first; seed < first + setting("AGC_COSIM_COUNT", 20); ++seed) {
    ASSERT_TRUE(pair.agree(randomChainProgram(core_, seed, 8), 3, seed)) << "seed " << seed;
  }
}

TEST_P(CosimTest, RandomLoops) {
  Pair pair(core_, options(4));
  uint64_t first = setting("AGC_COSIM_SEED", 40);
  for (uint64_t seed = first; seed < first + setting("AGC_COSIM_COUNT", 30); ++seed) {
    ASSERT_TRUE(pair.agree(randomLoopProgram(core_, seed, 1 + seed % 5), 2, seed)) << "seed " << seed;
    // The stress memory's stalls are not modelled one by one.
    if (std::get<1>(GetParam()) == std::string("stress")) continue;
    EXPECT_EQ(pair.simResult.dramRead, pair.verilogResult.dramRead) << "seed " << seed;
    EXPECT_NEAR(double(pair.simResult.cycles) / double(pair.verilogResult.cycles), 1.0, 0.02)
        << "seed " << seed << ": " << pair.simResult.cycles << ", Verilog " << pair.verilogResult.cycles;
  }
}

TEST_P(CosimTest, TiledLayers) {
  Pair pair(core_, options(3));
  for (uint64_t seed = 0; seed < 4; ++seed) {
    ASSERT_TRUE(pair.agree(tiledLayerProgram(core_, seed, 4), 1, seed)) << "seed " << seed;
  }
}

// Addresses around the ends of the memories: both sides run or both stop for the same cause. (Where a tile leaves the scratchpad and
// the weight buffer, the order in time decides, which is the Verilog's business.)
TEST_P(CosimTest, HostileConvolutions) {
  auto sim = makeDevice("sim", core_, options(6)), verilog = makeDevice("verilator", core_, options(6));
  auto cause = [](Device& device) {
    try {
      device.run();
      return isa::Fault::None;
    } catch (const DeviceFault& fault) {
      return fault.cause;
    }
  };
  unsigned finished = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    isa::ProgramFile file = hostileConvolution(core_, seed);
    sim->load(file, faultSegments());
    verilog->load(file, faultSegments());
    isa::Fault a = cause(*sim), b = cause(*verilog);
    bool bothRange = a != isa::Fault::None && b != isa::Fault::None;
    if (a == isa::Fault::None) ++finished;
    ASSERT_TRUE(a == b || bothRange) << "seed " << seed << ": simulator " << isa::name(a) << ", Verilog " << isa::name(b) << "\n"
                                     << isa::print(*isa::decode(file.code[0])) << "\n" << isa::print(*isa::decode(file.code[1])) << "\n"
                                     << isa::print(*isa::decode(file.code[2]));
  }
  EXPECT_GT(finished, 10u);
}

INSTANTIATE_TEST_SUITE_P(All, CosimTest,
                         ::testing::Combine(::testing::Values("tiny", "z7020"), ::testing::Values("ideal", "ddr3-z7020", "stress")),
                         [](const auto& info) {
                           std::string name = std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
                           for (char& c : name) {
                             if (c == '-') c = '_';
                           }
                           return name;
                         });

// The contract: within 2% of Verilog for programs of at least 10^5 cycles under ddr3-z7020.
class CycleModelTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CycleModelTest, HoldsTwoPercent) {
  isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  DeviceOptions options;
  Pair pair(core, options);
  for (uint64_t seed = 100; seed < 108; ++seed) {
    RandomProgram program = tiledLayerProgram(core, seed, 0);
    ASSERT_TRUE(pair.agree(program, 1, seed));
    auto model = static_cast<double>(pair.simResult.cycles), verilog = static_cast<double>(pair.verilogResult.cycles);
    EXPECT_GE(verilog, 1e5) << "seed " << seed << " is too short for the contract";
    EXPECT_NEAR(model / verilog, 1.0, 0.02) << "seed " << seed << ": model " << model << ", Verilog " << verilog;
    RecordProperty("ratio_" + std::to_string(seed), std::to_string(model / verilog));
  }
}

// Loads alone, back to back: the engine's own time for each kind. (Beside stores and convolutions they also wait for banks, which the model
// leaves out.)
TEST_P(CycleModelTest, FollowsLoads) {
  isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  for (const char* memory : {"ideal", "ddr3-z7020"}) {
    DeviceOptions options;
    options.memory = memory;
    Pair pair(core, options);
    for (uint64_t seed = 900; seed < 960; ++seed) {
      RandomProgram program = randomLoadProgram(core, seed, 1 + seed % 12);
      ASSERT_TRUE(pair.agree(program, 1, seed)) << "seed " << seed;
      EXPECT_EQ(pair.simResult.cycles, pair.verilogResult.cycles) << "seed " << seed << ", " << memory << "\n" << program.text;
    }
  }
}

/// Short convolutions in all modes of the epilogue, each behind new registers and some behind a new table; nothing else moves words, and
/// reading takes longer than the drain, whose conflicts at the banks the model leaves out. `modes` = false: the same with sums and no tables.
RandomProgram epilogueProgram(const isa::CoreConfig& core, uint64_t seed, bool modes) {
  std::mt19937_64 engine(seed);
  auto below = [&](uint32_t bound) { return static_cast<uint32_t>(engine() % bound); };
  RandomProgram program;
  auto add = [&](const isa::Instruction& instruction) {
    program.file.code.push_back(isa::encode(instruction));
    program.text += isa::print(instruction) + "\n";
  };
  isa::Wload wload;
  wload.seg = 1;
  wload.n = 40;
  wload.h.post[0] = 1;
  add(wload);
  isa::ConvTable table;
  table.h.wait[0] = 1;
  for (unsigned k = 0; k < 15; ++k) {
    if (k == 0 || below(3) == 0) {
      table.wb = below(30);
      if (modes || k == 0) add(table);
      table.h = {};
    }
    isa::ConvGeo geo;
    geo.kh = geo.kw = 3;
    geo.icb = 1 + below(2);
    geo.in_pitch = geo.res_pitch = 24;
    geo.out_step = below(3);
    geo.out_pitch = 24 * (geo.out_step + 1);
    geo.in_cpitch = geo.res_cpitch = 24 * 4;
    geo.out_cpitch = geo.out_pitch * 4;
    geo.w_pitch = 1 + 9 * geo.icb;
    isa::ConvEpi epi;
    epi.lo1 = epi.lo = -128;
    epi.hi1 = epi.hi = 127;
    epi.res = below(3) != 0;
    epi.op = below(4);
    epi.a = 1 << 20;
    epi.b = epi.op == 1 ? 0 : 1 << 20;
    epi.sh2 = epi.op == 1 ? 27 : 20;
    epi.table = below(3);
    epi.res_still = below(2);
    if (!modes) epi.op = epi.table = 0;
    add(geo);
    add(epi);
    for (uint32_t tiles = 1 + below(3); tiles > 0; --tiles) {
      isa::Conv conv;
      conv.in_h = conv.oh = 1 + below(4);
      conv.in_w = conv.ow = 1 + below(24);
      conv.ocb = 1 + below(2);
      conv.res = 600;
      conv.out = 1200;
      add(conv);
    }
  }
  add(isa::End{});
  program.file.constants.resize(64 * 40);
  for (uint8_t& byte : program.file.constants) byte = static_cast<uint8_t>(below(128));
  program.file.coreHash = core.hash;
  program.file.manifestJson = "{}";
  program.segments = {{3, 64}, {4, 64}};
  return program;
}

// The way through the epilogue is longer in some of its modes, and tables take their time: what that adds to a program.
TEST_P(CycleModelTest, FollowsTheEpilogue) {
  isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  DeviceOptions options;
  options.memory = "ideal";
  Pair pair(core, options);
  for (uint64_t seed = 500; seed < 520; ++seed) {
    int64_t model[2], verilog[2];
    for (bool modes : {false, true}) {
      RandomProgram program = epilogueProgram(core, seed, modes);
      ASSERT_TRUE(pair.agree(program, 1, seed)) << "seed " << seed;
      model[modes] = static_cast<int64_t>(pair.simResult.cycles);
      verilog[modes] = static_cast<int64_t>(pair.verilogResult.cycles);
      // Residuals of such short tiles alone make the model about a percent slow.
      EXPECT_NEAR(double(model[modes]) / double(verilog[modes]), 1.0, 0.02) << "seed " << seed;
    }
    EXPECT_GT(verilog[1], verilog[0] + 60) << "seed " << seed;
    // Longer ways shift the drain's words against each other at the banks, which the model leaves out: some cycles either way, of several thousand.
    EXPECT_NEAR(double(model[1] - model[0]), double(verilog[1] - verilog[0]), 10)
        << "seed " << seed << ": " << model[0] << " and " << model[1] << ", Verilog " << verilog[0] << " and " << verilog[1];
  }
}

// Weights come at 90% of what the ports and the memory give, and the model keeps up where the ports share the memory's bandwidth.
TEST_P(CycleModelTest, WeightsFillTheMemory) {
  isa::CoreConfig core = isa::CoreConfig::builtin(GetParam());
  DeviceOptions options;
  Pair pair(core, options);
  for (uint64_t seed = 300; seed < 306; ++seed) {
    RandomProgram program = weightBoundProgram(core, seed, seed % 2 == 1);
    ASSERT_TRUE(pair.agree(program, 1, seed));
    auto model = static_cast<double>(pair.simResult.cycles), verilog = static_cast<double>(pair.verilogResult.cycles);
    EXPECT_NEAR(model / verilog, 1.0, 0.003) << "seed " << seed << ": model " << model << ", Verilog " << verilog;
    double bytes = static_cast<double>(pair.verilogResult.dramRead + pair.verilogResult.dramWritten);
    EXPECT_GE(bytes / verilog, 0.9 * std::min(25.0, 8.0 * (core.axiPorts - 1))) << "seed " << seed;
    RecordProperty("ratio_" + std::to_string(seed), std::to_string(model / verilog));
    RecordProperty("bytes_per_cycle_" + std::to_string(seed), std::to_string(bytes / verilog));
  }
}

INSTANTIATE_TEST_SUITE_P(Cores, CycleModelTest, ::testing::Values("tiny", "z7020"), [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace agc::runtime::test
