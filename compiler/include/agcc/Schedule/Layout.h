// How the rows of a feature map lie in the scratchpad.
#pragma once

#include <cstdint>
#include <vector>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Layout of a map that is resident as a whole.
struct Layout {
  int64_t pitch = 0;   ///< words from row to row
  bool split = false;  ///< even columns first, the odd ones from `half(pitch)` on
  int64_t plane(const Tensor &tensor) const { return pitch * tensor.height; }
  int64_t words(const Tensor &tensor) const { return plane(tensor) * tensor.blocks(); }
};

/// Where the odd columns of a row of `pitch` words begin when they lie apart from the even ones.
inline int64_t half(int64_t pitch) { return (pitch + 1) / 2; }

/// Can two-row pixel blocks read rows of this pitch? The words of both rows must lie in different banks.
bool pairsFit(int64_t strideY, int64_t pitch, const Machine &machine);

/// The smallest pitch of at least `width` for which they can; 0 if there is none.
int64_t pairPitch(int64_t strideY, int64_t width, const Machine &machine);

/// Layouts of all tensors, should they become resident. A map is split by column parity if nothing but convolutions
/// of even column stride reads it; a narrow one gets a pitch that suits two-row blocks.
std::vector<Layout> residentLayouts(const Graph &graph, const Machine &machine);

}  // namespace agc::schedule
