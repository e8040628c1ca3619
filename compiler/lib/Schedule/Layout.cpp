#include "agcc/Schedule/Layout.h"

#include <algorithm>

namespace agc::schedule {

namespace {

/// Readers that get twice the rate from split columns, and no other.
bool onlySplittingReaders(const Graph &graph, int id) {
  const Tensor &tensor = graph.tensors[id];
  if (!tensor.plain || !tensor.outputs.empty() || tensor.consumers.empty()) return false;
  if (tensor.producer >= 0 && !graph.layers[tensor.producer].canSplitOutput()) return false;
  return std::all_of(tensor.consumers.begin(), tensor.consumers.end(), [&](int consumer) {
    const Layer &layer = graph.layers[consumer];
    return layer.input == id && layer.residual != id && layer.splits();
  });
}

}  // namespace

bool pairsFit(int64_t strideY, int64_t pitch, const Machine &machine) {
  return strideY * pitch % machine.banks == machine.pixels / 2;
}

int64_t pairPitch(int64_t strideY, int64_t width, const Machine &machine) {
  for (int64_t pitch = width; pitch < width + machine.banks; ++pitch)
    if (pairsFit(strideY, pitch, machine)) return pitch;
  return 0;
}

std::vector<Layout> residentLayouts(const Graph &graph, const Machine &machine) {
  std::vector<Layout> layouts;
  for (size_t id = 0; id < graph.tensors.size(); ++id) {
    const int64_t width = graph.tensors[id].width;
    if (graph.tensors[id].storage != int(id)) {
      layouts.emplace_back();  // below
      continue;
    }
    Layout layout{width, 0, onlySplittingReaders(graph, int(id))};
    // The last one-row block of each row would be at most half full.
    const int64_t rest = width % machine.pixels;
    if (!layout.split && rest != 0 && rest <= machine.pixels / 2) {
      const int64_t pitch = pairPitch(1, width, machine);
      if (pitch && pitch * 2 <= width * 3) layout.pitch = pitch;
    }
    layout.plane = layout.pitch * graph.tensors[id].height;
    layouts.push_back(layout);
  }
  for (size_t id = 0; id < graph.tensors.size(); ++id) layouts[id] = layouts[size_t(graph.storageOf(int(id)))];
  return layouts;
}

}  // namespace agc::schedule
