// Greedy: a map is kept when every layer of its life still has room for the tiles of what is not kept. Maps that
// live short and are read often come first: they save the most traffic for each word and layer that they occupy.

#include "agcc/Schedule/Residency.h"

#include <algorithm>
#include <numeric>

namespace agc::schedule {

namespace {

constexpr int64_t maxPitch = 8191;

class Chooser {
 public:
  Chooser(const Graph &graph, const Machine &machine, const std::vector<bool> &banned)
      : graph_(graph), machine_(machine), banned_(banned) {
    result_.resident.assign(graph.tensors.size(), false);
    result_.layouts = residentLayouts(graph, machine);
  }

  Residency run() {
    std::vector<int> order;
    for (size_t id = 0; id < graph_.tensors.size(); ++id)
      if (possible(int(id))) order.push_back(int(id));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return gain(a) > gain(b); });
    account();
    for (int id : order) {
      set(id, true);
      if (!fits(id)) set(id, false);
    }
    return result_;
  }

 private:
  /// With all that lies in it.
  void set(int storage, bool resident) {
    if (graph_.tensors[storage].plain)
      result_.resident[storage] = resident;
    else
      for (size_t id = 0; id < graph_.tensors.size(); ++id)
        if (graph_.storageOf(int(id)) == storage) result_.resident[id] = resident;
    account();
  }

  bool possible(int id) const {
    const Tensor &tensor = graph_.tensors[id];
    if (tensor.storage != id || banned_[id] || tensor.consumers.empty() || folded(id) || streamsOnce(id)) return false;
    return writtenBefore(id, tensor.consumers.back()) && steps(id) && words(id) <= machine_.scratchpadWords &&
           tensor.width <= maxPitch && tensor.height <= maxPitch;
  }

  int64_t words(int id) const { return result_.layouts[id].words(graph_.tensors[id]); }

  /// A reader wants it through LOAD_FOLD, that is from DRAM.
  bool folded(int id) const {
    const auto &consumers = graph_.tensors[id].consumers;
    return std::any_of(consumers.begin(), consumers.end(), [&](int consumer) {
      return graph_.storageOf(graph_.layers[consumer].input) == id && graph_.layers[consumer].foldColumns;
    });
  }

  /// What the last reader, or a layer behind it, writes goes to DRAM.
  bool writtenBefore(int id, int reader) const {
    const auto &parts = graph_.tensors[id].parts;
    return std::all_of(parts.begin(), parts.end(), [&](int part) { return graph_.tensors[part].producer < reader; });
  }

  /// Layers that write every n-th row can step over n of them.
  bool steps(int id) const {
    const auto &parts = graph_.tensors[id].parts;
    return std::all_of(parts.begin(), parts.end(), [&](int part) {
      return result_.layouts[id].pitch * graph_.layers[graph_.tensors[part].producer].phasesY <= maxPitch;
    });
  }

  /// A graph input with one reader: tile by tile it comes once as well, and the first tile is there sooner.
  bool streamsOnce(int id) const { return graph_.tensors[id].producer < 0 && graph_.tensors[id].consumers.size() == 1; }

  int first(int id) const { return int(graph_.life(id).begin); }
  int last(int id) const { return int(graph_.life(id).end); }

  double gain(int id) const {
    const Tensor &tensor = graph_.tensors[id];
    const double traffic = double(tensor.consumers.size()) + (tensor.producer >= 0 && tensor.outputs.empty() ? 1 : 0);
    return traffic / (last(id) - first(id) + 1) + 1e-9 * (1e9 - double(tensor.words())) * 1e-3;
  }

  /// In-place pairs and the words of each layer, for the present choice.
  void account() {
    const int layers = int(graph_.layers.size());
    result_.inPlace.assign(layers, false);
    std::vector<int64_t> change(layers + 1, 0);
    for (int index = 0; index < layers; ++index) {
      const Layer &layer = graph_.layers[index];
      if (layer.residual < 0 || layer.residual == layer.input || layer.repeatRows || layer.repeatColumns) continue;
      const Tensor &residual = graph_.tensors[layer.residual], &output = graph_.tensors[layer.output];
      result_.inPlace[index] = residual.plain && output.plain && result_.resident[layer.residual] && result_.resident[layer.output] &&
                               last(layer.residual) == index && !result_.layouts[layer.output].split;
    }
    for (size_t id = 0; id < graph_.tensors.size(); ++id) {
      if (!result_.resident[id] || graph_.storageOf(int(id)) != int(id)) continue;
      const Tensor &tensor = graph_.tensors[id];
      const int64_t size = words(int(id));
      // In its producing layer an in-place result is counted as the residual already.
      const int begin = first(int(id)) + (tensor.producer >= 0 && tensor.plain && result_.inPlace[tensor.producer] ? 1 : 0);
      change[begin] += size;
      change[last(int(id)) + 1] -= size;
    }
    result_.words.assign(layers, 0);
    std::partial_sum(change.begin(), change.end() - 1, result_.words.begin());
  }

  bool fits(int id) const {
    for (int index = first(id); index <= last(id); ++index)
      if (result_.words[index] + reserve(index) > machine_.scratchpadWords) return false;
    return true;
  }

  /// Room for tiles: a quarter of the scratchpad for one stream, three eighths for more, never more than the
  /// streaming maps themselves.
  int64_t reserve(int index) const {
    const Layer &layer = graph_.layers[index];
    const Streams streams = streamsOf(graph_, result_, index);
    const int count = streams.input + streams.residual + streams.output;
    if (!count) return 0;
    int64_t maps = 0;
    if (streams.input) maps += graph_.tensors[layer.input].words();
    if (streams.residual) maps += graph_.tensors[layer.residual].words();
    if (streams.output) maps += graph_.tensors[layer.output].words();
    return std::min(maps, machine_.scratchpadWords * (count > 1 ? 3 : 2) / 8);
  }

  const Graph &graph_;
  const Machine &machine_;
  const std::vector<bool> &banned_;
  Residency result_;
};

}  // namespace

Residency chooseResidents(const Graph &graph, const Machine &machine, const std::vector<bool> &banned) {
  return Chooser(graph, machine, banned).run();
}

Streams streamsOf(const Graph &graph, const Residency &residency, int layer) {
  const Layer &l = graph.layers[layer];
  Streams streams;
  streams.input = !residency.resident[l.input];
  streams.residual = l.residual >= 0 && !residency.resident[l.residual];
  streams.output = !residency.resident[l.output];
  streams.pitch = streams.input ? 0 : residency.layouts[l.input].pitch;
  streams.first = layer == 0;
  streams.last = layer + 1 == int(graph.layers.size());
  streams.split = l.splits() && (streams.input || residency.layouts[l.input].split);
  return streams;
}

}  // namespace agc::schedule
