#include <cstdlib>

#include "agc/isa/core_config.h"
#include "agc/isa/error.h"

// A core file is taken or refused with agc::Error; what is taken has a canonical text of the same hash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  try {
    agc::isa::CoreConfig core = agc::isa::CoreConfig::fromJson(text);
    if (agc::isa::CoreConfig::fromJson(core.json).hash != core.hash) std::abort();
  } catch (const agc::Error&) {
  }
  return 0;
}
