// The convolution engine written down from docs/machine.md, one pixel at a time.
#pragma once

#include "agc/isa/instruction.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace agc::bench {

/// One word written to the scratchpad.
struct Write {
  uint32_t address;
  uint64_t data;
};

/// Scratchpad words that a CONV touches, in its order, until the first address that does not exist.
struct Footprint {
  std::vector<uint32_t> inputs;      ///< without repetitions
  std::vector<uint32_t> drainReads;  ///< residual and partial sums
  std::vector<uint32_t> writes;
  isa::Fault fault = isa::Fault::None;
};

/// Rows and columns of the output pixels that the engine takes at once, block after block in its order, and within a block in the order in
/// which they are drained.
std::vector<std::vector<std::pair<uint32_t, uint32_t>>> pixelBlocks(const isa::ConvGeo &geo, const isa::Conv &conv, uint32_t pixels);

class ConvMachine {
public:
  /// `pixels` of the core: they shape the blocks of CONV_GEO.block.
  ConvMachine(uint32_t scratchpadWords, uint32_t weightWords, uint32_t pixels) : sp(scratchpadWords), wb(weightWords), pixels_(pixels) {}

  Footprint footprint(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv) const;

  /// Executes; the writes in order, those in front of a fault.
  std::vector<Write> run(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv);

  /// False, and nothing done, where the words are not all in the weight buffer.
  bool setTable(const isa::ConvTable &instruction);

  std::vector<uint64_t> sp;
  std::vector<std::array<uint64_t, 8>> wb;
  std::array<int8_t, 256> table{};

private:
  uint32_t pixels_;
};

/// The cost formula of docs/machine.md for CONVs of one geometry that follow each other. `previousDrain` carries over from CONV to CONV
/// (0 before the first one).
uint64_t formulaCycles(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv, uint32_t pixels, uint32_t banks,
                       uint64_t &previousDrain);

/// Multiplier beats: reading beats, each tap counted once.
uint64_t macBeats(const isa::ConvGeo &geo, const isa::Conv &conv, uint32_t pixels);

} // namespace agc::bench
