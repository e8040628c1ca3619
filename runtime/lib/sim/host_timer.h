// What a run costs the host.
#pragma once

#include <chrono>
#include <ctime>

#include "agc/runtime/device.h"

namespace agc::runtime {

/// Measures from its construction to stop(), by the clock and in processor time of this thread.
class HostTimer {
 public:
  void stop(RunResult& result) const {
    auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - wall_);
    result.hostNs = static_cast<uint64_t>(wall.count());
    result.hostCpuNs = threadNs() - cpu_;
  }

 private:
  static uint64_t threadNs() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
  }

  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  uint64_t cpu_ = threadNs();
};

}  // namespace agc::runtime
