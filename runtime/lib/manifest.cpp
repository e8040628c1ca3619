#include "agc/runtime/manifest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

using nlohmann::json;

// A Zynq-7000 addresses at most 1 GiB of DRAM; it also bounds what a hostile manifest can make the host allocate.
constexpr uint64_t kMaxDramBytes = uint64_t{1} << 30;
constexpr uint64_t kMaxFigure = uint64_t{1} << 62;
constexpr int kFirstFreeSegment = 5;
constexpr int kInputSegment = 3, kOutputSegment = 4;

[[noreturn]] void refuse(const std::string& sentence) { throw Error("manifest: " + sentence); }

/// A JSON object with its place in the manifest, so that every complaint can name it.
class Node {
 public:
  Node(const json& value, std::string path) : value_(value), path_(std::move(path)) {
    if (!value_.is_object()) refuse(fmt::format("{} is not an object", path_));
  }

  const std::string& path() const { return path_; }
  std::string pathOf(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

  const json& get(const char* key) const {
    const auto it = value_.find(key);
    if (it == value_.end()) refuse(fmt::format("{} is missing", pathOf(key)));
    return *it;
  }

  std::string text(const char* key) const { return textOf(get(key), pathOf(key)); }

  uint64_t number(const char* key, uint64_t max) const { return numberOf(get(key), pathOf(key), max); }

  int64_t integer(const char* key, int64_t min, int64_t max) const {
    const json& v = get(key);
    const bool fits = v.is_number_unsigned() ? v.get<uint64_t>() <= uint64_t(std::max<int64_t>(max, 0)) && int64_t(v.get<uint64_t>()) >= min
                                             : v.is_number_integer() && v.get<int64_t>() >= min && v.get<int64_t>() <= max;
    if (!fits) refuse(fmt::format("{} is not an integer from {} to {}", pathOf(key), min, max));
    return v.get<int64_t>();
  }

  const json& array(const char* key) const {
    const json& v = get(key);
    if (!v.is_array()) refuse(fmt::format("{} is not a list", pathOf(key)));
    return v;
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> all;
    for (const json& v : array(key)) all.push_back(textOf(v, fmt::format("{}[{}]", pathOf(key), all.size())));
    return all;
  }

  static std::string textOf(const json& v, const std::string& path) {
    if (!v.is_string()) refuse(fmt::format("{} is not a string", path));
    return v.get<std::string>();
  }

  static uint64_t numberOf(const json& v, const std::string& path, uint64_t max) {
    if (!v.is_number_unsigned() || v.get<uint64_t>() > max) refuse(fmt::format("{} is not a whole number from 0 to {}", path, max));
    return v.get<uint64_t>();
  }

 private:
  const json& value_;
  std::string path_;
};

ElementType parseType(const std::string& text, const std::string& path) {
  for (ElementType type : {ElementType::Float32, ElementType::Int8, ElementType::Uint8})
    if (text == elementTypeName(type)) return type;
  refuse(fmt::format("{} is {}; this version knows float32, int8 and uint8", path, inQuotes(text)));
}

Quantization parseQuantization(const Node& node) {
  Quantization q;
  q.type = parseType(node.text("type"), node.pathOf("type"));
  if (q.type == ElementType::Float32) refuse(fmt::format("{} is float32; tensors are held as int8 or uint8", node.pathOf("type")));
  const json& scale = node.get("scale");
  // Compared as double: a value beyond float32 must not become infinite first.
  if (!scale.is_number() || !(scale.get<double>() > 0) || scale.get<double>() > std::numeric_limits<float>::max() || !(float(scale.get<double>()) > 0))
    refuse(fmt::format("{} is not a positive float32 number", node.pathOf("scale")));
  q.scale = float(scale.get<double>());
  const bool isSigned = q.type == ElementType::Int8;
  q.zeroPoint = int32_t(node.integer("zero_point", isSigned ? -128 : 0, isSigned ? 127 : 255));
  return q;
}

TensorInfo parseTensor(const Node& node, int segment) {
  TensorInfo t;
  t.name = node.text("name");
  if (t.name.empty()) refuse(fmt::format("{} is empty", node.pathOf("name")));

  uint64_t c8 = 1;
  for (const json& v : node.array("shape")) {
    const uint64_t n = Node::numberOf(v, node.pathOf("shape"), kMaxDramBytes);
    if (n == 0) refuse(fmt::format("{} has a dimension of 0", node.pathOf("shape")));
    t.shape.push_back(n);
    c8 *= n;
    if (c8 > kMaxDramBytes) refuse(fmt::format("{} is larger than 1 GiB", node.pathOf("shape")));
  }
  if (t.shape.empty() || t.shape.size() > 4) refuse(fmt::format("{} has rank {}; 1 to 4 are possible", node.pathOf("shape"), t.shape.size()));

  t.dtype = parseType(node.text("dtype"), node.pathOf("dtype"));
  if (const std::string layout = node.text("layout"); layout != "C8") refuse(fmt::format("{} is {}; this version knows C8", node.pathOf("layout"), inQuotes(layout)));
  t.quant = parseQuantization(Node(node.get("quant"), node.pathOf("quant")));
  if (t.dtype != ElementType::Float32 && t.dtype != t.quant.type)
    refuse(fmt::format("{} is {} but is held as {}", node.path(), elementTypeName(t.dtype), elementTypeName(t.quant.type)));

  t.segment = int(node.integer("segment", 0, kFirstFreeSegment - 1));
  if (t.segment != segment) refuse(fmt::format("{} is {} but has to be {}", node.pathOf("segment"), t.segment, segment));
  t.offset = node.number("offset", kMaxDramBytes);
  if (t.offset % 8) refuse(fmt::format("{} is {}, not a multiple of 8", node.pathOf("offset"), t.offset));
  t.bytes = node.number("bytes", kMaxDramBytes);
  if (const uint64_t need = planeShape(t.shape).c8Bytes(); t.bytes != need)
    refuse(fmt::format("{} is {} but shape {} in layout C8 has {} bytes", node.pathOf("bytes"), t.bytes, shapeText(t.shape), need));
  return t;
}

std::vector<TensorInfo> parseTensors(const Node& root, const char* key, int segment, const Manifest& manifest) {
  std::vector<TensorInfo> tensors;
  std::set<std::string> names;
  for (const json& v : root.array(key)) {
    tensors.push_back(parseTensor(Node(v, fmt::format("{}[{}]", key, tensors.size())), segment));
    const TensorInfo& t = tensors.back();
    if (!names.insert(t.name).second) refuse(fmt::format("{} has {} twice", key, inQuotes(t.name)));
    const SegmentInfo* home = manifest.segment(segment);
    if (!home || t.offset + t.bytes > home->bytes)
      refuse(fmt::format("tensor {} does not lie inside segment {} ({} bytes)", inQuotes(t.name), segment, home ? home->bytes : 0));
  }
  std::vector<const TensorInfo*> sorted;
  for (const TensorInfo& t : tensors) sorted.push_back(&t);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
  for (size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1]->offset + sorted[i - 1]->bytes > sorted[i]->offset)
      refuse(fmt::format("tensors {} and {} overlap in segment {}", inQuotes(sorted[i - 1]->name), inQuotes(sorted[i]->name), segment));
  return tensors;
}

void parseSegments(const Node& root, Manifest& manifest) {
  uint64_t total = 0;
  for (const json& v : root.array("segments")) {
    const Node node(v, fmt::format("segments[{}]", manifest.segments.size()));
    SegmentInfo s;
    s.index = int(node.integer("index", 0, kFirstFreeSegment - 1));
    s.name = node.text("name");
    s.bytes = node.number("bytes", kMaxDramBytes);
    if (s.bytes % 8) refuse(fmt::format("{} is {}, not a multiple of 8", node.pathOf("bytes"), s.bytes));
    if (manifest.segment(s.index)) refuse(fmt::format("segment {} is listed twice", s.index));
    total += s.bytes;
    if (total > kMaxDramBytes) refuse("the segments together are larger than 1 GiB, the DRAM of the largest board");
    manifest.segments.push_back(s);
  }
  std::sort(manifest.segments.begin(), manifest.segments.end(), [](auto& a, auto& b) { return a.index < b.index; });
}

void parseLayers(const Node& root, Manifest& manifest) {
  std::set<uint32_t> indices;
  for (const json& v : root.array("layers")) {
    const Node node(v, fmt::format("layers[{}]", manifest.layers.size()));
    LayerInfo layer;
    layer.index = uint32_t(node.number("index", 65535));
    layer.names = node.texts("names");
    layer.ops = node.texts("ops");
    layer.macs = node.number("macs", kMaxFigure);
    layer.predictedCycles = node.number("predicted_cycles", kMaxFigure);
    if (!indices.insert(layer.index).second) refuse(fmt::format("layer {} is listed twice", layer.index));
    manifest.layers.push_back(std::move(layer));
  }
  std::sort(manifest.layers.begin(), manifest.layers.end(), [](auto& a, auto& b) { return a.index < b.index; });
}

}  // namespace

const char* elementTypeName(ElementType type) {
  switch (type) {
    case ElementType::Float32: return "float32";
    case ElementType::Int8: return "int8";
    case ElementType::Uint8: return "uint8";
  }
  return "?";
}

size_t elementBytes(ElementType type) { return type == ElementType::Float32 ? 4 : 1; }

uint64_t TensorInfo::elements() const {
  uint64_t n = 1;
  for (uint64_t d : shape) n *= d;
  return n;
}

PlaneShape planeShape(const std::vector<uint64_t>& shape) {
  PlaneShape p;
  switch (shape.size()) {
    case 1: p.channels = shape[0]; break;
    case 2: p = {shape[0], shape[1], 1, 1}; break;
    case 3: p = {shape[0], shape[1], 1, shape[2]}; break;
    case 4: p = {shape[0], shape[1], shape[2], shape[3]}; break;
    default: break;
  }
  return p;
}

std::string shapeText(const std::vector<uint64_t>& shape) { return fmt::format("{}", fmt::join(shape, "x")); }

const SegmentInfo* Manifest::segment(int index) const {
  for (const SegmentInfo& s : segments)
    if (s.index == index) return &s;
  return nullptr;
}

const LayerInfo* Manifest::layer(uint32_t index) const {
  const auto it = std::lower_bound(layers.begin(), layers.end(), index, [](const LayerInfo& l, uint32_t i) { return l.index < i; });
  return it != layers.end() && it->index == index ? &*it : nullptr;
}

Manifest parseManifest(const std::string& text, uint32_t coreHash) {
  if (nestsDeeper(text)) refuse("lists and objects nest deeper than a manifest's do");
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& e) {
    refuse(fmt::format("not valid JSON ({})", e.what()));
  }
  const Node root(document, "");
  Manifest m;
  m.generator = root.text("generator");
  m.core = root.text("core");
  m.coreConfig = isa::CoreConfig::fromJson(root.get("core_config").dump(-1, ' ', false, json::error_handler_t::replace));
  if (m.coreConfig.hash != coreHash)
    refuse(fmt::format("core_config has hash {:08x} but the program is for hash {:08x}", m.coreConfig.hash, coreHash));
  if (m.core != m.coreConfig.name) refuse(fmt::format("core is {} but core_config describes {}", inQuotes(m.core), inQuotes(m.coreConfig.name)));
  m.macs = root.number("macs", kMaxFigure);
  m.dramBytesCompulsory = root.number("dram_bytes_compulsory", kMaxFigure);
  parseSegments(root, m);
  m.inputs = parseTensors(root, "inputs", kInputSegment, m);
  m.outputs = parseTensors(root, "outputs", kOutputSegment, m);
  parseLayers(root, m);
  return m;
}

}  // namespace agc::runtime
