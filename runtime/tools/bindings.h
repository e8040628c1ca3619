// NAME=FILE arguments and the tensors that they mean.
#pragma once

#include <string>
#include <vector>

#include "agc/runtime/manifest.h"

namespace agc::runtime {

struct Binding {
  const TensorInfo* tensor;
  std::string path;
};

struct Bindings {
  std::vector<Binding> inputs;   ///< every input of the program, in its order
  std::vector<Binding> outputs;  ///< those asked for
};

/// Resolves the arguments. Throws agc::Error with one sentence that lists all that is wrong at once: unknown, missing and
/// repeated names, files of unknown format, one file for two outputs. A name may hold '='.
Bindings bindTensors(const Manifest& manifest, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

}  // namespace agc::runtime
