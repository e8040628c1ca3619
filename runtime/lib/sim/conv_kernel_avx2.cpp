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

}  // namespace

const ConvKernels& avx2ConvKernels() {
  static const ConvKernels kernels = {accumulateRow, requantizeRow, addResidualRow, "avx2"};
  return kernels;
}

}  // namespace agc::runtime
