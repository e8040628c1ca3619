// Linked with the table of agc_verilator_synthesized: makes sure that this executable tests the source without simulation-only defines.
#include <gtest/gtest.h>

#include <string>
#include <typeinfo>

#include "core_model.h"

namespace agc::runtime {
namespace {

TEST(Synthesized, TheOnlyCoreHereIsTheSynthesizedOne) {
  ASSERT_EQ(coreModels().size(), 1u);
  const CoreModelEntry& entry = coreModels().front();
  CoreMemory memory;
  std::unique_ptr<CoreModel> model = entry.make(memory, {});
  const CoreModel& made = *model;
  EXPECT_NE(std::string(typeid(made).name()).find("Vagc_core_tiny_synthesized"), std::string::npos) << typeid(made).name();
}

}  // namespace
}  // namespace agc::runtime
