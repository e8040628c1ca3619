#include "conv_timing.h"

#include <algorithm>

#include "pipeline_delays.h"

namespace agc::runtime {

ConvTiming::Result ConvTiming::convolve(uint64_t cycle, const isa::ConvGeo& geo, const isa::ConvEpi& epi, const isa::Conv& conv) {
  uint64_t phases = geo.up ? 1 : ((pixels_ - uint64_t{1}) * geo.sx + 1 + banks_ - 1) / banks_;
  uint64_t taps = uint64_t{geo.icb} * geo.kh * geo.kw;
  uint64_t beats = taps * phases;
  bool residual = epi.res != 0 && epi.part_out == 0;
  uint64_t pixelTime = epi.part_in && residual ? 5 : epi.part_in || epi.part_out ? 4 : 1;
  uint64_t fullTiles = conv.ow / pixels_;
  uint64_t tailPixels = conv.ow % pixels_;
  uint64_t tiles = fullTiles + (tailPixels != 0 ? 1 : 0);
  uint64_t rows = uint64_t{conv.ocb} * conv.oh;
  uint64_t fullDrain = pixelTime * pixels_;
  uint64_t lastDrain = tailPixels != 0 ? pixelTime * tailPixels : fullDrain;

  Result result{};
  // The tile enters the loops when it is prepared and the one before has had its last beat; its first beat reads a parameter word.
  uint64_t enter = std::max(cycle + delays::convPrepare, lastBeat_);
  uint64_t earliest = enter + 1 + beats + delays::convMultiply;
  // Residuals and partial sums are read when all words of the tile before are written.
  uint64_t drainReady = handOver_ + drainTime_;
  uint64_t first = std::max(earliest, drainReady);
  uint64_t firstDrainStart = first;
  if (residual || epi.part_in) firstDrainStart = std::max(first, std::max(enter, drained_) + delays::convReadAhead);
  // From the first hand-over to the last: each step takes the reading time or the drain of the micro-tile before it.
  uint64_t firstDrain = firstDrainStart - first + (tiles * rows == 1 || fullTiles == 0 ? lastDrain : fullDrain);
  uint64_t rowSteps = (tailPixels != 0 ? fullTiles : tiles - 1) * rows;  // behind a full micro-tile inside a row
  uint64_t blockSteps = conv.ocb - uint64_t{1};                          // to the next output block, with its parameter word
  uint64_t borderSteps = rows - 1 - blockSteps;                          // to the next row of the same block
  uint64_t last = first + rowSteps * std::max(beats, fullDrain) + borderSteps * std::max(beats, lastDrain) +
                  blockSteps * std::max(beats + 1, lastDrain);
  // A late first drain delays what is behind it unless reading is the longer part anyway.
  if (rows * tiles > 1) {
    uint64_t plain = std::max(beats, fullTiles == 0 ? lastDrain : fullDrain);
    last += std::max(beats, firstDrain) - std::min(std::max(beats, firstDrain), plain);
  }
  uint64_t total = tiles * rows * beats;
  lastBeat_ = last - delays::convMultiply;
  handOver_ = last;
  drainTime_ = rows * tiles == 1 ? firstDrain : lastDrain;
  drained_ = last + drainTime_ - 1 + (!epi.part_out ? delays::convDrain : epi.part_in ? delays::partialDrain + 3 : delays::partialDrain);
  result.beats = tiles * rows * taps;
  result.stall = (first - earliest) + (last - first) - (total - beats) - std::min(blockSteps, (last - first) - (total - beats));
  // The next command is taken when the tile has left the prepare stage.
  result.commandReady = enter + 1;
  result.completion = drained_;
  return result;
}

ConvTiming::Result ConvTiming::setRegisters(uint64_t cycle, uint32_t rowSteps) {
  Result result{};
  uint64_t taken = std::max(cycle, drained_);
  result.completion = taken + delays::convRegisters;
  // Row steps are added up one a cycle before the next tile is prepared.
  result.commandReady = taken + 1 + (rowSteps == 0 ? 0 : rowSteps + 1);
  return result;
}

}  // namespace agc::runtime
