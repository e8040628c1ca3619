// The machine written down literally from docs/machine.md, one word at a time, in program order: what the devices are compared with.
// It shares no code with the simulator.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/instruction.h"

namespace agc::runtime::test {

class NaiveMachine {
 public:
  explicit NaiveMachine(const isa::CoreConfig& core) : sp(core.scratchpadWords()), wb(core.weightWords), pixels_(core.pixels) {}

  /// Executes the instructions one after the other; throws std::runtime_error for an address that does not exist.
  void run(const std::vector<isa::Word>& code);

  using Lanes = std::array<uint8_t, 8>;
  std::vector<Lanes> sp;
  std::vector<std::array<uint8_t, 64>> wb;
  std::array<std::vector<uint8_t>, 8> dram;

 private:
  void one(const isa::Instruction& instruction);
  /// An instruction of a loop's body in iteration `k`.
  static isa::Instruction stepped(const isa::Loop& loop, int64_t k, isa::Instruction instruction);
  void load(const isa::Load& i);
  void loadFold(const isa::LoadFold& i);
  void wload(const isa::Wload& i);
  void store(const isa::Store& i);
  void conv(const isa::Conv& i);
  void pixel(const isa::Conv& i, int64_t j, int64_t y, int64_t x, int64_t n);
  Lanes& word(int64_t address);

  isa::ConvGeo geo_;
  isa::ConvEpi epi_;
  std::array<uint8_t, 256> table_{};
  uint32_t pixels_;
};

}  // namespace agc::runtime::test
