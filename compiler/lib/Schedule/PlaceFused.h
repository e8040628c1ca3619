// Operands of a step in a fused group.
#pragma once

#include <vector>

#include "agcc/Schedule/Steps.h"

namespace agc::schedule {

/// Sets addresses, pitches and column order of the operands that are tiles handed over on chip, or loads of a group: both may hold more
/// than the step reads. Residents and the stored result are left as they are. `loadBuffer`, `tileBuffer`: buffers of
/// the steps' loads and tiles.
void placeFused(const Graph &graph, const Steps &steps, const Step &step, const std::vector<int> &loadBuffer,
                const std::vector<int> &tileBuffer, GeoInst &geo, ConvInst &conv);

}  // namespace agc::schedule
