// Compiled with -mavx2; reached only after a check of the CPU.
#include <immintrin.h>

#include <utility>

#include "conv_kernel.h"
#include "conv_kernel_loops.h"
#include "winograd_loops.h"

namespace agc::runtime {

const ConvKernels& avx2ConvKernels();

namespace {

inline __m256i broadcastPair(const int16_t* pair) {
  int32_t both;
  __builtin_memcpy(&both, pair, sizeof both);
  return _mm256_set1_epi32(both);
}

// The 64 bytes of a weight word hold eight outputs of four channel pairs each; as 32-bit pairs of 16-bit weights that is a matrix to be transposed.
void widenWeightsAvx2(const uint8_t* words, size_t count, int16_t* out) {
  for (size_t k = 0; k < count; ++k, words += 64, out += 64) {
    auto outputs = [words](int o) {  // o in the lower lane, o + 4 in the upper one
      __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(words + 8 * o));
      __m128i high = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(words + 8 * o + 32));
      return _mm256_cvtepi8_epi16(_mm_unpacklo_epi64(low, high));
    };
    __m256i a = outputs(0), b = outputs(1), c = outputs(2), d = outputs(3);
    __m256i abLow = _mm256_unpacklo_epi32(a, b), abHigh = _mm256_unpackhi_epi32(a, b);
    __m256i cdLow = _mm256_unpacklo_epi32(c, d), cdHigh = _mm256_unpackhi_epi32(c, d);
    auto* target = reinterpret_cast<__m256i*>(out);
    _mm256_storeu_si256(target, _mm256_unpacklo_epi64(abLow, cdLow));
    _mm256_storeu_si256(target + 1, _mm256_unpackhi_epi64(abLow, cdLow));
    _mm256_storeu_si256(target + 2, _mm256_unpacklo_epi64(abHigh, cdHigh));
    _mm256_storeu_si256(target + 3, _mm256_unpackhi_epi64(abHigh, cdHigh));
  }
}

// Eight outputs for each of several pixels, one vector a pixel. Constant indices come from a pack and not from a loop: GCC 12 keeps
// an array in registers only if its indices are constant before loops are unrolled, and otherwise stores every sum in every step.
template <typename Indices>
struct Sums;

template <size_t... P>
struct Sums<std::index_sequence<P...>> {
  __m256i sum[sizeof...(P)];

  Sums() { ((sum[P] = _mm256_setzero_si256()), ...); }

  /// Adds the products of `pairs` channel pairs; pixel P begins at in + P*stride, a vector of weights serves them all.
  void multiply(const int16_t* in, size_t stride, const int16_t* weights, size_t pairs) {
    // Unrolled, the compiler would form products ahead that no register is left for.
#pragma GCC unroll 1
    for (size_t k = 0; k < pairs; ++k) {
      __m256i weight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 16 * k));
      ((sum[P] = _mm256_add_epi32(sum[P], _mm256_madd_epi16(broadcastPair(in + P * stride + 2 * k), weight))), ...);
    }
  }

  void store(int32_t* out) const { (_mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8 * P), sum[P]), ...); }
};

// XStride 0: the distance of pixels is `xStride`. Constant ones need no registers.
template <size_t Pixels, size_t XStride>
inline void accumulateBlock(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t offset, size_t xStride,
                            int32_t* acc) {
  if (XStride != 0) xStride = XStride;
  Sums<std::make_index_sequence<Pixels>> sums;
  for (size_t k = 0; k < tapCount; ++k) sums.multiply(taps[k] + offset, xStride, weights + 64 * k, 4);
  sums.store(acc);
}

template <size_t XStride>
void accumulatePixels(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t xStride, size_t pixels, int32_t* acc) {
  size_t x = 0;
  for (; x + 12 <= pixels && pixels - x != 16; x += 12) accumulateBlock<12, XStride>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x + 8 <= pixels; x += 8) accumulateBlock<8, XStride>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x + 4 <= pixels; x += 4) accumulateBlock<4, XStride>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
  for (; x < pixels; ++x) accumulateBlock<1, XStride>(taps, tapCount, weights, x * xStride, xStride, acc + 8 * x);
}

void accumulateRow(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t xStride, size_t pixels, int32_t* acc) {
  if (xStride == 8) return accumulatePixels<8>(taps, tapCount, weights, xStride, pixels, acc);
  if (xStride == 16) return accumulatePixels<16>(taps, tapCount, weights, xStride, pixels, acc);
  accumulatePixels<0>(taps, tapCount, weights, xStride, pixels, acc);
}

// The same for two output blocks, whose weights are `second` apart: a pair of channels is fetched for both.
template <typename Indices>
struct DoubleSums;

template <size_t... P>
struct DoubleSums<std::index_sequence<P...>> {
  __m256i sum[sizeof...(P)], other[sizeof...(P)];

  DoubleSums() { ((sum[P] = other[P] = _mm256_setzero_si256()), ...); }

  static void step(__m256i& sum, __m256i& other, __m256i pair, __m256i weight, __m256i otherWeight) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pair, weight));
    other = _mm256_add_epi32(other, _mm256_madd_epi16(pair, otherWeight));
  }

  void multiply(const int16_t* in, size_t stride, const int16_t* weights, size_t second, size_t pairs) {
#pragma GCC unroll 1
    for (size_t k = 0; k < pairs; ++k) {
      __m256i weight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 16 * k));
      __m256i otherWeight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + second + 16 * k));
      (step(sum[P], other[P], broadcastPair(in + P * stride + 2 * k), weight, otherWeight), ...);
    }
  }

  void store(int32_t* out) const {
    (_mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 16 * P), sum[P]), ...);
    (_mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 16 * P + 8), other[P]), ...);
  }
};

template <size_t Tiles>
void multiplyOneBlock(const int16_t* v, size_t tileStride, const int16_t* u, size_t pairs, int32_t* out) {
  Sums<std::make_index_sequence<Tiles>> sums;
  sums.multiply(v, tileStride, u, pairs);
  sums.store(out);
}

template <size_t Tiles>
void multiplyTwoBlocks(const int16_t* v, size_t tileStride, const int16_t* u, size_t pairs, int32_t* out) {
  DoubleSums<std::make_index_sequence<Tiles>> sums;
  sums.multiply(v, tileStride, u, 16 * 16 * pairs, pairs);
  sums.store(out);
}

// By position, so that its weights stay in the first cache while the tiles pass.
void multiplyTiles(const int16_t* v, size_t tileStride, size_t positionStride, const int16_t* u, size_t pairs, size_t tiles, size_t blocks,
                   int32_t* out) {
  using Multiply = void (*)(const int16_t*, size_t, const int16_t*, size_t, int32_t*);
  constexpr Multiply oneBlock[] = {nullptr, multiplyOneBlock<1>, multiplyOneBlock<2>, multiplyOneBlock<3>, multiplyOneBlock<4>,
                                   multiplyOneBlock<5>, multiplyOneBlock<6>, multiplyOneBlock<7>, multiplyOneBlock<8>};
  constexpr Multiply twoBlocks[] = {nullptr, multiplyTwoBlocks<1>, multiplyTwoBlocks<2>, multiplyTwoBlocks<3>, multiplyTwoBlocks<4>,
                                    multiplyTwoBlocks<5>, multiplyTwoBlocks<6>};
  const Multiply* multiply = blocks == 2 ? twoBlocks : oneBlock;
  const size_t most = blocks == 2 ? 6 : 8;
  for (size_t p = 0; p < 16; ++p, v += positionStride, u += 16 * pairs) {
    for (size_t t = 0; t < tiles;) {
      // Nearly equal numbers: a small rest would leave the multipliers waiting for their own results.
      size_t rounds = (tiles - t + most - 1) / most, count = (tiles - t) / rounds;
      multiply[count](v + t * tileStride, tileStride, u, pairs, out);
      t += count;
      out += 8 * blocks * count;
    }
  }
}

// Two pixels of eight channels are a vector. Sums over rows come first: those of pixels 2t+2 and 2t+3 serve tile t and tile t+1.
struct RowSums {
  __m256i sum[4];

  RowSums(const int16_t* const* rows, size_t pixel) {
    auto load = [&](int r) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[r] + 8 * pixel)); };
    __m256i r0 = load(0), r1 = load(1), r2 = load(2), r3 = load(3);
    sum[0] = _mm256_sub_epi16(r0, r2);
    sum[1] = _mm256_add_epi16(r1, r2);
    sum[2] = _mm256_sub_epi16(r2, r1);
    sum[3] = _mm256_sub_epi16(r1, r3);
  }
};

// One row of positions of a tile whose row sums are those of pixels 0, 1 and 2, 3.
inline void storePositions(__m256i pixels01, __m256i pixels23, size_t positionStride, int16_t* out) {
  __m256i outer = _mm256_sub_epi16(pixels01, pixels23);
  __m128i pixel1 = _mm256_extracti128_si256(pixels01, 1), pixel2 = _mm256_castsi256_si128(pixels23);
  auto store = [&](size_t column, __m128i value) { _mm_storeu_si128(reinterpret_cast<__m128i*>(out + column * positionStride), value); };
  store(0, _mm256_castsi256_si128(outer));
  store(1, _mm_add_epi16(pixel1, pixel2));
  store(2, _mm_sub_epi16(pixel2, pixel1));
  store(3, _mm256_extracti128_si256(outer, 1));
}

void transformInputAvx2(const int16_t* const* rows, size_t tiles, size_t positionStride, size_t tileStride, int16_t* v) {
  RowSums left(rows, 0);
  for (size_t t = 0; t < tiles; ++t, v += tileStride) {
    RowSums right(rows, 2 * t + 2);
    storePositions(left.sum[0], right.sum[0], positionStride, v);
    storePositions(left.sum[1], right.sum[1], positionStride, v + 4 * positionStride);
    storePositions(left.sum[2], right.sum[2], positionStride, v + 8 * positionStride);
    storePositions(left.sum[3], right.sum[3], positionStride, v + 12 * positionStride);
    left = right;
  }
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
  static const ConvKernels kernels = {widenPixels, widenWeightsAvx2, accumulateRow, multiplyTiles, transformInputAvx2, transformWeights, transformOutput,
                                      requantizeRowAvx2, combineRow, "avx2"};
  return kernels;
}

}  // namespace agc::runtime
