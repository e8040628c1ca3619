#include "agcc/Schedule/CostModel.h"

#include <algorithm>

namespace agc::schedule {

int64_t convCycles(const ConvShape &shape, const Machine &machine) {
  const int64_t stride = shape.split ? shape.strideX / 2 : shape.strideX;
  const int64_t phases = shape.up || shape.pairs ? 1 : ((machine.pixels - 1) * stride + 1 + machine.banks - 1) / machine.banks;
  const int64_t beats = shape.icb * shape.taps * phases;
  const int64_t perPixel = shape.partial ? 4 : 1;
  const int64_t columns = shape.pairs ? machine.pixels / 2 : machine.pixels;
  // Micro-tiles of `rows` output rows.
  auto band = [&](int64_t rows) {
    const int64_t whole = shape.ow / columns;
    const int64_t rest = shape.ow % columns;
    return whole * std::max(beats, columns * rows * perPixel) + (rest ? std::max(beats, rest * rows * perPixel) : 0);
  };
  const int64_t cycles = shape.pairs ? shape.oh / 2 * band(2) + shape.oh % 2 * band(1) : shape.oh * band(1);
  return cycles * shape.ocb;
}

int64_t copyCycles(int64_t rowWords, int64_t rows, const Machine &machine) {
  const int64_t bursts = (rowWords + machine.burstBeats - 1) / machine.burstBeats;
  // A row that does not start on a burst boundary takes one burst more; addresses of bursts cost no data beats
  // as long as several are outstanding, so only a short row shows.
  return rows * std::max<int64_t>(rowWords, bursts * 2);
}

int64_t weightCycles(int64_t words, const Machine &machine) {
  const int64_t perCycle = std::min(8 * (machine.axiPorts - 1), memoryBytes);
  return (words * 64 + perCycle - 1) / perCycle;
}

double programCost(double conv, int64_t steps, int64_t tilesY, int64_t tilesX) {
  // A step counts a part of the layer's own time, within bounds. Tiles that are alike become loops (Emit/RollLoops), so a map has no
  // more rows and columns of them than those at its borders and the body of a loop. Two slots alternate: the body for a map of one
  // column of tiles has two rows.
  constexpr double partOfLayer = 2e-4, leastPerStep = 100, mostPerStep = 300;
  constexpr int64_t straightRows = 5, straightColumns = 8;
  const int64_t rows = std::min(tilesY, straightRows + (tilesX == 1 ? 2 : 0)), columns = std::min(tilesX, straightColumns);
  return std::clamp(conv * partOfLayer, leastPerStep, mostPerStep) * double(steps * rows * columns);
}

}  // namespace agc::schedule
