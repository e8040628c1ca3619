// Timing of rtl/agc_fold.sv: when LOAD_FOLD takes the beats of its source rows.
#pragma once

#include <cstdint>

#include "agc/isa/isa_gen.h"

namespace agc::runtime {

class FoldTiming {
 public:
  explicit FoldTiming(const isa::LoadFold& fold);

  /// The next beat is offered from cycle `offered` on; returns the cycle in which it is taken. The last beat of the last row is taken
  /// with the instruction's last word.
  uint64_t take(uint64_t offered);

 private:
  void beginRow(uint64_t offered);
  void emitColumn();
  void finishRow();

  uint32_t blocks_, step_, firstNeed_, firstLead_, columns_, pixels_;
  uint32_t rowsLeft_;
  uint64_t now_ = 0;             ///< first cycle whose work is not settled
  uint32_t need_ = 0;            ///< pixels to the next output column
  uint32_t lead_ = 0;            ///< padding in front of the source columns, still to enter
  uint32_t columnsLeft_ = 0, pixelsLeft_ = 0;
  bool inColumnEnd_ = false;     ///< now_ is the cycle of a column's last word: a pixel may enter beside it
};

}  // namespace agc::runtime
