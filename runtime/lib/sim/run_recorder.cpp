#include "run_recorder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "agc/isa/info.h"

namespace agc::runtime {

RunRecorder::RunRecorder(const std::vector<Step>& steps, bool withTimeline) : steps_(steps), withTimeline_(withTimeline) {
  size_t layers = 0;
  for (const Step& step : steps) layers = std::max<size_t>(layers, step.layer + size_t{1});
  layers_.resize(layers);
}

void RunRecorder::completed(uint32_t index, uint64_t start, uint64_t end) {
  if (index >= steps_.size()) return;
  const Step& step = steps_[index];
  // END ends no layer.
  if (step.engine == isa::Engine::Ctrl) return;
  Layer& layer = layers_[step.layer];
  layer.used = true;
  layer.end = std::max(layer.end, end);
  layer.dramRead += dramBytes(step.instruction, false);
  layer.dramWritten += dramBytes(step.instruction, true);
  if (withTimeline_) spans_.push_back({index, start, end});
}

std::vector<LayerStats> RunRecorder::layers() const {
  std::vector<uint16_t> order;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].used) order.push_back(static_cast<uint16_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](uint16_t a, uint16_t b) { return layers_[a].end < layers_[b].end; });
  std::vector<LayerStats> stats;
  uint64_t previous = 0;
  for (uint16_t i : order) {
    const Layer& layer = layers_[i];
    stats.push_back({i, layer.end - previous, layer.dramRead, layer.dramWritten});
    previous = layer.end;
  }
  return stats;
}

void RunRecorder::writeTimeline(const std::string& path, uint32_t clockMhz) const {
  std::string temporary = path + ".part";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  auto refuse = [&] {
    std::string reason = std::strerror(errno);
    if (file != nullptr) std::fclose(file);
    std::remove(temporary.c_str());
    throw Error("cannot write the timeline '" + path + "': " + reason);
  };
  if (file == nullptr) refuse();
  bool good = std::fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", file) >= 0;
  for (const isa::NameInfo& engine : isa::engines()) {
    good = good && std::fprintf(file, "{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}},\n",
                                static_cast<unsigned>(engine.number), engine.name) >= 0;
  }
  const char* separator = "";
  for (const Span& span : spans_) {
    const Step& step = steps_[span.index];
    std::string text = nlohmann::json(isa::print(step.instruction)).dump();
    good = good && std::fprintf(file,
                                "%s{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%.3f,\"dur\":%.3f,\"name\":\"%s layer %u\","
                                "\"args\":{\"index\":%u,\"cycle\":%llu,\"cycles\":%llu,\"text\":%s}}",
                                separator, static_cast<unsigned>(step.engine), static_cast<double>(span.start) / clockMhz,
                                static_cast<double>(span.end - span.start) / clockMhz, isa::infoOf(step.instruction).mnemonic,
                                unsigned{step.layer}, span.index, static_cast<unsigned long long>(span.start),
                                static_cast<unsigned long long>(span.end - span.start), text.c_str()) >= 0;
    separator = ",\n";
  }
  good = good && std::fputs("\n]}\n", file) >= 0;
  good = good && std::fflush(file) == 0;
  if (!good) refuse();
  bool closed = std::fclose(file) == 0;
  file = nullptr;
  if (!closed || std::rename(temporary.c_str(), path.c_str()) != 0) refuse();
}

}  // namespace agc::runtime
