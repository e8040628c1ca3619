#include "ConvWeights.h"

#include <algorithm>
#include <cstdlib>

namespace agc::import {

static constexpr int kMaxWeight = 127;

std::vector<int8_t> ConvWeights::bytes() const { return {values.begin(), values.end()}; }

ConvWeights convWeightsOf(const DequantizedConst &source) {
  const std::vector<int64_t> &dims = source.values->dims;
  ConvWeights result;
  result.out = dims[0];
  result.in = dims[1];
  result.height = dims.size() == 4 ? dims[2] : 1;
  result.width = dims.back();
  result.scales = source.scales;
  int64_t count = source.values->count(), each = count / result.out;
  result.values.resize(count);
  for (int64_t index = 0; index < count; ++index)
    result.values[index] = static_cast<int16_t>(source.values->integer(index) - source.zeros[source.zeros.size() == 1 ? 0 : index / each]);
  return result;
}

std::optional<ConvWeights> withoutGroups(const ConvWeights &weights, int64_t groups, int64_t limit, bool byBlocks) {
  if (groups == 1)
    return weights;
  int64_t in = weights.in, out = weights.out / groups, channels = in * groups;  // in and out: of one group
  // Output block j holds the groups j*8/out and up, which read 8/out*in channels from there on: whole blocks if that is a
  // multiple of eight.
  int64_t reads = 8 / out * in, blocks = (weights.out + 7) / 8;
  ConvWeights result = weights;
  result.blockGrouped = byBlocks && 8 % out == 0 && reads % 8 == 0 && (channels + 7) / 8 == blocks * (reads / 8);
  result.in = result.blockGrouped ? reads : channels;
  if (result.in * result.taps() > limit / result.out)
    return std::nullopt;
  result.values.assign(result.out * result.in * result.taps(), 0);
  for (int64_t o = 0; o < result.out; ++o) {
    int64_t first = o / out * in - (result.blockGrouped ? o / 8 * reads : 0);
    auto from = weights.values.begin() + o * in * weights.taps();
    std::copy(from, from + in * weights.taps(), result.values.begin() + (o * result.in + first) * result.taps());
  }
  return result;
}

std::vector<int64_t> splitLargeWeights(ConvWeights &weights) {
  std::vector<int64_t> sources;
  std::vector<int> parts(weights.in, 1);  // that the largest weight of an input channel needs
  const int64_t taps = weights.taps();
  for (int64_t index = 0; index < static_cast<int64_t>(weights.values.size()); ++index) {
    int &needed = parts[index / taps % weights.in];
    needed = std::max(needed, (std::abs(weights.values[index]) + kMaxWeight - 1) / kMaxWeight);
  }
  for (int part = 0; part < 3; ++part)  // 255 = 127 + 127 + 1
    for (int64_t channel = 0; channel < weights.in; ++channel)
      if (part < parts[channel])
        sources.push_back(channel);
  if (static_cast<int64_t>(sources.size()) == weights.in)
    return sources;
  ConvWeights result = weights;
  result.in = static_cast<int64_t>(sources.size());
  result.values.assign(result.out * result.in * taps, 0);
  for (int64_t o = 0; o < result.out; ++o)
    for (int64_t tap = 0; tap < taps; ++tap) {
      std::vector<int> rest(weights.in);
      for (int64_t channel = 0; channel < weights.in; ++channel)
        rest[channel] = weights.values[(o * weights.in + channel) * taps + tap];
      for (int64_t at = 0; at < result.in; ++at) {
        int part = std::clamp(rest[sources[at]], -kMaxWeight, kMaxWeight);
        result.values[(o * result.in + at) * taps + tap] = static_cast<int16_t>(part);
        rest[sources[at]] -= part;
      }
    }
  weights = std::move(result);
  return sources;
}

} // namespace agc::import
