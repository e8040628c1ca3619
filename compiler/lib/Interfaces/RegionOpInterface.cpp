#include "agcc/Interfaces/RegionOpInterface.h"

#include "agcc/Interfaces/RegionOpInterface.cpp.inc"
