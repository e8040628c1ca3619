#include "agcc/Emit/ProgramBin.h"

#include <nlohmann/json.hpp>

#include "agc/isa/program_file.h"

namespace agc::emit {

namespace {

using nlohmann::json;

json borderJson(const BorderTensor &tensor, int segment) {
  const bool isUnsigned = tensor.border == "uint8";
  return {{"name", tensor.name},
          {"shape", tensor.shape},
          {"dtype", tensor.border},
          {"segment", segment},
          {"offset", tensor.offset},
          {"bytes", tensor.bytes},
          {"layout", "C8"},
          // A uint8 value is stored as the byte q - 128.
          {"quant",
           {{"type", isUnsigned ? "uint8" : "int8"},
            {"scale", tensor.scale},
            {"zero_point", tensor.zeroPoint + (isUnsigned ? 128 : 0)}}}};
}

json manifest(const Assembly &assembly, const Prediction &prediction, const std::string &generator) {
  static const char *const names[] = {"code", "constants", "workspace", "inputs", "outputs"};
  json root;
  root["generator"] = generator;
  root["core"] = assembly.core.name;
  root["core_config"] = json::parse(assembly.core.json);
  int64_t macs = 0;
  for (const LayerRow &layer : assembly.layers) macs += layer.macs;
  root["macs"] = macs;
  root["dram_bytes_compulsory"] = assembly.compulsoryBytes;
  root["segments"] = json::array();
  for (int segment = 0; segment < 5; ++segment)
    if (assembly.segmentBytes[segment])
      root["segments"].push_back({{"index", segment}, {"name", names[segment]}, {"bytes", assembly.segmentBytes[segment]}});
  root["inputs"] = json::array();
  root["outputs"] = json::array();
  for (const BorderTensor &tensor : assembly.inputs) root["inputs"].push_back(borderJson(tensor, 3));
  for (const BorderTensor &tensor : assembly.outputs) root["outputs"].push_back(borderJson(tensor, 4));
  root["layers"] = json::array();
  for (size_t index = 0; index < assembly.layers.size(); ++index) {
    const LayerRow &layer = assembly.layers[index];
    root["layers"].push_back({{"index", index},
                              {"names", layer.names},
                              {"ops", layer.ops},
                              {"macs", layer.macs},
                              {"predicted_cycles", prediction.layers[index].cycles}});
  }
  return root;
}

json debugInfo(const Assembly &assembly) {
  json root;
  root["layers"] = json::array();
  for (const LayerRow &layer : assembly.layers) root["layers"].push_back(layerTitle(layer));
  root["instructions"] = json::array();
  // Runs of one layer; loads of the next layer make short ones.
  for (size_t first = 0; first < assembly.code.size();) {
    size_t end = first;
    const uint16_t layer = isa::header(assembly.code[first]).layer;
    while (end < assembly.code.size() && isa::header(assembly.code[end]).layer == layer) ++end;
    root["instructions"].push_back({first, end - first, layer});
    first = end;
  }
  return root;
}

std::string text(const json &value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string layerTitle(const LayerRow &layer) {
  std::string title;
  for (const std::string &name : layer.names) title += (title.empty() ? "" : " + ") + name;
  return title;
}

std::vector<uint8_t> programBin(const Assembly &assembly, const Prediction &prediction, const std::string &generator) {
  isa::ProgramFile file;
  file.manifestJson = text(manifest(assembly, prediction, generator));
  file.debugJson = text(debugInfo(assembly));
  for (const isa::Instruction &instruction : assembly.code) file.code.push_back(isa::encode(instruction));
  file.constants = assembly.constants;
  file.coreHash = assembly.core.hash;
  return isa::write(file);
}

/// For a comment, which a line end in a name must not end.
static std::string onOneLine(std::string text) {
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string assemblyText(const Assembly &assembly) {
  std::string result;
  int layer = -1;
  size_t bodyEnd = 0;
  for (size_t index = 0; index < assembly.code.size(); ++index) {
    const int now = isa::header(assembly.code[index]).layer;
    if (now != layer && size_t(now) < assembly.layers.size() && index + 1 < assembly.code.size())
      result += "# layer " + std::to_string(now) + ": " + onOneLine(layerTitle(assembly.layers[size_t(now)])) + "\n";
    layer = now;
    result += (index < bodyEnd ? "  " : "") + isa::print(assembly.code[index]) + "\n";
    if (const auto *loop = std::get_if<isa::Loop>(&assembly.code[index])) bodyEnd = index + 1 + loop->body;
  }
  return result;
}

}  // namespace agc::emit
