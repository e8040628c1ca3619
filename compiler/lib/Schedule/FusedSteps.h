// The loop nest of a fused group: tiles outside, layers inside.
#pragma once

#include "agcc/Schedule/Fusion.h"
#include "agcc/Schedule/Steps.h"

namespace agc::schedule {

/// Appends the steps, loads and tiles of `group`.
void makeFusedSteps(const Graph &graph, const FusedGroup &group, const std::vector<LayerDecision> &decisions, Steps &out);

}  // namespace agc::schedule
