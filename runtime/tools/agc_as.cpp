// agc-as: a program from its text and the files of its other sections; the inverse of agc-objdump.
#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "agc/isa/assembler.h"
#include "agc/isa/error.h"
#include "agc/isa/instruction.h"
#include "agc/isa/program_file.h"
#include "agc/runtime/file.h"
#include "agc/runtime/verifier.h"
#include "sections.h"
#include "tool.h"
#include "version.h"

namespace agc::runtime {
namespace {

constexpr uint64_t kMaxTextBytes = uint64_t{256} << 20;
constexpr uint64_t kMaxSectionBytes = uint64_t{1} << 30;
constexpr size_t kConstantWord = 64;

struct Options {
  std::string text, sections, manifest, constants, debug, output;
  bool verify = false;
};

/// Says what is wrong as it is found, so that all of it is said; one sentence for everything at the end.
class Problems {
 public:
  void say(const std::string& place, const std::string& sentence) {
    fmt::print(stderr, "{}: error: {}\n", place, sentence);
    ++count_;
  }
  void skip(size_t more) {
    if (more) fmt::print(stderr, "... and {} more\n", more);
    count_ += more;
  }
  /// Runs `action`; what it throws is a problem of `place`.
  template <typename F>
  void collect(const std::string& place, F&& action) {
    try {
      action();
    } catch (const Error& e) {
      say(place, e.what());
    }
  }
  void refuseIfAny(const std::string& path) const {
    if (count_) throw Error(fmt::format("{} is not assembled for {} reason{}; nothing is written", path, count_, count_ == 1 ? "" : "s"));
  }

 private:
  size_t count_ = 0;
};

std::string readText(const std::string& path, uint64_t maxBytes) {
  const std::vector<uint8_t> bytes = readFile(path, maxBytes);
  return {bytes.begin(), bytes.end()};
}

std::vector<isa::Word> assembleText(const std::string& path, Problems& problems) {
  const std::string text = readText(path, kMaxTextBytes);
  isa::AssemblerLimits limits;
  limits.instructions = Program::kMaxInstructions;
  const isa::AssembledCode result = isa::assemble(text, limits);
  for (const isa::SourceProblem& p : result.problems) problems.say(fmt::format("{}:{}:{}", path, p.line, p.column), p.sentence);
  problems.skip(result.problemCount - result.problems.size());
  std::vector<isa::Word> words;
  if (result.problems.empty())
    for (const isa::Instruction& instruction : result.code) words.push_back(isa::encode(instruction));
  return words;
}

/// The files that the options name, those of the folder where they name none.
void findSections(Options& options) {
  if (!options.sections.empty()) {
    const SectionFiles files(options.sections);
    if (options.manifest.empty()) options.manifest = files.manifest;
    if (options.constants.empty()) options.constants = files.constants;
    if (options.debug.empty()) options.debug = files.debug;
  }
  if (options.manifest.empty())
    throw Error("a program needs a manifest: give --sections with the folder that agc-objdump wrote, or --manifest with a JSON file (docs/tools.md has a small one)");
}

void assembleProgram(Options options) {
  findSections(options);
  AtomicFile output(options.output);
  Problems problems;
  isa::ProgramFile file;
  problems.collect(options.text, [&] { file.code = assembleText(options.text, problems); });
  if (!options.constants.empty()) problems.collect(options.constants, [&] {
    file.constants = readFile(options.constants, kMaxSectionBytes);
    if (file.constants.size() % kConstantWord)
      throw Error(fmt::format("it has {} bytes, but segment 1 consists of words of {}: fill the last one with zeros", file.constants.size(), kConstantWord));
  });
  if (!options.debug.empty()) problems.collect(options.debug, [&] { file.debugJson = readText(options.debug, kMaxSectionBytes); });
  problems.collect(options.manifest, [&] {
    file.manifestJson = completeManifest(readText(options.manifest, kMaxSectionBytes), file.code.size() * sizeof(isa::Word), file.constants.size(),
                                         std::string("agc-as ") + kVersion);
    file.coreHash = coreHashOf(file.manifestJson);
    parseManifest(file.manifestJson, file.coreHash);
  });
  problems.refuseIfAny(options.text);

  const std::vector<uint8_t> bytes = isa::write(file);
  // Nothing is written that the loader would not take.
  const Program program = Program::fromBytes(bytes.data(), bytes.size());
  if (options.verify) {
    for (const std::string& finding : verify(program)) problems.say(options.text, finding);
    problems.refuseIfAny(options.text);
  }
  output.write(bytes.data(), bytes.size());
  output.commit();
}

}  // namespace
}  // namespace agc::runtime

int main(int argc, char** argv) {
  using namespace agc::runtime;
  Options options;
  CLI::App app("Makes a program of text as agc-objdump prints it.", "agc-as");
  app.set_version_flag("--version", std::string("agc-as ") + kVersion);
  app.add_option("text", options.text, "prog.s: one instruction a line")->required();
  app.add_option("-o,--output", options.output, "prog.bin to write")->required();
  app.add_option("--sections", options.sections, "folder with manifest.json, constants.bin and debug.json, as agc-objdump --sections writes it");
  app.add_option("--manifest", options.manifest, "manifest, JSON; what is missing and has one meaning is filled in");
  app.add_option("--constants", options.constants, "segment 1: parameter and weight words");
  app.add_option("--debug", options.debug, "debug information, JSON");
  app.add_flag("--verify", options.verify, "refuse what agc-run would refuse, with a sentence for everything that is wrong");
  return runTool(app, argc, argv, [&] { assembleProgram(options); });
}
