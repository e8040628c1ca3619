// Turns start and completion events into per-layer statistics and a timeline; both backends feed it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/runtime/device.h"
#include "program_steps.h"

namespace agc::runtime {

class RunRecorder {
 public:
  /// `withTimeline`: keep every instruction's times for writeTimeline().
  RunRecorder(const std::vector<Step>& steps, bool withTimeline);

  /// Completions in any order; cycles count from the doorbell.
  void completed(uint32_t index, uint64_t start, uint64_t end);

  /// Layers in the order of their ends.
  std::vector<LayerStats> layers() const;

  /// Chrome trace format (chrome://tracing, Perfetto): one row per engine, times in microseconds at `clockMhz`. Written whole or not
  /// at all. Throws Error.
  void writeTimeline(const std::string& path, uint32_t clockMhz) const;

 private:
  struct Span {
    uint32_t index;
    uint64_t start, end;
  };
  struct Layer {
    bool used = false;
    uint64_t end = 0, dramRead = 0, dramWritten = 0;
  };

  const std::vector<Step>& steps_;
  bool withTimeline_;
  std::vector<Span> spans_;
  std::vector<Layer> layers_;
};

}  // namespace agc::runtime
