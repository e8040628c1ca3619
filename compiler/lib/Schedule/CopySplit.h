// Fits a strided copy into the field widths of LOAD and STORE.
#pragma once

#include <vector>

#include "agcc/Schedule/Program.h"

namespace agc::schedule {

/// A region of a tensor that lies in DRAM as a whole; buffers and scratchpad pitches are the caller's.
Copy regionCopy(const Tensor &tensor, Range y, Range x, Range blocks);

/// Merges rows and planes that follow each other without a gap (long bursts), cuts what is longer than a count.
std::vector<Copy> splitCopy(Copy copy);

}  // namespace agc::schedule
