#include "agcc/Schedule/FoldColumns.h"

#include <algorithm>

#include "agcc/Schedule/CostModel.h"

namespace agc::schedule {

namespace {

constexpr int64_t maxChannels = 4, maxPad = 15;  // LOAD_FOLD: `c` and `off`

int64_t foldedBlocks(const Layer &layer, int64_t channels) { return (layer.x.kernel * channels + 7) / 8; }

/// Cycles of one row of `pixels` outputs: multipliers or load, whichever takes longer.
int64_t cycles(const Layer &layer, int64_t blocks, const Machine &machine) {
  ConvShape shape;
  shape.ow = machine.pixels;
  shape.ocb = layer.ocb;
  shape.taps = layer.y.kernel;
  int64_t words = machine.pixels * layer.y.stride;
  if (blocks) {
    shape.icb = blocks;
    words *= blocks;
  } else {
    shape.taps *= layer.x.kernel;
    shape.strideX = layer.x.stride;
    shape.split = layer.splits();
    words *= layer.x.stride;
  }
  return std::max(convCycles(shape, machine), words);
}

bool possible(const Layer &layer, const Tensor &input) {
  const Axis &x = layer.x;
  return input.channels <= maxChannels && !layer.grouped && !layer.up && x.scale == 1 && x.dilation == 1 && x.kernel > 1 &&
         layer.kernelParts() == 1 && x.padBegin <= maxPad && x.padBegin < x.kernel && x.taps.back().first < x.in;
}

}  // namespace

void foldColumns(Graph &graph, const Machine &machine) {
  for (Layer &layer : graph.layers) {
    const Tensor &input = graph.tensors[layer.input];
    if (!possible(layer, input)) continue;
    const int64_t blocks = foldedBlocks(layer, input.channels);
    if (1 + blocks * layer.y.kernel > machine.weightWords || cycles(layer, blocks, machine) >= cycles(layer, 0, machine)) continue;
    layer.foldColumns = input.channels;
    layer.source = layer.x;
    layer.icb = blocks;
    Axis folded;
    folded.in = folded.out = layer.source.out;
    for (int64_t column = 0; column < folded.out; ++column) folded.taps.push_back({{column, column + 1}, column});
    layer.x = folded;
  }
}

}  // namespace agc::schedule
