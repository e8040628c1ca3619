// The scheduler's figures of a core, from its configuration.
#pragma once

#include "agc/isa/core_config.h"
#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

inline Machine machineOf(const isa::CoreConfig &core) {
  Machine machine;
  machine.pixels = core.pixels;
  machine.banks = core.banks;
  machine.scratchpadWords = core.scratchpadWords();
  machine.weightWords = core.weightWords;
  machine.queueDepth = core.queueDepth;
  machine.burstBeats = core.axiBurstBeats;
  machine.axiPorts = core.axiPorts;
  return machine;
}

}  // namespace agc::schedule
