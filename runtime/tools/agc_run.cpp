// agc-run: binds files to the tensors of a program, runs it once, writes outputs and figures.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agc/isa/error.h"
#include "agc/runtime/border.h"
#include "agc/runtime/device.h"
#include "agc/runtime/file.h"
#include "agc/runtime/tensor_file.h"
#include "agc/runtime/verifier.h"
#include "bindings.h"
#include "stats.h"
#include "tool.h"
#include "version.h"

namespace agc::runtime {
namespace {

/// In place of a file name: standard output.
constexpr char kScreen[] = "-";

struct Options {
  std::string program, backend = "sim", stats;
  std::vector<std::string> inputs, outputs;
  DeviceOptions device;
};

/// Writes files together: either all appear or none does.
class Results {
 public:
  void add(const std::string& path, const void* data, size_t size) {
    files_.emplace_back(path);
    files_.back().write(data, size);
    files_.back().finish();
  }
  void publish() {
    for (AtomicFile& f : files_) f.publish();
  }

 private:
  std::vector<AtomicFile> files_;
};

void run(const Options& options) {
  const Program program = Program::load(options.program);
  const Bindings bindings = bindTensors(program.manifest, options.inputs, options.outputs);
  verifyOrThrow(program, options.program);

  std::vector<Array> inputs;
  for (const Binding& b : bindings.inputs) inputs.push_back(readTensorFile(b.path, *b.tensor));
  // A run can take minutes; what cannot be written should be known before.
  for (const Binding& b : bindings.outputs) AtomicFile probe(b.path);
  const bool statsToScreen = options.stats == kScreen;
  if (!options.stats.empty() && !statsToScreen) AtomicFile probe(options.stats);
  for (const std::string& path : {options.device.tracePath, options.device.timelinePath})
    if (!path.empty()) AtomicFile probe(path);

  DeviceOptions settings = options.device;
  for (const LayerInfo& layer : program.manifest.layers) settings.layerNames[layer.index] = fmt::format("{}", fmt::join(layer.names, " + "));
  const auto device = makeDevice(options.backend, program.manifest.coreConfig, settings);
  device->load(program.file, program.hostSegments());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorInfo& t = *bindings.inputs[i].tensor;
    packTensor(t, inputs[i], device->segment(t.segment) + t.offset);
  }
  const RunResult result = device->run();

  Results results;
  for (const Binding& b : bindings.outputs) {
    const Array array = unpackTensor(*b.tensor, device->segment(b.tensor->segment) + b.tensor->offset);
    const std::vector<uint8_t> bytes = formatTensorFile(b.path, array);
    results.add(b.path, bytes.data(), bytes.size());
  }
  const RunContext context{options.backend, options.device.memory};
  const std::string json = options.stats.empty() ? "" : statsJson(program, result, context);
  if (!json.empty() && !statsToScreen) results.add(options.stats, json.data(), json.size());
  results.publish();
  if (statsToScreen) fmt::print("{}", json);
  if (options.stats.empty() && ::isatty(STDOUT_FILENO)) fmt::print("{}", statsTable(program, result, context));
}

}  // namespace
}  // namespace agc::runtime

int main(int argc, char** argv) {
  using namespace agc::runtime;
  Options options;
  CLI::App app("Runs a program that agcc compiled, on a simulator, the Verilated core or a board.", "agc-run");
  app.set_version_flag("--version", std::string("agc-run ") + kVersion);
  app.add_option("program", options.program, "prog.bin")->required();
  app.add_option("--backend", options.backend, "sim, verilator or zynq")->capture_default_str();
  // Each flag takes one value: a second one without a flag would be taken for the program.
  app.add_option("--input", options.inputs, "NAME=FILE.npy or NAME=FILE.png; once for every input")->allow_extra_args(false);
  app.add_option("--output", options.outputs, "NAME=FILE.npy or NAME=FILE.png; once for every output wanted")->allow_extra_args(false);
  app.add_option("--stats", options.stats, "figures of the run, JSON; - for standard output");
  app.add_option("--trace", options.device.tracePath, "waveform, FST (backend verilator)");
  app.add_option("--timeline", options.device.timelinePath, "instructions and stalls by engine over time, for Perfetto or chrome://tracing");
  app.add_option("--memory", options.device.memory, "ideal, ddr3-z7020 or stress")->capture_default_str();
  app.add_option("--seed", options.device.seed, "for random memories and stress")->capture_default_str();
  return runTool(app, argc, argv, [&] { run(options); });
}
