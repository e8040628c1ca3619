#include "sections.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of the keys as it was written

Json parseObject(const std::string& text) {
  if (nestsDeeper(text)) throw Error("manifest: lists and objects nest deeper than a manifest's do");
  Json root;
  try {
    root = Json::parse(text);
  } catch (const Json::exception& e) {
    throw Error(fmt::format("manifest: not valid JSON ({})", e.what()));
  }
  if (!root.is_object()) throw Error("manifest: it is not a JSON object; docs/machine.md has its form");
  return root;
}

}  // namespace

SectionFiles::SectionFiles(const std::string& folder)
    : manifest(folder + "/manifest.json"), constants(folder + "/constants.bin"), debug(folder + "/debug.json") {}

void writeSections(const isa::ProgramFile& program, const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directory(folder, failed);
  if (failed) throw Error(fmt::format("cannot make the folder {}: {}", folder, failed.message()));
  const SectionFiles paths(folder);
  std::vector<AtomicFile> files;
  auto add = [&](const std::string& path, const void* data, size_t size) {
    files.emplace_back(path);
    files.back().write(data, size);
    files.back().finish();
  };
  add(paths.manifest, program.manifestJson.data(), program.manifestJson.size());
  add(paths.constants, program.constants.data(), program.constants.size());
  add(paths.debug, program.debugJson.data(), program.debugJson.size());
  for (AtomicFile& file : files) file.publish();
}

std::string completeManifest(const std::string& json, uint64_t codeBytes, uint64_t constantBytes, const std::string& generator) {
  Json root = parseObject(json);
  bool changed = false;
  auto fill = [&](const char* key, Json value) {
    if (root.contains(key)) return;
    root[key] = std::move(value);
    changed = true;
  };
  fill("generator", generator);
  if (!root.contains("core_config") && root.contains("core") && root["core"].is_string())
    fill("core_config", Json::parse(isa::CoreConfig::builtin(root["core"].get<std::string>()).json));
  for (const char* figure : {"macs", "dram_bytes_compulsory"}) fill(figure, 0);
  for (const char* list : {"segments", "inputs", "outputs", "layers"}) fill(list, Json::array());
  if (root["segments"].is_array())
    for (Json& segment : root["segments"])
      for (const auto& [index, bytes] : {std::pair<int, uint64_t>{0, codeBytes}, {1, constantBytes}}) {
        if (!segment.is_object() || !segment.contains("index") || segment["index"] != index) continue;
        if (segment.contains("bytes") && segment["bytes"] == bytes) continue;
        segment["bytes"] = bytes;
        changed = true;
      }
  return changed ? root.dump() : json;
}

uint32_t coreHashOf(const std::string& manifestJson) {
  const Json root = parseObject(manifestJson);
  if (!root.contains("core_config"))
    throw Error("manifest: core_config is missing; give it, or name a built-in core as \"core\"");
  return isa::CoreConfig::fromJson(root["core_config"].dump(), "manifest: core_config").hash;
}

}  // namespace agc::runtime
