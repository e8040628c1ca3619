// A program ready to be verified and run: container, manifest and decoded instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/isa_gen.h"
#include "agc/isa/program_file.h"
#include "agc/runtime/device.h"
#include "agc/runtime/manifest.h"

namespace agc::runtime {

struct Program {
  isa::ProgramFile file;
  Manifest manifest;
  std::vector<isa::Instruction> code;  ///< decoded `file.code`
  uint64_t fileBytes = 0;

  /// Most instructions that are accepted (32 MiB of code): bounds the verifier's memory.
  static constexpr size_t kMaxInstructions = size_t{1} << 20;

  /// Reads `path`. Throws agc::Error naming the file for what cannot be read, is damaged, is for another ISA, or does not decode.
  /// Verification of the instructions is `verify` (verifier.h).
  static Program load(const std::string& path);
  static Program fromBytes(const uint8_t* data, size_t size);

  /// Segments that the host must provide: those of the manifest but code and constants.
  std::vector<SegmentSpec> hostSegments() const;

  /// `instruction 7 (CONV in=...), layer 2 "/a/Conv"`, for messages.
  std::string describe(size_t index) const;
};

}  // namespace agc::runtime
