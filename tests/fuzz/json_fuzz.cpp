// JSON that users write: core files, and manifests as agc-as and the loader take them.
#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agc/runtime/manifest.h"
#include "fuzz.h"
#include "sections.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const agc::isa::CoreConfig core = agc::isa::CoreConfig::fromJson(text);
    FUZZ_REQUIRE(agc::isa::CoreConfig::fromJson(core.json).hash == core.hash);
  } catch (const agc::Error& e) {
    FUZZ_REQUIRE(*e.what());
  }
  try {
    const std::string manifest = agc::runtime::completeManifest(text, 64, 128, "fuzz");
    FUZZ_REQUIRE(agc::runtime::completeManifest(manifest, 64, 128, "fuzz") == manifest);
    agc::runtime::parseManifest(manifest, agc::runtime::coreHashOf(manifest));
  } catch (const agc::Error& e) {
    FUZZ_REQUIRE(*e.what());
  }
  return 0;
}
