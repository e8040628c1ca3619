// Whether the input that a CONV is to gather is the one that the last CONV gathered: tiles of one layer differ mostly in their weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "agc/isa/isa_gen.h"
#include "aligned_buffer.h"

namespace agc::runtime {

/// Compares by content and not by address, so that it need not know who writes to the scratchpad.
class InputCache {
 public:
  /// Begins the comparison with the last CONV. Everything but addresses has to be the same, for it decides what is laid out where.
  void begin(const isa::ConvGeo& geometry, const isa::Conv& conv, size_t words) {
    isa::Conv shape = conv;
    shape.in = shape.out = shape.res = shape.part = shape.wb = 0;
    same_ = complete_ && sameFields(geometry, geometry_, offsetof(isa::ConvGeo, kh)) && sameFields(shape, shape_, offsetof(isa::Conv, in));
    complete_ = false;
    geometry_ = geometry;
    shape_ = shape;
    next_ = words_.reserve(words);
  }

  /// The next row of the input.
  void row(const uint64_t* source, size_t words) {
    if (!same_ || std::memcmp(next_, source, 8 * words) != 0) {
      same_ = false;
      std::memcpy(next_, source, 8 * words);
    }
    next_ += words;
  }

  /// After all rows: whether nothing has changed.
  bool same() const { return same_; }

  /// What was made of these rows is whole; until this is called the next CONV finds no match.
  void complete() { complete_ = true; }

 private:
  // The fields behind the header are 32 bits each, so there is no padding between them.
  template <typename Instruction>
  static bool sameFields(const Instruction& a, const Instruction& b, size_t first) {
    return std::memcmp(reinterpret_cast<const char*>(&a) + first, reinterpret_cast<const char*>(&b) + first, sizeof(Instruction) - first) == 0;
  }

  bool complete_ = false, same_ = false;
  isa::ConvGeo geometry_;
  isa::Conv shape_;
  AlignedBuffer<uint64_t> words_;
  uint64_t* next_ = nullptr;
};

}  // namespace agc::runtime
