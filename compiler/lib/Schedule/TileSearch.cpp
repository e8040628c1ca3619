#include "agcc/Schedule/TileSearch.h"

#include <algorithm>
#include <vector>

#include "agcc/Schedule/CostModel.h"
#include "agcc/Schedule/Layout.h"

namespace agc::schedule {

namespace {

constexpr int64_t maxPitch = 8191;   // 13-bit pitches and counts of the ISA
constexpr int64_t maxBlocks = 511;   // 9-bit icb and ocb

/// Distinct values of ceil(total / n), largest first.
std::vector<int64_t> pieces(int64_t total, int64_t multiple = 1) {
  std::vector<int64_t> sizes;
  for (int64_t n = 1; n <= total;) {
    int64_t size = (total + n - 1) / n;
    const int64_t rounded = std::min(total, (size + multiple - 1) / multiple * multiple);
    if (sizes.empty() || sizes.back() != rounded) sizes.push_back(rounded);
    if (size == 1) break;
    n = (total + size - 2) / (size - 1);  // the next n with a smaller piece
  }
  return sizes;
}

/// Everything about a plan that does not depend on the loop order.
class Evaluator {
 public:
  Evaluator(const Layer &layer, const Streams &streams, const Machine &machine, int64_t words)
      : layer_(layer), streams_(streams), machine_(machine), words_(words) {}

  void tryPlan(TilePlan plan, std::optional<TilePlan> &best) {
    if (scratchpadWords(layer_, streams_, plan, machine_) > words_) return;
    if (!cost(plan)) return;
    if (!best || plan.cost < best->cost) best = plan;
  }

 private:
  int64_t convolution(const TilePlan &plan, int64_t parts) {
    int64_t cycles = 0;
    for (int64_t part = 0; part < plan.inputParts(layer_); ++part) {
      ConvShape shape;
      shape.icb = std::min(plan.partBlocks, layer_.icb - part * plan.partBlocks);
      shape.taps = (layer_.taps() + layer_.kernelParts() - 1) / layer_.kernelParts();
      shape.strideX = layer_.x.stride;
      shape.up = layer_.up;
      shape.split = streams_.split;
      shape.pairs = plan.pairs;
      shape.partial = parts > 1;
      shape.ocb = layer_.ocb;
      auto tiles = [&](int64_t rows, int64_t columns, int64_t count) {
        if (!rows || !columns || !count) return;
        shape.oh = layer_.foldedRows(rows);
        shape.ow = columns;
        cycles += count * layer_.kernelParts() * layer_.pool() * layer_.phases() * convCycles(shape, machine_);
      };
      const int64_t down = layer_.y.out / plan.rows, across = layer_.x.out / plan.columns;
      const int64_t lastRows = layer_.y.out % plan.rows, lastColumns = layer_.x.out % plan.columns;
      tiles(plan.rows, plan.columns, down * across);
      tiles(plan.rows, lastColumns, down);
      tiles(lastRows, plan.columns, across);
      tiles(lastRows, lastColumns, 1);
    }
    if (layer_.fold > 1) cycles += layer_.y.out * layer_.x.out;  // one drained pixel a cycle, to take the rows apart
    return cycles;
  }

  bool cost(TilePlan &plan) {
    const int64_t parts = plan.parts(layer_), groups = plan.groups(layer_);
    const int64_t tiles = plan.tilesY(layer_) * plan.tilesX(layer_);
    const int64_t groupWeights = layer_.chunkWords(plan.groupBlocks, plan.partBlocks);
    const int64_t blocks = layer_.shared ? 1 : layer_.ocb * layer_.phases();
    const int64_t allWeights = blocks * (parts + layer_.icb * layer_.taps() + (layer_.fold > 1 ? 2 * layer_.fold : 0));
    const int64_t chunks = layer_.shared ? parts : groups * layer_.phases() * parts, steps = groups * layer_.phases() * parts;
    const int64_t convs = tiles * steps, weightRoom = layer_.weightRoom(machine_.weightWords);

    // The weight buffer: the whole layer, or two chunks so that one loads while the other is used.
    const bool one = chunks == 1;
    if (plan.keepWeights || one) {
      if (allWeights > weightRoom) return false;
    } else if (groupWeights * 2 > weightRoom && !(plan.groupBlocks == 1 && plan.partBlocks == 1)) {
      return false;
    }
    if (groupWeights > weightRoom) return false;
    int64_t weightPasses = 1;
    if (!plan.keepWeights && !one && (!plan.groupOuter || parts * layer_.phases() > 1))
      weightPasses = tiles * (layer_.shared ? groups * layer_.phases() : 1);

    const AxisTiling &rows = layer_.y.tiling(plan.rows);
    const AxisTiling &columns = layer_.x.tiling(plan.columns);
    double load = 0, store = 0, fill = 0;
    // Neighbouring layers hide half of what fills and empties the pipeline.
    const double before = streams_.first ? 1.0 : 0.5, behind = streams_.last ? 1.0 : 0.5;
    double words = double(weightPasses) * double(allWeights) * 8;
    const double wload = double(weightPasses * weightCycles(allWeights, machine_)) + double(weightPasses) * double(chunks) * 4;
    if (streams_.input) {
      const int64_t planes = layer_.grouped ? layer_.ocb * layer_.phases() * layer_.icb : layer_.icb;
      const bool alone = tiles == 1 && !plan.splitInput;
      const int64_t passes = layer_.grouped || (!plan.splitInput && !plan.groupOuter) || alone ? 1 : groups;
      const int64_t tileRows = rows.sum * columns.count * planes * passes;
      const double input = double(rows.sum) * double(columns.sum) * double(planes) * double(passes);
      // Folded columns: one block of source words comes from DRAM, several of lanes go into the scratchpad.
      const double source = layer_.foldColumns ? double(rows.sum) * double(layer_.source.tiling(plan.columns).sum) * double(passes) : input;
      load += std::max(input, source) + double(tileRows) * (plan.columns == layer_.x.out ? 0.25 : 2.0) + double(tiles) * 16;
      fill += before * double(layer_.tileRows(plan.rows) * columns.largest * inputPlanes(layer_, plan));
      words += source;
    }
    const int64_t outputs = layer_.ocb * layer_.y.out * layer_.x.out * layer_.phases();
    const int64_t tile = plan.tileWords(layer_) * plan.groupBlocks;
    if (streams_.residual) {
      const int64_t residual = residualWords(layer_, plan);
      const double residuals = residual == tile ? double(outputs) : double(tiles * groups * residual);
      load += residuals;
      words += residuals;
      fill += before * double(residual);
    }
    if (streams_.output) {
      store += double(outputs) + double(layer_.ocb * layer_.y.out * layer_.phasesY * plan.tilesX(layer_));
      words += double(outputs);
      fill += behind * double(tile);
    }
    fill += before * double(weightCycles(groupWeights, machine_));
    double conv = double(convolution(plan, parts)) + 10.0 * double(convs) + (parts > 1 ? 40.0 : layer_.fold > 1 ? 80.0 : 0.0) * double(convs);
    if (layer_.pool() > 1) conv += (cyclesPerTurn * double(layer_.pool()) + 2 * cyclesPerDrain) * double(convs);
    if (layer_.phases() > 1) conv += cyclesPerDrain * double(convs);
    // A load for each phase is as long as its CONV: they take turns.
    if (streams_.input && layer_.grouped && layer_.phases() > 1 && groups > 1) conv += load;
    if (layer_.table >= 0) conv += tableCycles;
    if (!plan.keepWeights && !one && groupWeights * 2 > weightRoom) conv += wload;
    const double bytes = words * 8;
    plan.time = std::max({conv, load, store, wload, bytes / double(memoryBytes)}) + fill;
    plan.cost = plan.time + bytes * cyclesPerByte + programCost(conv, steps * layer_.pool(), plan.tilesY(layer_), plan.tilesX(layer_));
    return true;
  }

  const Layer &layer_;
  const Streams &streams_;
  const Machine &machine_;
  const int64_t words_;
};

}  // namespace

int64_t inputPlanes(const Layer &layer, const TilePlan &plan) {
  if (layer.grouped) return plan.groupBlocks * layer.icb * (layer.allPhases(plan.groups(layer)) ? layer.phases() : 1);
  return plan.splitInput ? plan.partBlocks : layer.icb;
}

int64_t residualWords(const Layer &layer, const TilePlan &plan) {
  return (layer.repeatRows ? 1 : plan.rows) * (layer.repeatColumns ? 1 : plan.columns) * plan.groupBlocks;
}

int64_t inputPitch(const Layer &layer, const TilePlan &plan, const Machine &machine) {
  const int64_t columns = layer.x.tiling(plan.columns).largest;
  return plan.pairs ? pairPitch(layer.rowStride(), columns, machine) : columns;
}

int64_t scratchpadWords(const Layer &layer, const Streams &streams, const TilePlan &plan, const Machine &machine) {
  const int64_t parts = plan.parts(layer), groups = plan.groups(layer);
  const int64_t tiles = plan.tilesY(layer) * plan.tilesX(layer);
  const int64_t tile = plan.tileWords(layer) * plan.groupBlocks;
  int64_t words = parts > 1 ? 4 * plan.rows * plan.columns * plan.groupBlocks : 0;
  if (layer.fold > 1) words += layer.foldedRows(plan.rows) * plan.columns;
  if (streams.input) {
    const int64_t loads = layer.grouped && !layer.allPhases(groups) ? groups * layer.phases() : 1;
    const bool moves = tiles * loads > 1 || (plan.splitInput && parts > 1) || layer.partsOfRows();
    words += (moves ? 2 : 1) * inputPlanes(layer, plan) * layer.tileRows(plan.rows) * inputPitch(layer, plan, machine);
  }
  const bool several = tiles * groups > 1;
  if (streams.residual) words += (several ? 2 : 1) * residualWords(layer, plan);
  if (streams.output) words += (several ? 2 : 1) * tile;
  return words;
}

std::optional<TilePlan> searchTile(const Layer &layer, const Streams &streams, const Machine &machine, int64_t words) {
  std::optional<TilePlan> best;
  Evaluator evaluator(layer, streams, machine, words);

  // Two-row blocks want a column step of one word and rows whose words lie in different banks.
  const int64_t step = streams.split ? layer.x.stride / 2 : layer.x.stride;
  const bool pairs = !layer.up && step == 1 &&
                     (streams.input ? pairPitch(layer.rowStride(), 1, machine) > 0 : pairsFit(layer.rowStride(), streams.pitch, machine));

  std::vector<int64_t> partSizes;
  for (int64_t blocks : pieces(layer.icb)) {
    if (blocks > maxBlocks || layer.blockWords(blocks) > layer.weightRoom(machine.weightWords)) continue;
    partSizes.push_back(blocks);
    // Fewer parts are always better for the multipliers; smaller ones matter where an input tile must shrink.
    if (partSizes.size() == (layer.grouped || layer.fold > 1 || layer.foldColumns ? 1 : 6)) break;
  }
  if (!layer.grouped && layer.fold == 1 && !layer.foldColumns && layer.icb > 1 && (partSizes.empty() || partSizes.back() != 1)) partSizes.push_back(1);

  for (int64_t partBlocks : partSizes) {
    std::optional<TilePlan> bestOfPart;
    const bool split = partBlocks < layer.icb;
    for (int64_t groupBlocks : pieces(layer.ocb)) {
      if (groupBlocks > maxBlocks || layer.chunkWords(groupBlocks, partBlocks) > layer.weightRoom(machine.weightWords)) continue;
      for (int64_t columns : pieces(layer.x.out, machine.pixels)) {
        if (columns * layer.phases() > maxPitch || layer.x.tiling(columns).largest > maxPitch) continue;
        for (int64_t rows : pieces(layer.y.out, layer.fold)) {
          if (rows * layer.phasesY > maxPitch || layer.y.tiling(rows).largest > maxPitch) continue;
          TilePlan plan;
          plan.rows = rows;
          plan.columns = columns;
          plan.groupBlocks = groupBlocks;
          plan.partBlocks = partBlocks;
          for (int variant = 0; variant < (pairs ? 16 : 8); ++variant) {
            plan.groupOuter = variant & 1;
            plan.keepWeights = variant & 2;
            plan.splitInput = variant & 4;
            plan.pairs = variant & 8;
            if (plan.splitInput && (!split || !streams.input)) continue;
            evaluator.tryPlan(plan, bestOfPart);
          }
        }
      }
    }
    if (bestOfPart && (!best || bestOfPart->cost < best->cost)) best = bestOfPart;
  }
  return best;
}

}  // namespace agc::schedule
