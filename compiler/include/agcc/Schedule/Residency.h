// Which feature maps stay in the scratchpad from their producer to their last consumer.
#pragma once

#include <vector>

#include "agcc/Schedule/Graph.h"
#include "agcc/Schedule/Layout.h"
#include "agcc/Schedule/TileSearch.h"

namespace agc::schedule {

struct Residency {
  std::vector<bool> resident;  ///< per tensor: its storage is
  std::vector<Layout> layouts; ///< per tensor, for those that are resident
  std::vector<bool> inPlace;   ///< per layer: a resident result that takes its residual's place
  std::vector<int64_t> words;  ///< per layer: scratchpad words that residents hold while it runs
};

/// `banned`: storages that had to leave in an earlier attempt.
Residency chooseResidents(const Graph &graph, const Machine &machine, const std::vector<bool> &banned);

Streams streamsOf(const Graph &graph, const Residency &residency, int layer);

}  // namespace agc::schedule
