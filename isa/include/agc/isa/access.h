// Which words an instruction reads and writes: the one place where the compiler (placing semaphores) and the loader (checking
// them) learn it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agc/isa/isa_gen.h"

namespace agc::isa {

/// Memories of docs/machine.md. Word sizes: scratchpad and DRAM 8 bytes, weight buffer 64 bytes.
enum class Memory : uint8_t { Scratchpad, WeightBuffer, Dram };

/// The path an access takes. Paths of one engine differ in what is ordered without a semaphore: a convolution's input reads may
/// overtake the writes of the one before it, its residual, partial-sum and output accesses never overtake each other.
enum class AccessPath : uint8_t { Dma, ConvInput, ConvWeights, ConvResidual, ConvPartialIn, ConvPartialOut, ConvOutput };

/// A regular set of words: for p < planes, r < rows, k < runs: the words
/// `start + p*planePitch + r*rowPitch + k*runPitch + [0, runWords)`. Words may occur more than once. No wrap-around.
struct Region {
  Memory memory = Memory::Scratchpad;
  AccessPath path = AccessPath::Dma;
  bool write = false;
  uint8_t segment = 0;  ///< Dram only
  uint64_t start = 0;
  uint64_t runWords = 1;
  uint64_t runs = 1, runPitch = 0;
  uint64_t rows = 1, rowPitch = 0;
  uint64_t planes = 1, planePitch = 0;

  /// One past the highest word.
  uint64_t end() const;
  /// Number of accesses (words counted as often as they occur).
  uint64_t words() const { return runWords * runs * rows * planes; }
};

/// Channel blocks that a LOAD_FOLD writes: all kernel columns of all channels, eight to a block.
inline uint32_t foldedBlocks(const LoadFold& fold) { return (fold.kw * fold.c + 7) / 8; }

/// Weight-buffer words that a CONV_TABLE reads.
constexpr uint64_t tableWords = 4;

/// Registers of the convolution engine, as the CONV_GEO, CONV_EPI and CONV_TABLE before an instruction left them.
struct ConvState {
  std::optional<ConvGeo> geo;
  std::optional<ConvEpi> epi;
  std::optional<ConvTable> table;

  /// Takes over a CONV_GEO, CONV_EPI or CONV_TABLE; ignores the rest.
  void apply(const Instruction& instruction);
};

/// Appends the regions of `instruction`, reads before writes, to `regions`. For a CONV both registers of `state` must be set;
/// its input regions hold exactly the words inside the input rectangle that some output needs (none if all is padding).
/// Adjacent runs are merged, so that `forEachRun` makes few calls.
void appendRegions(const Instruction& instruction, const ConvState& state, std::vector<Region>& regions);

/// Calls `f(firstWord, words)` for every run of a region, in order.
template <typename F>
void forEachRun(const Region& region, F&& f) {
  for (uint64_t p = 0; p < region.planes; ++p)
    for (uint64_t r = 0; r < region.rows; ++r) {
      const uint64_t row = region.start + p * region.planePitch + r * region.rowPitch;
      for (uint64_t k = 0; k < region.runs; ++k) f(row + k * region.runPitch, region.runWords);
    }
}

}  // namespace agc::isa
