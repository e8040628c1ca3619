// The memory profiles of docs/machine.md, shared by the cycle model and by the Verilator harness.
#pragma once

#include <cstdint>
#include <string>

namespace agc::runtime {

struct MemoryProfile {
  std::string name;
  /// Bytes that all ports and directions together move in a cycle; 0: no limit but the ports.
  uint32_t bytesPerCycle = 0;
  /// Cycles from the acceptance of a read address to its first data beat.
  uint32_t readLatency = 1;
  /// Cycles from the last data beat of a write burst to its response.
  uint32_t writeLatency = 1;
  /// Every channel stalls at random and reads take a random time on top of the latency.
  bool randomStalls = false;
};

/// Throws Error with the list of names when there is no such profile.
const MemoryProfile& memoryProfile(const std::string& name);

}  // namespace agc::runtime
