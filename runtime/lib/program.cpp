#include "agc/runtime/program.h"

#include <fmt/format.h>

#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

constexpr int kCodeSegment = 0, kConstantsSegment = 1;
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

/// Code and constants are as large as their sections; a manifest may list them, but not with another size.
void checkSectionSegment(const Manifest& manifest, int index, uint64_t bytes, const char* section) {
  const SegmentInfo* s = manifest.segment(index);
  if (s && s->bytes != bytes)
    throw Error(fmt::format("manifest: segment {} has {} bytes but the {} section has {}", index, s->bytes, section, bytes));
}

}  // namespace

Program Program::fromBytes(const uint8_t* data, size_t size) {
  Program p;
  p.fileBytes = size;
  p.file = isa::read(data, size);
  p.manifest = parseManifest(p.file.manifestJson, p.file.coreHash);
  checkSectionSegment(p.manifest, kCodeSegment, p.file.code.size() * sizeof(isa::Word), "code");
  checkSectionSegment(p.manifest, kConstantsSegment, p.file.constants.size(), "constants");
  if (p.file.code.empty()) throw Error("the program has no instructions");
  if (p.file.code.size() > kMaxInstructions)
    throw Error(fmt::format("the program has {} instructions; {} are the most", p.file.code.size(), kMaxInstructions));

  p.code.reserve(p.file.code.size());
  for (size_t i = 0; i < p.file.code.size(); ++i) {
    std::string why;
    auto instruction = isa::decode(p.file.code[i], &why);
    if (!instruction) throw Error(fmt::format("instruction {} does not decode: {}", i, why));
    p.code.push_back(*instruction);
  }
  return p;
}

Program Program::load(const std::string& path) {
  const std::vector<uint8_t> bytes = readFile(path, kMaxFileBytes);
  try {
    return fromBytes(bytes.data(), bytes.size());
  } catch (const Error& e) {
    throw Error(fmt::format("{}: {}", path, e.what()));
  }
}

std::vector<SegmentSpec> Program::hostSegments() const {
  std::vector<SegmentSpec> all;
  for (const SegmentInfo& s : manifest.segments)
    if (s.index > kConstantsSegment && s.bytes > 0) all.push_back({s.index, s.bytes});
  return all;
}

std::string Program::describe(size_t index) const {
  const isa::Instruction& instruction = code[index];
  const uint16_t layer = isa::header(instruction).layer;
  std::string where = fmt::format("instruction {} ({})", index, isa::print(instruction));
  if (const LayerInfo* info = manifest.layer(layer); info && !info->names.empty())
    where += fmt::format(", layer {} {}", layer, inQuotes(info->names));
  return where;
}

}  // namespace agc::runtime
