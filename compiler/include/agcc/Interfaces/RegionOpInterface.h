// The interface through which the scheduler sees an op; see RegionOpInterface.td.
#pragma once

#include "agcc/Interfaces/Tile.h"
#include "mlir/IR/OpDefinition.h"

#include "agcc/Interfaces/RegionOpInterface.h.inc"
