// Convolutions over few input channels get their kernel columns as channels.
#pragma once

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Sets `Layer::foldColumns` where it pays. A word holds eight channels of a pixel; a layer over three channels leaves five
/// lanes idle. LOAD_FOLD lays the pixels under a kernel row side by side instead: a 7x7 convolution over 3 channels becomes a
/// 7x1 convolution over 21, in three words, of stride 1 and without padding along the row.
void foldColumns(Graph &graph, const Machine &machine);

}  // namespace agc::schedule
