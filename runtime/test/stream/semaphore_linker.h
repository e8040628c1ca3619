// Places semaphores: an instruction that is appended waits for what it must not overtake, by the regions that the verifier looks at
// (agc/isa/access.h) and the same clocks (lib/verify/order.h).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agc/isa/access.h"
#include "agc/isa/core_config.h"
#include "agc/isa/instruction.h"
#include "field_draw.h"

namespace agc::runtime::test {

class SemaphoreLinker {
 public:
  static constexpr size_t kEngines = 4;  ///< LOAD, WLOAD, CONV, STORE
  /// By engine, a number of instructions.
  using Clock = std::array<uint32_t, kEngines>;

  /// Numbers of the semaphores are drawn: each of the 31 has one posting and one waiting engine.
  /// `segmentWords`: sizes of the eight DRAM segments.
  SemaphoreLinker(const isa::CoreConfig& core, const std::array<uint64_t, 8>& segmentWords, Rng& rng);

  /// Appends an instruction behind all that its accesses must not overtake. `state`: the convolution's registers with it applied.
  /// Some waits that nothing needs are added.
  void add(isa::Instruction instruction, const isa::ConvState& state);

  /// Appends an instruction that starts when everything before it is complete.
  void addBehindAll(isa::Instruction instruction, const isa::ConvState& state);

  /// Appends LOOP and its body, whose instructions are ordered among each other in all iterations. Everything before must be complete when
  /// each engine's last instruction before it starts, and nothing behind it may touch memory before an addBehindAll() and an
  /// instruction of each engine that waits for that one. `state`: registers before the loop; `idle[e]`: an instruction of engine e without
  /// effect on anything.
  void addLoop(const isa::Loop& loop, std::vector<isa::Instruction> body, const isa::ConvState& state,
               const std::array<isa::Instruction, kEngines>& idle);

  const std::vector<isa::Instruction>& code() const { return code_; }
  static size_t engineOf(const isa::Instruction& instruction);

 private:
  /// What one engine did to a word last: instructions of the engine plus one; 0 = nothing. `reads`: through input reads of a CONV
  /// and everything else.
  struct Word {
    Clock inputReads{}, otherReads{}, writes{};
  };
  struct Placed {
    uint32_t code;      ///< index in code_
    uint32_t position;  ///< among the instructions of its engine, as they run
    Clock start;        ///< complete when it starts
  };

  Word& word(const isa::Region& region, uint64_t index);
  void append(isa::Instruction instruction, Clock need);
  uint8_t semaphore(size_t from, size_t to);
  void edge(size_t from, uint32_t position, isa::Instruction& waiting, size_t to, Clock& start);

  const isa::CoreConfig& core_;
  Rng& rng_;
  std::vector<isa::Instruction> code_;
  std::array<std::vector<Placed>, kEngines> placed_;
  Clock lastStart_[kEngines] = {};
  Clock running_{};  ///< instructions as they run
  std::array<std::vector<uint8_t>, kEngines * kEngines> numbers_;
  std::vector<Word> scratchpad_, weights_;
  std::array<std::vector<Word>, 8> dram_;
  std::vector<isa::Region> regions_;
};

}  // namespace agc::runtime::test
