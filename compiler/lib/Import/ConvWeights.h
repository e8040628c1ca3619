// Integer weights of a convolution on their way from the file's form to the machine's: dense or block-grouped, -127..127.
#pragma once

#include "ConstTensor.h"

namespace agc::import {

struct ConvWeights {
  // [out][in][height][width] with the zero point subtracted, -255..255. `in`: of one group.
  std::vector<int16_t> values;
  int64_t out = 0, in = 0, height = 0, width = 0;
  std::vector<float> scales;  // one for all, or one per output channel
  bool blockGrouped = false;  // output block j (8 channels) reads the input channels j*in .. (j+1)*in - 1 only

  int64_t taps() const { return height * width; }
  std::vector<int8_t> bytes() const;  // of values in -127..127
};

// Int8 or uint8 [O, I, KH, KW] or [O, I, KW], scales and zero points one for all or along axis 0.
ConvWeights convWeightsOf(const DequantizedConst &source);

// A grouped convolution as one that the machine has: by blocks of eight channels where the groups fill or divide them alike, as a
// dense one with zeros otherwise. Nothing when that would have more than `limit` weights. `groups` divides out, and
// in * groups is the number of input channels. `blocks`: whether they may be block-grouped.
std::optional<ConvWeights> withoutGroups(const ConvWeights &weights, int64_t groups, int64_t limit, bool blocks = true);

// A weight outside of -127..127 is a sum of several inside, each times a copy of its input channel. Turns `weights` (not
// block-grouped) into those and returns the input channel of each channel that they expect; all in order when there are none.
std::vector<int64_t> splitLargeWeights(ConvWeights &weights);

} // namespace agc::import
