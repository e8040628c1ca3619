#include "weights.h"

#include "agc/isa/parameter.h"

#include <cstring>

#include "agc/isa/parameter.h"

namespace agc::runtime {

WeightValues::WeightValues(const std::vector<uint8_t>& constants) : constants_(constants), forbidden_(constants.size() / 8 + 1) {
  constexpr uint64_t low = 0x0101010101010101u, high = 0x8080808080808080u;
  for (size_t w = 0; w + 1 < forbidden_.size(); ++w) {
    uint64_t word;
    std::memcpy(&word, constants.data() + 8 * w, 8);
    // A byte 0x80 becomes a zero byte, which this classic test finds.
    const uint64_t x = word ^ high;
    forbidden_[w + 1] = forbidden_[w] + (((x - low) & ~x & high) != 0);
  }
}

bool WeightValues::isParameter(uint64_t word) const {
  for (uint64_t lane = 0; lane < 8; ++lane) {
    uint64_t value = 0;
    for (int b = 7; b >= 0; --b) value = value << 8 | constants_[8 * (word + lane) + size_t(b)];
    if (!isa::Parameter::isValid(value)) return false;
  }
  return true;
}

}  // namespace agc::runtime
