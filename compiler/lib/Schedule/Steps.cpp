#include "agcc/Schedule/Steps.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "FusedSteps.h"

namespace agc::schedule {

namespace {

Range piece(int64_t index, int64_t size, int64_t total) { return {index * size, std::min((index + 1) * size, total)}; }

class LayerSteps {
 public:
  LayerSteps(const Graph &graph, const Machine &machine, const LayerDecision &decision, int layer, Steps &out)
      : graph_(graph), layer_(graph.layers[layer]), machine_(machine), decision_(decision), plan_(decision.plan), index_(layer), out_(out) {}

  void run() {
    const int64_t groups = plan_.groups(layer_), parts = plan_.parts(layer_), phases = layer_.phases();
    const int64_t tilesX = plan_.tilesX(layer_), tiles = plan_.tilesY(layer_) * tilesX;
    chunks(layer_.shared ? 1 : groups * phases, parts);
    out_.firstStep[index_] = int(out_.steps.size());
    const int64_t outer = plan_.groupOuter ? groups : tiles, inner = plan_.groupOuter ? tiles : groups;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i)
        for (int64_t phase = 0; phase < phases; ++phase)
          for (int64_t part = 0; part < parts; ++part) step(plan_.groupOuter ? i : o, plan_.groupOuter ? o : i, phase, part);
    out_.lastStep[index_] = int(out_.steps.size()) - 1;
  }

 private:
  /// Groups of all phases, one behind the other in each group; or one for all.
  void chunks(int64_t groups, int64_t parts) {
    int64_t start = 0;
    for (int64_t group = 0; group < groups; ++group) {
      for (int64_t part = 0; part < parts; ++part) {
        const Range blocks = piece(group / layer_.phases(), plan_.groupBlocks, layer_.ocb);
        WeightChunk chunk{blocks.begin + group % layer_.phases() * layer_.ocb, layer_.shared ? 1 : blocks.size(), {}, {}, {}, part == parts - 1};
        const int64_t kernelPart = part % layer_.kernelParts();
        chunk.inputs = piece(part / layer_.kernelParts(), plan_.partBlocks, layer_.icb);
        chunk.kernelRows = piece(kernelPart / layer_.kernelPartsX(), Layer::pieceOf(layer_.kernelRows()), layer_.kernelRows());
        chunk.kernelColumns = piece(kernelPart % layer_.kernelPartsX(), Layer::pieceOf(layer_.x.kernel), layer_.x.kernel);
        out_.chunks[index_].push_back(chunk);
        out_.chunkStart[index_].push_back(start);
        start += chunkWords(chunk);
        largestChunk_ = std::max(largestChunk_, chunkWords(chunk));
      }
    }
    out_.weightWords[index_] = start;
  }

  int64_t chunkWords(const WeightChunk &chunk) const {
    return chunk.blocks * (chunk.convWords() + layer_.blockWords(0) - layer_.convWords(0));
  }

  int use(int load) {
    out_.loads[load].lastUse = int(out_.steps.size());
    return load;
  }

  int add(LoadItem item) {
    item.layer = index_;
    item.firstUse = int(out_.steps.size());
    out_.loads.push_back(item);
    return int(out_.loads.size()) - 1;
  }

  void step(int64_t tile, int64_t group, int64_t phase, int64_t part) {
    const int64_t parts = plan_.parts(layer_);
    const int chunk = int((layer_.shared ? 0 : group * layer_.phases() + phase) * parts + part);
    const WeightChunk &weights = out_.chunks[index_][chunk];
    Step step;
    step.layer = index_;
    step.y = piece(tile / plan_.tilesX(layer_), plan_.rows, layer_.y.out);
    step.x = piece(tile % plan_.tilesX(layer_), plan_.columns, layer_.x.out);
    step.blocks = piece(group, plan_.groupBlocks, layer_.ocb);
    step.phase = phase;
    step.inputs = weights.inputs;
    step.kernelRows = weights.kernelRows;
    step.kernelColumns = weights.kernelColumns;
    step.firstPart = part == 0;
    step.lastPart = part == parts - 1;
    step.firstPhase = phase == 0;
    step.lastPhase = phase == layer_.phases() - 1;
    step.tableLoad = out_.loadTable(graph_, index_);

    if (decision_.streams.input) {
      const bool allPhases = layer_.allPhases(plan_.groups(layer_));
      const Key key{tile, plan_.splitInput ? step.inputs.begin : -1, layer_.grouped ? group : -1, layer_.grouped && !allPhases ? phase : -1,
                    layer_.partsOfRows() ? step.kernelRows.begin : -1};
      if (inputLoad_ < 0 || key != inputKey_) {
        LoadItem item;
        item.kind = LoadKind::Input;
        item.tensor = layer_.input;
        item.y = layer_.rowsOf(step.y, step.kernelRows).input;
        item.x = layer_.x.need(step.x).input;
        item.blocks = plan_.splitInput ? step.inputs : Range{0, layer_.icb};
        if (layer_.grouped) {
          const int64_t first = phase * layer_.ocb;
          item.blocks = {(first + step.blocks.begin) * layer_.icb, (first + step.blocks.end) * layer_.icb};
        }
        const int64_t planes = inputPlanes(layer_, plan_);
        if (allPhases) item.blocks = {0, planes};
        if (layer_.foldColumns) item.source = layer_.source.need(step.x);
        item.split = decision_.streams.split;
        item.pitch = inputPitch(layer_, plan_, machine_);
        item.rows = layer_.tileRows(plan_.rows);
        item.words = planes * item.rows * item.pitch;
        inputLoad_ = add(item);
        inputKey_ = key;
      }
      step.inputLoad = use(inputLoad_);
    }
    if (decision_.streams.residual && step.lastPart) {
      LoadItem item;
      item.kind = LoadKind::Residual;
      item.tensor = layer_.residual;
      item.y = layer_.residualRows(step.y);
      item.x = layer_.residualColumns(step.x);
      item.blocks = step.blocks;
      item.pitch = layer_.repeatColumns ? 1 : plan_.columns;
      item.rows = layer_.repeatRows ? 1 : plan_.rows;
      item.words = residualWords(layer_, plan_);
      step.residualLoad = use(add(item));
    }
    if (plan_.keepWeights) {
      auto [entry, fresh] = kept_.try_emplace(chunk, -1);
      if (fresh) entry->second = addWeights(chunk);
      step.weightLoad = use(entry->second);
    } else {
      if (chunk != lastChunk_) weightLoad_ = addWeights(chunk);
      lastChunk_ = chunk;
      step.weightLoad = use(weightLoad_);
    }
    out_.steps.push_back(step);
  }

  int addWeights(int chunk) {
    LoadItem item;
    item.kind = LoadKind::Weights;
    item.chunk = chunk;
    item.words = chunkWords(out_.chunks[index_][chunk]);
    // Slots of one size: two of them alternate, and no chunk waits for two others to leave.
    if (!plan_.keepWeights) item.slot = largestChunk_;
    return add(item);
  }

  using Key = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t>;
  const Graph &graph_;
  const Layer &layer_;
  const Machine &machine_;
  const LayerDecision &decision_;
  const TilePlan &plan_;
  const int index_;
  Steps &out_;
  Key inputKey_;
  int inputLoad_ = -1, weightLoad_ = -1, lastChunk_ = -1;
  int64_t largestChunk_ = 0;  ///< words
  std::map<int, int> kept_;
};

}  // namespace

int Steps::loadTable(const Graph &graph, int layer) {
  const int wanted = graph.layers[size_t(layer)].table;
  if (wanted < 0 || wanted == table) return -1;
  table = wanted;
  LoadItem item;
  item.kind = LoadKind::Weights;
  item.layer = layer;
  item.table = true;
  item.words = Layer::tableWords;
  item.firstUse = item.lastUse = int(steps.size());
  loads.push_back(item);
  return int(loads.size()) - 1;
}

Steps makeSteps(const Graph &graph, const Machine &machine, const std::vector<LayerDecision> &decisions,
                const std::vector<FusedGroup> &groups, const Residency &residency) {
  Steps out;
  const size_t layers = graph.layers.size();
  out.firstStep.resize(layers);
  out.lastStep.resize(layers);
  out.chunks.resize(layers);
  out.chunkStart.resize(layers);
  out.weightWords.resize(layers);
  std::vector<int> whole(graph.tensors.size(), -1);
  // Graph inputs that are resident come in front of their first reader, or of the group that it is part of.
  auto bringWhole = [&](int index) {
    for (int read : {graph.layers[size_t(index)].input, graph.layers[size_t(index)].residual}) {
      if (read < 0 || !residency.resident[read]) continue;
      const int id = graph.storageOf(read);
      if (graph.tensors[id].producer >= 0 || whole[id] >= 0) continue;
      const Tensor &tensor = graph.tensors[id];
      LoadItem item;
      item.kind = LoadKind::Input;
      item.layer = index;
      item.tensor = id;
      item.whole = true;
      item.y = {0, tensor.height};
      item.x = {0, tensor.width};
      item.blocks = {0, tensor.planes()};
      item.pitch = residency.layouts[id].pitch;
      item.split = residency.layouts[id].split;
      item.rows = tensor.height;
      item.words = residency.layouts[id].words(tensor);
      item.firstUse = item.lastUse = int(out.steps.size());
      whole[id] = int(out.loads.size());
      out.loads.push_back(item);
    }
  };
  auto group = groups.begin();
  for (int index = 0; index < int(layers);) {
    const bool fused = group != groups.end() && group->first == index;
    const int last = fused ? group->last : index;
    for (int layer = index; layer <= last; ++layer) bringWhole(layer);
    if (fused)
      makeFusedSteps(graph, *group++, decisions, out);
    else
      LayerSteps(graph, machine, decisions[index], index, out).run();
    for (; index <= last; ++index)
      for (int id : {graph.layers[index].input, graph.layers[index].residual})
        if (id >= 0 && whole[graph.storageOf(id)] >= 0) {
          LoadItem &load = out.loads[whole[graph.storageOf(id)]];
          load.lastUse = std::max(load.lastUse, out.lastStep[index]);
        }
  }
  return out;
}

}  // namespace agc::schedule
