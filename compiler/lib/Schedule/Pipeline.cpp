// Software pipeline. The order of the instructions is a valid sequential execution; everything that runs at the same
// time does so because the queues of the engines are independent. Around the CONV of step t stand
//
//     loads of step t that were not prefetched, room for its results,
//     loads of later steps as far as room and queues allow,
//     CONV of step t,
//     STORE of step t-1
//
// so that a STORE has the time of one CONV before its slot is needed again.

#include "agcc/Schedule/Pipeline.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "CopySplit.h"
#include "PlaceConv.h"
#include "agcc/Schedule/FirstFit.h"

namespace agc::schedule {

namespace {

// A residual waits for its layer in room that nearer input tiles need.
constexpr int residualAhead = 2;

class Writer {
 public:
  Writer(const PipelineInput &in, Program &program)
      : in_(in), graph_(in.graph), program_(program), scratchpad_(in.machine.scratchpadWords),
        weights_(in.machine.weightWords), address_(), tensorBuffer_(graph_.tensors.size(), -1),
        home_(graph_.tensors.size(), -1), rowWords_(graph_.tensors.size()), loadBuffer_(in.steps.loads.size(), -1),
        tileBuffer_(in.steps.tiles.size(), -1), lastReader_(graph_.tensors.size(), -1) {}

  std::optional<PipelineFailure> run() {
    prepare();
    const int count = int(in_.steps.steps.size());
    for (int step = 0; step < count && !failure_; ++step) one(step);
    if (failure_) return failure_;
    flushStores();
    return std::nullopt;
  }

 private:
  void prepare() {
    program_ = Program();
    program_.chunks = in_.steps.chunks;
    for (size_t layer = 0; layer < graph_.layers.size(); ++layer) {
      // Equal weights, cut alike, are there once: the images of a batch, an identity in several places.
      const int same = sameConstants(int(layer));
      if (same >= 0) {
        constants_.push_back(constants_[size_t(same)]);
        continue;
      }
      Buffer buffer{Memory::Constants, in_.steps.weightWords[layer] * 8};
      buffer.layer = int(layer);
      constants_.push_back(newBuffer(buffer));
    }
    for (size_t table = 0; table < graph_.tables.size(); ++table) {
      Buffer buffer{Memory::Constants, Layer::tableWords * 8};
      buffer.table = int(table);
      tables_.push_back(newBuffer(buffer));
    }
    for (size_t index = 0; index < graph_.inputs.size(); ++index) {
      Buffer buffer = holding(Memory::Inputs, graph_.tensors[graph_.inputs[index]].words(), graph_.inputs[index]);
      buffer.border = int(index);
      home_[graph_.inputs[index]] = newBuffer(buffer);
    }
    for (size_t index = 0; index < graph_.outputs.size(); ++index) {
      Buffer buffer = holding(Memory::Outputs, graph_.tensors[graph_.outputs[index]].words(), graph_.outputs[index]);
      buffer.border = int(index);
      outputs_.push_back(newBuffer(buffer));
    }
    for (size_t id = 0; id < graph_.tensors.size(); ++id) {
      rowWords_[id].assign(size_t(graph_.tensors[id].height), 0);
      for (int consumer : graph_.tensors[id].consumers) lastReader_[id] = std::max(lastReader_[id], in_.steps.lastStep[consumer]);
    }
    for (size_t load = 0; load < in_.steps.loads.size(); ++load)
      queue_[int(in_.steps.loads[load].kind)].push_back(int(load));
  }

  /// An earlier layer whose constants are byte by byte those of this one, or -1.
  int sameConstants(int index) {
    const Layer &layer = graph_.layers[size_t(index)];
    auto &candidates = byContent_[{layer.content, layer.fold, layer.foldColumns}];
    for (int other : candidates)
      if (in_.steps.chunks[size_t(other)] == in_.steps.chunks[size_t(index)]) return other;
    candidates.push_back(index);
    return -1;
  }

  static Buffer holding(Memory memory, int64_t words, int tensor, bool high = false) {
    Buffer buffer{memory, words, high};
    buffer.tensor = tensor;
    return buffer;
  }

  int newBuffer(Buffer buffer) {
    program_.buffers.push_back(buffer);
    address_.push_back(-1);
    emit(TakeMark{int(program_.buffers.size()) - 1}, 0);
    return int(program_.buffers.size()) - 1;
  }

  template <typename Op>
  void emit(Op op, int layer) {
    program_.instructions.push_back({op, layer});
  }

  FirstFit &placer(Memory memory) { return memory == Memory::Weights ? weights_ : scratchpad_; }

  /// Room on chip, or -1.
  int take(Buffer buffer) {
    const auto address = placer(buffer.memory).take(buffer.words, buffer.high);
    if (!address) return -1;
    const int id = newBuffer(buffer);
    address_[id] = *address;
    return id;
  }

  void give(int buffer) {
    const Buffer &b = program_.buffers[buffer];
    emit(GiveMark{buffer}, 0);
    if (b.memory == Memory::Weights || b.memory == Memory::Scratchpad) placer(b.memory).give(address_[buffer], b.words);
  }

  /// Room that the current step cannot do without. Pending stores give theirs up first.
  int mustTake(Buffer buffer, int step) {
    int id = take(buffer);
    if (id < 0 && buffer.memory == Memory::Scratchpad) {
      flushStores();
      id = take(buffer);
    }
    if (id >= 0) return id;
    PipelineFailure failure;
    failure.layer = in_.steps.steps[step].layer;
    failure.step = step;
    failure.words = buffer.words;
    failure.weights = buffer.memory == Memory::Weights;
    for (int load : early_)
      if (in_.steps.loads[load].firstUse > step &&
          (in_.steps.loads[load].kind == LoadKind::Weights) == failure.weights)
        failure.earlyLoads.push_back(load);
    failure_ = failure;
    return -1;
  }

  // ---- loads

  /// Has all that a load reads been written, by each layer that writes to the storage there?
  bool rowsStored(const LoadItem &load) const {
    const Tensor &tensor = graph_.tensors[load.tensor];
    if (tensor.producer < 0) return true;
    const int64_t shownBlocks = load.source.input.size() ? tensor.blocks() : load.blocks.size();  // folded columns: all
    const int64_t firstPlane = tensor.plane + (load.source.input.size() ? 0 : load.blocks.begin);
    for (int id : graph_.tensors[tensor.storage].parts) {
      const Tensor &part = graph_.tensors[id];
      if (part.plane >= firstPlane + shownBlocks || part.plane + part.blocks() <= firstPlane) continue;
      const int64_t begin = std::max<int64_t>(tensor.row + load.y.begin - part.row, 0);
      const int64_t end = std::min(tensor.row + load.y.end - part.row, part.height);
      for (int64_t row = begin; row < end; ++row)
        if (rowWords_[id][size_t(row)] < part.blocks() * part.width) return false;
    }
    return true;
  }

  Buffer slotOf(const LoadItem &load) const {
    Buffer buffer{load.kind == LoadKind::Weights ? Memory::Weights : Memory::Scratchpad, std::max(load.words, load.slot)};
    // Weights of neighbouring layers, which are of different sizes, come from both ends: fewer odd holes.
    buffer.high = load.kind == LoadKind::Weights ? load.layer % 2 == 1 : load.whole;
    buffer.tensor = load.tensor;
    return buffer;
  }

  void writeLoad(int id, int buffer) {
    const LoadItem &load = in_.steps.loads[id];
    loadBuffer_[id] = buffer;
    if (load.kind == LoadKind::Weights) {
      WloadInst inst;
      if (load.table)
        inst.dram = {tables_[size_t(graph_.layers[load.layer].table)], 0};
      else
        inst.dram = {constants_[load.layer], in_.steps.chunkStart[load.layer][load.chunk] * 8};
      inst.wb = {buffer, 0};
      inst.n = load.words;
      emit(inst, load.layer);
      return;
    }
    const Tensor &tensor = graph_.tensors[load.tensor], &storage = graph_.tensors[tensor.storage];
    const Layer &layer = graph_.layers[load.layer];
    const int64_t plane = load.pitch * load.rows;
    if (layer.foldColumns && load.kind == LoadKind::Input && !load.whole) {
      LoadFoldInst inst;
      inst.dram = {home_[tensor.storage], wordOf(tensor, storage, 0, load.y.begin, load.source.input.begin)};
      inst.sp = {buffer, 0};
      inst.n0 = load.x.size();
      inst.n1 = load.y.size();
      inst.width = load.source.input.size();
      inst.d1 = storage.width;
      inst.s1 = load.pitch;
      inst.s2 = plane;
      inst.channels = layer.foldColumns;
      inst.kernel = layer.source.kernel;
      inst.stride = layer.source.stride;
      inst.left = -load.source.offset;
      inst.pad = layer.padValue;
      emit(inst, load.layer);
      return;
    }
    Copy copy = regionCopy(tensor, storage, load.y, load.x, load.blocks);
    copy.dram.buffer = home_[tensor.storage];
    copy.sp = {buffer, 0};
    copy.s1 = load.pitch;
    copy.s2 = plane;
    copy.split = load.split;
    copy.half = load.split ? half(load.pitch) : 0;
    for (const Copy &piece : splitCopy(copy)) emit(LoadInst{piece}, load.layer);
    if (load.whole) tensorBuffer_[load.tensor] = buffer;  // the storage
  }

  void mandatoryLoads(int step) {
    for (auto &queue : queue_) {
      while (!failure_ && !queue.empty() && in_.steps.loads[queue.front()].firstUse <= step) {
        const LoadItem &load = in_.steps.loads[queue.front()];
        if (load.kind != LoadKind::Weights && !rowsStored(load)) flushStores();
        const int buffer = mustTake(slotOf(load), step);
        if (buffer < 0) return;
        writeLoad(queue.front(), buffer);
        queue.pop_front();
      }
    }
  }

  void prefetch(int step) {
    early_.erase(std::remove_if(early_.begin(), early_.end(),
                                [&](int load) { return in_.steps.loads[load].firstUse <= step; }),
                 early_.end());
    for (LoadKind kind : {LoadKind::Weights, LoadKind::Residual, LoadKind::Input}) {
      auto &queue = queue_[int(kind)];
      int64_t waiting = 0;
      for (int load : early_) waiting += in_.steps.loads[load].kind == kind;
      // More loads than the queue holds would keep the fetch from the CONV behind them.
      const int64_t limit = kind == LoadKind::Weights ? std::max<int64_t>(1, in_.machine.queueDepth - 2) : 1;
      while (!queue.empty() && waiting < limit) {
        const int id = queue.front();
        const LoadItem &load = in_.steps.loads[id];
        const auto held = in_.notBefore.find(id);
        if (held != in_.notBefore.end() && step < held->second) break;
        if (kind != LoadKind::Weights && !rowsStored(load)) break;
        if (kind == LoadKind::Residual && load.firstUse > step + residualAhead) break;
        const int buffer = take(slotOf(load));
        if (buffer < 0) break;
        writeLoad(id, buffer);
        early_.push_back(id);
        queue.pop_front();
        ++waiting;
      }
    }
  }

  // ---- one step

  void one(int index) {
    const Step &step = in_.steps.steps[index];
    const Layer &layer = graph_.layers[step.layer];
    const LayerDecision &decision = in_.decisions[step.layer];
    const TilePlan &plan = decision.plan;
    if (index == in_.steps.firstStep[step.layer] && in_.residency.inPlace[step.layer]) flushStores();
    mandatoryLoads(index);
    if (failure_) return;

    const int storage = graph_.storageOf(layer.output);
    if (!decision.streams.output && index == in_.steps.firstStep[step.layer]) {
      if (in_.residency.inPlace[step.layer]) {
        tensorBuffer_[storage] = tensorBuffer_[layer.residual];
      } else if (tensorBuffer_[storage] < 0) {
        const int64_t words = in_.residency.layouts[storage].words(graph_.tensors[storage]);
        tensorBuffer_[storage] = mustTake(holding(Memory::Scratchpad, words, storage, true), index);
        if (failure_) return;
      }
    }
    if (step.firstPart && !step.lastPart) {
      partial_ = mustTake(Buffer{Memory::Scratchpad, 4 * plan.rows * plan.columns * plan.groupBlocks}, index);
      if (failure_) return;
    }
    if (layer.fold > 1) {
      folded_ = mustTake(Buffer{Memory::Scratchpad, layer.foldedRows(plan.rows) * plan.columns}, index);
      if (failure_) return;
    }
    if (step.outputTile >= 0 && tileBuffer_[step.outputTile] < 0) {
      tileBuffer_[step.outputTile] = mustTake(holding(Memory::Scratchpad, in_.steps.tiles[step.outputTile].words, layer.output), index);
      if (failure_) return;
    }
    // The phases of a tile fill one slot.
    if (step.firstPhase && step.firstPart) slot_ = -1;
    if (decision.streams.output && step.firstPhase && step.lastPart && step.outputTile < 0) {
      slot_ = mustTake(holding(Memory::Scratchpad, plan.tileWords(layer) * plan.groupBlocks, layer.output), index);
      if (failure_) return;
    }
    prefetch(index);
    if (step.tableLoad >= 0) emit(TableInst{{loadBuffer_[step.tableLoad], 0}}, step.layer);
    const StepConvs placed = placeStep(in_, step, {loadBuffer_, tileBuffer_, tensorBuffer_, slot_, partial_, folded_});
    for (const PlacedConv &conv : placed.convs) emitConv(conv.geo, conv.epi, conv.conv, step.layer);
    if (layer.fold > 1) give(folded_);
    if (!step.firstPart && step.lastPart) give(partial_);
    releaseLoads(index);
    releaseTensors(index);
    flushStores();
    if (step.outputTile >= 0) return;
    if (step.lastPart && step.lastPhase) stores_.push_back({step.layer, placed.result, slot_});
    if (home_[storage] < 0 && needsWorkspace(storage, index))
      home_[storage] = newBuffer(holding(Memory::Workspace, graph_.tensors[storage].words(), storage));
  }

  struct Store {
    int layer = 0;
    StepResult result;
    int slot = -1;  ///< given back behind the store; -1 for a resident tensor
  };

  bool needsWorkspace(int storage, int step) const { return !in_.residency.resident[storage] && lastReader_[storage] > step; }

  void emitConv(const GeoInst &geo, const EpiInst &epi, const ConvInst &conv, int layer) {
    const bool fresh = currentLayer_ != layer;
    currentLayer_ = layer;
    if (fresh || !(geo == geo_)) emit(geo, layer);
    if (fresh || !(epi == epi_)) emit(epi, layer);
    geo_ = geo;
    epi_ = epi;
    emit(conv, layer);
  }

  void releaseLoads(int index) {
    const Step &step = in_.steps.steps[index];
    auto release = [&](std::vector<int> &buffers, int item, int lastUse) {
      if (lastUse != index || buffers[item] < 0) return;
      give(buffers[item]);
      buffers[item] = -1;
    };
    for (int load : {step.inputLoad, step.residualLoad, step.weightLoad, step.tableLoad})
      if (load >= 0) release(loadBuffer_, load, in_.steps.loads[load].lastUse);
    for (int tile : {step.inputTile, step.residualTile})
      if (tile >= 0) release(tileBuffer_, tile, in_.steps.tiles[tile].lastUse);
  }

  void flushStores() {
    while (!stores_.empty()) {
      const Store store = stores_.front();
      stores_.pop_front();
      const int layerIndex = store.layer;
      const StepResult &result = store.result;
      const int id = graph_.layers[layerIndex].output;
      const Tensor &tensor = graph_.tensors[id], &storage = graph_.tensors[tensor.storage];
      std::vector<std::pair<int, const Tensor *>> targets;  // buffers, and what lies in them
      if (home_[tensor.storage] >= 0) targets.push_back({home_[tensor.storage], &storage});
      for (int output : tensor.outputs) targets.push_back({outputs_[output], &tensor});
      if (&tensor != &storage)
        for (int output : storage.outputs) targets.push_back({outputs_[output], &storage});
      for (const auto &[target, place] : targets) {
        Copy copy = regionCopy(tensor, *place, result.y, result.x, result.blocks);
        copy.sp = result.sp;
        copy.s1 = result.pitch;
        copy.s2 = result.plane;
        copy.dram.buffer = target;
        for (const Copy &piece : splitCopy(copy)) emit(StoreInst{piece}, layerIndex);
      }
      for (int64_t row = result.y.begin; row < result.y.end; ++row) rowWords_[id][size_t(row)] += result.blocks.size() * result.x.size();
      if (store.slot >= 0) give(store.slot);
    }
  }

  /// Residents and workspace behind their last reader.
  void releaseTensors(int index) {
    const int layerIndex = in_.steps.steps[index].layer;
    if (index != in_.steps.lastStep[layerIndex]) return;
    const Layer &layer = graph_.layers[layerIndex];
    for (int read : {layer.input, layer.residual}) {
      if (read < 0) continue;
      const int id = graph_.storageOf(read);
      if (lastReader_[id] != index) continue;
      if (tensorBuffer_[id] >= 0) {
        const bool handedOn = in_.residency.inPlace[layerIndex] && id == layer.residual;
        if (!handedOn) {
          flushStores();  // of this tensor, if it leaves as well
          give(tensorBuffer_[id]);
        }
        tensorBuffer_[id] = -1;
      }
      if (home_[id] >= 0 && program_.buffers[home_[id]].memory == Memory::Workspace) {
        give(home_[id]);
        home_[id] = -1;
      }
    }
  }

  const PipelineInput &in_;
  const Graph &graph_;
  Program &program_;
  FirstFit scratchpad_, weights_;
  std::vector<int64_t> address_;   // per buffer, on chip only
  std::vector<int> constants_, outputs_;
  std::vector<int> tensorBuffer_;  // resident copy of a tensor
  std::vector<int> home_;          // DRAM copy of a tensor
  std::vector<std::vector<int64_t>> rowWords_;  // words stored of each row of a tensor
  std::vector<int> loadBuffer_;
  std::vector<int> tileBuffer_;    // tiles that are handed over on chip
  std::vector<int> lastReader_;    // step
  std::deque<int> queue_[3];       // loads not written yet, by kind
  std::vector<int> early_;         // prefetched, not used yet
  std::deque<Store> stores_;
  std::vector<int> tables_;        // constants
  std::map<std::tuple<int, int64_t, int64_t>, std::vector<int>> byContent_;
  int slot_ = -1, partial_ = -1, folded_ = -1, currentLayer_ = -1;
  GeoInst geo_;
  EpiInst epi_;
  std::optional<PipelineFailure> failure_;
};

}  // namespace

std::optional<PipelineFailure> writePipeline(const PipelineInput &input, Program &program) {
  return Writer(input, program).run();
}

}  // namespace agc::schedule
