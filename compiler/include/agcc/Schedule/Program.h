// A program before addresses: what the pipeline writes down and the ovl dialect is built from.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

enum class Memory { Scratchpad, Weights, Constants, Workspace, Inputs, Outputs };

/// A piece of one memory, in words of that memory (DRAM and scratchpad: 8 bytes, weight buffer: 64 bytes).
struct Buffer {
  Memory memory = Memory::Scratchpad;
  int64_t words = 0;
  bool high = false;     ///< long-lived: placed from the upper end, so that tiles do not break up the rest
  int tensor = -1;       ///< feature map that it holds (whole or a tile)
  int layer = -1;        ///< constants: the layer whose parameters and weights it holds
  int table = -1;        ///< constants: or the table
  int border = -1;       ///< inputs, outputs: index in the graph's list
};

struct Ref {
  int buffer = -1;
  int64_t offset = 0;
};

/// LOAD and STORE.
struct Copy {
  Ref dram, sp;
  int64_t n0 = 1, n1 = 1, n2 = 1, d1 = 0, d2 = 0, s1 = 0, s2 = 0;
  bool split = false;  ///< LOAD: columns go apart by parity, the odd ones to `half`
  int64_t half = 0;
};

struct LoadInst : Copy {};
struct StoreInst : Copy {};

struct LoadFoldInst {
  Ref dram, sp;
  int64_t n0 = 1, n1 = 1, width = 1, d1 = 0, s1 = 0, s2 = 0, channels = 1, kernel = 1, stride = 1, left = 0, pad = 0;
};

struct WloadInst {
  Ref dram, wb;
  int64_t n = 1;
};

/// What a CONV_GEO or CONV_EPI sets the engine up for: the layer's convolution, taking its folded rows apart, or the larger of a result and
/// what lies there already.
enum class Phase { Convolve, Unfold, Maximum };

struct GeoInst {
  Phase phase = Phase::Convolve;
  int64_t icb = 1, inPitch = 0, inPlane = 0, outPitch = 0, outPlane = 0, resPitch = 0, resPlane = 0, wPitch = 0;
  int64_t inHalf = 0, outHalf = 0, outStep = 1;
  int64_t kernelRows = 0, kernelColumns = 0;  ///< 0: the layer's
  bool split = false, pairs = false, outSplit = false;
  bool operator==(const GeoInst &o) const {
    return phase == o.phase && icb == o.icb && inPitch == o.inPitch && inPlane == o.inPlane && outPitch == o.outPitch &&
           outPlane == o.outPlane && resPitch == o.resPitch && resPlane == o.resPlane && wPitch == o.wPitch && inHalf == o.inHalf &&
           outHalf == o.outHalf && outStep == o.outStep && kernelRows == o.kernelRows && kernelColumns == o.kernelColumns &&
           split == o.split && pairs == o.pairs && outSplit == o.outSplit;
  }
};

struct EpiInst {
  Phase phase = Phase::Convolve;
  bool partIn = false, partOut = false, table = false;
  bool operator==(const EpiInst &o) const { return phase == o.phase && partIn == o.partIn && partOut == o.partOut && table == o.table; }
};

struct TableInst {
  Ref wb;
};

struct ConvInst {
  Ref in, out, res, part, wb;  ///< `out` is absent with part_out, `res` and `part` where unused
  int64_t inH = 1, inW = 1, offY = 0, offX = 0, oh = 1, ow = 1, ocb = 1;
};

/// Not instructions: the points where a buffer's live range begins and ends.
struct TakeMark {
  int buffer = -1;
};
struct GiveMark {
  int buffer = -1;
};

struct Inst {
  std::variant<TakeMark, GiveMark, LoadInst, LoadFoldInst, WloadInst, GeoInst, EpiInst, TableInst, ConvInst, StoreInst> op;
  int layer = 0;
};

/// A run of weight-buffer words in a layer's constants: parameter and weights of `blocks` output blocks (of all phases) from
/// `firstBlock`, reduced over the input blocks `inputs` and a part of the kernel.
struct WeightChunk {
  int64_t firstBlock = 0, blocks = 0;
  Range inputs, kernelRows, kernelColumns;
  bool last = false;  ///< the chunk whose parameter words are used

  int64_t taps() const { return kernelRows.size() * kernelColumns.size(); }
  int64_t convWords() const { return 1 + inputs.size() * taps(); }
  bool operator==(const WeightChunk &o) const {
    return firstBlock == o.firstBlock && blocks == o.blocks && inputs == o.inputs && kernelRows == o.kernelRows && kernelColumns == o.kernelColumns;
  }
};

struct Program {
  std::vector<Buffer> buffers;
  std::vector<Inst> instructions;
  std::vector<std::vector<WeightChunk>> chunks;  ///< per layer, in the order of the constant section
};

}  // namespace agc::schedule
