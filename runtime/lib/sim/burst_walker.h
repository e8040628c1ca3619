// The bursts of a DMA instruction: rows in order, cut at multiples of the burst length in absolute addresses.
#pragma once

#include <cstdint>

#include "dma.h"

namespace agc::runtime {

class BurstWalker {
 public:
  struct Burst {
    uint32_t beats = 0;
    bool rowStart = false, rowEnd = false, last = false;
  };

  BurstWalker() = default;
  /// `baseWord`: absolute word address of the segment.
  BurstWalker(const DramRows& rows, uint64_t baseWord, uint32_t burstBeats)
      : rows_(rows), burstBeats_(burstBeats), planeStart_(baseWord + rows.start), rowStart_(planeStart_), address_(planeStart_),
        left_(rows.words), rowsLeft_(rows.rows), planesLeft_(rows.planes) {}

  bool done() const { return planesLeft_ == 0; }

  /// The row that next() takes from is the last one.
  bool onLastRow() const { return planesLeft_ == 1 && rowsLeft_ == 1; }
  /// One more row follows.
  bool onLastButOneRow() const { return (planesLeft_ == 1 && rowsLeft_ == 2) || (planesLeft_ == 2 && rowsLeft_ == 1 && rows_.rows == 1); }

  Burst next() {
    Burst burst;
    burst.rowStart = left_ == rows_.words;
    uint64_t room = burstBeats_ - address_ % burstBeats_;
    burst.beats = static_cast<uint32_t>(left_ < room ? left_ : room);
    address_ += burst.beats;
    left_ -= burst.beats;
    burst.rowEnd = left_ == 0;
    if (burst.rowEnd) nextRow();
    burst.last = done();
    return burst;
  }

 private:
  void nextRow() {
    left_ = rows_.words;
    rowStart_ += rows_.rowPitch;
    if (--rowsLeft_ == 0) {
      rowsLeft_ = rows_.rows;
      planeStart_ += rows_.planePitch;
      rowStart_ = planeStart_;
      --planesLeft_;
    }
    address_ = rowStart_;
  }

  DramRows rows_;
  uint32_t burstBeats_ = 1;
  uint64_t planeStart_ = 0, rowStart_ = 0, address_ = 0;
  uint64_t left_ = 0, rowsLeft_ = 0, planesLeft_ = 0;
};

}  // namespace agc::runtime
