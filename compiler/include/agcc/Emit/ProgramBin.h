// Container bytes of a program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agcc/Emit/Assembly.h"
#include "agcc/Emit/Prediction.h"

namespace agc::emit {

/// prog.bin as docs/machine.md has it; the same bytes for the same program. `generator` as in "agcc 0.1.0".
std::vector<uint8_t> programBin(const Assembly &assembly, const Prediction &prediction, const std::string &generator);

/// One instruction a line, and the names of a layer where it begins, as a comment: what agc-as takes.
std::string assemblyText(const Assembly &assembly);

/// Names of a layer in one text.
std::string layerTitle(const LayerRow &layer);

}  // namespace agc::emit
