// The loop nest of every layer, flattened: one step is one CONV, one load is one tile or weight chunk it needs.
#pragma once

#include <vector>

#include "agcc/Schedule/Fusion.h"
#include "agcc/Schedule/Program.h"
#include "agcc/Schedule/Residency.h"
#include "agcc/Schedule/TileSearch.h"

namespace agc::schedule {

enum class LoadKind { Input, Residual, Weights };

struct LoadItem {
  LoadKind kind = LoadKind::Input;
  int layer = 0;
  int tensor = -1;
  bool whole = false;  ///< fills the resident copy of a graph input
  Range y, x, blocks;  ///< region of the tensor
  AxisNeed source = {};  ///< folded columns: those of the tensor
  int64_t pitch = 0;   ///< row pitch of its slot
  int64_t rows = 0;    ///< of its slot, in each block
  bool split = false;  ///< columns lie apart by parity
  int chunk = -1;      ///< weights: index in the layer's chunks
  bool table = false;  ///< weights: or the layer's table
  int64_t words = 0;   ///< size of its slot; weights: what is loaded
  int64_t slot = 0;    ///< weights: size of the slot where it is larger
  int firstUse = 0;    ///< steps
  int lastUse = 0;
};

/// A tile of a map that is handed over on chip, from its first writer to its last reader in one tile of a fused group.
struct TileItem {
  int tensor = -1;
  Range y, x;             ///< region of the tensor, all blocks
  int64_t pitch = 0, plane = 0, words = 0;
  bool split = false;     ///< columns lie apart by parity
  int lastUse = 0;        ///< step
};

struct Step {
  int layer = 0;
  Range y, x;      ///< outputs
  Range blocks;    ///< output blocks
  int64_t phase = 0;
  Range inputs;    ///< input blocks of this part of the reduction
  Range kernelRows, kernelColumns;  ///< its part of the kernel
  bool firstPart = true, lastPart = true;
  bool firstPhase = true, lastPhase = true;
  int inputLoad = -1, residualLoad = -1, weightLoad = -1;  ///< -1: resident or unused
  int tableLoad = -1;      ///< a table that is set in front of this step
  bool fused = false;      ///< part of a fused group: loads and tiles hold more than this step reads
  int inputTile = -1, residualTile = -1, outputTile = -1;  ///< where the operand is handed over on chip
};

/// Where each layer's tensors are, and how it is cut.
struct LayerDecision {
  Streams streams;
  TilePlan plan;
};

struct Steps {
  std::vector<Step> steps;
  std::vector<LoadItem> loads;            ///< by first use
  std::vector<TileItem> tiles;
  std::vector<int> firstStep, lastStep;   ///< per layer
  std::vector<std::vector<WeightChunk>> chunks;  ///< per layer
  std::vector<std::vector<int64_t>> chunkStart;  ///< per layer and chunk, in weight-buffer words
  std::vector<int64_t> weightWords;              ///< per layer
  int table = -1;                                ///< the one that is set behind the last step

  /// The load of a table that the layer needs and that is not set, for the step to come; or -1.
  int loadTable(const Graph &graph, int layer);
};

/// `groups`: disjoint and ascending; layers that are in none run by themselves.
Steps makeSteps(const Graph &graph, const Machine &machine, const std::vector<LayerDecision> &decisions,
                const std::vector<FusedGroup> &groups, const Residency &residency);

}  // namespace agc::schedule
