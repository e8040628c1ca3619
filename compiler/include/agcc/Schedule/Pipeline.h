// Writes the steps down as one program in which loads run ahead of the convolutions that need them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "agcc/Schedule/Program.h"
#include "agcc/Schedule/Steps.h"

namespace agc::schedule {

/// Why a program could not be written down.
struct PipelineFailure {
  int layer = -1;
  int step = -1;
  int64_t words = 0;           ///< what found no room
  bool weights = false;        ///< in the weight buffer, not in the scratchpad
  std::vector<int> earlyLoads; ///< loads for later steps that were in the way, oldest first
};

struct PipelineInput {
  const Graph &graph;
  const Machine &machine;
  const Steps &steps;
  const std::vector<LayerDecision> &decisions;
  const Residency &residency;
  const std::map<int, int> &notBefore; ///< loads that may not be written before this step
};

/// The program, or the reason why there is none.
std::optional<PipelineFailure> writePipeline(const PipelineInput &input, Program &program);

}  // namespace agc::schedule
