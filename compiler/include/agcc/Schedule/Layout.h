// How the rows of a feature map lie in the scratchpad.
#pragma once

#include <cstdint>
#include <vector>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Layout of a storage that is resident as a whole.
struct Layout {
  int64_t pitch = 0;   ///< words from row to row
  int64_t plane = 0;   ///< words from block to block
  bool split = false;  ///< even columns first, the odd ones from `half(pitch)` on
  int64_t words(const Tensor &storage) const { return plane * storage.planes(); }
  /// A word of a map that lies in the storage; an even column where they lie apart.
  int64_t offset(const Tensor &tensor, int64_t block, int64_t row, int64_t column) const {
    column += tensor.column;
    return (tensor.plane + block) * plane + (tensor.row + row) * pitch + (split ? column / 2 : column);
  }
};

/// Where the odd columns of a row of `pitch` words begin when they lie apart from the even ones.
inline int64_t half(int64_t pitch) { return (pitch + 1) / 2; }

/// Can two-row pixel blocks read rows of this pitch? The words of both rows must lie in different banks.
bool pairsFit(int64_t strideY, int64_t pitch, const Machine &machine);

/// The smallest pitch of at least `width` for which they can; 0 if there is none.
int64_t pairPitch(int64_t strideY, int64_t width, const Machine &machine);

/// Layouts of all tensors (those of their storage), should they become resident. A map is split by column parity if nothing but convolutions
/// of even column stride reads it; a narrow one gets a pitch that suits two-row blocks.
std::vector<Layout> residentLayouts(const Graph &graph, const Machine &machine);

}  // namespace agc::schedule
