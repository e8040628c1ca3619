// Fused groups: consecutive layers that run tile by tile, so that the maps between them never reach DRAM.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "agcc/Schedule/Graph.h"
#include "agcc/Schedule/Residency.h"
#include "agcc/Schedule/TileSearch.h"

namespace agc::schedule {

/// Layers `first`..`last`. Only the result of the last one leaves the group. For a tile of it every earlier layer computes
/// the region that its readers in the group need, halo included; what neighbouring tiles share is computed again.
struct FusedGroup {
  int first = 0, last = 0;
  int64_t rows = 1, columns = 1;  ///< tile of the last layer's result
  std::vector<TilePlan> plans;    ///< per layer: its largest region, its weight chunks, whether its weights stay
  double cost = 0;                ///< like TilePlan::cost

  const TilePlan &plan(int layer) const { return plans[size_t(layer - first)]; }
};

/// Regions of one axis: for each tensor that the layers `first`..`last` touch, what it holds (results) or must offer
/// (operands from outside) so that `outputs` of the last layer's result can be computed. `hull` has an entry for each
/// tensor of the graph; an empty range is a tensor that is not touched. The entries named in `touched` are cleared first.
void regionsOf(const Graph &graph, int first, int last, bool rows, Range outputs, std::vector<Range> &hull,
               std::vector<int> &touched);

/// Do all readers of the tensor in the group want its columns apart by parity (even column strides)?
bool splitInGroup(const Graph &graph, int first, int last, int tensor);

/// Part of the room beside residents that a group may fill, by its first and last layer; 0 forbids it.
using GroupShares = std::map<std::pair<int, int>, double>;

/// Searches the cut points of the layer list: every run of layers is a candidate, the cheapest cover wins.
class Fusion {
 public:
  Fusion(const Graph &graph, const Machine &machine);

  /// Disjoint groups of two layers or more, ascending. `alone`: plans of the layers by themselves.
  std::vector<FusedGroup> choose(const Residency &residency, const std::vector<TilePlan> &alone, const GroupShares &shares);

 private:
  /// A tensor from outside that a group reads, along one axis.
  struct Operand {
    int tensor = -1;
    int64_t sum = 0, largest = 0;
    int64_t source = 0;  ///< what of it comes from DRAM: other than `sum` for columns that LOAD_FOLD folds
    int64_t blocks = 0;  ///< in the scratchpad
    int64_t sourceBlocks = 0;
  };
  /// One layer of the groups that end with a given layer, along one axis and for one size of tiles.
  struct LayerRegion {
    int64_t sum = 0, folded = 0, largest = 0;  ///< elements, machine rows, elements of the largest tile
    int64_t cycles = 0;                        ///< columns: of one row of all tiles, one output block
    std::vector<Operand> operands;             ///< if the group begins with this layer
  };
  struct AxisRegions {
    int64_t step = 0, count = 0;
    std::vector<LayerRegion> layers;  ///< last, last-1, ...
  };
  /// Everything about the groups that end with one layer that does not depend on residents.
  struct Ending {
    bool known = false;
    int lowest = 0;  ///< the earliest layer that may begin such a group
    std::vector<AxisRegions> rows, columns;
  };
  struct Candidate;

  bool eligible(const Layer &layer) const;
  const Ending &ending(int last);
  void measure(int last, int lowest, bool rows, std::vector<AxisRegions> &axis) const;
  bool allowed(const Residency &residency, int first, int last) const;
  int64_t room(const Residency &residency, int first, int last) const;
  void search(const Residency &residency, const Ending &ending, int first, int last, double share, double timeLimit,
              FusedGroup &best) const;
  bool planWeights(Candidate &candidate) const;
  int64_t scratchpad(const Candidate &candidate, const AxisRegions &rows, const AxisRegions &columns) const;
  /// Cycles alone, and with the price of traffic and program.
  std::pair<double, double> cost(const Candidate &candidate, const AxisRegions &rows, const AxisRegions &columns) const;

  const Graph &graph_;
  const Machine &machine_;
  std::vector<Ending> endings_;
};

}  // namespace agc::schedule
