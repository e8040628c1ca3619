#include "fold_timing.h"

#include <algorithm>

#include "agc/isa/access.h"

namespace agc::runtime {

FoldTiming::FoldTiming(const isa::LoadFold& fold)
    : blocks_(isa::foldedBlocks(fold)), step_(fold.sx), columns_(fold.n0), pixels_(fold.w), rowsLeft_(fold.n1) {
  // The window holds an odd number of pixels, at least three.
  uint32_t window = std::max(3u, fold.kw | 1);
  firstNeed_ = window > fold.left ? window - fold.left : 0;
  firstLead_ = fold.left > window ? fold.left - window : 0;
}

void FoldTiming::beginRow(uint64_t offered) {
  now_ = std::max(now_, offered) + 1;
  need_ = firstNeed_;
  lead_ = firstLead_;
  columnsLeft_ = columns_;
  pixelsLeft_ = pixels_;
}

// A word a cycle; in the cycle of the last one a pixel of the next column may enter.
void FoldTiming::emitColumn() {
  now_ += blocks_ - 1;
  --columnsLeft_;
  need_ = step_;
  inColumnEnd_ = true;
}

uint64_t FoldTiming::take(uint64_t offered) {
  if (pixelsLeft_ == 0) beginRow(offered);
  for (;;) {
    if (!inColumnEnd_ && columnsLeft_ != 0 && need_ == 0) {
      emitColumn();
      continue;
    }
    if (lead_ != 0) {
      --lead_;
    } else if (!inColumnEnd_ || offered <= now_) {
      now_ = std::max(now_, offered);
      break;
    } else {
      // Nothing there yet: the next cycle looks again.
      inColumnEnd_ = false;
      ++now_;
      continue;
    }
    if (need_ != 0) --need_;
    inColumnEnd_ = false;
    ++now_;
  }
  uint64_t taken = now_;
  if (need_ != 0) --need_;
  inColumnEnd_ = false;
  ++now_;
  if (--pixelsLeft_ != 0) return taken;
  finishRow();
  if (--rowsLeft_ != 0) return taken;
  return now_++;
}

// Behind the source columns padding enters as fast as it is needed.
void FoldTiming::finishRow() {
  while (columnsLeft_ != 0) {
    now_ += need_;
    need_ = 0;
    emitColumn();
    inColumnEnd_ = false;
    --need_;
    ++now_;
  }
}

}  // namespace agc::runtime
