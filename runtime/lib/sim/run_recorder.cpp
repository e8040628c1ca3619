#include "run_recorder.h"

#include <algorithm>

namespace agc::runtime {

RunRecorder::RunRecorder(const std::vector<Step>& steps, bool withTimeline) : steps_(steps), withTimeline_(withTimeline) {
  size_t layers = 0;
  for (const Step& step : steps) layers = std::max<size_t>(layers, step.layer + size_t{1});
  layers_.resize(layers);
}

void RunRecorder::completed(uint32_t index, uint64_t start, uint64_t end) {
  if (index >= steps_.size()) return;
  const Step& step = steps_[index];
  // END ends no layer.
  if (step.engine == isa::Engine::Ctrl) return;
  Layer& layer = layers_[step.layer];
  layer.used = true;
  layer.end = std::max(layer.end, end);
  layer.dramRead += dramBytes(step.instruction, false);
  layer.dramWritten += dramBytes(step.instruction, true);
  if (withTimeline_) spans_.push_back({index, start, end});
}

std::vector<LayerStats> RunRecorder::layers() const {
  std::vector<uint16_t> order;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].used) order.push_back(static_cast<uint16_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](uint16_t a, uint16_t b) { return layers_[a].end < layers_[b].end; });
  std::vector<LayerStats> stats;
  uint64_t previous = 0;
  for (uint16_t i : order) {
    const Layer& layer = layers_[i];
    stats.push_back({i, layer.end - previous, layer.dramRead, layer.dramWritten});
    previous = layer.end;
  }
  return stats;
}

}  // namespace agc::runtime
