#include "winograd.h"

#include <algorithm>

namespace agc::runtime {

bool Winograd::suits(const isa::ConvGeo& geo, const isa::Conv& conv) {
  if (geo.kh != 3 || geo.kw != 3 || geo.sx != 1 || geo.sy != 1 || geo.dx != 1 || geo.dy != 1) return false;
  // Four times a sum must fit 32 bits: 4 * 9 taps * 8 channels * 128 * 128 for each input block.
  constexpr uint64_t kLargestPerBlock = uint64_t{4} * 9 * 8 * 128 * 128;
  if (geo.icb * kLargestPerBlock >= (uint64_t{1} << 31)) return false;
  uint64_t tiles = ((conv.oh + uint64_t{1}) / 2) * ((conv.ow + uint64_t{1}) / 2);
  // The transforms cost about a quarter of the products, and those of weights must be shared by some tiles.
  return tiles >= 8 && 16 * tiles * 5 / 4 < uint64_t{9} * conv.oh * conv.ow;
}

void Winograd::begin(const ConvKernels& kernels, size_t icb, size_t oh, size_t ow) {
  kernels_ = &kernels;
  icb_ = icb;
  tileRows_ = (oh + 1) / 2;
  tileColumns_ = (ow + 1) / 2;
  size_t tiles = tileRows_ * tileColumns_;
  tileStride_ = 8 * icb;
  inputStride_ = oddLines(tiles * tileStride_);
  weightStride_ = 64 * icb;
  input_ = inputBuffer_.reserve(kPositions * inputStride_);
  weights_ = weightBuffer_.reserve(2 * kPositions * weightStride_);
  sums_ = sumBuffer_.reserve(2 * 4 * 8 * tiles);
}

void Winograd::setInput(size_t plane, size_t tileRow, const int16_t* const rows[4]) {
  kernels_->transformInput(rows, tileColumns_, inputStride_, tileStride_, input_ + tileRow * tileColumns_ * tileStride_ + 8 * plane);
}

void Winograd::setWeights(size_t block, const int16_t* weights) {
  int16_t* target = weights_ + block * kPositions * weightStride_;
  for (size_t i = 0; i < icb_; ++i) kernels_->transformWeights(weights + 9 * 64 * i, weightStride_, target + 64 * i);
}

void Winograd::accumulate(size_t blocks) {
  alignas(64) int32_t products[kPositions * kMaxTiles * 2 * 8];
  size_t tiles = tileRows_ * tileColumns_, groups = (tiles + kMaxTiles - 1) / kMaxTiles;
  size_t tileRow = 0, tileColumn = 0;
  for (size_t g = 0, t = 0; g < groups; ++g) {
    size_t count = (tiles - t) / (groups - g);
    kernels_->multiplyTiles(input_ + t * tileStride_, tileStride_, inputStride_, weights_, 4 * icb_, count, blocks, products);
    for (size_t n = 0; n < count; ++n) {
      for (size_t b = 0; b < blocks; ++b) {
        int32_t* top = row(b, 2 * tileRow) + 16 * tileColumn;
        kernels_->transformOutput(products + 8 * (n * blocks + b), 8 * count * blocks, top, top + 16 * tileColumns_);
      }
      if (++tileColumn == tileColumns_) {
        tileColumn = 0;
        ++tileRow;
      }
    }
    t += count;
  }
}

}  // namespace agc::runtime
