// Random fields of instructions, from the ISA description: what the description knows is drawn, with ranges that make good programs likely
// where a name is known, and a general mix of default, small and any values where it is not, so that a new field comes in by itself.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/info.h"

namespace agc::runtime::test {

using Rng = std::mt19937_64;

/// Uniform in low .. high.
inline int64_t between(Rng& rng, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(rng() % static_cast<uint64_t>(high - low + 1));
}
inline bool chance(Rng& rng, int percent) { return between(rng, 0, 99) < percent; }

/// All fields of `instruction` anew; header untouched. What it is then need not be valid.
void drawFields(isa::Instruction& instruction, const isa::CoreConfig& core, Rng& rng);

/// Which values the instructions of programs had, field by field.
class FieldStatistics {
 public:
  void count(const isa::Instruction& instruction);
  /// Fields whose values say little about them, each as "CONV_EPI.zr: ...": one of up to three bits that lacks a legal value, a wider
  /// one with fewer than `distinct` different ones. Instructions that never came are named as well. `ruled`: fields left out.
  std::vector<std::string> neverDrawn(size_t distinct, const std::set<std::string>& ruled) const;

 private:
  static constexpr size_t kKept = 64;  ///< different values remembered of a field
  std::map<std::pair<size_t, size_t>, std::set<int64_t>> values_;  ///< by instruction and field
  std::set<size_t> instructions_;
};

}  // namespace agc::runtime::test
