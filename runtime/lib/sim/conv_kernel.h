// The inner loops of the simulated convolution engine, in one version for every CPU and one for AVX2. A version for another
// instruction set is one more file with its table, and one more line in convKernels().
//
// All are exact: products are formed from 16-bit operands and added in 32 bits that wrap as the core's accumulators do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "agc/isa/isa_gen.h"

namespace agc::runtime {

/// First requantization of eight lanes, prepared for loops without branches.
struct RequantLanes {
  std::array<int32_t, 8> bias{};
  std::array<int32_t, 8> multiplier{};
  std::array<uint64_t, 8> shift{};   ///< 0 .. 57; larger shifts of the machine give the same result as 57
  std::array<uint64_t, 8> round{};   ///< half of the divisor less one; 0 for shift 0
  std::array<uint64_t, 8> oddMask{}; ///< 1; 0 for shift 0
  int32_t zeroPoint = 0, low = 0, high = 0;

  /// From a parameter word of the weight buffer (64 bytes) and the epilogue registers.
  void set(const uint8_t* parameterWord, int32_t z1, int32_t lo1, int32_t hi1);
};

/// CONV_EPI.op: what the second stage rounds.
enum class ResidualOp : uint8_t { Add, Mul, Max, Min };

/// Second stage: the first result with the residual, second requantization.
struct ResidualLanes {
  ResidualOp op = ResidualOp::Add;
  int32_t zq = 0, zr = 0, a = 0, b = 0;
  uint32_t shift = 0;  ///< 0 .. 30, with Mul 0 .. 38; for larger shifts of the machine a and b are 0
  uint64_t round = 0;
  uint32_t oddMask = 0;
  int32_t zeroPoint = 0, low = 0, high = 0;

  /// From the epilogue registers.
  void set(const isa::ConvEpi& epi);
};

/// Tiles of a Winograd convolution that multiplyTiles() takes at once.
constexpr size_t kMaxTiles = 32;

struct ConvKernels {
  /// out[8*x + c] = byte c of words[x], x < pixels.
  void (*widenPixels)(const uint64_t* words, size_t pixels, int16_t* out);
  /// From byte 8*o + c of each of `count` weight words (64 bytes each) to out[64*k + 16*(c/2) + 2*o + c%2].
  void (*widenWeights)(const uint8_t* words, size_t count, int16_t* out);
  /// acc[8*x + o] = sum over taps k and channels c of taps[k][x*xStride + c] * weights[64*k + 16*(c/2) + 2*o + c%2], x < pixels.
  /// `xStride` in elements (a pixel is eight).
  void (*accumulateRow)(const int16_t* const* taps, size_t tapCount, const int16_t* weights, size_t xStride, size_t pixels, int32_t* acc);
  /// The same for `tiles` <= kMaxTiles tiles in each of the 16 positions of a Winograd convolution and one or two output blocks:
  /// out[((p*tiles + t)*blocks + b)*8 + o] =
  ///   sum over k < pairs, c < 2 of v[p*positionStride + t*tileStride + 2*k + c] * u[((b*16 + p)*pairs + k)*16 + 2*o + c].
  void (*multiplyTiles)(const int16_t* v, size_t tileStride, size_t positionStride, const int16_t* u, size_t pairs, size_t tiles, size_t blocks,
                        int32_t* out);
  /// The transforms of winograd_loops.h.
  void (*transformInput)(const int16_t* const* rows, size_t tiles, size_t positionStride, size_t tileStride, int16_t* v);
  void (*transformWeights)(const int16_t* taps, size_t positionStride, int16_t* u);
  void (*transformOutput)(const int32_t* m, size_t positionStride, int32_t* top, int32_t* bottom);
  /// q[8*x + o] from acc[8*x + o].
  void (*requantizeRow)(const int32_t* acc, size_t pixels, const RequantLanes& lanes, int8_t* q);
  /// `op` of `q` and `residual`, both 8 bytes a pixel, in place of `q`.
  void (*combineRow)(int8_t* q, const int8_t* residual, size_t pixels, const ResidualLanes& lanes);
  const char* name;
};

/// The fastest version for the CPU that this runs on.
const ConvKernels& convKernels();
/// The version without any special instructions; the tests compare the two.
const ConvKernels& portableConvKernels();

}  // namespace agc::runtime
