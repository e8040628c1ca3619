#include "PlaceFused.h"

#include <optional>

namespace agc::schedule {

namespace {

/// A region of a map in the scratchpad.
struct Place {
  int buffer = -1;
  int64_t y = 0, x = 0, pitch = 0, plane = 0;
  bool split = false;

  /// `column`: even distance from the region's first one where columns lie apart by parity.
  Ref at(int64_t block, int64_t row, int64_t column) const {
    return {buffer, block * plane + (row - y) * pitch + (split ? (column - x) / 2 : column - x)};
  }
};

}  // namespace

void placeFused(const Graph &graph, const Steps &steps, const Step &step, const std::vector<int> &loadBuffer,
                const std::vector<int> &tileBuffer, GeoInst &geo, ConvInst &conv) {
  const Layer &layer = graph.layers[size_t(step.layer)];
  auto place = [&](int tile, int load) -> std::optional<Place> {
    if (tile >= 0) {
      const TileItem &item = steps.tiles[size_t(tile)];
      return Place{tileBuffer[size_t(tile)], item.y.begin, item.x.begin, item.pitch, item.plane, item.split};
    }
    if (load < 0) return std::nullopt;  // resident
    const LoadItem &item = steps.loads[size_t(load)];
    return Place{loadBuffer[size_t(load)], item.y.begin, item.x.begin, item.pitch, item.pitch * item.rows, item.split};
  };
  if (const auto in = place(step.inputTile, step.inputLoad)) {
    const AxisNeed x = layer.x.need(step.x);
    int64_t first = x.input.begin;
    if (in->split && (first - in->x) % 2 != 0) --first;  // the rectangle begins with an even column of the region
    conv.in = in->at(layer.grouped ? step.blocks.begin * layer.icb : 0, layer.y.need(step.y).input.begin, first);
    conv.inW = x.input.end - first;
    conv.offX = x.offset + (x.input.begin - first);
    geo.inPitch = in->pitch;
    geo.inPlane = in->plane;
    geo.split = in->split;
    geo.inHalf = in->split ? half(in->pitch) : 0;
  }
  if (const auto res = place(step.residualTile, step.residualLoad)) {
    conv.res = res->at(step.blocks.begin, layer.residualRows(step.y).begin, layer.residualColumns(step.x).begin);
    geo.resPitch = layer.repeatRows ? 0 : res->pitch;
    geo.resPlane = res->plane;
  }
  if (const auto out = place(step.outputTile, -1)) {
    conv.out = out->at(step.blocks.begin, step.y.begin, step.x.begin);
    geo.outPitch = out->pitch;
    geo.outPlane = out->plane;
    geo.outSplit = out->split;
    geo.outHalf = out->split ? half(out->pitch) : 0;
  }
}

}  // namespace agc::schedule
