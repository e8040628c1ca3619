#include "agcc/Schedule/Fusion.h"

#include <algorithm>

#include "agcc/Schedule/CostModel.h"

namespace agc::schedule {

namespace {

constexpr int64_t maxPitch = 8191;   // 13-bit pitches and counts of the ISA
constexpr int64_t maxBlocks = 511;   // 9-bit icb and ocb
constexpr int maxDepth = 24;         // layers of a group: halos and weights of more never paid
// A layer of a group reads what the CONV before it wrote: that one must drain first, and two registers are set.
constexpr double cyclesPerSwitch = convLatency + 36;
constexpr double defaultShare = 0.9; // of the room beside residents: the rest is for the next layer's first tiles
constexpr double timeSlack = 1.05;    // what a group may take longer than its layers, however much traffic it saves
constexpr double spacing = 1.15;     // tile sizes nearer to each other than this are not told apart

/// Sizes of ceil(total / n), largest first, no two much alike.
std::vector<int64_t> pieces(int64_t total, int64_t multiple) {
  std::vector<int64_t> sizes;
  for (int64_t n = 1; n <= total; ++n) {
    const int64_t size = std::min(total, ((total + n - 1) / n + multiple - 1) / multiple * multiple);
    if (sizes.empty() || double(size) * spacing <= double(sizes.back()) || (size < sizes.back() && size <= 2 * multiple)) sizes.push_back(size);
    if (size <= multiple) break;
  }
  return sizes;
}

void include(std::vector<Range> &hull, std::vector<int> &touched, int tensor, Range range) {
  Range &known = hull[size_t(tensor)];
  if (known.size() <= 0) {
    known = range;
    touched.push_back(tensor);
  } else {
    known = {std::min(known.begin, range.begin), std::max(known.end, range.end)};
  }
}

/// The step of `regionsOf` for one layer: its readers are done.
void operandsOf(const Layer &layer, bool rows, std::vector<Range> &hull, std::vector<int> &touched) {
  const Range range = hull[size_t(layer.output)];
  include(hull, touched, layer.input, (rows ? layer.y : layer.x).need(range).input);
  if (layer.residual >= 0) include(hull, touched, layer.residual, rows ? layer.residualRows(range) : layer.residualColumns(range));
}

void begin(int output, Range outputs, std::vector<Range> &hull, std::vector<int> &touched) {
  for (int tensor : touched) hull[size_t(tensor)] = {};
  touched.clear();
  include(hull, touched, output, outputs);
}

}  // namespace

bool splitInGroup(const Graph &graph, int first, int last, int tensor) {
  const int producer = graph.tensors[size_t(tensor)].producer;
  if (producer >= first && !graph.layers[size_t(producer)].canSplitOutput()) return false;
  for (int consumer : graph.tensors[size_t(tensor)].consumers) {
    const Layer &layer = graph.layers[size_t(consumer)];
    if (consumer >= first && consumer <= last && (layer.input != tensor || layer.residual == tensor || !layer.splits() || layer.foldColumns)) return false;
  }
  return true;
}

void regionsOf(const Graph &graph, int first, int last, bool rows, Range outputs, std::vector<Range> &hull,
               std::vector<int> &touched) {
  begin(graph.layers[size_t(last)].output, outputs, hull, touched);
  for (int index = last; index >= first; --index) operandsOf(graph.layers[size_t(index)], rows, hull, touched);
}

/// A group under evaluation.
struct Fusion::Candidate {
  int first = 0, last = 0;
  std::vector<TilePlan> plans;
  std::vector<int64_t> weights;  ///< words of each layer
  std::vector<int> dies;         ///< last reader of each layer's result
  bool streamsOut = true;
  std::vector<bool> streams;     ///< per operand from outside
};

Fusion::Fusion(const Graph &graph, const Machine &machine)
    : graph_(graph), machine_(machine), endings_(graph.layers.size()) {}

bool Fusion::eligible(const Layer &layer) const {
  // One reduction a CONV: layers that need partial sums have more multiplications than a fused group could save traffic.
  // What LOAD_FOLD has folded serves one reader.
  if (layer.foldColumns && graph_.tensors[size_t(layer.input)].consumers.size() > 1) return false;
  if (layer.phases() > 1 || layer.kernelParts() > 1) return false;
  return layer.icb <= maxBlocks && layer.blockWords(layer.icb) <= layer.weightRoom(machine_.weightWords);
}

const Fusion::Ending &Fusion::ending(int last) {
  Ending &result = endings_[size_t(last)];
  if (result.known) return result;
  result.known = true;
  result.lowest = last;
  if (!eligible(graph_.layers[size_t(last)])) return result;
  while (result.lowest > 0 && last - result.lowest + 1 < maxDepth) {
    const int index = result.lowest - 1;
    const Tensor &map = graph_.tensors[size_t(graph_.layers[size_t(index)].output)];
    // LOAD_FOLD reads DRAM.
    const bool folded = std::any_of(map.consumers.begin(), map.consumers.end(), [&](int reader) { return graph_.layers[size_t(reader)].foldColumns; });
    // What lies in another map, or is looked at in pieces, is whole in DRAM or in the scratchpad.
    if (folded || !map.plain || !eligible(graph_.layers[size_t(index)]) || map.consumers.empty() || map.consumers.back() > last || !map.outputs.empty()) break;
    result.lowest = index;
  }
  if (result.lowest == last) return result;
  measure(last, result.lowest, true, result.rows);
  measure(last, result.lowest, false, result.columns);
  return result;
}

void Fusion::measure(int last, int lowest, bool rows, std::vector<AxisRegions> &axis) const {
  const Layer &end = graph_.layers[size_t(last)];
  const int64_t total = rows ? end.y.out : end.x.out;
  std::vector<Range> hull(graph_.tensors.size());
  std::vector<int> touched;
  for (int64_t step : pieces(total, rows ? end.fold : machine_.pixels)) {
    AxisRegions regions;
    regions.step = step;
    regions.layers.resize(size_t(last - lowest + 1));
    for (int64_t at = 0; at < total; at += step) {
      ++regions.count;
      begin(end.output, {at, std::min(at + step, total)}, hull, touched);
      for (int index = last; index >= lowest; --index) {
        const Layer &layer = graph_.layers[size_t(index)];
        LayerRegion &region = regions.layers[size_t(last - index)];
        const int64_t size = hull[size_t(layer.output)].size();
        region.sum += size;
        region.largest = std::max(region.largest, size);
        region.folded += layer.foldedRows(size);
        if (!rows) {
          ConvShape shape;
          shape.ow = size;
          shape.icb = layer.icb;
          shape.taps = layer.taps();
          shape.strideX = layer.x.stride;
          shape.up = layer.up;
          shape.split = layer.splits() && !layer.foldColumns && splitInGroup(graph_, lowest, last, layer.input);
          region.cycles += layer.pool() * convCycles(shape, machine_);
        }
        operandsOf(layer, rows, hull, touched);
        size_t count = 0;
        for (int tensor : touched) {
          if (graph_.tensors[size_t(tensor)].producer >= index) continue;
          if (region.operands.size() == count) {
            const int64_t blocks = graph_.tensors[size_t(tensor)].blocks();
            region.operands.push_back({tensor, 0, 0, 0, blocks, blocks});
          }
          Operand &operand = region.operands[count++];
          const Layer &reader = graph_.layers[size_t(graph_.tensors[size_t(tensor)].consumers.front())];
          operand.sum += hull[size_t(tensor)].size();
          if (!rows && reader.foldColumns && reader.input == tensor && graph_.tensors[size_t(tensor)].consumers.size() == 1) {
            operand.blocks = reader.icb;
            operand.source += reader.source.need(hull[size_t(reader.output)]).input.size();
          } else {
            operand.source += hull[size_t(tensor)].size();
          }
          operand.largest = std::max(operand.largest, hull[size_t(tensor)].size());
        }
      }
    }
    axis.push_back(std::move(regions));
  }
}

/// May the group be, with these residents? A map that stays in the scratchpad as a whole is no part of a tile; what takes its
/// residual's place must not destroy what the next tile reads of it.
bool Fusion::allowed(const Residency &residency, int first, int last) const {
  if (residency.resident[size_t(graph_.layers[size_t(first)].output)] && first < last) return false;
  const Layer &end = graph_.layers[size_t(last)];
  if (!residency.inPlace[size_t(last)]) return true;
  const Layer &begin = graph_.layers[size_t(first)];
  return first == last || (begin.input != end.residual && begin.residual != end.residual);
}

int64_t Fusion::room(const Residency &residency, int first, int last) const {
  int64_t words = machine_.scratchpadWords;
  for (size_t id = 0; id < graph_.tensors.size(); ++id) {
    if (!residency.resident[id] || graph_.storageOf(int(id)) != int(id)) continue;
    const Tensor &tensor = graph_.tensors[id];
    const Range life = graph_.life(int(id));
    if (life.begin > last || life.end < first) continue;
    if (tensor.producer >= 0 && tensor.plain && residency.inPlace[size_t(tensor.producer)] && tensor.producer >= first) continue;
    words -= residency.layouts[id].words(tensor);
  }
  return words;
}

/// Weights stay where there is room for them, small layers first; the others are brought for each tile in chunks
/// of which two fit beside those that stay.
bool Fusion::planWeights(Candidate &candidate) const {
  const size_t count = candidate.plans.size();
  std::vector<size_t> order;
  int64_t all = 0, room = machine_.weightWords;
  for (size_t k = 0; k < count; ++k) {
    const Layer &layer = graph_.layers[size_t(candidate.first) + k];
    candidate.weights.push_back(layer.chunkWords(layer.ocb, layer.icb));
    candidate.plans[k].partBlocks = layer.icb;
    all += candidate.weights.back();
    order.push_back(k);
    if (layer.table >= 0) room = machine_.weightWords - 2 * Layer::tableWords;
  }
  const bool everything = all <= room;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return candidate.weights[a] < candidate.weights[b]; });
  int64_t kept = 0;
  size_t next = 0;
  for (; next < count; ++next) {
    const int64_t words = candidate.weights[order[next]];
    if (!everything && (kept + words) * 2 > room) break;
    candidate.plans[order[next]].keepWeights = true;
    kept += words;
  }
  for (size_t k = 0; k < count; ++k) {
    TilePlan &plan = candidate.plans[k];
    const Layer &layer = graph_.layers[size_t(candidate.first) + k];
    const int64_t block = layer.blockWords(layer.icb);
    const int64_t limit = plan.keepWeights ? room : (room - kept) / 2;
    if (block > limit) return false;
    const int64_t most = layer.shared ? maxBlocks : std::min(maxBlocks, limit / block);
    const int64_t groups = (layer.ocb + most - 1) / most;
    plan.groupBlocks = (layer.ocb + groups - 1) / groups;
  }
  return true;
}

int64_t Fusion::scratchpad(const Candidate &candidate, const AxisRegions &rows, const AxisRegions &columns) const {
  const int first = candidate.first, last = candidate.last;
  const bool several = rows.count * columns.count > 1;
  auto region = [&](int index) {
    const size_t k = size_t(last - index);
    return rows.layers[k].largest * columns.layers[k].largest;
  };
  int64_t operands = 0;
  const LayerRegion &y = rows.layers[size_t(last - first)], &x = columns.layers[size_t(last - first)];
  for (size_t k = 0; k < y.operands.size(); ++k)
    if (candidate.streams[k]) operands += x.operands[k].blocks * y.operands[k].largest * x.operands[k].largest;
  const int64_t slot = candidate.streamsOut ? region(last) * candidate.plans.back().groupBlocks : 0;
  int64_t most = 0;
  for (int index = first; index <= last; ++index) {
    const Layer &layer = graph_.layers[size_t(index)];
    int64_t words = 0;
    for (int other = first; other < last; ++other)
      if (other <= index && candidate.dies[size_t(other - first)] >= index) words += graph_.layers[size_t(other)].ocb * region(other);
    if (layer.fold > 1) words += layer.foldedRows(rows.layers[size_t(last - index)].largest) * columns.layers[size_t(last - index)].largest;
    if (index == first && several) words += slot;  // the store of the tile before
    if (index == last) words += (candidate.plans.back().groups(layer) > 1 ? 2 : 1) * slot;
    most = std::max(most, words);
  }
  return (several ? 2 : 1) * operands + most;
}

std::pair<double, double> Fusion::cost(const Candidate &candidate, const AxisRegions &rows, const AxisRegions &columns) const {
  const double tiles = double(rows.count) * double(columns.count);
  double conv = 0, load = 0, store = 0, words = 0, fill = 0, wload = 0;
  int64_t steps = 0;  // of a tile
  int64_t tables = 0;
  for (int index = candidate.first; index <= candidate.last; ++index) tables += graph_.layers[size_t(index)].table >= 0;
  // Neighbouring layers hide half of what fills and empties the pipeline.
  const double before = candidate.first == 0 ? 1.0 : 0.5, behind = candidate.last + 1 == int(graph_.layers.size()) ? 1.0 : 0.5;
  for (int index = candidate.first; index <= candidate.last; ++index) {
    const Layer &layer = graph_.layers[size_t(index)];
    const TilePlan &plan = candidate.plans[size_t(index - candidate.first)];
    const LayerRegion &y = rows.layers[size_t(candidate.last - index)], &x = columns.layers[size_t(candidate.last - index)];
    conv += double(y.folded) * double(x.cycles) * double(layer.ocb);
    if (layer.fold > 1) conv += double(y.sum) * double(x.sum);
    const double convs = tiles * double(plan.groups(layer));
    steps += plan.groups(layer) * layer.pool();
    conv += convs * (layer.fold > 1 ? 90 : 10) + tiles * cyclesPerSwitch;
    if (layer.pool() > 1) conv += convs * (cyclesPerTurn * double(layer.pool()) + 2 * cyclesPerDrain);
    if (layer.table >= 0) conv += (tables > 1 ? tiles : 1) * tableCycles;
    const double passes = plan.keepWeights ? 1 : tiles;
    const double weights = passes * double(candidate.weights[size_t(index - candidate.first)]) * 8;
    words += weights;
    wload += passes * double(weightCycles(candidate.weights[size_t(index - candidate.first)], machine_)) + passes * double(plan.groups(layer)) * 4;
    if (index == candidate.first) fill += before * double(weightCycles(layer.chunkWords(plan.groupBlocks, layer.icb), machine_));
  }
  const Layer &end = graph_.layers[size_t(candidate.last)];
  const bool whole = columns.step == end.x.out;
  const LayerRegion &y = rows.layers[size_t(candidate.last - candidate.first)], &x = columns.layers[size_t(candidate.last - candidate.first)];
  for (size_t k = 0; k < y.operands.size(); ++k) {
    if (!candidate.streams[k]) continue;
    const Operand &rowsOf = y.operands[k], &columnsOf = x.operands[k];
    const double planes = double(columnsOf.blocks);
    const double input = double(rowsOf.sum) * double(columnsOf.sum) * planes;
    const double source = double(rowsOf.sum) * double(columnsOf.source) * double(columnsOf.sourceBlocks);
    load += std::max(input, source) + double(rowsOf.sum) * double(columns.count) * planes * (whole ? 0.25 : 2.0) + tiles * 16;
    fill += before * double(rowsOf.largest) * double(columnsOf.largest) * planes;
    words += source;
  }
  if (candidate.streamsOut) {
    const double outputs = double(end.ocb * end.y.out * end.x.out);
    store += outputs + double(end.ocb * end.y.out * columns.count);
    words += outputs;
    fill += behind * double(rows.step * columns.step * candidate.plans.back().groupBlocks);
  }
  const double bytes = words * 8;
  const double time = std::max({conv, load, store, wload, bytes / double(memoryBytes)}) + fill;
  return {time, time + bytes * cyclesPerByte + programCost(conv, steps, rows.count, columns.count)};
}

void Fusion::search(const Residency &residency, const Ending &ending, int first, int last, double share, double timeLimit,
                    FusedGroup &best) const {
  Candidate candidate;
  candidate.first = first;
  candidate.last = last;
  candidate.plans.resize(size_t(last - first + 1));
  candidate.streamsOut = !residency.resident[size_t(graph_.layers[size_t(last)].output)];
  for (int index = first; index <= last; ++index) {
    const Tensor &map = graph_.tensors[size_t(graph_.layers[size_t(index)].output)];
    candidate.dies.push_back(map.consumers.empty() ? index : map.consumers.back());
  }
  const size_t depth = size_t(last - first);
  for (const Operand &operand : ending.rows.front().layers[depth].operands)
    candidate.streams.push_back(!residency.resident[size_t(operand.tensor)]);
  if (!planWeights(candidate)) return;
  const int64_t words = int64_t(double(room(residency, first, last)) * share);
  const AxisRegions *bestRows = nullptr, *bestColumns = nullptr;
  auto fits = [&](const AxisRegions &axis) {
    return std::all_of(axis.layers.begin(), axis.layers.begin() + long(depth) + 1, [](const LayerRegion &region) {
      return region.largest <= maxPitch && std::all_of(region.operands.begin(), region.operands.end(),
                                                       [](const Operand &operand) { return operand.largest <= maxPitch; });
    });
  };
  for (const AxisRegions &columns : ending.columns) {
    if (!fits(columns)) continue;
    for (const AxisRegions &rows : ending.rows) {
      if (!fits(rows) || scratchpad(candidate, rows, columns) > words) continue;
      const auto [time, now] = cost(candidate, rows, columns);
      if (time > timeLimit || now >= best.cost) continue;
      best.cost = now;
      bestRows = &rows;
      bestColumns = &columns;
    }
  }
  if (!bestRows) return;
  best.first = first;
  best.last = last;
  best.rows = bestRows->step;
  best.columns = bestColumns->step;
  best.plans = candidate.plans;
  for (int index = first; index <= last; ++index) {
    TilePlan &plan = best.plans[size_t(index - first)];
    plan.rows = bestRows->layers[size_t(last - index)].largest;
    plan.columns = bestColumns->layers[size_t(last - index)].largest;
    plan.cost = best.cost / double(depth + 1);
  }
}

std::vector<FusedGroup> Fusion::choose(const Residency &residency, const std::vector<TilePlan> &alone, const GroupShares &shares) {
  const int count = int(graph_.layers.size());
  std::vector<double> best(size_t(count) + 1, 0);
  std::vector<FusedGroup> ends(static_cast<size_t>(count));  // the group that the best cover up to a layer ends with
  for (int last = 0; last < count; ++last) {
    FusedGroup &end = ends[size_t(last)];
    end.first = end.last = last;
    best[size_t(last) + 1] = best[size_t(last)] + alone[size_t(last)].cost;
    const Ending &groups = ending(last);
    double timeAlone = 0;
    for (int first = last; first >= groups.lowest && allowed(residency, first, last); --first) {
      timeAlone += alone[size_t(first)].time;
      if (first == last) continue;
      const auto share = shares.find({first, last});
      FusedGroup group;
      // Cheaper than the best cover that is known, or it is of no use.
      group.cost = best[size_t(last) + 1] - best[size_t(first)];
      if (share == shares.end() || share->second > 0)
        search(residency, groups, first, last, share == shares.end() ? defaultShare : share->second, timeAlone * timeSlack, group);
      if (group.plans.empty()) continue;
      best[size_t(last) + 1] = best[size_t(first)] + group.cost;
      end = std::move(group);
    }
  }
  std::vector<FusedGroup> chosen;
  for (int last = count - 1; last >= 0; last = ends[size_t(last)].first - 1)
    if (ends[size_t(last)].first < last) chosen.push_back(std::move(ends[size_t(last)]));
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace agc::schedule
