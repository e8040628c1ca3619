#include "FusedSteps.h"

#include <algorithm>
#include <map>

namespace agc::schedule {

namespace {

/// Regions of one axis for all tiles, and the largest of each tensor: its slots have one size and one pitch in all tiles.
struct AxisTiles {
  std::vector<Range> outputs;
  std::vector<std::vector<Range>> regions;  ///< per tile and tensor
  std::vector<int64_t> largest;             ///< per tensor
};

AxisTiles tilesOf(const Graph &graph, const FusedGroup &group, bool rows) {
  AxisTiles tiles;
  tiles.largest.assign(graph.tensors.size(), 0);
  const Layer &end = graph.layers[size_t(group.last)];
  const int64_t total = rows ? end.y.out : end.x.out, size = rows ? group.rows : group.columns;
  std::vector<Range> hull(graph.tensors.size());
  std::vector<int> touched;
  for (int64_t at = 0; at < total; at += size) {
    tiles.outputs.push_back({at, std::min(at + size, total)});
    regionsOf(graph, group.first, group.last, rows, tiles.outputs.back(), hull, touched);
    for (int tensor : touched) tiles.largest[size_t(tensor)] = std::max(tiles.largest[size_t(tensor)], hull[size_t(tensor)].size());
    tiles.regions.push_back(hull);
  }
  return tiles;
}

class GroupSteps {
 public:
  GroupSteps(const Graph &graph, const FusedGroup &group, const std::vector<LayerDecision> &decisions, Steps &out)
      : graph_(graph), group_(group), decisions_(decisions), out_(out), y_(tilesOf(graph, group, true)),
        x_(tilesOf(graph, group, false)), kept_(size_t(group.last - group.first + 1)) {}

  void run() {
    for (int index = group_.first; index <= group_.last; ++index) chunks(index);
    for (size_t y = 0; y < y_.outputs.size(); ++y) {
      for (size_t x = 0; x < x_.outputs.size(); ++x) {
        loads_.clear();
        tiles_.clear();
        for (int index = group_.first; index <= group_.last; ++index) layer(index, y, x);
      }
    }
  }

 private:
  void chunks(int index) {
    const Layer &layer = graph_.layers[size_t(index)];
    const int64_t size = group_.plan(index).groupBlocks;
    int64_t start = 0;
    for (int64_t block = 0; block < layer.ocb; block += size) {
      const int64_t blocks = layer.shared ? 1 : std::min(size, layer.ocb - block);
      const WeightChunk chunk{layer.shared ? 0 : block, blocks, {0, layer.icb}, {0, layer.kernelRows()}, {0, layer.x.kernel}, true};
      out_.chunks[size_t(index)].push_back(chunk);
      out_.chunkStart[size_t(index)].push_back(start);
      start += chunk.blocks * layer.blockWords(layer.icb);
      if (layer.shared) break;
    }
    out_.weightWords[size_t(index)] = start;
    kept_[size_t(index - group_.first)].assign(out_.chunks[size_t(index)].size(), -1);
  }

  void layer(int index, size_t tileY, size_t tileX) {
    const Layer &layer = graph_.layers[size_t(index)];
    const Streams &streams = decisions_[size_t(index)].streams;
    const bool inside = index < group_.last;
    const auto &chunks = out_.chunks[size_t(index)];
    const int64_t size = group_.plan(index).groupBlocks;
    if (tileY == 0 && tileX == 0) out_.firstStep[size_t(index)] = now();
    for (int64_t block = 0; block < layer.ocb; block += size) {
      const size_t chunk = layer.shared ? 0 : size_t(block / size);
      Step step;
      step.layer = index;
      step.fused = true;
      step.y = y_.regions[tileY][size_t(layer.output)];
      step.x = x_.regions[tileX][size_t(layer.output)];
      step.blocks = {block, std::min(block + size, layer.ocb)};
      step.inputs = chunks[chunk].inputs;
      step.kernelRows = chunks[chunk].kernelRows;
      step.kernelColumns = chunks[chunk].kernelColumns;
      step.tableLoad = out_.loadTable(graph_, index);
      if (tiles_.count(layer.input))
        step.inputTile = read(layer.input);
      else if (streams.input)
        step.inputLoad = load(LoadKind::Input, index, layer.input, tileY, tileX);
      if (layer.residual >= 0) {
        if (tiles_.count(layer.residual))
          step.residualTile = read(layer.residual);
        else if (streams.residual)
          step.residualLoad = load(LoadKind::Residual, index, layer.residual, tileY, tileX);
      }
      if (inside) step.outputTile = block == 0 ? open(layer.output, tileY, tileX) : tiles_.at(layer.output);
      step.weightLoad = weights(index, int(chunk));
      out_.steps.push_back(step);
    }
    out_.lastStep[size_t(index)] = now() - 1;
  }

  int now() const { return int(out_.steps.size()); }

  int open(int tensor, size_t tileY, size_t tileX) {
    TileItem item;
    item.tensor = tensor;
    item.y = y_.regions[tileY][size_t(tensor)];
    item.x = x_.regions[tileX][size_t(tensor)];
    item.pitch = x_.largest[size_t(tensor)];
    item.plane = item.pitch * y_.largest[size_t(tensor)];
    item.words = item.plane * graph_.tensors[size_t(tensor)].blocks();
    item.split = splitInGroup(graph_, group_.first, group_.last, tensor);
    item.lastUse = now();
    out_.tiles.push_back(item);
    return tiles_[tensor] = int(out_.tiles.size()) - 1;
  }

  int read(int tensor) {
    const int tile = tiles_.at(tensor);
    out_.tiles[size_t(tile)].lastUse = now();
    return tile;
  }

  /// One load a tile brings what all layers of the group read of the tensor.
  int load(LoadKind kind, int index, int tensor, size_t tileY, size_t tileX) {
    auto [entry, fresh] = loads_.try_emplace(tensor, int(out_.loads.size()));
    if (fresh) {
      LoadItem item;
      item.kind = kind;
      item.layer = index;
      item.tensor = tensor;
      item.y = y_.regions[tileY][size_t(tensor)];
      item.x = x_.regions[tileX][size_t(tensor)];
      item.blocks = {0, graph_.tensors[size_t(tensor)].blocks()};
      item.pitch = x_.largest[size_t(tensor)];
      item.rows = y_.largest[size_t(tensor)];
      item.split = splitInGroup(graph_, group_.first, group_.last, tensor);
      const Layer &layer = graph_.layers[size_t(index)];
      if (layer.foldColumns) {  // its only reader
        item.source = layer.source.need(x_.regions[tileX][size_t(layer.output)]);
        item.blocks = {0, layer.icb};
      }
      item.words = item.pitch * item.rows * item.blocks.size();
      item.firstUse = now();
      out_.loads.push_back(item);
    }
    out_.loads[size_t(entry->second)].lastUse = now();
    return entry->second;
  }

  int weights(int index, int chunk) {
    int &kept = kept_[size_t(index - group_.first)][size_t(chunk)];
    if (kept < 0 || !group_.plan(index).keepWeights) {
      LoadItem item;
      item.kind = LoadKind::Weights;
      item.layer = index;
      item.chunk = chunk;
      const Layer &layer = graph_.layers[size_t(index)];
      item.words = out_.chunks[size_t(index)][size_t(chunk)].blocks * layer.blockWords(layer.icb);
      item.firstUse = now();
      kept = int(out_.loads.size());
      out_.loads.push_back(item);
    }
    out_.loads[size_t(kept)].lastUse = now();
    return kept;
  }

  const Graph &graph_;
  const FusedGroup &group_;
  const std::vector<LayerDecision> &decisions_;
  Steps &out_;
  const AxisTiles y_, x_;
  std::map<int, int> loads_, tiles_;    // of the present tile, by tensor
  std::vector<std::vector<int>> kept_;  // latest load of each layer's chunks
};

}  // namespace

void makeFusedSteps(const Graph &graph, const FusedGroup &group, const std::vector<LayerDecision> &decisions, Steps &out) {
  GroupSteps(graph, group, decisions, out).run();
}

}  // namespace agc::schedule
