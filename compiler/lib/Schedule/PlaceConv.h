// The CONVs of a step, with the addresses of their operands.
#pragma once

#include <vector>

#include "agcc/Schedule/Pipeline.h"

namespace agc::schedule {

/// Buffers of a step's operands: of loads, of tiles that are handed over on chip, of residents by storage.
struct Places {
  const std::vector<int> &loads, &tiles, &residents;
  int slot = -1;     ///< for the result; -1 where it is resident or handed over
  int partial = -1;  ///< partial sums
  int folded = -1;   ///< rows that are still folded
};

struct PlacedConv {
  GeoInst geo;
  EpiInst epi;
  ConvInst conv;
};

/// What a step writes: region of the layer's result, and where it lies in the scratchpad.
struct StepResult {
  Range y, x, blocks;
  Ref sp;
  int64_t pitch = 0, plane = 0;
};

struct StepConvs {
  std::vector<PlacedConv> convs;
  StepResult result;
};

/// One CONV for most; a pool has one for each position of its window, folded rows are taken apart by more.
StepConvs placeStep(const PipelineInput &in, const Step &step, const Places &places);

}  // namespace agc::schedule
