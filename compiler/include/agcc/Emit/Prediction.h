// Predicted cycles of a finished program: a coarse run of its engines, semaphores and queues included.
#pragma once

#include <cstdint>
#include <vector>

#include "agcc/Emit/Assembly.h"

namespace agc::emit {

struct LayerPrediction {
  int64_t cycles = 0;  ///< from the end of the layer before, in completion order, to its own end
  int64_t dramRead = 0, dramWritten = 0;  ///< bytes
  int64_t convBusy = 0, loadBusy = 0, weightsBusy = 0, storeBusy = 0;  ///< cycles
  int64_t drainBusy = 0;  ///< cycles of CONVs whose results leave slower than their operands are read; part of convBusy
  /// What takes longest: "multipliers", or "drain" where they mostly wait for their results to leave; "loads", "weights" or
  /// "stores" for one DMA engine; "DRAM" for all of them together; "latency" where nothing is busy most of the time.
  const char *bound() const;
};

struct Prediction {
  int64_t cycles = 0;
  int64_t dramRead = 0, dramWritten = 0;
  std::vector<LayerPrediction> layers;
};

Prediction predict(const Assembly &assembly);

}  // namespace agc::emit
