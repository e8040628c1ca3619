#include "agcc/Schedule/Graph.h"

#include <algorithm>

namespace agc::schedule {

AxisNeed Axis::need(Range outputs) const {
  const AxisTaps &first = taps[outputs.begin];
  const AxisTaps &last = taps[outputs.end - 1];
  AxisNeed result;
  // A tile that lies in the padding altogether still names one existing element: the machine wants a rectangle.
  result.input.begin = std::clamp<int64_t>(first.input.begin, 0, in - 1);
  result.input.end = std::clamp<int64_t>(last.input.end, result.input.begin + 1, in);
  result.offset = first.first - result.input.begin * scale;
  return result;
}

const AxisTiling &Axis::tiling(int64_t step) const {
  auto [entry, fresh] = tilings.try_emplace(step);
  AxisTiling &tiling = entry->second;
  if (!fresh) return tiling;
  for (int64_t begin = 0; begin < out; begin += step) {
    const int64_t size = need({begin, std::min(begin + step, out)}).input.size();
    ++tiling.count;
    tiling.largest = std::max(tiling.largest, size);
    tiling.sum += size;
  }
  return tiling;
}

AxisNeed Layer::rowsOf(Range rows, Range kernelRows) const {
  if (!partsOfRows()) return y.need(rows);
  Axis part;
  part.in = y.in;
  const int64_t first = y.taps.front().first + kernelRows.begin * y.dilation;
  part.taps = {{{first, first + (kernelRows.size() - 1) * y.dilation + 1}, first}};
  AxisNeed need = part.need({0, 1});
  need.offset = std::min<int64_t>(need.offset, 127);  // behind the last row: padding
  return need;
}

int64_t Layer::tileRows(int64_t rows) const {
  return partsOfRows() ? std::min(y.in, (pieceOf(kernelRows()) - 1) * y.dilation + 1) : y.tiling(rows).largest;
}

Range Graph::life(int storage) const {
  const Tensor &tensor = tensors[size_t(storage)];
  Range life{int64_t(layers.size()), -1};
  auto include = [&](int layer) { life = {std::min<int64_t>(life.begin, layer), std::max<int64_t>(life.end, layer)}; };
  for (int part : tensor.parts) include(tensors[size_t(part)].producer);
  for (int consumer : tensor.consumers) include(consumer);
  return life;
}

std::string Layer::title() const {
  std::string text;
  for (const std::string &name : names) text += (text.empty() ? "" : ", ") + ("'" + name + "'");
  return text.empty() ? "an unnamed layer" : text;
}

std::vector<std::string> checkLimits(const Graph &graph, const Machine &machine) {
  std::vector<std::string> problems;
  for (const Layer &layer : graph.layers) {
    auto refuse = [&](const std::string &what) { problems.push_back(layer.title() + ": " + what); };
    const Tensor &in = graph.tensors[layer.input];
    const Tensor &out = graph.tensors[layer.output];
    for (const Axis *axis : {&layer.y, &layer.x}) {
      const char *name = axis == &layer.y ? "rows" : "columns";
      if (axis->stride > 7)
        refuse("a stride of " + std::to_string(axis->stride) + " is more than the 7 that the core takes; "
               "use two smaller strides");
      if (axis->dilation > 15)
        refuse("a dilation of " + std::to_string(axis->dilation) + " is more than the 15 that the core takes");
      if (axis->scale > 1 && axis == &layer.x && axis->stride > 1)
        refuse("the core reads through upsampling at stride 1 only; this layer has stride " + std::to_string(axis->stride));
      if (axis->padBegin > 128)
        refuse("padding by " + std::to_string(axis->padBegin) + " " + name + " is more than the 128 that the core takes; "
               "split the padding off");
      if (axis->need({axis->out - 1, axis->out}).offset > 127)
        refuse("the last output lies more than 127 " + std::string(name) + " beyond the input; reduce the padding");
    }
    for (const Tensor *part : {&in, &out}) {
      const Tensor *tensor = &graph.tensors[part->storage];
      if (tensor->width >= (int64_t{1} << 20) || tensor->height * tensor->width >= (int64_t{1} << 26))
        refuse("a map of " + std::to_string(tensor->height) + " x " + std::to_string(tensor->width) +
               " is larger than the load and store engines can address (2^20 columns, 2^26 pixels)");
    }
    if (layer.convWords(1) > layer.weightRoom(machine.weightWords))
      refuse("one output block over one input block needs " + std::to_string(layer.convWords(1)) +
             " weight words, the core has " + std::to_string(machine.weightWords) +
             "; take a core with a larger weight buffer");
  }
  if (graph.layers.size() > 65535)
    problems.push_back("the model has " + std::to_string(graph.layers.size()) +
                       " layers, more than the 65535 that a program can number; split the model");
  return problems;
}

}  // namespace agc::schedule
