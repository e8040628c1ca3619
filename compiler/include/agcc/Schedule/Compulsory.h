// DRAM traffic that no schedule can avoid, as the figures define it; independent of the scheduler's decisions.
#pragma once

#include <cstdint>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Bytes: weights and parameters once, graph inputs and outputs once, every intermediate map larger than half the
/// scratchpad written once and read once by each consumer. The program itself (32 bytes an instruction) is to be added.
int64_t compulsoryBytes(const Graph &graph, const Machine &machine);

}  // namespace agc::schedule
