// Transforms of the Winograd convolution F(2x2, 3x3) as plain loops. As in conv_kernel_loops.h each translation unit compiles its own
// copy for its own instruction set.
//
//   4 Y = At [ (G g Gt) o (Bt d B) ] A        4x4 inputs d, 3x3 weights g, 2x2 outputs Y, o: product of elements
//
//        1  0 -1  0         2  0  0
//   Bt = 0  1  1  0     G = 1  1  1     At = 1  1  1  0
//        0 -1  1  0         1 -1  1          0  1 -1 -1
//        0  1  0 -1         0  0  2
//
// This G is twice the usual one, so everything is integer. Each element of Bt d B is a sum of four int8 with signs, at most 512 in
// magnitude; each of G g Gt has at most nine, 1152: both fit 16 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace agc::runtime {
namespace {

/// Bt d B of `tiles` tiles side by side in one plane of eight channels. rows[r]: 2*tiles+2 pixels of eight int16. Tile t, position
/// p = 4*row + column goes to v[p*positionStride + t*tileStride], eight int16.
[[maybe_unused]] void transformInput(const int16_t* const* rows, size_t tiles, size_t positionStride, size_t tileStride, int16_t* v) {
  for (size_t t = 0; t < tiles; ++t, v += tileStride) {
    const int16_t *r0 = rows[0] + 16 * t, *r1 = rows[1] + 16 * t, *r2 = rows[2] + 16 * t, *r3 = rows[3] + 16 * t;
    int16_t rowSums[4][32];
    for (int i = 0; i < 32; ++i) {
      rowSums[0][i] = static_cast<int16_t>(r0[i] - r2[i]);
      rowSums[1][i] = static_cast<int16_t>(r1[i] + r2[i]);
      rowSums[2][i] = static_cast<int16_t>(r2[i] - r1[i]);
      rowSums[3][i] = static_cast<int16_t>(r1[i] - r3[i]);
    }
    for (size_t r = 0; r < 4; ++r) {
      const int16_t* s = rowSums[r];
      int16_t* out = v + 4 * r * positionStride;
      for (int c = 0; c < 8; ++c) out[c] = static_cast<int16_t>(s[c] - s[16 + c]);
      for (int c = 0; c < 8; ++c) out[positionStride + c] = static_cast<int16_t>(s[8 + c] + s[16 + c]);
      for (int c = 0; c < 8; ++c) out[2 * positionStride + c] = static_cast<int16_t>(s[16 + c] - s[8 + c]);
      for (int c = 0; c < 8; ++c) out[3 * positionStride + c] = static_cast<int16_t>(s[8 + c] - s[24 + c]);
    }
  }
}

/// G g Gt of one weight block: nine taps of 64 int16 each, in any order within a tap. Position p goes to u[p*positionStride], 64 int16.
void transformWeights(const int16_t* taps, size_t positionStride, int16_t* u) {
  for (int part = 0; part < 64; part += 16) {
    int16_t rows[4][3][16];
    for (int x = 0; x < 3; ++x) {
      const int16_t *a = taps + 64 * x + part, *b = a + 3 * 64, *c = b + 3 * 64;
      for (int i = 0; i < 16; ++i) {
        rows[0][x][i] = static_cast<int16_t>(2 * a[i]);
        rows[1][x][i] = static_cast<int16_t>(a[i] + b[i] + c[i]);
        rows[2][x][i] = static_cast<int16_t>(a[i] - b[i] + c[i]);
        rows[3][x][i] = static_cast<int16_t>(2 * c[i]);
      }
    }
    for (size_t y = 0; y < 4; ++y) {
      const int16_t *a = rows[y][0], *b = rows[y][1], *c = rows[y][2];
      int16_t* out = u + 4 * y * positionStride + part;
      for (int i = 0; i < 16; ++i) out[i] = static_cast<int16_t>(2 * a[i]);
      for (int i = 0; i < 16; ++i) out[positionStride + i] = static_cast<int16_t>(a[i] + b[i] + c[i]);
      for (int i = 0; i < 16; ++i) out[2 * positionStride + i] = static_cast<int16_t>(a[i] - b[i] + c[i]);
      for (int i = 0; i < 16; ++i) out[3 * positionStride + i] = static_cast<int16_t>(2 * c[i]);
    }
  }
}

/// At m A / 4 of one tile: m[p*positionStride] with eight sums each, to two pixels of eight at `top` and two at `bottom`.
/// Wrapping sums in unsigned arithmetic; the division is exact where the outputs are below 2^29 in magnitude.
void transformOutput(const int32_t* m, size_t positionStride, int32_t* top, int32_t* bottom) {
  uint32_t sums[2][4][8];
  for (size_t column = 0; column < 4; ++column) {
    const int32_t *a = m + column * positionStride, *b = a + 4 * positionStride, *c = b + 4 * positionStride, *d = c + 4 * positionStride;
    for (int o = 0; o < 8; ++o) {
      auto b1 = static_cast<uint32_t>(b[o]), c1 = static_cast<uint32_t>(c[o]);
      sums[0][column][o] = static_cast<uint32_t>(a[o]) + b1 + c1;
      sums[1][column][o] = b1 - c1 - static_cast<uint32_t>(d[o]);
    }
  }
  for (int row = 0; row < 2; ++row) {
    const uint32_t *a = sums[row][0], *b = sums[row][1], *c = sums[row][2], *d = sums[row][3];
    int32_t* out = row == 0 ? top : bottom;
    for (int o = 0; o < 8; ++o) out[o] = static_cast<int32_t>(a[o] + b[o] + c[o]) >> 2;
    for (int o = 0; o < 8; ++o) out[8 + o] = static_cast<int32_t>(b[o] - c[o] - d[o]) >> 2;
  }
}

}  // namespace
}  // namespace agc::runtime
