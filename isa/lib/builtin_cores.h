#pragma once

#include <cstddef>
#include <cstdint>

namespace agc::isa {

/// A file of isa/cores, compiled in.
struct BuiltinCore {
  const char* name;
  uint32_t hash;  ///< as the generator computed it for the SystemVerilog package
  const char* json;
};

const BuiltinCore* builtinCores();
size_t builtinCoreCount();

}  // namespace agc::isa
