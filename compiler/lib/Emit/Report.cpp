#include "agcc/Emit/Report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agcc/Emit/ProgramBin.h"

namespace agc::emit {

namespace {

constexpr size_t nameColumns = 44;

double utilization(int64_t macs, int64_t cycles, const isa::CoreConfig &core) {
  return cycles > 0 ? double(macs) / (double(cycles) * core.peakMacs()) : 0.0;
}

int64_t totalMacs(const Assembly &assembly) {
  int64_t macs = 0;
  for (const LayerRow &layer : assembly.layers) macs += layer.macs;
  return macs;
}

/// The end of a long title says more than its beginning.
std::string shortened(const std::string &title) {
  return title.size() <= nameColumns ? title : "..." + title.substr(title.size() - (nameColumns - 3));
}

std::string joined(const std::vector<std::string> &texts) {
  std::string all;
  for (const std::string &text : texts) all += (all.empty() ? "" : "+") + text;
  return all;
}

std::string tileText(const std::vector<int64_t> &tile) {
  return tile.size() < 3 ? "" : fmt::format("{}x{}x{}", tile[0], tile[1], tile[2] * 8);
}

}  // namespace

std::string reportText(const Assembly &assembly, const Prediction &prediction, const std::string &model, int64_t programBytes) {
  const isa::CoreConfig &core = assembly.core;
  size_t opColumns = 3;
  for (const LayerRow &layer : assembly.layers) opColumns = std::max(opColumns, std::min<size_t>(joined(layer.ops).size(), 24));
  std::string out = fmt::format("{} for core {} ({} MAC/cycle, {} KB scratchpad, {} KB weight buffer)\n\n", model, core.name,
                                core.peakMacs(), core.scratchpadWords() * 8 / 1024, core.weightWords * 64 / 1024);
  out += fmt::format("{:>5}  {:<{}}  {:<{}}  {:>12}  {:>14}  {:>10}  {:>6}  {:>11}  {}\n", "layer", "nodes", nameColumns, "ops", opColumns,
                     "tile HxWxC", "MACs", "cycles", "util", "DRAM bytes", "bound by");
  for (size_t index = 0; index < assembly.layers.size(); ++index) {
    const LayerRow &row = assembly.layers[index];
    const LayerPrediction &layer = prediction.layers[index];
    out += fmt::format("{:>5}  {:<{}}  {:<{}}  {:>12}  {:>14}  {:>10}  {:>5.1f}%  {:>11}  {}\n", index, shortened(layerTitle(row)),
                       nameColumns, joined(row.ops).substr(0, opColumns), opColumns, tileText(row.tile), row.macs, layer.cycles,
                       100 * utilization(row.macs, layer.cycles, core), layer.dramRead + layer.dramWritten, layer.bound());
    // The layers of a fused group run tile by tile in turn: time and traffic are those of the group.
    for (const LayerRow &member : row.fused)
      out += fmt::format("{:>5}  {:<{}}  {:<{}}  {:>12}  {:>14}  {:>10}\n", "|", shortened(layerTitle(member)), nameColumns,
                         joined(member.ops).substr(0, opColumns), opColumns, tileText(member.tile), member.macs, "fused");
  }
  const int64_t macs = totalMacs(assembly);
  out += fmt::format("\n{:<28}{}\n{:<28}{}\n{:<28}{:.1f}%\n", "MACs", macs, "predicted cycles", prediction.cycles, "predicted utilisation",
                     100 * utilization(macs, prediction.cycles, core));
  out += fmt::format("{:<28}{:.3f} ms at {} MHz\n", "time", double(prediction.cycles) / (1000.0 * core.clockMhz), core.clockMhz);
  out += fmt::format("{:<28}{} read, {} written, {} compulsory ({:.2f}x)\n", "DRAM bytes", prediction.dramRead, prediction.dramWritten,
                     assembly.compulsoryBytes,
                     double(prediction.dramRead + prediction.dramWritten) / double(std::max<int64_t>(1, assembly.compulsoryBytes)));
  out += fmt::format("{:<28}{} instructions ({} run), {} bytes with weights\n", "program", assembly.code.size(), assembly.running.size(),
                     programBytes);
  out += fmt::format("{:<28}{} constants, {} workspace, {} inputs, {} outputs\n", "DRAM segments, bytes", assembly.segmentBytes[1],
                     assembly.segmentBytes[2], assembly.segmentBytes[3], assembly.segmentBytes[4]);
  return out;
}

std::string reportJson(const Assembly &assembly, const Prediction &prediction, const std::string &model, int64_t programBytes) {
  using nlohmann::json;
  const isa::CoreConfig &core = assembly.core;
  const int64_t macs = totalMacs(assembly);
  json root;
  root["model"] = model;
  root["core"] = core.name;
  root["macs"] = macs;
  root["predicted_cycles"] = prediction.cycles;
  root["predicted_mac_utilization"] = utilization(macs, prediction.cycles, core);
  root["dram_bytes_read"] = prediction.dramRead;
  root["dram_bytes_written"] = prediction.dramWritten;
  root["dram_bytes_compulsory"] = assembly.compulsoryBytes;
  root["instructions"] = assembly.code.size();
  root["instructions_run"] = assembly.running.size();
  root["program_bytes"] = programBytes;
  root["segments"] = {{"code", assembly.segmentBytes[0]},
                      {"constants", assembly.segmentBytes[1]},
                      {"workspace", assembly.segmentBytes[2]},
                      {"inputs", assembly.segmentBytes[3]},
                      {"outputs", assembly.segmentBytes[4]}};
  root["layers"] = json::array();
  for (size_t index = 0; index < assembly.layers.size(); ++index) {
    const LayerRow &row = assembly.layers[index];
    const LayerPrediction &layer = prediction.layers[index];
    root["layers"].push_back({{"index", index},
                              {"names", row.names},
                              {"ops", row.ops},
                              {"tile", row.tile},
                              {"macs", row.macs},
                              {"predicted_cycles", layer.cycles},
                              {"predicted_mac_utilization", utilization(row.macs, layer.cycles, core)},
                              {"dram_bytes_read", layer.dramRead},
                              {"dram_bytes_written", layer.dramWritten},
                              {"bound_by", layer.bound()}});
    for (const LayerRow &member : row.fused)
      root["layers"].back()["fused"].push_back({{"names", member.names}, {"ops", member.ops}, {"tile", member.tile}, {"macs", member.macs}});
  }
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace agc::emit
