#include "agcc/Schedule/Compulsory.h"

namespace agc::schedule {

int64_t compulsoryBytes(const Graph &graph, const Machine &machine) {
  int64_t bytes = 0;
  for (const Layer &layer : graph.layers) bytes += layer.ocb * (1 + layer.icb * layer.y.kernel * layer.x.kernel) * 64;
  for (int id : graph.inputs) bytes += graph.tensors[id].words() * 8;
  for (int id : graph.outputs) bytes += graph.tensors[id].words() * 8;
  for (const Tensor &tensor : graph.tensors) {
    const bool intermediate = tensor.producer >= 0 && !tensor.consumers.empty();
    if (intermediate && tensor.words() * 2 > machine.scratchpadWords)
      bytes += tensor.words() * 8 * (1 + int64_t(tensor.consumers.size()));
  }
  return bytes;
}

}  // namespace agc::schedule
