// From an ONNX file to the files that were asked for.
#pragma once

#include <string>
#include <vector>

#include "Options.h"

namespace agc {

/// Compiles and writes. Everything that is wrong is added to `problems`, what the user should know to `notes`; with
/// problems nothing was written. May throw agc::Error.
void compile(const Options &options, std::vector<std::string> &problems, std::vector<std::string> &notes);

}  // namespace agc
