#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/instruction.h"

namespace agc::isa {

/// The content of a prog.bin; docs/machine.md has the layout of the container.
struct ProgramFile {
  std::string manifestJson;        ///< section MNFT, UTF-8
  std::string debugJson;           ///< section DBUG; empty: no section
  std::vector<Word> code;          ///< section CODE, segment 0
  std::vector<uint8_t> constants;  ///< section CNST, segment 1, a multiple of 64 bytes; empty: no section
  uint32_t coreHash = 0;           ///< CoreConfig::hash of the core that it was compiled for
};

/// The bytes of the container, the same for the same content. Throws agc::Error when code or manifest are missing,
/// constants are no multiple of 64 bytes, or the file would exceed 4 GiB.
std::vector<uint8_t> write(const ProgramFile& program);

/// Takes a container apart. Throws agc::Error with one sentence for whatever is no program, is cut short, of another
/// version, or damaged in any bit; never reads outside of [data, data + size). JSON and instructions are not looked at.
ProgramFile read(const uint8_t* data, size_t size);

}  // namespace agc::isa
