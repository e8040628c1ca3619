// DRAM as a device's host side holds it: up to eight segments at fixed bus addresses.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agc/isa/program_file.h"
#include "agc/runtime/device.h"
#include "random_fill.h"

namespace agc::runtime {

/// Throws Error when the program was compiled for another core than `core`.
void checkCore(const isa::ProgramFile& program, const isa::CoreConfig& core);

class Segments {
 public:
  struct Segment {
    uint32_t base = 0;    ///< bus address, 64-byte aligned
    uint64_t bytes = 0;   ///< multiple of 8; 0: does not exist
    std::vector<uint8_t> data;
  };

  /// Lays the segments out one behind the other with gaps between them, fills them with random bytes, then puts code and constants
  /// of the program into segments 0 and 1. `scatter`: starts are 64-byte aligned at random instead of 4096-byte aligned.
  /// Both backends use this layout, because where bursts are cut, and so the cycle count, depends on the addresses.
  void build(const isa::ProgramFile& program, const std::vector<SegmentSpec>& specs, bool scatter, RandomSource& random);

  Segment& operator[](int index) { return segments_[static_cast<size_t>(index)]; }
  const Segment& operator[](int index) const { return segments_[static_cast<size_t>(index)]; }

  /// Null for a segment that does not exist.
  uint8_t* host(int index);

 private:
  std::array<Segment, kSegments> segments_;
};

}  // namespace agc::runtime
