// Loops that both versions of the kernels share as text; each translation unit compiles its own copy for its own instruction set,
// therefore everything is in an unnamed namespace and no library template is used.
#pragma once

#include "conv_kernel.h"

namespace agc::runtime {
namespace {

constexpr int64_t kRoundOffset = int64_t{1} << 60;

// rhe(v, s) with logical shifts only, which is what AVX2 has for 64-bit lanes: an even multiple of 2^s is added first, so that v
// is never negative and its parity above the cut is unchanged.
inline int64_t roundHalfEven64(int64_t value, uint64_t shift, uint64_t round, uint64_t oddMask) {
  constexpr auto offset = static_cast<uint64_t>(kRoundOffset);
  uint64_t shifted = static_cast<uint64_t>(value) + offset;
  uint64_t odd = (shifted >> shift) & oddMask;
  return static_cast<int64_t>((shifted + round + odd) >> shift) - static_cast<int64_t>(offset >> shift);
}

inline int32_t roundHalfEven32(int32_t value, uint32_t shift, uint32_t round, uint32_t oddMask) {
  constexpr uint32_t offset = uint32_t{1} << 31;
  uint32_t shifted = static_cast<uint32_t>(value) + offset;
  uint32_t odd = (shifted >> shift) & oddMask;
  return static_cast<int32_t>(((shifted + round + odd) >> shift) - (offset >> shift));
}

void widenPixels(const uint64_t* words, size_t pixels, int16_t* out) {
  const auto* bytes = reinterpret_cast<const int8_t*>(words);
  for (size_t i = 0; i < 8 * pixels; ++i) out[i] = bytes[i];
}

[[maybe_unused]] void widenWeights(const uint8_t* words, size_t count, int16_t* out) {
  for (size_t k = 0; k < count; ++k, words += 64) {
    for (size_t pair = 0; pair < 4; ++pair) {
      for (size_t o = 0; o < 8; ++o, out += 2) {
        out[0] = static_cast<int8_t>(words[8 * o + 2 * pair]);
        out[1] = static_cast<int8_t>(words[8 * o + 2 * pair + 1]);
      }
    }
  }
}

[[maybe_unused]] void requantizeRow(const int32_t* acc, size_t pixels, const RequantLanes& lanes, int8_t* q) {
  for (size_t x = 0; x < pixels; ++x, acc += 8, q += 8) {
    int64_t value[8];
    for (int o = 0; o < 8; ++o) {
      auto sum = static_cast<int32_t>(static_cast<uint32_t>(acc[o]) + static_cast<uint32_t>(lanes.bias[static_cast<size_t>(o)]));
      value[o] = static_cast<int64_t>(sum) * lanes.multiplier[static_cast<size_t>(o)];
    }
    for (int o = 0; o < 8; ++o) {
      auto lane = static_cast<size_t>(o);
      value[o] = roundHalfEven64(value[o], lanes.shift[lane], lanes.round[lane], lanes.oddMask[lane]) + lanes.zeroPoint;
    }
    for (int o = 0; o < 8; ++o) {
      int64_t v = value[o];
      v = v < lanes.low ? lanes.low : v;
      v = v > lanes.high ? lanes.high : v;
      q[o] = static_cast<int8_t>(v);
    }
  }
}

// `joined` of both products, below 2^30 in magnitude.
template <typename F>
inline void combineProducts(int8_t* q, const int8_t* residual, size_t pixels, const ResidualLanes& lanes, F joined) {
  const auto round = static_cast<uint32_t>(lanes.round);
  for (size_t i = 0; i < 8 * pixels; ++i) {
    int32_t value = joined((q[i] - lanes.zq) * lanes.a, (residual[i] - lanes.zr) * lanes.b);
    int32_t v = roundHalfEven32(value, lanes.shift, round, lanes.oddMask) + lanes.zeroPoint;
    v = v < lanes.low ? lanes.low : v;
    v = v > lanes.high ? lanes.high : v;
    q[i] = static_cast<int8_t>(v);
  }
}

inline void multiplyResidualRow(int8_t* q, const int8_t* residual, size_t pixels, const ResidualLanes& lanes) {
  for (size_t i = 0; i < 8 * pixels; ++i) {
    int64_t product = int64_t{(q[i] - lanes.zq) * (residual[i] - lanes.zr)} * lanes.a;
    int64_t v = roundHalfEven64(product, lanes.shift, lanes.round, lanes.oddMask) + lanes.zeroPoint;
    v = v < lanes.low ? lanes.low : v;
    v = v > lanes.high ? lanes.high : v;
    q[i] = static_cast<int8_t>(v);
  }
}

void combineRow(int8_t* q, const int8_t* residual, size_t pixels, const ResidualLanes& lanes) {
  switch (lanes.op) {
    case ResidualOp::Add: return combineProducts(q, residual, pixels, lanes, [](int32_t a, int32_t b) { return a + b; });
    case ResidualOp::Mul: return multiplyResidualRow(q, residual, pixels, lanes);
    case ResidualOp::Max: return combineProducts(q, residual, pixels, lanes, [](int32_t a, int32_t b) { return a > b ? a : b; });
    case ResidualOp::Min: return combineProducts(q, residual, pixels, lanes, [](int32_t a, int32_t b) { return a < b ? a : b; });
  }
}

}  // namespace
}  // namespace agc::runtime
