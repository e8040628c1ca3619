// Convolutions with few output channels compute several output rows at once.
#pragma once

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

/// Sets `Layer::fold` where it pays. An output block has eight lanes; a layer with three output channels leaves five of them
/// idle. With rows folded into lanes, lane `r*channels + o` is channel `o` of row `fold*y + r`, computed with the kernel moved
/// down by `r` strides inside a kernel that is `(fold-1)*stride` rows taller. 1x1 convolutions then take the rows apart.
void foldRows(Graph &graph, const Machine &machine);

}  // namespace agc::schedule
