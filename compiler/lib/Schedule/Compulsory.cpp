#include "agcc/Schedule/Compulsory.h"

#include <set>

namespace agc::schedule {

int64_t compulsoryBytes(const Graph &graph, const Machine &machine) {
  int64_t bytes = 0;
  std::set<int> known;
  for (const Layer &layer : graph.layers)
    if (known.insert(layer.content).second)
      bytes += (layer.shared ? 1 : layer.ocb * layer.phases()) * (1 + layer.icb * layer.y.kernel * layer.x.kernel) * 64;
  bytes += int64_t(graph.tables.size()) * Layer::tableWords * 64;
  for (int id : graph.inputs) bytes += graph.tensors[id].words() * 8;
  for (int id : graph.outputs) bytes += graph.tensors[id].words() * 8;
  for (size_t id = 0; id < graph.tensors.size(); ++id) {
    const Tensor &tensor = graph.tensors[id];
    const bool intermediate = graph.storageOf(int(id)) == int(id) && tensor.producer >= 0 && !tensor.consumers.empty();
    if (intermediate && tensor.words() * 2 > machine.scratchpadWords)
      bytes += tensor.words() * 8 * (1 + int64_t(tensor.consumers.size()));
  }
  return bytes;
}

}  // namespace agc::schedule
