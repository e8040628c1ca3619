#include "timeline.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "agc/isa/info.h"

namespace agc::runtime {
namespace {

using nlohmann::ordered_json;

/// Lines of a trace on their way to a file.
class TraceFile {
 public:
  TraceFile(const std::string& path, uint32_t clockMhz) : path_(path), temporary_(path + ".part"), clockMhz_(clockMhz) {
    file_ = std::fopen(temporary_.c_str(), "wb");
    if (file_ == nullptr) refuse();
    put("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
  }
  TraceFile(const TraceFile&) = delete;
  ~TraceFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(temporary_.c_str());
  }

  void event(const ordered_json& event) {
    put(separator_);
    put(text(event));
    separator_ = ",\n";
  }
  void slice(unsigned row, uint64_t begin, uint64_t end, const std::string& name, const char* category, const ordered_json& arguments) {
    event({{"ph", "X"}, {"pid", 1}, {"tid", row}, {"ts", time(begin)}, {"dur", time(end - begin)}, {"name", name}, {"cat", category}, {"args", arguments}});
  }
  double time(uint64_t cycles) const { return static_cast<double>(cycles) / clockMhz_; }

  void finish(const ordered_json& otherData) {
    put("\n],\"otherData\":" + text(otherData) + "}\n");
    bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (!closed || std::rename(temporary_.c_str(), path_.c_str()) != 0) refuse();
  }

 private:
  static std::string text(const ordered_json& value) { return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace); }
  void put(const std::string& line) {
    if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) refuse();
  }
  [[noreturn]] void refuse() {
    const std::string reason = std::strerror(errno);
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
    std::remove(temporary_.c_str());
    throw Error("cannot write the timeline '" + path_ + "': " + reason);
  }

  std::string path_, temporary_;
  uint32_t clockMhz_;
  std::FILE* file_ = nullptr;
  const char* separator_ = "";
};

unsigned row(isa::Engine engine, bool stalls) { return 2 * static_cast<unsigned>(engine) + (stalls ? 1 : 0); }

const char* engineName(isa::Engine engine) {
  for (const isa::NameInfo& info : isa::engines()) {
    if (info.number == static_cast<uint64_t>(engine)) return info.name;
  }
  return "";
}

/// "waits for LOAD", "drain", ...
std::string label(const Stall& stall) {
  std::string text = name(stall.cause);
  return stall.cause == StallCause::Semaphore ? text + " for " + engineName(stall.from) : text;
}

/// DRAM bytes a cycle, averaged over equal parts of the run; each instruction's bytes are spread over its slice.
class Traffic {
 public:
  explicit Traffic(uint64_t cycles) : step_(std::max<uint64_t>(kLeastStep, cycles / kParts + 1)), parts_(cycles / step_ + 1) {}

  void add(uint64_t begin, uint64_t end, uint64_t bytes, bool written) {
    const double each = static_cast<double>(bytes) / static_cast<double>(std::max<uint64_t>(1, end - begin));
    for (uint64_t k = begin / step_; k < parts_.size() && k * step_ < end; ++k) {
      const uint64_t from = std::max(begin, k * step_), to = std::min(end, (k + 1) * step_);
      (written ? parts_[k].written : parts_[k].read) += each * static_cast<double>(to - from);
    }
  }
  void write(TraceFile& file) const {
    for (size_t k = 0; k < parts_.size(); ++k) {
      auto perCycle = [&](double bytes) { return std::round(100 * bytes / static_cast<double>(step_)) / 100; };
      file.event({{"ph", "C"}, {"pid", 1}, {"ts", file.time(k * step_)}, {"name", "DRAM bytes per cycle"},
                  {"args", {{"read", perCycle(parts_[k].read)}, {"written", perCycle(parts_[k].written)}}}});
    }
  }

 private:
  static constexpr uint64_t kLeastStep = 64, kParts = 2048;
  struct Part {
    double read = 0, written = 0;
  };
  uint64_t step_;
  std::vector<Part> parts_;
};

}  // namespace

void writeTimeline(const std::string& path, const std::vector<Step>& steps, const std::vector<Span>& spans, const isa::CoreConfig& core,
                   const std::map<uint32_t, std::string>& layerNames) {
  TraceFile file(path, core.clockMhz);
  const Stalls stalls(steps, spans, core);
  const uint64_t cycles = spans.empty() ? 0 : spans.back().end;

  ordered_json lost = ordered_json::object();
  for (const isa::NameInfo& info : isa::engines()) {
    const auto engine = static_cast<isa::Engine>(info.number);
    if (std::none_of(spans.begin(), spans.end(), [&](const Span& s) { return steps[s.index].engine == engine; })) continue;
    for (bool second : {false, true}) {
      const unsigned tid = row(engine, second);
      file.event({{"ph", "M"}, {"pid", 1}, {"tid", tid}, {"name", "thread_name"}, {"args", {{"name", std::string(info.name) + (second ? " stalls" : "")}}}});
      file.event({{"ph", "M"}, {"pid", 1}, {"tid", tid}, {"name", "thread_sort_index"}, {"args", {{"sort_index", tid}}}});
    }
    lost[info.name]["useful"] = stalls.useful(engine);
  }
  file.event({{"ph", "M"}, {"pid", 1}, {"name", "process_name"}, {"args", {{"name", "core " + core.name}}}});

  Traffic traffic(cycles);
  std::array<uint64_t, kEngines> previousEnd{};
  for (const Span& span : spans) {
    const Step& step = steps[span.index];
    uint64_t& previous = previousEnd[static_cast<size_t>(step.engine)];
    const uint64_t begin = std::min(std::max(span.start, previous), span.end);
    previous = span.end;
    const char* mnemonic = isa::infoOf(step.instruction).mnemonic;
    ordered_json arguments = {{"op", mnemonic}, {"index", span.index}, {"taken", span.start}, {"end", span.end}};
    for (bool written : {false, true}) {
      const uint64_t bytes = dramBytes(step.instruction, written);
      if (bytes == 0) continue;
      arguments["dram_bytes"] = bytes;
      traffic.add(begin, span.end, bytes, written);
    }
    arguments["text"] = isa::print(step.instruction);
    auto found = layerNames.find(step.layer);
    file.slice(row(step.engine, false), begin, span.end, found == layerNames.end() ? "layer " + std::to_string(step.layer) : found->second, mnemonic,
               arguments);
  }
  for (const Stall& stall : stalls.list()) {
    ordered_json arguments = {{"index", stall.index}, {"cycles", stall.end - stall.begin}};
    if (stall.cause == StallCause::Semaphore) arguments["semaphore"] = stall.semaphore;
    file.slice(row(stall.engine, true), stall.begin, stall.end, label(stall), "stall", arguments);
    ordered_json& total = lost[engineName(stall.engine)][label(stall)];
    total = (total.is_null() ? uint64_t{0} : total.get<uint64_t>()) + stall.end - stall.begin;
  }
  traffic.write(file);
  file.finish({{"core", core.name}, {"clock_mhz", core.clockMhz}, {"cycles", cycles}, {"engines", lost}});
}

}  // namespace agc::runtime
