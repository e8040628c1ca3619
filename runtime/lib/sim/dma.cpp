#include "dma.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "agc/isa/access.h"

namespace agc::runtime {

namespace {

template <typename Copy>
DramRows stridedRows(const Copy& copy) {
  return {copy.seg, copy.dram, copy.n0, copy.n1, copy.n2, copy.d1, copy.d2};
}

bool outsideWindow(const DramRows& rows, const Segments& dram) {
  return rows.lastWord() >= dram[static_cast<int>(rows.segment)].bytes / 8;
}

// The scratchpad side of a copy: rows of `span` words from the first to the last that a row touches.
struct ScratchpadRows {
  uint64_t start, span, rowPitch, planePitch;
};

template <typename Copy>
ScratchpadRows scratchpadRows(const Copy& copy) {
  return {copy.sp, copy.n0, copy.s1, copy.s2};
}

ScratchpadRows scratchpadRows(const isa::Load& load) {
  uint64_t span = load.n0;
  if (load.split) span = std::max((span + 1) / 2, span > 1 ? load.half + span / 2 : 0);
  return {load.sp, span, load.s1, load.s2};
}

ScratchpadRows scratchpadRows(const isa::LoadFold& fold) {
  return {fold.sp, (isa::foldedBlocks(fold) - uint64_t{1}) * fold.s2 + fold.n0, fold.s1, 0};
}

// Calls row(scratchpad word index, byte offset in the segment) for every row, in order.
template <typename Row>
void forEachRow(const ScratchpadRows& sp, const DramRows& dram, Row row) {
  for (uint64_t p = 0; p < dram.planes; ++p) {
    for (uint64_t r = 0; r < dram.rows; ++r) {
      row((sp.start + p * sp.planePitch + r * sp.rowPitch) & kScratchpadAddressMask, 8 * (dram.start + p * dram.planePitch + r * dram.rowPitch));
    }
  }
}

template <typename Copy>
isa::Fault checkCopy(const Copy& copy, const OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, isa::Fault busFault) {
  DramRows rows = dramRows(copy);
  ScratchpadRows sp = scratchpadRows(copy);
  uint64_t last = sp.start + (rows.planes - uint64_t{1}) * sp.planePitch + (rows.rows - uint64_t{1}) * sp.rowPitch + sp.span - 1;
  isa::Fault fault = isa::Fault::None;
  if (last >= chip.scratchpadWords() || outsideWindow(rows, dram)) {
    // The first bad row decides, and addresses that wrap at 2^20 may be good ones. (The scratchpad is smaller than 2^20 words, so a
    // row that passes 2^20 is always bad.)
    uint64_t segmentBytes = dram[static_cast<int>(rows.segment)].bytes;
    forEachRow(sp, rows, [&](uint64_t first, uint64_t offset) {
      if (fault != isa::Fault::None) return;
      if (first + sp.span > chip.scratchpadWords()) fault = isa::Fault::SpRange;
      else if (offset + 8 * uint64_t{rows.words} > segmentBytes) fault = isa::Fault::Window;
    });
  }
  if (fault != isa::Fault::None) return fault;
  return touchesError(rows, errors) ? busFault : isa::Fault::None;
}

}  // namespace

DramRows dramRows(const isa::Load& load) { return stridedRows(load); }
DramRows dramRows(const isa::LoadFold& fold) { return {fold.seg, fold.dram, fold.w, fold.n1, 1, fold.d1, 0}; }
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
  forEachRow(scratchpadRows(load), dramRows(load), [&](uint64_t sp, uint64_t offset) {
    if (!load.split) {
      std::memcpy(&chip.scratchpad[sp], source + offset, 8 * size_t{load.n0});
      return;
    }
    for (uint64_t c = 0; c < load.n0; ++c) std::memcpy(&chip.scratchpad[sp + (c >> 1) + (c & 1) * load.half], source + offset + 8 * c, 8);
  });
  return isa::Fault::None;
}

isa::Fault runLoadFold(OnChip& chip, const Segments& dram, const std::vector<DramError>& errors, const isa::LoadFold& fold) {
  isa::Fault fault = checkCopy(fold, chip, dram, errors, isa::Fault::AxiRead);
  if (fault != isa::Fault::None) return fault;
  const uint8_t* source = dram[static_cast<int>(fold.seg)].data.data();
  const uint32_t blocks = isa::foldedBlocks(fold), lanes = fold.kw * fold.c;
  // A row with its padding, c bytes a pixel, so that the lanes of an output column are consecutive bytes.
  const uint64_t pixels = (fold.n0 - uint64_t{1}) * fold.sx + fold.kw;
  std::vector<uint8_t> row;
  forEachRow(scratchpadRows(fold), dramRows(fold), [&](uint64_t sp, uint64_t offset) {
    row.assign(pixels * fold.c, static_cast<uint8_t>(fold.pad));
    for (uint64_t p = fold.left; p < pixels && p - fold.left < fold.w; ++p) {
      std::memcpy(&row[p * fold.c], source + offset + 8 * (p - fold.left), fold.c);
    }
    for (uint64_t x = 0; x < fold.n0; ++x) {
      const uint8_t* lane = &row[x * fold.sx * fold.c];
      for (uint32_t f = 0; f < blocks; ++f) {
        std::array<uint8_t, 8> word;
        word.fill(static_cast<uint8_t>(fold.pad));
        std::memcpy(word.data(), lane + 8 * f, std::min<size_t>(8, lanes - 8 * f));
        std::memcpy(&chip.scratchpad[sp + f * fold.s2 + x], word.data(), 8);
      }
    }
  });
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
  forEachRow(scratchpadRows(store), dramRows(store), [&](uint64_t sp, uint64_t offset) { std::memcpy(target + offset, &chip.scratchpad[sp], 8 * size_t{store.n0}); });
  return isa::Fault::None;
}

}  // namespace agc::runtime
