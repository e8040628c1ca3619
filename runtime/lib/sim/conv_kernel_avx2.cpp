// Compiled with -mavx2; reached only after a check of the CPU.
#include <immintrin.h>

#include "conv_kernel.h"
#include "conv_kernel_loops.h"

namespace agc::runtime {

const ConvKernels& avx2ConvKernels();

namespace {

inline __m256i broadcastPair(const int16_t* pair) {
  int32_t both;
  __builtin_memcpy(&both, pair, sizeof both);
  return _mm256_set1_epi32(both);
}

// `Pixels` neighbouring pixels in registers: a vector of weights (8 outputs x a channel pair) serves them all.
template <int Pixels>
inline void accumulateBlock(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t offset, size_t xStride,
                            int32_t* acc) {
  __m256i sum[Pixels];
  for (int p = 0; p < Pixels; ++p) sum[p] = _mm256_setzero_si256();
  for (size_t k = 0; k < tapCount; ++k) {
    const int16_t* in = taps[k] + offset;
    const int16_t* w = weights + 64 * k;
    for (int pair = 0; pair < 4; ++pair) {
      __m256i weight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 16 * pair));
#pragma GCC unroll 16
      for (int p = 0; p < Pixels; ++p) {
        __m256i activation = broadcastPair(in + static_cast<size_t>(p) * xStride + 2 * pair);
        sum[p] = _mm256_add_epi32(sum[p], _mm256_madd_epi16(activation, weight));
      }
    }
  }
  for (int p = 0; p < Pixels; ++p) _mm256_storeu_si256(reinterpret_cast<__m256i*>(acc + 8 * p), sum[p]);
}

void accumulateRow(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t xStride, size_t pixels, int32_t* acc) {
  size_t x = 0;
  for (; x + 12 <= pixels && pixels - x != 16; x += 12) accumulateBlock<12>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x + 8 <= pixels; x += 8) accumulateBlock<8>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x + 4 <= pixels; x += 4) accumulateBlock<4>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x < pixels; ++x) accumulateBlock<1>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
}

// Products of 32-bit lanes are 64 bits wide, so even and odd lanes go through the same steps apart and meet again when they are small.
struct RequantVectors {
  __m256i shift, round, oddMask, offset;

  RequantVectors(const RequantLanes& lanes, size_t first) {
    auto gather = [first](const std::array<uint64_t, 8>& values) {
      return _mm256_set_epi64x(static_cast<long long>(values[first + 6]), static_cast<long long>(values[first + 4]),
                               static_cast<long long>(values[first + 2]), static_cast<long long>(values[first]));
    };
    shift = gather(lanes.shift);
    round = gather(lanes.round);
    oddMask = gather(lanes.oddMask);
    // What the offset of roundHalfEven64 is behind the shift, with the zero point.
    offset = _mm256_sub_epi64(_mm256_set1_epi64x(lanes.zeroPoint), _mm256_srlv_epi64(_mm256_set1_epi64x(kRoundOffset), shift));
  }

  __m256i apply(__m256i product, __m256i low, __m256i high) const {
    __m256i value = _mm256_add_epi64(product, _mm256_set1_epi64x(kRoundOffset));
    __m256i odd = _mm256_and_si256(_mm256_srlv_epi64(value, shift), oddMask);
    value = _mm256_srlv_epi64(_mm256_add_epi64(_mm256_add_epi64(value, round), odd), shift);
    value = _mm256_add_epi64(value, offset);
    value = _mm256_blendv_epi8(value, low, _mm256_cmpgt_epi64(low, value));
    return _mm256_blendv_epi8(value, high, _mm256_cmpgt_epi64(value, high));
  }
};

void requantizeRowAvx2(const int32_t* acc, size_t pixels, const RequantLanes& lanes, int8_t* q) {
  const __m256i bias = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes.bias.data()));
  const __m256i multiplier = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes.multiplier.data()));
  const __m256i oddMultiplier = _mm256_srli_epi64(multiplier, 32);
  const __m256i low = _mm256_set1_epi64x(lanes.low), high = _mm256_set1_epi64x(lanes.high);
  const RequantVectors evenLanes(lanes, 0), oddLanes(lanes, 1);
  for (size_t x = 0; x < pixels; ++x, acc += 8, q += 8) {
    __m256i sum = _mm256_add_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(acc)), bias);
    __m256i even = evenLanes.apply(_mm256_mul_epi32(sum, multiplier), low, high);
    __m256i odd = oddLanes.apply(_mm256_mul_epi32(_mm256_srli_epi64(sum, 32), oddMultiplier), low, high);
    __m256i all = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    __m256i words = _mm256_packs_epi32(all, all);
    __m256i bytes = _mm256_packs_epi16(words, words);
    int32_t first = _mm_cvtsi128_si32(_mm256_castsi256_si128(bytes)), second = _mm_cvtsi128_si32(_mm256_extracti128_si256(bytes, 1));
    __builtin_memcpy(q, &first, 4);
    __builtin_memcpy(q + 4, &second, 4);
  }
}

}  // namespace

const ConvKernels& avx2ConvKernels() {
  static const ConvKernels kernels = {accumulateRow, requantizeRowAvx2, addResidualRow, "avx2"};
  return kernels;
}

}  // namespace agc::runtime
