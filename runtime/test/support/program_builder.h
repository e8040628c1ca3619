// Small programs for tests, written instruction by instruction; everything around the instructions (manifest, segments, container)
// follows from what was declared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/instruction.h"
#include "agc/isa/parameter.h"
#include "agc/isa/program_file.h"
#include "agc/runtime/manifest.h"
#include "agc/runtime/program.h"

namespace agc::runtime::test {

/// Segments by their use.
enum Segment : uint32_t { kCode = 0, kConstants = 1, kWorkspace = 2, kInputs = 3, kOutputs = 4 };

/// One lane of a parameter word.
struct Parameter {
  int32_t bias = 0;
  uint32_t multiplier = 1u << 16;  ///< 0 .. 2^24-1
  uint32_t shift = 16;             ///< 0 .. 63
};

class ProgramBuilder {
 public:
  explicit ProgramBuilder(const std::string& core = "tiny");

  const isa::CoreConfig& core() const { return core_; }

  /// Declares a graph input or output; returns its first 8-byte word in its segment. Type and quantization may be changed in
  /// `inputs` and `outputs` before build().
  uint32_t input(const std::string& name, std::vector<uint64_t> shape);
  uint32_t output(const std::string& name, std::vector<uint64_t> shape);
  /// Reserves workspace; returns its first 8-byte word.
  uint32_t workspace(uint32_t words);

  /// Appends constants; each returns the 8-byte word where they start.
  uint32_t parameter(const std::vector<isa::Parameter>& lanes);  ///< up to 8, the rest is zero
  uint32_t weights(const std::vector<int8_t>& bytes);       ///< padded to 64 bytes

  /// Appends an instruction. Semaphores and layer are those of its header.
  ProgramBuilder& add(const isa::Instruction& instruction);
  /// Appends END.
  ProgramBuilder& end() { return add(isa::End{}); }

  /// The manifest as JSON text, for tests that damage it.
  std::string manifestJson() const;
  isa::ProgramFile file() const;
  std::vector<uint8_t> bytes() const { return isa::write(file()); }
  Program program() const;

  std::vector<TensorInfo> inputs, outputs;
  std::vector<LayerInfo> layers;
  std::vector<isa::Instruction> code;
  std::vector<uint8_t> constants;

 private:
  isa::CoreConfig core_;
  uint64_t workspaceBytes_ = 0;
};

/// Sets the semaphore lists and the layer of an instruction.
template <typename T>
T with(T instruction, std::vector<uint8_t> wait, std::vector<uint8_t> post, uint16_t layer = 0) {
  for (size_t i = 0; i < wait.size(); ++i) instruction.h.wait[i] = wait[i];
  for (size_t i = 0; i < post.size(); ++i) instruction.h.post[i] = post[i];
  instruction.h.layer = layer;
  return instruction;
}

/// Contiguous copy of `words` words.
isa::Load load(uint32_t segment, uint32_t dram, uint32_t sp, uint32_t words);
isa::Store store(uint32_t segment, uint32_t dram, uint32_t sp, uint32_t words);
isa::Wload wload(uint32_t dram, uint32_t wb, uint32_t words);

/// Input "x" to output "y", `words` pixels of 8 channels, through the scratchpad: LOAD posts 1, STORE waits for it.
ProgramBuilder copyProgram(const std::string& core = "tiny", uint32_t words = 16);

/// A 3x3 convolution with padding 1, 8 to 8 channels, 4 rows of 6 columns: "x" to "y", weights 1 at the centre tap of the same
/// channel (the identity). Instructions: 0 LOAD, 1 WLOAD, 2 CONV_GEO, 3 CONV_EPI, 4 CONV, 5 STORE, 6 END.
/// Scratchpad: input at 0, output at 64; weight buffer from 0. Semaphores: 1 LOAD to CONV, 2 WLOAD to CONV, 3 CONV to STORE.
ProgramBuilder convProgram(const std::string& core = "tiny");

}  // namespace agc::runtime::test
