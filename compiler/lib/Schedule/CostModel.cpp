#include "agcc/Schedule/CostModel.h"

#include <algorithm>

namespace agc::schedule {

int64_t convCycles(const ConvShape &shape, const Machine &machine) {
  const int64_t phases =
      shape.up ? 1 : ((machine.pixels - 1) * shape.strideX + 1 + machine.banks - 1) / machine.banks;
  const int64_t beats = shape.icb * shape.taps * phases;
  const int64_t perPixel = shape.partial ? 4 : 1;
  const int64_t whole = shape.ow / machine.pixels;
  const int64_t rest = shape.ow % machine.pixels;
  const int64_t row = whole * std::max(beats, machine.pixels * perPixel) + (rest ? std::max(beats, rest * perPixel) : 0);
  return row * shape.oh * shape.ocb;
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

}  // namespace agc::schedule
