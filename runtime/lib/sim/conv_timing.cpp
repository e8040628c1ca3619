#include "conv_timing.h"

#include <algorithm>

#include "pipeline_delays.h"

namespace agc::runtime {

namespace {

/// Pixel taken from the shadow set to its word written. Stages that the epilogue's mode does not use are passed by.
uint64_t epilogueDelay(const isa::ConvEpi& epi) {
  constexpr uint32_t product = 1;
  return delays::convDrain + (epi.table ? delays::convDrainTable : 0) + (epi.res && epi.op == product ? delays::convDrainProduct : 0);
}

}  // namespace

ConvTiming::Result ConvTiming::convolve(uint64_t cycle, const isa::ConvGeo& geo, const isa::ConvEpi& epi, const isa::Conv& conv) {
  uint64_t words = geo.split ? geo.sx / 2 : geo.sx;  // from pixel to pixel
  uint64_t phases = geo.up || geo.block ? 1 : ((pixels_ - uint64_t{1}) * words + 1 + banks_ - 1) / banks_;
  uint64_t taps = uint64_t{geo.icb} * geo.kh * geo.kw;
  uint64_t beats = taps * phases;
  bool residual = epi.res != 0 && epi.part_out == 0;
  uint64_t pixelTime = epi.part_in && residual ? 5 : epi.part_in || epi.part_out ? 4 : 1;

  // Micro-tiles: `height` rows of `width` pixels, less at the right and lower borders of an output block.
  uint64_t height = geo.block ? 2 : 1, width = std::max<uint64_t>(1, pixels_ / height);
  uint64_t fullAcross = conv.ow / width, restWidth = conv.ow % width, across = fullAcross + (restWidth != 0 ? 1 : 0);
  uint64_t fullDown = conv.oh / height, restHeight = conv.oh % height, down = fullDown + (restHeight != 0 ? 1 : 0);
  uint64_t blockTiles = across * down, tiles = blockTiles * conv.ocb;
  uint64_t firstDrainTime = pixelTime * (fullDown != 0 ? height : restHeight) * (fullAcross != 0 ? width : restWidth);
  uint64_t lastDrain = pixelTime * (restHeight != 0 ? restHeight : height) * (restWidth != 0 ? restWidth : width);
  // Time behind all micro-tiles of an output block: reading the next one or the drain of this one, whichever is longer.
  auto steps = [&](uint64_t rowsOfTiles, uint64_t rowsOfPixels) {
    return rowsOfTiles * (fullAcross * std::max(beats, pixelTime * rowsOfPixels * width) +
                          (restWidth != 0 ? std::max(beats, pixelTime * rowsOfPixels * restWidth) : 0));
  };
  uint64_t blockSteps = steps(fullDown, height) + steps(restHeight != 0 ? 1 : 0, restHeight);

  Result result{};
  // The tile enters the loops when it is prepared and the one before has had its last beat; its first beat reads a parameter word.
  uint64_t enter = std::max(cycle + delays::convPrepare, lastBeat_);
  uint64_t earliest = enter + 1 + beats + delays::convMultiply;
  // Residuals and partial sums are read when all words of the tile before are written.
  uint64_t drainReady = handOver_ + drainTime_;
  uint64_t first = std::max(earliest, drainReady);
  uint64_t firstDrainStart = first;
  if (residual || epi.part_in) firstDrainStart = std::max(first, drained_ + delays::convReadBehind);
  // From the first hand-over to the last: each step takes the reading time or the drain of the micro-tile before it.
  uint64_t firstDrain = firstDrainStart - first + firstDrainTime;
  uint64_t newBlocks = conv.ocb - uint64_t{1};  // steps that read a parameter word, too
  uint64_t last = first + conv.ocb * (blockSteps - std::max(beats, lastDrain)) + newBlocks * std::max(beats + 1, lastDrain);
  // A late first drain delays what is behind it unless reading is the longer part anyway.
  if (tiles > 1) {
    uint64_t plain = std::max(beats, firstDrainTime);
    last += std::max(beats, firstDrain) - std::min(std::max(beats, firstDrain), plain);
  }
  uint64_t total = tiles * beats;
  lastBeat_ = last - delays::convMultiply;
  handOver_ = last;
  drainTime_ = tiles == 1 ? firstDrain : lastDrain;
  drained_ = last + drainTime_ - 1 + (!epi.part_out ? epilogueDelay(epi) : epi.part_in ? delays::partialDrain + 3 : delays::partialDrain);
  result.beats = tiles * taps;
  result.stall = (first - earliest) + (last - first) - (total - beats) - std::min(newBlocks, (last - first) - (total - beats));
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

ConvTiming::Result ConvTiming::setTable(uint64_t cycle) {
  Result result{};
  const uint64_t taken = std::max(cycle, drained_);
  result.completion = taken + delays::convTable;
  result.commandReady = result.completion + 1;
  return result;
}

}  // namespace agc::runtime
