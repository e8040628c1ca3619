#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agc::isa {

/// Sizes of one core, as its file in isa/cores has them.
struct CoreConfig {
  std::string name;
  uint32_t pixels = 0;          ///< output pixels that the convolution engine computes at once
  uint32_t inputChannels = 0;   ///< channels of a word: 8
  uint32_t outputChannels = 0;  ///< channels of an output block: 8
  uint32_t dspPixels = 0;       ///< of `pixels`, how many multiply in DSP blocks
  uint32_t banks = 0;           ///< scratchpad banks, a power of two
  uint32_t bankWords = 0;       ///< words of 8 bytes in a bank
  uint32_t weightWords = 0;     ///< words of 64 bytes in the weight buffer
  uint32_t queueDepth = 0;      ///< instructions that an engine's queue holds
  uint32_t axiPorts = 0;
  uint32_t axiDataBits = 0;
  uint32_t axiBurstBeats = 0;   ///< longest burst
  uint32_t axiOutstanding = 0;  ///< read or write bursts in flight for each DMA engine
  uint32_t clockMhz = 0;        ///< assumed, for figures in seconds only

  uint32_t hash = 0;  ///< CRC-32C of `json`: what programs and the register CORE_HASH carry
  std::string json;   ///< canonical text: no description, sorted keys, no white space

  uint32_t scratchpadWords() const { return banks * bankWords; }

  /// Multiply-accumulates per cycle at best.
  uint32_t peakMacs() const { return pixels * inputChannels * outputChannels; }

  /// From the text of a core file. `source` names it in sentences. Throws agc::Error with all that is wrong: not JSON,
  /// missing and unknown keys, values out of range.
  static CoreConfig fromJson(std::string_view text, const std::string& source = "core configuration");

  /// Throws agc::Error.
  static CoreConfig fromFile(const std::string& path);

  /// One of `builtinNames()`; throws agc::Error that lists them.
  static CoreConfig builtin(const std::string& name);

  /// A built-in name, or the path of a file: a text with a '.' or a '/' is a path.
  static CoreConfig load(const std::string& nameOrPath);

  static std::vector<std::string> builtinNames();
};

}  // namespace agc::isa
