// A run as a trace for Perfetto and chrome://tracing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "program_steps.h"
#include "stalls.h"

namespace agc::runtime {

/// Trace event format, JSON; times in microseconds at the core's clock. For each engine a row with its instructions, named after their layers
/// (`layerNames` by number; "layer 3" without a name), and a row with its stalls by cause; a counter with the DRAM words of the DMA engines. An instruction's
/// slice reaches from the end of the one before it on the same engine, or from its start if that is later, to its end. Arguments:
/// `op`, `index`, `taken` and `end` (cycles), `dram_bytes`, `text`. `otherData` has useful and lost cycles of each engine by cause.
/// `spans` in the order of their ends. Written whole or not at all. Throws Error.
void writeTimeline(const std::string& path, const std::vector<Step>& steps, const std::vector<Span>& spans, const isa::CoreConfig& core,
                   const std::map<uint32_t, std::string>& layerNames);

}  // namespace agc::runtime
