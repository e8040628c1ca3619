// A program as it runs: what the loops of its code spell out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agc/isa/isa_gen.h"

namespace agc::isa {

/// `instruction` as iteration `iteration` (from 0) of `loop` runs it: that many times the loop's increments on its address fields,
/// each modulo the width of its field.
Instruction inIteration(const Loop& loop, uint32_t iteration, Instruction instruction);

/// Positions in the running order against positions in the code. A LOOP counts as one position, before its first iteration.
/// Memory grows with the number of loops, not with what they spell out.
class LoopOrder {
 public:
  /// Most instructions that a program may run: bounds what a reader of the whole order needs.
  static constexpr uint64_t maxLength = uint64_t{1} << 22;

  enum class Problem : uint8_t {
    None,
    Nested,   ///< a LOOP or END inside of a body
    PastEnd,  ///< a body that runs past the end of the code
    TooLong,  ///< more than maxLength instructions
  };

  /// Of `count` instructions, up to the first END; `at(index)` is one of them, or nullptr for one that does not decode (which stands
  /// for itself).
  /// A program with a problem ends with the instruction that shows it: the LOOP or END inside of the body, the last one of the
  /// code, or the LOOP that is too long.
  LoopOrder(size_t count, const std::function<const Instruction*(size_t index)>& at);

  struct Place {
    uint32_t index;          ///< in the code
    uint32_t iteration = 0;
    const Loop* loop = nullptr;  ///< the loop around it, if any; points into this object
  };

  size_t size() const { return size_; }
  /// `position` < size(). Fast for positions that grow.
  Place place(size_t position) const;

  Problem problem() const { return problem_; }
  /// Index in the code of the LOOP that has the problem.
  uint32_t problemLoop() const { return problemLoop_; }
  /// What is wrong, as a sentence about that LOOP without its subject; empty without a problem.
  std::string problemText() const;

 private:
  /// Positions from `first` on are instructions from `index` on; with a loop `body` of them again and again.
  struct Part {
    size_t first;
    uint32_t index;
    std::optional<Loop> loop;
  };

  std::vector<Part> parts_;
  size_t size_ = 0;
  Problem problem_ = Problem::None;
  uint32_t problemLoop_ = 0;
  mutable size_t lastPart_ = 0;
};

/// Instructions in the order in which they run, LOOPs left out, each with its index in the code.
struct RunningInstruction {
  Instruction instruction;
  uint32_t index;
};

/// Spells out the loops of `code`. Throws agc::Error with a sentence that names the LOOP for a body that is none, or for more
/// than LoopOrder::maxLength instructions.
std::vector<RunningInstruction> expandLoops(const std::vector<Instruction>& code);

}  // namespace agc::isa
