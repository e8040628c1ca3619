// Google Benchmark of the tools on one model: compile time, simulator speed, Verilog simulation speed.
//
//   agc-bench [--model FILE.onnx] [--core z7020] [--shape NAME=DxDxDxD]... [--benchmark_filter=...] [other flags of Google Benchmark]
//
// Compiling is timed as users see it, the process agcc from start to end. The devices run the program from cold on random inputs; `MAC/s` and `cycles/s` are by
// CPU time of all threads, which a busy machine does not change much. A Verilog run takes half a minute for ten million cycles: --benchmark_filter=compile|sim leaves it out.
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "agc/isa/error.h"
#include "agc/runtime/device.h"
#include "agc/runtime/program.h"

namespace {

using namespace agc;

struct Settings {
  std::string model = AGC_BENCH_MODEL, core = "z7020";
  std::vector<std::string> shapes;
};

std::string compiler() { return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "agcc").string(); }

/// Runs agcc. Throws Error when it refuses; it has said why on stderr.
void compile(const Settings& settings, const std::string& output) {
  std::vector<std::string> words = {compiler(), settings.model, "-o", output, "--core", settings.core, "--quiet"};
  for (const std::string& shape : settings.shapes) words.insert(words.end(), {"--shape", shape});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw Error(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) {
    execv(arguments[0], arguments.data());
    std::fprintf(stderr, "cannot run %s: %s\n", arguments[0], std::strerror(errno));
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error("agcc did not compile " + settings.model);
}

void timeCompiler(benchmark::State& state, const Settings& settings, const std::string& output) {
  for (auto _ : state) compile(settings, output);
}

void timeDevice(benchmark::State& state, const runtime::Program& program, const char* backend) {
  uint64_t cycles = 0;
  try {
    auto device = runtime::makeDevice(backend, program.manifest.coreConfig, {});
    device->load(program.file, program.hostSegments());
    std::mt19937_64 random(1);
    for (const runtime::TensorInfo& input : program.manifest.inputs) {
      uint8_t* bytes = device->segment(input.segment) + input.offset;
      for (uint64_t i = 0; i < input.bytes; ++i) bytes[i] = static_cast<uint8_t>(random());
    }
    for (auto _ : state) cycles += device->run().cycles;
  } catch (const Error& error) {
    state.SkipWithError(error.what());
    return;
  }
  const double runs = static_cast<double>(state.iterations());
  state.counters["cycles"] = benchmark::Counter(static_cast<double>(cycles) / runs);
  state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
  state.counters["MAC/s"] = benchmark::Counter(static_cast<double>(program.manifest.macs) * runs, benchmark::Counter::kIsRate);
}

/// Takes the flags of this program out of the arguments.
Settings parse(int& argc, char** argv) {
  Settings settings;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag != "--model" && flag != "--core" && flag != "--shape") {
      argv[kept++] = argv[i];
      continue;
    }
    if (++i == argc) throw Error(flag + " needs a value");
    if (flag == "--model") settings.model = argv[i];
    if (flag == "--core") settings.core = argv[i];
    if (flag == "--shape") settings.shapes.emplace_back(argv[i]);
  }
  argc = kept;
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  std::string output;
  int code = 0;
  try {
    const Settings settings = parse(argc, argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    output = (std::filesystem::temp_directory_path() / ("agc_bench_" + std::to_string(getpid()) + ".bin")).string();
    compile(settings, output);
    const runtime::Program program = runtime::Program::load(output);
    const std::string name = std::filesystem::path(settings.model).stem().string() + "/" + settings.core;
    benchmark::RegisterBenchmark(("compile/" + name).c_str(), timeCompiler, settings, output)->UseRealTime()->Unit(benchmark::kMillisecond);
    for (const char* backend : {"sim", "verilator"}) {
      benchmark::RegisterBenchmark((backend + ("/" + name)).c_str(), timeDevice, program, backend)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "agc-bench: %s\n", error.what());
    code = 1;
  }
  std::error_code ignored;
  if (!output.empty()) std::filesystem::remove(output, ignored);
  return code;
}
