// The on-chip memories and the convolution registers of the simulated core.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "agc/isa/isa_gen.h"

namespace agc::runtime {

/// Bits of a scratchpad address; addresses are computed modulo 2^20.
constexpr uint32_t kScratchpadAddressMask = (1u << 20) - 1;
/// Bits of a weight-buffer address, likewise.
constexpr uint32_t kWeightAddressMask = (1u << 16) - 1;
/// Bytes of a weight-buffer word.
constexpr size_t kWeightWordBytes = 64;

/// CONV_EPI.table: where the table stands.
constexpr uint32_t kTableFirst = 1, kTableLast = 2;

/// Replaces each of `count` values by its entry.
inline void translate(const std::array<int8_t, 256>& table, int8_t* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = table[static_cast<size_t>(values[i] + 128)];
}

struct OnChip {
  std::vector<uint64_t> scratchpad;      ///< word = 8 channels of a pixel, lane c in byte c (little endian)
  std::vector<uint8_t> weights;          ///< kWeightWordBytes a word
  uint32_t pixels = 8;                   ///< of the core; they give the order of the pixels with CONV_GEO.block
  isa::ConvGeo geometry;
  isa::ConvEpi epilogue;
  std::array<int8_t, 256> table{};       ///< of the epilogue; index q + 128

  uint32_t weightWords() const { return static_cast<uint32_t>(weights.size() / kWeightWordBytes); }
  uint32_t scratchpadWords() const { return static_cast<uint32_t>(scratchpad.size()); }
};

}  // namespace agc::runtime
