// Seeded random contents for memories whose contents are undefined at power-on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace agc::runtime {

/// splitmix64: small, fast, and every seed (0 too) gives a full sequence.
class RandomSource {
 public:
  explicit RandomSource(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// A number in 0 .. bound-1; bound > 0.
  uint64_t below(uint64_t bound) { return next() % bound; }

  void fill(void* data, size_t bytes) {
    auto* out = static_cast<uint8_t*>(data);
    for (; bytes >= 8; out += 8, bytes -= 8) {
      uint64_t word = next();
      std::memcpy(out, &word, 8);
    }
    if (bytes > 0) {
      uint64_t word = next();
      std::memcpy(out, &word, bytes);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace agc::runtime
