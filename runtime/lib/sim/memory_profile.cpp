#include "memory_profile.h"

#include <array>

#include "agc/isa/error.h"

namespace agc::runtime {

const MemoryProfile& memoryProfile(const std::string& name) {
  // The contract gives no latency for write responses; ddr3-z7020 charges them what it charges reads, which is the careful choice.
  static const std::array<MemoryProfile, 3> profiles = {{
      {"ideal", 0, 1, 1, false},
      {"ddr3-z7020", 25, 50, 50, false},
      {"stress", 25, 50, 50, true},
  }};
  for (const MemoryProfile& profile : profiles) {
    if (profile.name == name) return profile;
  }
  throw Error("unknown memory profile '" + name + "': use ideal, ddr3-z7020 or stress");
}

}  // namespace agc::runtime
