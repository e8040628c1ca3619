// Figures of a run, as docs and reports define them.
#pragma once

#include <string>

#include "agc/runtime/device.h"
#include "agc/runtime/program.h"

namespace agc::runtime {

struct RunContext {
  std::string backend, memory;
};

/// The --stats file: JSON text, two spaces of indent, final newline.
std::string statsJson(const Program& program, const RunResult& result, const RunContext& context);

/// A short table for a terminal.
std::string statsTable(const Program& program, const RunResult& result, const RunContext& context);

}  // namespace agc::runtime
