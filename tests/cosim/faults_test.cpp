// Every fault that isa.json names happens on both backends, is reported with cause, engine and instruction, and leaves a device that runs the next
// program without being made anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/runtime/device.h"
#include "backends.h"
#include "compare.h"
#include "fault_programs.h"
#include "random_chain.h"

namespace agc::runtime::test {
namespace {

class FaultTest : public ::testing::TestWithParam<Target> {
 protected:
  isa::CoreConfig core_ = isa::CoreConfig::builtin(GetParam().core);

  std::unique_ptr<Device> make(const std::string& memory, std::vector<DramError> errors = {}) {
    DeviceOptions options;
    options.memory = memory;
    options.seed = 11;
    options.watchdogCycles = 3000;
    options.dramErrors = std::move(errors);
    return makeDevice(GetParam().backend, core_, options);
  }

  void expectFault(Device& device, const FaultCase& fault) {
    device.load(fault.file, faultSegments());
    try {
      device.run();
      ADD_FAILURE() << fault.name << ": no fault";
    } catch (const DeviceFault& found) {
      EXPECT_EQ(std::string(isa::name(found.cause)), isa::name(fault.cause)) << fault.name << ": " << found.what();
      EXPECT_EQ(std::string(isa::name(found.engine)), isa::name(fault.engine)) << fault.name << ": " << found.what();
      EXPECT_EQ(found.index, fault.index) << fault.name << ": " << found.what();
      EXPECT_EQ(found.semaphore, fault.semaphore) << fault.name << ": " << found.what();
    }
  }

  void expectGoodRun(Device& device, const std::string& after) {
    device.load(goodProgram(core_), faultSegments());
    std::fill_n(device.segment(4), 4096, uint8_t{0});
    ASSERT_NO_THROW(device.run()) << after;
    EXPECT_TRUE(std::equal(device.segment(3), device.segment(3) + 256, device.segment(4))) << "after " << after;
  }
};

TEST_P(FaultTest, EachIsReportedAndTheNextProgramRuns) {
  for (const char* memory : {"ddr3-z7020", "stress"}) {
    std::unique_ptr<Device> device = make(memory);
    unsigned count = 0;
    for (const FaultCase& fault : faultCases(core_)) {
      // Errors of the memory belong to the device; they lie where the next program does not look.
      std::unique_ptr<Device> broken = fault.errors.empty() ? nullptr : make(memory, fault.errors);
      Device& used = broken ? *broken : *device;
      expectFault(used, fault);
      expectGoodRun(used, fault.name);
      // A whole network's work, too: convolutions, partial sums, residuals.
      if (!broken && ++count % 8 == 0) {
        EXPECT_TRUE(matchesNaive(used, core_, randomChainProgram(core_, count, 5), 1, count)) << "after " << fault.name;
      }
    }
  }
}

TEST_P(FaultTest, WordsThatDoNotDecode) {
  std::unique_ptr<Device> device = make("stress");
  const std::vector<FaultCase> cases = encodingFaultCases(core_, 25);
  EXPECT_GT(cases.size(), 400u);
  for (const FaultCase& fault : cases) {
    expectFault(*device, fault);
    if (HasFailure()) break;
  }
  expectGoodRun(*device, "words that do not decode");
}

INSTANTIATE_TEST_SUITE_P(Backends, FaultTest, ::testing::ValuesIn(targets()),
                         [](const ::testing::TestParamInfo<Target>& info) { return targetName(info.param); });

// The cases above against the description of the ISA: every cause, and every fault that an instruction's entry names.
TEST(FaultCases, ReachAllOfTheIsa) {
  std::ifstream file(AGC_ISA_JSON);
  const nlohmann::json isa = nlohmann::json::parse(file);
  const isa::CoreConfig core = isa::CoreConfig::builtin("tiny");
  std::set<std::string> causes, pairs;
  for (const std::vector<FaultCase>& cases : {faultCases(core), encodingFaultCases(core, 25)}) {
    for (const FaultCase& fault : cases) {
      causes.insert(isa::name(fault.cause));
      if (fault.index >= fault.file.code.size()) continue;
      const isa::InstructionInfo* info = isa::findInstruction(fault.file.code[fault.index][0]);
      if (info != nullptr) pairs.insert(std::string(info->mnemonic) + " " + isa::name(fault.cause));
    }
  }
  for (const auto& fault : isa["faults"]) {
    if (fault["code"] == 0) continue;
    EXPECT_EQ(causes.count(fault["name"]), 1u) << fault["name"] << " is never reached";
  }
  for (const auto& instruction : isa["instructions"]) {
    for (const auto& fault : instruction["faults"]) {
      const std::string pair = instruction["mnemonic"].get<std::string>() + " " + fault.get<std::string>();
      EXPECT_EQ(pairs.count(pair), 1u) << pair << " is never reached";
    }
  }
}

}  // namespace
}  // namespace agc::runtime::test
