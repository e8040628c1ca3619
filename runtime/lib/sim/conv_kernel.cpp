#include "conv_kernel.h"

#include "agc/isa/parameter.h"

#include <cstring>

#include "conv_kernel_loops.h"
#include "winograd_loops.h"

namespace agc::runtime {

#ifdef AGC_HAVE_AVX2_KERNELS
const ConvKernels& avx2ConvKernels();
#endif

namespace {

// Wrapping sums are formed in unsigned arithmetic; lanes of a pixel are the inner loop, which every compiler vectorizes.
void accumulateRow(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t xStride, size_t pixels, int32_t* acc) {
  for (size_t x = 0; x < pixels; ++x) {
    uint32_t sum[8] = {};
    for (size_t k = 0; k < tapCount; ++k) {
      const int16_t* in = taps[k] + x * xStride;
      const int16_t* w = weights + 64 * k;
      for (int pair = 0; pair < 4; ++pair) {
        int32_t first = in[2 * pair], second = in[2 * pair + 1];
        for (int o = 0; o < 8; ++o) {
          sum[o] += static_cast<uint32_t>(first * w[16 * pair + 2 * o] + second * w[16 * pair + 2 * o + 1]);
        }
      }
    }
    std::memcpy(acc + 8 * x, sum, sizeof sum);
  }
}

void multiplyTiles(const int16_t* v, size_t tileStride, size_t positionStride, const int16_t* u, size_t pairs, size_t tiles, size_t blocks,
                   int32_t* out) {
  for (size_t p = 0; p < 16; ++p) {
    for (size_t t = 0; t < tiles; ++t) {
      const int16_t* in = v + p * positionStride + t * tileStride;
      for (size_t b = 0; b < blocks; ++b, out += 8) {
        const int16_t* w = u + (b * 16 + p) * pairs * 16;
        uint32_t sum[8] = {};
        for (size_t k = 0; k < pairs; ++k, w += 16) {
          for (int o = 0; o < 8; ++o) sum[o] += static_cast<uint32_t>(in[2 * k] * w[2 * o] + in[2 * k + 1] * w[2 * o + 1]);
        }
        std::memcpy(out, sum, sizeof sum);
      }
    }
  }
}

}  // namespace

void RequantLanes::set(const uint8_t* parameterWord, int32_t z1, int32_t lo1, int32_t hi1) {
  for (size_t o = 0; o < 8; ++o) {
    uint64_t lane = 0;
    for (size_t byte = 0; byte < 8; ++byte) lane |= static_cast<uint64_t>(parameterWord[8 * o + byte]) << (8 * byte);
    const isa::Parameter parameter = isa::Parameter::unpack(lane);
    bias[o] = parameter.bias;
    multiplier[o] = parameter.m;
    // The product is at most 2^55 in magnitude, so a shift by 57 rounds everything to 0.
    shift[o] = parameter.sh < 57 ? parameter.sh : 57;
    round[o] = shift[o] == 0 ? 0 : (uint64_t{1} << (shift[o] - 1)) - 1;
    oddMask[o] = shift[o] == 0 ? 0 : 1;
  }
  zeroPoint = z1;
  low = lo1;
  high = hi1;
}

void ResidualLanes::set(const isa::ConvEpi& epi) {
  op = static_cast<ResidualOp>(epi.op);
  zq = epi.zq;
  zr = epi.zr;
  a = epi.a;
  b = epi.b;
  // 22-bit factors on 9-bit differences: the sum is below 2^30 in magnitude, the product of all three below 2^38, so larger shifts give 0.
  const uint32_t most = op == ResidualOp::Mul ? 38 : 30;
  if (epi.sh2 > most) a = b = 0;
  shift = epi.sh2 < most ? epi.sh2 : most;
  round = shift == 0 ? 0 : (uint64_t{1} << (shift - 1)) - 1;
  oddMask = shift == 0 ? 0 : 1;
  zeroPoint = epi.zo;
  low = epi.lo;
  high = epi.hi;
}

const ConvKernels& portableConvKernels() {
  static const ConvKernels kernels = {widenPixels, widenWeights, accumulateRow, multiplyTiles, transformInput, transformWeights, transformOutput,
                                      requantizeRow, combineRow, "portable"};
  return kernels;
}

const ConvKernels& convKernels() {
#ifdef AGC_HAVE_AVX2_KERNELS
  static const bool hasAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (hasAvx2) return avx2ConvKernels();
#endif
  return portableConvKernels();
}

}  // namespace agc::runtime
