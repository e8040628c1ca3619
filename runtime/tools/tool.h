// What the command line tools share: exit codes and how errors reach the user.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace agc::runtime {

/// Parses the arguments and runs `body`. Returns the exit code: 0 done, 1 refused, with one line on stderr that starts with the
/// tool's name. Output errors (disk full, closed pipe, file size limit) become sentences, not signals.
int runTool(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace agc::runtime
