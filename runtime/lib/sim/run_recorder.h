// Turns start and completion events into per-layer statistics and a timeline; both backends feed it.
#pragma once

#include <cstdint>
#include <vector>

#include "agc/runtime/device.h"
#include "program_steps.h"
#include "stalls.h"

namespace agc::runtime {

class RunRecorder {
 public:
  /// `withTimeline`: keep every instruction's times for spans().
  RunRecorder(const std::vector<Step>& steps, bool withTimeline);

  /// Completions in any order; cycles count from the doorbell.
  void completed(uint32_t index, uint64_t start, uint64_t end);

  /// Layers in the order of their ends.
  std::vector<LayerStats> layers() const;

  /// For a timeline (timeline.h): all instructions but END in the order of their ends.
  const std::vector<Span>& spans() const { return spans_; }

 private:
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
