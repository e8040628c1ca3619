// Decides, writes the program down, and decides again where it found no room: first the loads in the way are held
// back, then the layer gets smaller tiles, then a resident map leaves the scratchpad. A fused group gets smaller tiles and then
// is given up. Each turn takes something away, so this ends.

#include "agcc/Schedule/Scheduler.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "agcc/Schedule/Fusion.h"
#include "agcc/Schedule/Pipeline.h"
#include "agcc/Schedule/Residency.h"

namespace agc::schedule {

namespace {

constexpr double firstShare = 0.9;   // of the room beside residents: the rest is for the next layer's first tiles
constexpr double lastShare = 0.02;
constexpr double shrink = 0.8;
constexpr double lastGroupShare = 0.4;
constexpr int groupHolds = 4;        // loads of a group that are held back before its tiles shrink

class Scheduler {
 public:
  Scheduler(const Graph &graph, const Machine &machine, std::vector<std::string> &problems)
      : graph_(graph), machine_(machine), problems_(problems), banned_(graph.tensors.size(), false),
        share_(graph.layers.size(), firstShare), decisions_(graph.layers.size()),
        fusion_(graph, machine) {}

  Schedule run() {
    Schedule result;
    while (decide()) {
      const Steps steps = makeSteps(graph_, machine_, decisions_, groups_, residency_);
      std::map<int, int> notBefore;
      std::optional<PipelineFailure> failure;
      for (int holds = 0;;) {
        failure = writePipeline(
            {graph_, machine_, steps, decisions_, residency_, notBefore}, result.program);
        if (!failure) break;
        const bool fused = groupOf(failure->layer) != nullptr;
        if (!failure->earlyLoads.empty() && (!fused || holds++ < groupHolds)) {
          // The youngest goes first: the older ones are needed sooner.
          notBefore[failure->earlyLoads.back()] = failure->step + 1;
        } else if (!failure->weights || !startAfresh(steps, failure->layer, notBefore)) {
          break;
        }
      }
      if (!failure) {
        result.decisions = decisions_;
        result.groups = groups_;
        return result;
      }
      if (const FusedGroup *group = groupOf(failure->layer)) {
        shrinkGroup(*group, failure->weights);
        continue;
      }
      if (failure->weights) {
        problems_.push_back(graph_.layers[failure->layer].title() + " needs " + std::to_string(failure->words) +
                            " weight words at once and finds no room for them in the weight buffer of " +
                            std::to_string(machine_.weightWords) + " words; take a core with a larger one");
        return result;
      }
      if (!relax(failure->layer, failure->words)) return result;
    }
    return result;
  }

 private:
  const FusedGroup *groupOf(int layer) const {
    for (const FusedGroup &group : groups_)
      if (group.first <= layer && layer <= group.last) return &group;
    return nullptr;
  }

  void shrinkGroup(const FusedGroup &group, bool weights) {
    double &share = groupShares_.try_emplace({group.first, group.last}, firstShare).first->second;
    share *= shrink;
    if (weights || share < lastGroupShare) share = 0;
  }

  /// Groups for the present residents, whose layers take their plans from them.
  void fuse() {
    std::vector<TilePlan> alone;
    for (const LayerDecision &decision : decisions_) alone.push_back(decision.plan);
    groups_ = fusion_.choose(residency_, alone, groupShares_);
    for (const FusedGroup &group : groups_) {
      for (int index = group.first; index <= group.last; ++index) {
        const Layer &layer = graph_.layers[index];
        auto inside = [&](int tensor) {
          const int producer = tensor < 0 ? -1 : graph_.tensors[tensor].producer;
          return producer >= group.first && producer <= group.last;
        };
        LayerDecision &decision = decisions_[index];
        decision.plan = group.plan(index);
        decision.streams.input &= !inside(layer.input);
        decision.streams.residual &= !inside(layer.residual);
        if (decision.streams.input || inside(layer.input)) decision.streams.split = false;  // as its loads and tiles say
      }
    }
  }

  /// Weights that the layer keeps and that were loaded while those of the layer before still lay around can leave no
  /// hole large enough for the rest. Loaded from the layer's own beginning on, they lie side by side. False if
  /// they do already.
  static bool startAfresh(const Steps &steps, int layer, std::map<int, int> &notBefore) {
    bool changed = false;
    for (size_t id = 0; id < steps.loads.size(); ++id) {
      const LoadItem &load = steps.loads[id];
      if (load.kind != LoadKind::Weights || load.layer != layer) continue;
      int &held = notBefore[int(id)];
      changed |= held < steps.firstStep[layer];
      held = std::max(held, steps.firstStep[layer]);
    }
    return changed;
  }

  /// Tiles for every layer; false (with a problem) where there are none.
  bool decide() {
    for (;;) {
      residency_ = chooseResidents(graph_, machine_, banned_);
      bool again = false;
      for (int index = 0; index < int(graph_.layers.size()) && !again; ++index) {
        const Layer &layer = graph_.layers[index];
        LayerDecision &decision = decisions_[index];
        decision.streams = streamsOf(graph_, residency_, index);
        const int64_t room = machine_.scratchpadWords - residency_.words[index];
        const auto plan = search(index, decision.streams, int64_t(double(room) * share_[index]), room);
        if (plan) {
          decision.plan = *plan;
          continue;
        }
        if (!evict(index)) {
          problems_.push_back(layer.title() + ": one output row of the narrowest tile and all that it reads do not fit into the " +
                              std::to_string(machine_.scratchpadWords * 8) +
                              " bytes of the scratchpad; take a core with a larger one");
          return false;
        }
        again = true;
      }
      if (again) continue;
      fuse();
      return true;
    }
  }

  std::optional<TilePlan> search(int index, const Streams &streams, int64_t words, int64_t room) {
    const auto key = std::make_tuple(index, streams.input, streams.residual, streams.output, words);
    auto [entry, fresh] = cache_.try_emplace(key);
    if (fresh) {
      entry->second = searchTile(graph_.layers[index], streams, machine_, words);
      // A layer that fits only without the reserve gets all there is.
      if (!entry->second && share_[index] == firstShare)
        entry->second = searchTile(graph_.layers[index], streams, machine_, room);
    }
    return entry->second;
  }

  bool relax(int index, int64_t words) {
    while (share_[index] * shrink > lastShare) {
      share_[index] *= shrink;
      const int64_t room = machine_.scratchpadWords - residency_.words[index];
      if (search(index, decisions_[index].streams, int64_t(double(room) * share_[index]), room)) return true;
    }
    if (evict(index)) return true;
    problems_.push_back(graph_.layers[index].title() + " finds no room for " + std::to_string(words * 8) +
                        " bytes in the scratchpad of " + std::to_string(machine_.scratchpadWords * 8) +
                        " bytes; take a core with a larger one");
    return false;
  }

  /// The largest resident that lives while `index` runs leaves for good.
  bool evict(int index) {
    int largest = -1;
    for (size_t id = 0; id < graph_.tensors.size(); ++id) {
      if (!residency_.resident[id] || graph_.storageOf(int(id)) != int(id)) continue;
      const Tensor &tensor = graph_.tensors[id];
      const Range life = graph_.life(int(id));
      if (index < life.begin || index > life.end) continue;
      if (largest < 0 || tensor.words() > graph_.tensors[largest].words()) largest = int(id);
    }
    if (largest < 0) return false;
    banned_[largest] = true;
    const Range life = graph_.life(largest);
    for (int64_t layer = life.begin; layer <= life.end; ++layer) share_[size_t(layer)] = firstShare;
    return true;
  }

  const Graph &graph_;
  const Machine &machine_;
  std::vector<std::string> &problems_;
  std::vector<bool> banned_;
  std::vector<double> share_;
  std::vector<LayerDecision> decisions_;
  Fusion fusion_;
  GroupShares groupShares_;
  std::vector<FusedGroup> groups_;
  Residency residency_;
  std::map<std::tuple<int, bool, bool, bool, int64_t>, std::optional<TilePlan>> cache_;
};

}  // namespace

Schedule scheduleGraph(const Graph &graph, const Machine &machine, std::vector<std::string> &problems) {
  const std::vector<std::string> limits = checkLimits(graph, machine);
  problems.insert(problems.end(), limits.begin(), limits.end());
  if (!limits.empty()) return {};
  return Scheduler(graph, machine, problems).run();
}

}  // namespace agc::schedule
