#include "agcc/Schedule/FoldRows.h"

#include <algorithm>

#include "agcc/Schedule/CostModel.h"

namespace agc::schedule {

namespace {

constexpr int64_t maxKernel = 15, maxStride = 7, maxPitch = 8191;

/// Cycles of `fold` rows of eight-lane micro-tiles.
int64_t cycles(const Layer &layer, int64_t fold, const Machine &machine) {
  ConvShape shape;
  shape.ow = machine.pixels;
  shape.icb = layer.icb;
  shape.taps = (layer.y.kernel + (fold - 1) * layer.y.stride) * layer.x.kernel;
  shape.strideX = layer.x.stride;
  const int64_t folded = convCycles(shape, machine);
  if (fold == 1) return folded;
  ConvShape apart;
  apart.ow = machine.pixels;
  apart.oh = fold;
  return folded + convCycles(apart, machine);
}

}  // namespace

void foldRows(Graph &graph, const Machine &machine) {
  for (Layer &layer : graph.layers) {
    const Tensor &output = graph.tensors[layer.output];
    if (layer.residual >= 0 || layer.grouped || layer.phases() > 1 || layer.kernelParts() > 1 || layer.y.dilation != 1 || layer.y.scale != 1 || layer.x.scale != 1) continue;
    // Time for a row, in units that compare: cycles(fold) / fold, cross-multiplied.
    for (int64_t fold = 2; fold * output.channels <= 8 && fold <= layer.y.out; ++fold) {
      Layer folded = layer;
      folded.fold = fold;
      if (folded.kernelRows() > maxKernel || layer.y.stride * fold > maxStride || output.width * fold > maxPitch) break;
      // Two chunks, so that the next layer's weights can arrive; and no need of partial sums.
      if (2 * folded.blockWords(layer.icb) > machine.weightWords || layer.icb > 511) break;
      if (cycles(layer, fold, machine) * layer.fold < cycles(layer, layer.fold, machine) * fold) layer.fold = fold;
    }
  }
}

}  // namespace agc::schedule
