// The conformance suite: what every backend must do, run on each that this build has.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "agc/isa/info.h"
#include "agc/runtime/device.h"
#include "backends.h"
#include "compare.h"
#include "fault_programs.h"
#include "random_chain.h"

namespace agc::runtime::test {
namespace {

class DeviceTest : public ::testing::TestWithParam<Target> {
 protected:
  isa::CoreConfig core_ = isa::CoreConfig::builtin(GetParam().core);

  std::unique_ptr<Device> make(DeviceOptions options = {}) { return makeDevice(GetParam().backend, core_, options); }

  /// Loads the copy program with known bytes, runs it, and says whether the copy is there.
  bool copies(Device& device) {
    device.load(goodProgram(core_), faultSegments());
    fillSegment(device, 3, 4096, 5);
    std::fill_n(device.segment(4), 4096, uint8_t{0x5a});
    device.run();
    return std::equal(device.segment(3), device.segment(3) + 256, device.segment(4)) &&
           std::count(device.segment(4) + 256, device.segment(4) + 4096, uint8_t{0x5a}) == 4096 - 256;
  }
};

TEST_P(DeviceTest, NamesItself) { EXPECT_EQ(make()->name(), GetParam().backend); }

TEST_P(DeviceTest, CopiesAndCounts) {
  auto device = make();
  EXPECT_TRUE(copies(*device));
  RunResult result = device->run();
  EXPECT_EQ(result.instructions, 3u);
  EXPECT_EQ(result.dramWritten, 256u);
  EXPECT_EQ(result.dramRead, 256u + 3 * 32u);
  EXPECT_EQ(result.macCycles, 0u);
  EXPECT_GT(result.cycles, 2 * 32u + 50);
  EXPECT_LT(result.cycles, 600u);
  ASSERT_EQ(result.layers.size(), 2u);
  EXPECT_EQ(result.layers[0].layer, 7);
  EXPECT_EQ(result.layers[0].dramRead, 256u);
  EXPECT_EQ(result.layers[1].layer, 9);
  EXPECT_EQ(result.layers[1].dramWritten, 256u);
  EXPECT_LE(result.layers[0].cycles + result.layers[1].cycles, result.cycles);
  EXPECT_GE(result.layers[0].cycles + result.layers[1].cycles + 20, result.cycles);
}

TEST_P(DeviceTest, CyclesAreDeterministic) {
  auto first = make();
  ASSERT_TRUE(copies(*first));
  uint64_t cycles = first->run().cycles;
  EXPECT_EQ(first->run().cycles, cycles);
  auto second = make();
  ASSERT_TRUE(copies(*second));
  EXPECT_EQ(second->run().cycles, cycles);
}

TEST_P(DeviceTest, DramStartsRandomBySeed) {
  auto bytes = [&](uint64_t seed) {
    DeviceOptions options;
    options.seed = seed;
    auto device = make(options);
    device->load(goodProgram(core_), faultSegments());
    return std::vector<uint8_t>(device->segment(2), device->segment(2) + 4096);
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

TEST_P(DeviceTest, ScratchpadKeepsItsContents) {
  auto device = make();
  ASSERT_TRUE(copies(*device));
  std::vector<uint8_t> copied(device->segment(4), device->segment(4) + 256);
  isa::ProgramFile onlyStore = goodProgram(core_);
  onlyStore.code = {onlyStore.code[1], onlyStore.code[2]};
  isa::Store store = std::get<isa::Store>(*isa::decode(onlyStore.code[0]));
  store.h.wait[0] = 0;
  onlyStore.code[0] = isa::encode(store);
  device->load(onlyStore, faultSegments());
  device->run();
  EXPECT_TRUE(std::equal(copied.begin(), copied.end(), device->segment(4)));
}

TEST_P(DeviceTest, SegmentsThatDoNotExistAreNull) {
  auto device = make();
  device->load(goodProgram(core_), faultSegments());
  EXPECT_EQ(device->segment(6), nullptr);
  EXPECT_EQ(device->segment(-1), nullptr);
  EXPECT_EQ(device->segment(8), nullptr);
  EXPECT_NE(device->segment(0), nullptr);
}

TEST_P(DeviceTest, RefusesWithSentences) {
  auto device = make();
  EXPECT_THROW(device->run(), Error);
  isa::ProgramFile other = goodProgram(core_);
  other.coreHash ^= 1;
  EXPECT_THROW(device->load(other, faultSegments()), Error);
  EXPECT_THROW(device->load(goodProgram(core_), {{0, 64}}), Error);
  EXPECT_THROW(device->load(goodProgram(core_), {{8, 64}}), Error);
  EXPECT_THROW(device->load(goodProgram(core_), {{3, uint64_t{1} << 33}}), Error);
  EXPECT_TRUE(copies(*device));
  DeviceOptions options;
  options.memory = "sram";
  EXPECT_THROW(make(options), Error);
}

TEST_P(DeviceTest, FaultsAreReportedAndRecovered) {
  for (const FaultCase& fault : faultCases(core_)) {
    DeviceOptions options;
    options.dramErrors = fault.errors;
    options.watchdogCycles = 3000;
    auto device = make(options);
    device->load(fault.file, faultSegments());
    try {
      device->run();
      ADD_FAILURE() << fault.name << ": no fault";
    } catch (const DeviceFault& found) {
      EXPECT_EQ(isa::name(found.cause), std::string(isa::name(fault.cause))) << fault.name << ": " << found.what();
      EXPECT_EQ(isa::name(found.engine), std::string(isa::name(fault.engine))) << fault.name << ": " << found.what();
      EXPECT_EQ(found.index, fault.index) << fault.name;
      EXPECT_EQ(found.semaphore, fault.semaphore) << fault.name;
    }
    if (fault.errors.empty()) {
      EXPECT_TRUE(copies(*device)) << "after " << fault.name;
    }
  }
}

TEST_P(DeviceTest, RandomCopies) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto device = make();
    ASSERT_TRUE(matchesNaive(*device, core_, randomCopyProgram(core_, seed), 2, seed)) << "seed " << seed;
  }
}

TEST_P(DeviceTest, RandomConvolutions) {
  auto device = make();
  for (uint64_t seed = 0; seed < 40; ++seed) {
    ASSERT_TRUE(matchesNaive(*device, core_, randomConvProgram(core_, seed), 1, seed)) << "seed " << seed;
  }
}

TEST_P(DeviceTest, RandomChains) {
  auto device = make();
  for (uint64_t seed = 0; seed < 12; ++seed) {
    ASSERT_TRUE(matchesNaive(*device, core_, randomChainProgram(core_, seed, 7), 2, seed)) << "seed " << seed;
  }
}

// What no program wrote is random, other than in the last power-up, and not a constant.
TEST_P(DeviceTest, OnChipMemoriesStartRandom) {
  isa::ProgramFile file = goodProgram(core_);
  isa::Store store = std::get<isa::Store>(*isa::decode(file.code[1]));
  store.h.wait[0] = 0;
  store.n0 = 256;
  file.code = {isa::encode(store), file.code[2]};
  auto contents = [&](uint64_t seed) {
    DeviceOptions options;
    options.seed = seed;
    auto device = make(options);
    device->load(file, faultSegments());
    device->run();
    return std::vector<uint8_t>(device->segment(4), device->segment(4) + 2048);
  };
  std::vector<uint8_t> first = contents(1);
  EXPECT_EQ(first, contents(1));
  EXPECT_NE(first, contents(2));
  EXPECT_LT(std::count(first.begin(), first.end(), first[0]), 200);
}

TEST_P(DeviceTest, WritesATimeline) {
  DeviceOptions options;
  options.timelinePath = ::testing::TempDir() + "agc_timeline_" + targetName(GetParam()) + ".json";
  auto device = make(options);
  ASSERT_TRUE(copies(*device));
  std::ifstream file(options.timelinePath);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("\"name\":\"layer 7\",\"cat\":\"LOAD\""), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("\"name\":\"layer 9\",\"cat\":\"STORE\""), std::string::npos);
  std::remove(options.timelinePath.c_str());
}

TEST_P(DeviceTest, WritesAWaveformOrSaysWhyNot) {
  DeviceOptions options;
  options.tracePath = ::testing::TempDir() + "agc_waveform_" + targetName(GetParam()) + ".fst";
  std::unique_ptr<Device> device;
  try {
    device = make(options);
  } catch (const Error& error) {
    std::string sentence = error.what();
    bool explained = sentence.find("simulator has no signals") != std::string::npos || sentence.find("AGC_VERILATOR_TRACE") != std::string::npos;
    EXPECT_TRUE(explained) << sentence;
    return;
  }
  EXPECT_TRUE(copies(*device));
  device.reset();
  std::ifstream file(options.tracePath, std::ios::binary | std::ios::ate);
  EXPECT_GT(file.tellg(), 1000);
  std::remove(options.tracePath.c_str());
  options.tracePath = "/nonexistent-folder/waveform.fst";
  EXPECT_THROW(make(options), Error);
}

TEST_P(DeviceTest, RefusesATimelineThatCannotBeWritten) {
  DeviceOptions options;
  options.timelinePath = "/nonexistent-folder/timeline.json";
  auto device = make(options);
  device->load(goodProgram(core_), faultSegments());
  EXPECT_THROW(device->run(), Error);
}

INSTANTIATE_TEST_SUITE_P(Backends, DeviceTest, ::testing::ValuesIn(targets()),
                         [](const ::testing::TestParamInfo<Target>& info) { return targetName(info.param); });

TEST(MakeDevice, RefusesWhatIsNotHere) {
  isa::CoreConfig core = isa::CoreConfig::builtin("tiny");
  EXPECT_THROW(makeDevice("zynq", core, {}), Error);
  EXPECT_THROW(makeDevice("abacus", core, {}), Error);
  DeviceOptions trace;
  trace.tracePath = "x.fst";
  EXPECT_THROW(makeDevice("sim", core, trace), Error);
}

}  // namespace
}  // namespace agc::runtime::test
