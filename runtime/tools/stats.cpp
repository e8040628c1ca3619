#include "stats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "agc/isa/info.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

double utilisation(uint64_t macs, uint64_t cycles, const Program& program) {
  return cycles ? double(macs) / (double(cycles) * program.manifest.coreConfig.peakMacs()) : 0.0;
}

}  // namespace

std::string statsJson(const Program& program, const RunResult& result, const RunContext& context) {
  nlohmann::ordered_json j;
  const Manifest& m = program.manifest;
  j["backend"] = context.backend;
  j["core"] = m.core;
  j["memory"] = context.memory;
  j["cycles"] = result.cycles;
  j["macs"] = m.macs;
  j["mac_utilization"] = utilisation(m.macs, result.cycles, program);
  j["dram_bytes_read"] = result.dramRead;
  j["dram_bytes_written"] = result.dramWritten;
  j["dram_bytes_compulsory"] = m.dramBytesCompulsory;
  j["instructions"] = result.instructions;
  j["program_bytes"] = program.fileBytes;
  j["host_ns"] = result.hostNs;
  j["host_cpu_ns"] = result.hostCpuNs;
  j["engines"] = nlohmann::ordered_json::object();
  for (const isa::NameInfo& engine : isa::engines()) {
    const EngineStats& row = result.engines.at(engine.number);
    // CTRL is the fetch unit, which is always busy until END.
    if (row.busy != 0 && engine.number != uint64_t{0}) j["engines"][engine.name] = {{"busy", row.busy}, {"wait", row.wait}, {"stall", row.stall}, {"empty", row.empty}};
  }
  j["layers"] = nlohmann::ordered_json::array();
  for (const LayerStats& row : result.layers) {
    static const LayerInfo kNone;
    const LayerInfo* found = m.layer(row.layer);
    const LayerInfo& layer = found ? *found : kNone;
    nlohmann::ordered_json l;
    l["names"] = layer.names;
    l["ops"] = layer.ops;
    l["cycles"] = row.cycles;
    l["macs"] = layer.macs;
    l["mac_utilization"] = utilisation(layer.macs, row.cycles, program);
    l["dram_bytes_read"] = row.dramRead;
    l["dram_bytes_written"] = row.dramWritten;
    j["layers"].push_back(std::move(l));
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string statsTable(const Program& program, const RunResult& result, const RunContext& context) {
  const Manifest& m = program.manifest;
  std::string text = fmt::format("{} on {} ({} memory): {} cycles, {:.1f}% of {} MAC/cycle, {:.3f} ms at {} MHz\n", context.backend, m.core,
                                 context.memory, result.cycles, 100 * utilisation(m.macs, result.cycles, program), m.coreConfig.peakMacs(),
                                 double(result.cycles) / (1e3 * m.coreConfig.clockMhz), m.coreConfig.clockMhz);
  text += fmt::format("DRAM: {:.3f} MB read, {:.3f} MB written, {:.3f} MB compulsory; host {:.3f} s\n", double(result.dramRead) / 1e6,
                      double(result.dramWritten) / 1e6, double(m.dramBytesCompulsory) / 1e6, double(result.hostNs) / 1e9);
  text += fmt::format("{:>12} {:>6} {:>10} {:>10}  {}\n", "cycles", "util", "kB read", "kB written", "layer");
  for (const LayerStats& row : result.layers) {
    const LayerInfo* layer = m.layer(row.layer);
    text += fmt::format("{:>12} {:>5.1f}% {:>10.1f} {:>10.1f}  {}\n", row.cycles, 100 * utilisation(layer ? layer->macs : 0, row.cycles, program),
                        double(row.dramRead) / 1e3, double(row.dramWritten) / 1e3,
                        layer ? oneLine(fmt::format("{}", fmt::join(layer->names, " "))) : "-");
  }
  return text;
}

}  // namespace agc::runtime
