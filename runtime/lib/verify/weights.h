// Values of the constants: which 64-byte words may serve as weights and which as parameters.
#pragma once

#include <cstdint>
#include <vector>

namespace agc::runtime {

class WeightValues {
 public:
  /// `constants`: segment 1.
  explicit WeightValues(const std::vector<uint8_t>& constants);

  /// No byte of the 64 at 8-byte word `word` is -128.
  bool isWeight(uint64_t word) const { return forbidden_[word + 8] == forbidden_[word]; }

  /// Each of the eight 64-bit lanes at 8-byte word `word` holds a multiplier that is not negative and zero above the shift.
  bool isParameter(uint64_t word) const;

 private:
  const std::vector<uint8_t>& constants_;
  std::vector<uint32_t> forbidden_;  ///< [w]: 8-byte words before w that hold a -128
};

}  // namespace agc::runtime
