// What LOAD, WLOAD and STORE do, and the shape of their DRAM side for the cycle model.
#pragma once

#include <cstdint>
#include <vector>

#include "agc/isa/isa_gen.h"
#include "agc/runtime/device.h"
#include "on_chip.h"
#include "segments.h"

namespace agc::runtime {

/// Rows of contiguous 8-byte words in a segment: what one DMA instruction touches in DRAM.
struct DramRows {
  uint32_t segment = 0;
  uint64_t start = 0;  ///< words from the segment's start
  uint32_t words = 0;  ///< of a row
  uint32_t rows = 0, planes = 0;
  uint64_t rowPitch = 0, planePitch = 0;

  uint64_t beats() const { return uint64_t{words} * rows * planes; }
  uint64_t lastWord() const { return start + (planes - uint64_t{1}) * planePitch + (rows - uint64_t{1}) * rowPitch + words - 1; }
};

DramRows dramRows(const isa::Load& load);
DramRows dramRows(const isa::LoadFold& fold);
DramRows dramRows(const isa::Store& store);
DramRows dramRows(const isa::Wload& wload);

/// Each applies the instruction and returns Fault::None, or returns the fault and leaves memories as they are. `errors` are the
/// DRAM bytes that answer with an error response.
isa::Fault runLoad(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::Load& load);
isa::Fault runLoadFold(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::LoadFold& fold);
isa::Fault runWload(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::Wload& wload);
isa::Fault runStore(OnChip& chip, Segments& dram, const std::vector<DramError>& errors, const isa::Store& store);

/// Whether any of `rows` lies in bytes that answer with an error.
bool touchesError(const DramRows& rows, const std::vector<DramError>& errors);

}  // namespace agc::runtime
