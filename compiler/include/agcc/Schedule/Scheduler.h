// The whole-graph schedule: residents, tiles, loop orders, order of instructions.
#pragma once

#include <string>
#include <vector>

#include "agcc/Schedule/Program.h"
#include "agcc/Schedule/Steps.h"

namespace agc::schedule {

struct Schedule {
  Program program;
  std::vector<LayerDecision> decisions;  ///< per layer
  std::vector<FusedGroup> groups;        ///< ascending; layers in none run by themselves
};

/// Cuts and orders the graph for the machine. What cannot be done is added to `problems`, one sentence each; the
/// result is meaningful only if there are none.
Schedule scheduleGraph(const Graph &graph, const Machine &machine, std::vector<std::string> &problems);

}  // namespace agc::schedule
