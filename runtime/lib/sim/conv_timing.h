// Timing of the convolution engine: micro-tiles that read for K beats and drain while the next one reads.
#pragma once

#include <cstdint>

#include "agc/isa/isa_gen.h"

namespace agc::runtime {

class ConvTiming {
 public:
  ConvTiming(uint32_t pixels, uint32_t banks) : pixels_(pixels), banks_(banks) {}

  struct Result {
    uint64_t commandReady;  ///< cycle from which the next command is taken
    uint64_t completion;    ///< last word written, or registers set
    uint64_t beats = 0;     ///< multiplying beats
    uint64_t stall = 0;     ///< cycles in which a finished micro-tile waited for the drain of the one before
  };

  /// A CONV is taken in cycle `cycle`.
  Result convolve(uint64_t cycle, const isa::ConvGeo& geo, const isa::ConvEpi& epi, const isa::Conv& conv);
  /// A CONV_GEO or CONV_EPI is taken in cycle `cycle`: it waits for the drain.
  /// `rowSteps`: the larger of vertical stride and dilation of a CONV_GEO, 0 for CONV_EPI.
  Result setRegisters(uint64_t cycle, uint32_t rowSteps);
  /// A CONV_TABLE is taken in cycle `cycle`: it waits for the drain, and what is behind it waits for the table.
  Result setTable(uint64_t cycle);
  /// Cycle from which a CONV_GEO, CONV_EPI or CONV_TABLE is taken.
  uint64_t drained() const { return drained_; }

 private:
  uint32_t pixels_, banks_;
  uint64_t lastBeat_ = 0;   ///< cycle of the last reading beat
  uint64_t handOver_ = 0;   ///< cycle in which the last micro-tile's accumulators went to the drain
  uint64_t drainTime_ = 0;  ///< of that micro-tile
  uint64_t drained_ = 0;    ///< last word of everything before written
};

}  // namespace agc::runtime
