// Timing of rtl/agc_fold.sv: when LOAD_FOLD takes the beats of its source rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "agc/isa/isa_gen.h"

namespace agc::runtime {

class FoldTiming {
 public:
  explicit FoldTiming(const isa::LoadFold& fold);

  /// The next beat is offered from cycle `offered` on; returns the cycle in which it is taken. The last beat of the last row is taken
  /// when the instruction's last word is written.
  uint64_t take(uint64_t offered);

 private:
  void beginRow(uint64_t there);
  void emitColumn();
  void finishRow();

  uint64_t enter(uint64_t there);

  uint32_t blocks_, step_, window_, left_, columns_, pixels_;
  uint32_t rowsLeft_;
  std::array<uint64_t, 4> entered_{};  ///< cycles in which the latest beats entered the window, at their number modulo the FIFO's depth
  size_t beats_ = 0;
  uint64_t lastWord_ = 0;        ///< cycle in which the latest word went to the FIFO in front of the scratchpad
  uint64_t now_ = 0;             ///< first cycle whose work is not settled
  uint32_t need_ = 0;            ///< pixels to the next output column
  uint32_t lead_ = 0;            ///< padding in front of the source columns, still to enter
  uint32_t columnsLeft_ = 0, pixelsLeft_ = 0;
  bool inColumnEnd_ = false;     ///< now_ is the cycle of a column's last word: a pixel may enter beside it
};

}  // namespace agc::runtime
