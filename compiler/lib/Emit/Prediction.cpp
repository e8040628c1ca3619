#include "agcc/Emit/Prediction.h"

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
#include <optional>

#include "agc/isa/access.h"
#include "agcc/Schedule/CostModel.h"
#include "agcc/Schedule/MachineOf.h"

namespace agc::emit {

namespace {

constexpr int64_t startLatency = 70;   // doorbell to the first instruction: one read and the decoder
constexpr int64_t tableCycles = 40;    // CONV_TABLE
constexpr int64_t fetchBeats = 4;      // 32 bytes an instruction

class Runner {
 public:
  explicit Runner(const Assembly &assembly) : assembly_(assembly), machine_(schedule::machineOf(assembly.core)) {
    result_.layers.resize(assembly.layers.size());
    layerEnd_.assign(assembly.layers.size(), 0);
  }

  Prediction run() {
    for (const isa::Instruction &instruction : assembly_.running)
      if (!std::holds_alternative<isa::End>(instruction)) one(instruction);
    finish();
    return result_;
  }

 private:
  void one(const isa::Instruction &instruction) {
    const isa::Header &header = isa::header(instruction);
    const size_t engine = size_t(isa::engineOf(instruction));
    // A full queue stops the fetch until its oldest instruction has started.
    auto &queue = started_[engine];
    fetched_ += fetchBeats;
    if (queue.size() >= assembly_.core.queueDepth) {
      fetched_ = std::max(fetched_, queue.front());
      queue.pop_front();
    }
    int64_t start = std::max(fetched_, free_[engine]);
    for (uint8_t number : header.wait) {
      if (!number || posts_[number].empty()) continue;
      start = std::max(start, posts_[number].front());
      posts_[number].pop_front();
    }
    queue.push_back(start);
    LayerPrediction scratch;
    LayerPrediction &layer = header.layer < result_.layers.size() ? result_.layers[header.layer] : scratch;
    const int64_t done = execute(instruction, start, layer);
    for (uint8_t number : header.post)
      if (number) posts_[number].push_back(done);
    if (header.layer < layerEnd_.size()) layerEnd_[header.layer] = std::max(layerEnd_[header.layer], done);
    end_ = std::max(end_, done);
  }

  int64_t execute(const isa::Instruction &instruction, int64_t start, LayerPrediction &layer) {
    const size_t engine = size_t(isa::engineOf(instruction));
    if (auto *i = std::get_if<isa::Load>(&instruction)) {
      const int64_t cycles = schedule::copyCycles(i->n0, int64_t(i->n1) * i->n2, machine_);
      layer.dramRead += int64_t(i->n0) * i->n1 * i->n2 * 8;
      layer.loadBusy += cycles;
      free_[engine] = start + cycles;
      return start + cycles + schedule::readLatency;
    }
    if (auto *i = std::get_if<isa::LoadFold>(&instruction)) {
      // Per row: the window fills, each column takes its words and the pixels of the next one but the first; or the source is longer.
      const int64_t row = 1 + std::max(i->kw + int64_t(i->n0) * (isa::foldedBlocks(*i) + i->sx - 1), int64_t(i->w));
      const int64_t cycles = std::max(row * i->n1, schedule::copyCycles(i->w, i->n1, machine_));
      layer.dramRead += int64_t(i->w) * i->n1 * 8;
      layer.loadBusy += cycles;
      free_[engine] = start + cycles;
      return start + cycles + schedule::readLatency;
    }
    if (auto *i = std::get_if<isa::Wload>(&instruction)) {
      const int64_t cycles = schedule::weightCycles(i->n, machine_);
      layer.dramRead += int64_t(i->n) * 64;
      layer.weightsBusy += cycles;
      free_[engine] = start + cycles;
      return start + cycles + schedule::readLatency;
    }
    if (auto *i = std::get_if<isa::Store>(&instruction)) {
      const int64_t cycles = schedule::copyCycles(i->n0, int64_t(i->n1) * i->n2, machine_);
      layer.dramWritten += int64_t(i->n0) * i->n1 * i->n2 * 8;
      layer.storeBusy += cycles;
      free_[engine] = start + cycles;
      return start + cycles + schedule::writeLatency;
    }
    if (auto *i = std::get_if<isa::Conv>(&instruction)) {
      schedule::ConvShape shape;
      shape.oh = i->oh;
      shape.ow = i->ow;
      shape.ocb = i->ocb;
      shape.icb = geo_.icb;
      shape.taps = int64_t(geo_.kh) * geo_.kw;
      shape.strideX = geo_.sx;
      shape.up = geo_.up != 0;
      shape.split = geo_.split != 0;
      shape.pairs = geo_.block != 0;
      shape.partial = epi_.part_in || epi_.part_out;
      int64_t cycles = schedule::convCycles(shape, machine_);
      const bool drains = cycles > readingCycles(shape);
      // What the drain reads waits for what it wrote before.
      if (drains && ((epi_.res && !epi_.part_out) || epi_.part_in)) cycles += int64_t(schedule::cyclesPerTurn);
      layer.convBusy += cycles;
      if (drains) layer.drainBusy += cycles;
      free_[engine] = start + cycles;
      drained_ = start + cycles + schedule::convLatency + std::min<int64_t>(i->ow, machine_.pixels) * (shape.partial ? 4 : 1);
      return drained_;
    }
    if (auto *i = std::get_if<isa::ConvGeo>(&instruction)) geo_ = *i;
    if (auto *i = std::get_if<isa::ConvEpi>(&instruction)) epi_ = *i;
    const int64_t done = std::max(start, drained_) + (std::holds_alternative<isa::ConvTable>(instruction) ? tableCycles : 2);
    free_[engine] = done;
    return done;
  }

  /// Of the operands alone: with so many more input blocks the drain is the shorter time of every micro-tile.
  int64_t readingCycles(schedule::ConvShape shape) const {
    constexpr int64_t many = 64;
    shape.icb *= many;
    return schedule::convCycles(shape, machine_) / many;
  }

  void finish() {
    std::vector<size_t> order(layerEnd_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return layerEnd_[a] < layerEnd_[b]; });
    int64_t before = 0;
    for (size_t index : order) {
      result_.layers[index].cycles = layerEnd_[index] - before;
      before = layerEnd_[index];
    }
    for (const LayerPrediction &layer : result_.layers) {
      result_.dramRead += layer.dramRead;
      result_.dramWritten += layer.dramWritten;
    }
    result_.dramRead += int64_t(assembly_.running.size()) * isa::instructionBytes;
    result_.cycles = end_;
  }

  const Assembly &assembly_;
  const schedule::Machine machine_;
  Prediction result_;
  std::array<int64_t, isa::engineCount> free_{};
  std::array<std::deque<int64_t>, isa::engineCount> started_;
  std::array<std::deque<int64_t>, isa::semaphoreCount> posts_;
  std::vector<int64_t> layerEnd_;
  isa::ConvGeo geo_;
  isa::ConvEpi epi_;
  int64_t fetched_ = startLatency, drained_ = 0, end_ = 0;
};

}  // namespace

const char *LayerPrediction::bound() const {
  const std::pair<int64_t, const char *> busy[] = {
      {convBusy, drainBusy * 2 > convBusy ? "drain" : "multipliers"},
      {loadBusy, "loads"},
      {weightsBusy, "weights"},
      {storeBusy, "stores"},
      {int64_t(double(dramRead + dramWritten) / double(schedule::memoryBytes)), "DRAM"}};
  const auto most = *std::max_element(std::begin(busy), std::end(busy), [](auto &a, auto &b) { return a.first < b.first; });
  return most.first * 2 < cycles ? "latency" : most.second;
}

Prediction predict(const Assembly &assembly) { return Runner(assembly).run(); }

}  // namespace agc::emit
