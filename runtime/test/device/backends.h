// The backends and cores that the conformance suite runs on.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "agc/runtime/device.h"

namespace agc::runtime::test {

struct Target {
  std::string backend, core;
};

/// Every pair of which this build has a model. A model that is there and does not come up is in the list, so that the tests fail.
inline std::vector<Target> targets() {
  std::vector<Target> found;
  for (const char* backend : {"sim", "verilator"}) {
    for (const char* core : {"tiny", "z7020"}) {
      try {
        makeDevice(backend, isa::CoreConfig::builtin(core), {});
      } catch (const Error& error) {
        if (std::string(error.what()).rfind("this build has no", 0) == 0) continue;
      }
      found.push_back({backend, core});
    }
  }
  return found;
}

inline void PrintTo(const Target& target, std::ostream* stream) { *stream << target.backend << " " << target.core; }

inline std::string targetName(const Target& target) { return target.backend + "_" + target.core; }

}  // namespace agc::runtime::test
