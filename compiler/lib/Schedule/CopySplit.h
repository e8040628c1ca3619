// Fits a strided copy into the field widths of LOAD and STORE.
#pragma once

#include <vector>

#include "agcc/Schedule/Program.h"

namespace agc::schedule {

/// A region of a tensor where it lies in `place`: the tensor itself, or its storage. In DRAM; buffers and scratchpad pitches are the
/// caller's.
Copy regionCopy(const Tensor &tensor, const Tensor &place, Range y, Range x, Range blocks);

/// The first word of a region in `place`.
int64_t wordOf(const Tensor &tensor, const Tensor &place, int64_t block, int64_t y, int64_t x);

/// Merges rows and planes that follow each other without a gap (long bursts), cuts what is longer than a count.
std::vector<Copy> splitCopy(Copy copy);

}  // namespace agc::schedule
