// A 3x3 convolution of stride one with 16 instead of 36 products for each 2x2 outputs, exactly.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agc/isa/isa_gen.h"
#include "aligned_buffer.h"
#include "conv_kernel.h"

namespace agc::runtime {

class Winograd {
 public:
  /// Whether the CONV has the form for it, its sums fit, and it takes fewer products than the plain loops.
  static bool suits(const isa::ConvGeo& geo, const isa::Conv& conv);

  /// Pixels that a row handed to setInput() holds: two more than the outputs of whole tiles.
  static size_t rowPixels(size_t ow) { return 2 * ((ow + 1) / 2) + 2; }

  /// Sizes of a CONV; `kernels` must live as long as this.
  void begin(const ConvKernels& kernels, size_t icb, size_t oh, size_t ow);

  /// Input plane `plane` for output rows 2*tileRow and 2*tileRow+1: four rows of rowPixels(ow) pixels of eight int16.
  void setInput(size_t plane, size_t tileRow, const int16_t* const rows[4]);

  size_t tileRows() const { return tileRows_; }

  /// Weights of output block `block` (0 or 1) of the next accumulate(): 9*icb taps as ConvKernels::widenWeights gives them.
  void setWeights(size_t block, const int16_t* weights);

  /// Sums of one or two output blocks over all planes.
  void accumulate(size_t blocks);

  /// The sums of an output row, 8 for each pixel.
  int32_t* row(size_t block, size_t y) { return sums_ + 16 * (block * 2 * tileRows_ + y) * tileColumns_; }

 private:
  static constexpr size_t kPositions = 16;

  const ConvKernels* kernels_ = nullptr;
  size_t icb_ = 0, tileRows_ = 0, tileColumns_ = 0;
  size_t tileStride_ = 0, inputStride_ = 0, weightStride_ = 0;  // elements
  AlignedBuffer<int16_t> inputBuffer_, weightBuffer_;
  AlignedBuffer<int32_t> sumBuffer_;
  int16_t *input_ = nullptr, *weights_ = nullptr;
  int32_t* sums_ = nullptr;
};

}  // namespace agc::runtime
