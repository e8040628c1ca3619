// agc-objdump: a program as text, and the verifier alone.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agc/isa/error.h"
#include "agc/isa/loops.h"
#include "agc/runtime/file.h"
#include "agc/runtime/text.h"
#include "agc/runtime/verifier.h"
#include "sections.h"
#include "tool.h"
#include "version.h"

namespace agc::runtime {
namespace {

std::string joined(const std::vector<std::string>& texts) { return oneLine(fmt::format("{}", fmt::join(texts, " "))); }

// Everything that is not an instruction is a comment ('#'), so that the text can be assembled again.

void printTensors(const char* kind, const std::vector<TensorInfo>& tensors) {
  for (const TensorInfo& t : tensors)
    fmt::print("# {} {}: {} {}, held as {} scale {} zero point {}, segment {} bytes {} to {}\n", kind, inQuotes(t.name), elementTypeName(t.dtype),
               shapeText(t.shape), elementTypeName(t.quant.type), t.quant.scale, t.quant.zeroPoint, t.segment, t.offset, t.offset + t.bytes - 1);
}

void printHeader(const Program& p) {
  const Manifest& m = p.manifest;
  fmt::print("# program of {} bytes by {}, ISA {}.{}\n", p.fileBytes, oneLine(m.generator), isa::versionMajor, isa::versionMinor);
  fmt::print("# core {} (hash {:08x}): {} MAC/cycle, scratchpad {} words, weight buffer {} words\n", m.core, m.coreConfig.hash, m.coreConfig.peakMacs(),
             m.coreConfig.scratchpadWords(), m.coreConfig.weightWords);
  const isa::LoopOrder order(p.code.size(), [&](size_t index) { return &p.code[index]; });
  fmt::print("# {} instructions, {} bytes of constants, {} MACs, {} bytes of DRAM traffic compulsory\n", p.code.size(), p.file.constants.size(), m.macs,
             m.dramBytesCompulsory);
  if (order.problem() == isa::LoopOrder::Problem::None)
    fmt::print("# {} instructions run\n", order.size() - size_t(std::count_if(p.code.begin(), p.code.end(), [](const isa::Instruction& i) {
                                             return std::holds_alternative<isa::Loop>(i);
                                           })));
  for (const SegmentInfo& s : m.segments) fmt::print("# segment {} {}: {} bytes\n", s.index, oneLine(s.name), s.bytes);
  printTensors("input", m.inputs);
  printTensors("output", m.outputs);
  for (const LayerInfo& l : m.layers)
    fmt::print("# layer {}: {} ({}), {} MACs, {} cycles predicted\n", l.index, joined(l.names), joined(l.ops), l.macs, l.predictedCycles);
}

/// Other files hold what the text leaves out; from both agc-as makes the program again.
void dumpSections(const Program& program, const std::string& path, const std::string& folder) {
  if (isa::write(program.file) != readFile(path, program.fileBytes))
    fmt::print(stderr, "agc-objdump: warning: {} is for an older minor version of the instruction set, or laid out otherwise than agc-as lays programs out: "
               "what agc-as makes of it has the same content but not the same bytes\n", path);
  writeSections(program.file, folder);
}

void dump(const std::string& path, const std::string& sections, bool verifyOnly) {
  const Program program = Program::load(path);
  if (verifyOnly) {
    VerifierLimits limits;
    limits.findings = 1000;
    const auto findings = verify(program, limits);
    for (const std::string& f : findings) fmt::print("{}\n", f);
    if (!findings.empty()) throw Error(fmt::format("{}: the program is refused for {} reason{}", path, findings.size(), findings.size() == 1 ? "" : "s"));
    return;
  }
  if (!sections.empty()) dumpSections(program, path, sections);
  printHeader(program);
  uint32_t layer = ~0u;
  size_t bodyEnd = 0;
  for (size_t i = 0; i < program.code.size(); ++i) {
    const uint32_t now = isa::header(program.code[i]).layer;
    if (now != layer) {
      const LayerInfo* info = program.manifest.layer(now);
      fmt::print("\n# layer {}: {}\n", now, info ? joined(info->names) : "-");
    }
    layer = now;
    fmt::print("{}{}  # {}\n", i < bodyEnd ? "  " : "", isa::print(program.code[i]), i);
    if (const auto* loop = std::get_if<isa::Loop>(&program.code[i])) bodyEnd = i + 1 + loop->body;
  }
}

}  // namespace
}  // namespace agc::runtime

int main(int argc, char** argv) {
  using namespace agc::runtime;
  std::string path, sections;
  bool verifyOnly = false;
  CLI::App app("Prints a program as text.", "agc-objdump");
  app.set_version_flag("--version", std::string("agc-objdump ") + kVersion);
  app.add_option("program", path, "prog.bin")->required();
  auto* folder = app.add_option("--sections", sections, "folder for manifest.json, constants.bin and debug.json: with the text, all that agc-as needs");
  app.add_flag("--verify", verifyOnly, "only verify the program: print a sentence for everything that is wrong with it")->excludes(folder);
  return runTool(app, argc, argv, [&] { dump(path, sections, verifyOnly); });
}
