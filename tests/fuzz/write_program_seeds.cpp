// Programs to begin with, from the tests' own builders: what the verifier accepts, with a manifest around it.
//
//   fuzz-program-seeds FOLDER
#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "agc/runtime/verifier.h"
#include "program_builder.h"
#include "random_chain.h"
#include "random_conv.h"
#include "random_loop.h"

using namespace agc::runtime;
namespace isa = agc::isa;
using nlohmann::json;

namespace {

constexpr size_t kLargestSeed = 16 << 10;

/// Whole segments as tensors of 8 channels; `hasOutput`: segment 4 is one, so that all of it has to be written.
isa::ProgramFile withManifest(test::RandomProgram program, const isa::CoreConfig& core, bool hasOutput) {
  std::set<uint16_t> layers;
  for (const isa::Word& word : program.file.code) layers.insert(isa::header(*isa::decode(word)).layer);
  json m = {{"generator", "fuzz"}, {"core", core.name}, {"core_config", json::parse(core.json)}, {"macs", 0}, {"dram_bytes_compulsory", 0},
            {"segments", json::array()}, {"inputs", json::array()}, {"outputs", json::array()}, {"layers", json::array()}};
  for (const SegmentSpec& s : program.segments) {
    const uint64_t words = (s.bytes + 7) / 8;
    m["segments"].push_back({{"index", s.index}, {"name", "s"}, {"bytes", 8 * words}});
    if (words && (s.index == 3 || (s.index == 4 && hasOutput)))
      m[s.index == 3 ? "inputs" : "outputs"].push_back(
          {{"name", s.index == 3 ? "x" : "y"}, {"shape", {1, 8, 1, words}}, {"dtype", "int8"}, {"segment", s.index}, {"offset", 0}, {"bytes", 8 * words},
           {"layout", "C8"}, {"quant", {{"type", "int8"}, {"scale", 1.0}, {"zero_point", 0}}}});
  }
  for (uint16_t layer : layers)
    if (layer) m["layers"].push_back({{"index", layer}, {"names", {"l"}}, {"ops", {"Conv"}}, {"macs", 0}, {"predicted_cycles", 0}});
  program.file.manifestJson = m.dump();
  program.file.coreHash = core.hash;
  return std::move(program.file);
}

void write(const std::string& path, const std::vector<uint8_t>& bytes) {
  AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

/// Writes the program if it is good for a start; true when it was written.
bool writeIfGood(const std::string& path, const test::RandomProgram& program, const isa::CoreConfig& core) {
  for (bool hasOutput : {true, false}) {
    const std::vector<uint8_t> bytes = isa::write(withManifest(program, core, hasOutput));
    if (bytes.size() > kLargestSeed || !verify(Program::fromBytes(bytes.data(), bytes.size())).empty()) continue;
    write(path, bytes);
    return true;
  }
  return false;
}

void writeAll(const std::string& folder) {
  write(folder + "/copy.bin", test::copyProgram().bytes());
  write(folder + "/conv.bin", test::convProgram().bytes());
  const isa::CoreConfig core = isa::CoreConfig::builtin("tiny");
  size_t written = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const std::pair<const char*, test::RandomProgram> programs[] = {{"conv", test::randomConvProgram(core, seed)},
                                                                    {"copies", test::randomCopyProgram(core, seed)},
                                                                    {"chain", test::randomChainProgram(core, seed, 2)},
                                                                    {"loop", test::randomLoopProgram(core, seed, 1)}};
    for (const auto& [name, program] : programs) written += writeIfGood(folder + "/" + name + std::to_string(seed) + ".bin", program, core);
  }
  if (written < 6) throw agc::Error("the builders' random programs are no longer good seeds: " + std::to_string(written) + " of 24 pass the verifier");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: fuzz-program-seeds FOLDER\n", stderr);
    return 1;
  }
  try {
    writeAll(argv[1]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fuzz-program-seeds: %s\n", e.what());
    return 1;
  }
  return 0;
}
