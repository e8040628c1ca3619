// Tile shape and loop order of one layer, by exhaustive search over a cost model.
#pragma once

#include <cstdint>
#include <optional>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Which operands of a layer stream through the scratchpad tile by tile; the others are there as a whole.
struct Streams {
  bool input = true;
  bool residual = false;
  bool output = true;
  bool split = false;  ///< columns of the input lie apart by parity
  int64_t pitch = 0;   ///< of a resident input
  bool first = false;  ///< nothing runs before: its first tile and weights are waited for
  bool last = false;   ///< nothing runs behind: its last store is waited for
};

/// How a layer is cut. All sizes are those of the largest tile; the last ones may be smaller.
struct TilePlan {
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t groupBlocks = 1;  ///< output blocks of one CONV
  int64_t partBlocks = 1;   ///< input blocks of one reduction; fewer than `icb` means partial sums
  bool groupOuter = false;  ///< loops: output groups, tiles, parts instead of tiles, groups, parts
  bool keepWeights = false; ///< all weights of the layer stay in the weight buffer until its last tile
  bool pairs = false;       ///< pixel blocks of two rows
  bool splitInput = false;  ///< an input tile holds the blocks of one part only
  double cost = 0;          ///< cycles, plus a little for each byte of DRAM traffic
  double time = 0;          ///< cycles alone

  int64_t inputParts(const Layer &layer) const { return (layer.icb + partBlocks - 1) / partBlocks; }
  int64_t parts(const Layer &layer) const { return inputParts(layer) * layer.kernelParts(); }
  int64_t groups(const Layer &layer) const { return (layer.ocb + groupBlocks - 1) / groupBlocks; }
  /// Words of one output block of a tile: all phases.
  int64_t tileWords(const Layer &layer) const { return rows * columns * layer.phases(); }
  int64_t tilesY(const Layer &layer) const { return (layer.y.out + rows - 1) / rows; }
  int64_t tilesX(const Layer &layer) const { return (layer.x.out + columns - 1) / columns; }
};

/// Scratchpad words that the streams of a layer need with this plan: two slots for each stream that moves, and
/// the partial sums.
int64_t scratchpadWords(const Layer &layer, const Streams &streams, const TilePlan &plan, const Machine &machine);

/// Blocks of a tile of the input.
int64_t inputPlanes(const Layer &layer, const TilePlan &plan);

/// Words of a tile of the residual.
int64_t residualWords(const Layer &layer, const TilePlan &plan);

/// Row pitch of the input tiles of a plan.
int64_t inputPitch(const Layer &layer, const TilePlan &plan, const Machine &machine);

/// The cheapest plan that fits into `words` of scratchpad; none if even the smallest tile does not.
std::optional<TilePlan> searchTile(const Layer &layer, const Streams &streams, const Machine &machine, int64_t words);

}  // namespace agc::schedule
