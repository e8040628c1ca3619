// What CONV and CONV_TABLE do to the on-chip memories.
#pragma once

#include "agc/isa/isa_gen.h"
#include "on_chip.h"

namespace agc::runtime {

/// Runs `conv` with the geometry and epilogue registers in `chip`. Returns Fault::None, SP_RANGE or WB_RANGE; after a fault a part
/// of the outputs may have been written.
isa::Fault runConv(OnChip& chip, const isa::Conv& conv);

/// Copies the table from the weight buffer. Returns Fault::None or WB_RANGE.
isa::Fault runConvTable(OnChip& chip, const isa::ConvTable& instruction);

/// runConv(), always by the slow path that computes every address alone; for tests of the fast one.
isa::Fault runConvDirect(OnChip& chip, const isa::Conv& conv);

}  // namespace agc::runtime
