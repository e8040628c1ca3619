#include "dma.h"

#include <cstring>

namespace agc::runtime {

namespace {

template <typename Copy>
DramRows stridedRows(const Copy& copy) {
  return {copy.seg, copy.dram, copy.n0, copy.n1, copy.n2, copy.d1, copy.d2};
}

bool outsideWindow(const DramRows& rows, const Segments& dram) {
  return rows.lastWord() >= dram[static_cast<int>(rows.segment)].bytes / 8;
}

// Calls row(scratchpad word index, byte offset in the segment) for every row, in order.
template <typename Copy, typename Row>
void forEachRow(const Copy& copy, Row row) {
  for (uint64_t p = 0; p < copy.n2; ++p) {
    for (uint64_t r = 0; r < copy.n1; ++r) {
      row((copy.sp + p * copy.s2 + r * copy.s1) & kScratchpadAddressMask, 8 * (copy.dram + p * copy.d2 + r * copy.d1));
    }
  }
}

template <typename Copy>
isa::Fault checkCopy(const Copy& copy, const OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, isa::Fault busFault) {
  DramRows rows = stridedRows(copy);
  uint64_t last = copy.sp + (copy.n2 - uint64_t{1}) * copy.s2 + (copy.n1 - uint64_t{1}) * copy.s1 + copy.n0 - 1;
  isa::Fault fault = isa::Fault::None;
  if (last >= chip.scratchpadWords() || outsideWindow(rows, dram)) {
    // The first bad row decides, and addresses that wrap at 2^20 may be good ones. (The scratchpad is smaller than 2^20 words, so a
    // row that passes 2^20 is always bad.)
    uint64_t segmentBytes = dram[static_cast<int>(rows.segment)].bytes;
    forEachRow(copy, [&](uint64_t sp, uint64_t offset) {
      if (fault != isa::Fault::None) return;
      if (sp + copy.n0 > chip.scratchpadWords()) fault = isa::Fault::SpRange;
      else if (offset + 8 * uint64_t{copy.n0} > segmentBytes) fault = isa::Fault::Window;
    });
  }
  if (fault != isa::Fault::None) return fault;
  return touchesError(rows, errors) ? busFault : isa::Fault::None;
}

}  // namespace

DramRows dramRows(const isa::Load& load) { return stridedRows(load); }
DramRows dramRows(const isa::Store& store) { return stridedRows(store); }
DramRows dramRows(const isa::Wload& wload) { return {wload.seg, wload.dram, 8 * wload.n, 1, 1, 0, 0}; }

bool touchesError(const DramRows& rows, const std::vector<DramError>& errors) {
  for (const DramError& error : errors) {
    if (static_cast<uint32_t>(error.segment) != rows.segment || error.bytes == 0) continue;
    for (uint64_t p = 0; p < rows.planes; ++p) {
      for (uint64_t r = 0; r < rows.rows; ++r) {
        uint64_t begin = 8 * (rows.start + p * rows.planePitch + r * rows.rowPitch);
        if (begin < error.offset + error.bytes && error.offset < begin + 8 * uint64_t{rows.words}) return true;
      }
    }
  }
  return false;
}

isa::Fault runLoad(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::Load& load) {
  isa::Fault fault = checkCopy(load, chip, dram, errors, isa::Fault::AxiRead);
  if (fault != isa::Fault::None) return fault;
  const uint8_t* source = dram[static_cast<int>(load.seg)].data.data();
  forEachRow(load, [&](uint64_t sp, uint64_t offset) { std::memcpy(&chip.scratchpad[sp], source + offset, 8 * size_t{load.n0}); });
  return isa::Fault::None;
}

isa::Fault runWload(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::Wload& wload) {
  DramRows rows = dramRows(wload);
  if (uint64_t{wload.wb} + wload.n > chip.weightWords()) return isa::Fault::WbRange;
  if (outsideWindow(rows, dram)) return isa::Fault::Window;
  if (touchesError(rows, errors)) return isa::Fault::AxiRead;
  std::memcpy(&chip.weights[kWeightWordBytes * wload.wb], dram[static_cast<int>(wload.seg)].data.data() + 8 * uint64_t{wload.dram},
              kWeightWordBytes * wload.n);
  return isa::Fault::None;
}

isa::Fault runStore(OnChip& chip, Segments& dram, const std::vector<DramError>& errors, const isa::Store& store) {
  isa::Fault fault = checkCopy(store, chip, dram, errors, isa::Fault::AxiWrite);
  if (fault != isa::Fault::None) return fault;
  uint8_t* target = dram[static_cast<int>(store.seg)].data.data();
  forEachRow(store, [&](uint64_t sp, uint64_t offset) { std::memcpy(target + offset, &chip.scratchpad[sp], 8 * size_t{store.n0}); });
  return isa::Fault::None;
}

}  // namespace agc::runtime
