// What the text of a program leaves out, in files of one folder: manifest, constants, debug information.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/program_file.h"

namespace agc::runtime {

/// Paths of the three files of `folder`: manifest.json, constants.bin (parameter and weight words), debug.json. An empty file stands
/// for a section that a program does not have.
struct SectionFiles {
  explicit SectionFiles(const std::string& folder);
  std::string manifest, constants, debug;
};

/// Writes all three, and makes the folder where there is none; all appear or none. Throws agc::Error.
void writeSections(const isa::ProgramFile& program, const std::string& folder);

/// The manifest of a program with `codeBytes` and `constantBytes`. What a hand-written one may leave out is filled in: `generator`,
/// `core_config` of a built-in core, figures and lists; the sizes of segments 0 and 1, where it lists them, become those of the
/// sections. The text is the same, byte for byte, when there is nothing to do. Throws agc::Error for what is no JSON object.
std::string completeManifest(const std::string& json, uint64_t codeBytes, uint64_t constantBytes, const std::string& generator);

/// Hash of the core that a manifest describes. Throws agc::Error.
uint32_t coreHashOf(const std::string& manifestJson);

}  // namespace agc::runtime
