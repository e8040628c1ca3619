#include "fold_timing.h"

#include <algorithm>

#include "agc/isa/access.h"

namespace agc::runtime {

FoldTiming::FoldTiming(const isa::LoadFold& fold)
    : blocks_(isa::foldedBlocks(fold)), step_(fold.sx), window_(15), left_(fold.left), columns_(fold.n0), pixels_(fold.w), rowsLeft_(fold.n1) {
  for (uint32_t window : {11, 7, 5, 3}) {
    if (fold.kw <= window) window_ = window;
  }
}

void FoldTiming::beginRow(uint64_t there) {
  now_ = std::max(now_, there) + 1;
  need_ = window_;
  lead_ = left_;
  columnsLeft_ = columns_;
  pixelsLeft_ = pixels_;
}

// A word a cycle; in the cycle of the last one a pixel of the next column may enter.
void FoldTiming::emitColumn() {
  now_ += blocks_ - 1;
  lastWord_ = now_;
  --columnsLeft_;
  need_ = step_;
  inColumnEnd_ = true;
}

uint64_t FoldTiming::take(uint64_t offered) {
  // Through the FIFO of beats.
  uint64_t& place = entered_[beats_++ % entered_.size()];
  uint64_t taken = std::max(offered, place + 1);
  place = enter(taken + 1);
  if (--pixelsLeft_ != 0) return taken;
  finishRow();
  if (--rowsLeft_ != 0) return taken;
  // Seen as complete when the last word is written, reported a cycle later.
  return std::max(now_, lastWord_ + 2) + 1;
}

// The next beat is at the window from cycle `there` on; returns the cycle in which it enters.
uint64_t FoldTiming::enter(uint64_t there) {
  if (pixelsLeft_ == 0) beginRow(there);
  for (;;) {
    if (!inColumnEnd_ && columnsLeft_ != 0 && need_ == 0) {
      emitColumn();
      continue;
    }
    if (lead_ != 0) {
      --lead_;
    } else if (!inColumnEnd_ || there <= now_) {
      now_ = std::max(now_, there);
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
  return taken;
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
