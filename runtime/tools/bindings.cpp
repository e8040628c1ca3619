#include "bindings.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agc/isa/error.h"
#include "agc/runtime/tensor_file.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

std::string describe(const std::vector<TensorInfo>& tensors, const char* kind) {
  if (tensors.empty()) return fmt::format("the program has no {}s", kind);
  std::vector<std::string> all;
  for (const TensorInfo& t : tensors) all.push_back(fmt::format("{} ({} {})", inQuotes(t.name), elementTypeName(t.dtype), shapeText(t.shape)));
  return fmt::format("the program's {}s are {}", kind, fmt::join(all, ", "));
}

/// Resolves the arguments of one kind and appends what is wrong to `problems`.
std::vector<Binding> resolve(const std::vector<TensorInfo>& tensors, const std::vector<std::string>& arguments, const char* kind,
                             std::vector<std::string>& problems) {
  std::vector<Binding> bindings;
  std::vector<std::string> unknown, repeated, malformed;
  for (const std::string& argument : arguments) {
    // The longest name that fits wins: names and files may both hold '='.
    const TensorInfo* best = nullptr;
    for (const TensorInfo& t : tensors)
      if (argument.size() > t.name.size() && argument.compare(0, t.name.size(), t.name) == 0 && argument[t.name.size()] == '=' &&
          (!best || t.name.size() > best->name.size()))
        best = &t;
    if (!best) {
      const size_t equals = argument.find('=');
      if (equals == std::string::npos)
        malformed.push_back(argument);
      else
        unknown.push_back(argument.substr(0, equals));
      continue;
    }
    if (std::any_of(bindings.begin(), bindings.end(), [&](const Binding& b) { return b.tensor == best; })) {
      repeated.push_back(best->name);
      continue;
    }
    bindings.push_back({best, argument.substr(best->name.size() + 1)});
    try {
      requireTensorFile(bindings.back().path, *best);
    } catch (const Error& e) {
      problems.push_back(e.what());
    }
  }
  if (!malformed.empty()) problems.push_back(fmt::format("{} is not of the form NAME=FILE", inQuotes(malformed)));
  if (!repeated.empty()) problems.push_back(fmt::format("{} {} given more than once", kind, inQuotes(repeated)));
  if (!unknown.empty()) problems.push_back(fmt::format("unknown {} {}; {}", kind, inQuotes(unknown), describe(tensors, kind)));
  return bindings;
}

}  // namespace

Bindings bindTensors(const Manifest& manifest, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  std::vector<std::string> problems;
  Bindings bindings;
  const std::vector<Binding> given = resolve(manifest.inputs, inputs, "input", problems);
  std::vector<std::string> missing;
  for (const TensorInfo& t : manifest.inputs) {
    const auto it = std::find_if(given.begin(), given.end(), [&](const Binding& b) { return b.tensor == &t; });
    if (it == given.end())
      missing.push_back(t.name);
    else
      bindings.inputs.push_back(*it);
  }
  if (!missing.empty()) problems.push_back(fmt::format("missing input {}; give --input NAME=FILE for each", inQuotes(missing)));

  bindings.outputs = resolve(manifest.outputs, outputs, "output", problems);
  std::set<std::string> files;
  for (const Binding& b : bindings.outputs)
    if (!files.insert(b.path).second) problems.push_back(fmt::format("two outputs go to {}", b.path));

  if (!problems.empty()) throw Error(fmt::format("{}", fmt::join(problems, "; ")));
  return bindings;
}

}  // namespace agc::runtime
