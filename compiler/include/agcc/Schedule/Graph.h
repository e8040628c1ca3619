// The quantized graph as the scheduler sees it: tensors in C8 words, layers as one fused convolution each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace agc::schedule {

/// Half-open range of rows, columns or channel blocks.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  bool operator==(const Range &o) const { return begin == o.begin && end == o.end; }
};

/// What a range of outputs of one axis needs of the input of that axis.
struct AxisNeed {
  Range input;     ///< inside the tensor, never empty
  int64_t offset;  ///< position of the first tap relative to `input.begin`, after upsampling
};

/// What one output row or column reads: half-open range in the input, not clipped, and the position of its first tap
/// in the coordinates of the reader (`scale` times the input's).
struct AxisTaps {
  Range input;
  int64_t first = 0;
};

/// Tiles of one size along an axis.
struct AxisTiling {
  int64_t count = 0;
  int64_t largest = 0;  ///< inputs of the largest tile
  int64_t sum = 0;      ///< inputs of all tiles together
};

/// One spatial axis of a layer, in elements. What an output needs was asked of the op's region interface, so nothing
/// here knows which op it is; kernel, stride and dilation are for the cost model and the limits.
struct Axis {
  int64_t in = 1;
  int64_t out = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padBegin = 0;
  int64_t scale = 1;  ///< 2 where the input is read through nearest upsampling
  std::vector<AxisTaps> taps = {};  ///< one for each output

  AxisNeed need(Range outputs) const;
  const AxisTiling &tiling(int64_t step) const;

  mutable std::map<int64_t, AxisTiling> tilings = {};  ///< what `tiling` has computed
};

/// A feature map. Channels are counted in blocks of eight; a word is one block of one pixel. Some maps are parts of others: a window of
/// one, or what a layer writes into an assembled one. Their `storage` is the map that has the memory.
struct Tensor {
  std::string name;
  int64_t images = 1;
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  int producer = -1;           ///< layer, -1 for a graph input; of a window or an assembled map the last layer that writes what it shows
  int input = -1;              ///< index of the graph input
  std::vector<int> outputs;    ///< indices of the graph outputs that it is
  std::vector<int> consumers;  ///< layers that read it (as input or residual), ascending, each once; of a storage those that read any part of it
  int storage = -1;            ///< itself for most
  int64_t plane = 0, row = 0, column = 0;  ///< where it begins in its storage; planes are blocks of all images
  std::vector<int> parts;      ///< of a storage: the maps that layers write there, itself if one does; none for a graph input
  bool plain = true;           ///< nothing else lies in it and it lies in nothing else

  int64_t blocks() const { return (channels + 7) / 8; }
  int64_t planes() const { return images * blocks(); }
  int64_t words() const { return planes() * height * width; }
};

/// What the second stage of the epilogue does with the residual; numbers as in CONV_EPI.
enum class ResidualOp { Add, Multiply, Max, Min };

/// Epilogue of a layer: docs/machine.md, section Convolution.
struct Epilogue {
  int32_t z1 = 0, lo1 = -128, hi1 = 127;
  bool residual = false;
  ResidualOp op = ResidualOp::Add;
  int32_t zq = 0, zr = 0, a = 0, b = 0, sh2 = 0, zo = 0, lo = -128, hi = 127;
  bool tableFirst = false;  ///< in front of the second stage
};

/// One `qnn.fused_conv`.
struct Layer {
  std::vector<std::string> names;
  std::vector<std::string> ops;
  int64_t macs = 0;
  int input = -1;     ///< tensor
  int residual = -1;  ///< tensor or -1
  int output = -1;    ///< tensor
  Axis y, x;          ///< with `phases`: of one phase
  int32_t padValue = 0;
  bool up = false;
  bool grouped = false;  ///< output block j reads the input blocks j*icb .. (j+1)*icb-1 only; blocks of all phases
  bool shared = false;   ///< all output blocks have the weights of one
  int64_t icb = 1;       ///< input blocks of one reduction
  int64_t ocb = 1;       ///< output blocks, of one phase
  Epilogue epilogue;
  int table = -1;           ///< in `Graph::tables`
  bool repeatRows = false, repeatColumns = false;  ///< the residual has one row, one column
  int64_t poolY = 1, poolX = 1;      ///< window whose largest result is taken; the kernel is 1x1 then and dilations are the window's
  int64_t phasesY = 1, phasesX = 1;  ///< results of so many convolutions alternate in rows and columns
  int content = -1;         ///< layers of one number have the same weights and parameters
  int64_t foldColumns = 0;  ///< channels of a source pixel whose kernel columns LOAD_FOLD lays into lanes; see FoldColumns.h
  Axis source = {};         ///< with it: columns of the tensor; `x` is then the axis of the folded map
  int64_t fold = 1;      ///< output rows that one CONV computes as lanes of one block; see FoldRows.h

  /// Even column strides read an input whose columns lie apart by parity at twice the rate. A pool waits for its drain anyway.
  bool splits() const { return x.stride % 2 == 0 && pool() == 1; }
  /// Writes eight words in 16 cycles or more. Words that go apart by parity do not fall in step with the other users of the
  /// scratchpad's port, so a faster writer would lose time.
  bool drainsEasily() const { return icb * taps() >= 16; }
  /// May the columns of its result go apart by parity? Then nothing else steps over them or reads them as a residual.
  bool canSplitOutput() const { return drainsEasily() && phasesX == 1 && pool() == 1; }
  /// Input rows from one machine row of outputs to the next.
  int64_t rowStride() const { return y.stride * fold; }
  /// Rows of the kernel that the machine runs, and its taps.
  int64_t kernelRows() const { return y.kernel + (fold - 1) * y.stride; }
  int64_t taps() const { return kernelRows() * x.kernel; }
  /// A kernel larger than the machine's runs in parts whose sums are added.
  static int64_t piecesOf(int64_t kernel) { return (kernel + 14) / 15; }
  static int64_t pieceOf(int64_t kernel) { return (kernel + piecesOf(kernel) - 1) / piecesOf(kernel); }
  int64_t kernelPartsY() const { return piecesOf(kernelRows()); }
  int64_t kernelPartsX() const { return piecesOf(x.kernel); }
  int64_t kernelParts() const { return kernelPartsY() * kernelPartsX(); }
  /// Taps of the largest part.
  int64_t partTaps() const { return pieceOf(kernelRows()) * pieceOf(x.kernel); }
  /// One row of results from a kernel in parts: each part has its own input rows, which come one behind the other.
  bool partsOfRows() const { return kernelPartsY() > 1 && y.out == 1 && !up; }
  /// What a part of the kernel needs for `rows` of results.
  AxisNeed rowsOf(Range rows, Range kernelRows) const;
  /// Input rows that a tile has room for.
  int64_t tileRows(int64_t rows) const;
  /// An input tile has the blocks of all phases.
  bool allPhases(int64_t groups) const { return grouped && phases() > 1 && groups == 1; }
  /// CONVs for one step.
  int64_t pool() const { return poolY * poolX; }
  int64_t phases() const { return phasesY * phasesX; }
  /// Weight-buffer words of one output block over `inputs` input blocks, without those that take folded rows apart.
  int64_t convWords(int64_t inputs) const { return 1 + inputs * partTaps(); }
  /// With them: a parameter and a weight word for each row.
  int64_t blockWords(int64_t inputs) const { return convWords(inputs) + (fold > 1 ? 2 * fold : 0); }
  /// Of `blocks` output blocks.
  int64_t chunkWords(int64_t blocks, int64_t inputs) const { return (shared ? 1 : blocks) * blockWords(inputs); }
  /// Weight-buffer words that are left when its table is loaded.
  int64_t weightRoom(int64_t weightWords) const { return weightWords - (table >= 0 ? tableWords : 0); }
  int64_t foldedRows(int64_t rows) const { return (rows + fold - 1) / fold; }
  /// Rows or columns of the residual for those of the result.
  Range residualRows(Range rows) const { return repeatRows ? Range{0, 1} : rows; }
  Range residualColumns(Range columns) const { return repeatColumns ? Range{0, 1} : columns; }
  std::string title() const;  ///< its node names, for messages

  static constexpr int64_t tableWords = 4;
};

struct Graph {
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;  ///< in execution order
  std::vector<int> inputs;    ///< tensors
  std::vector<int> outputs;   ///< tensors
  std::vector<std::vector<int8_t>> tables;  ///< 256 entries each, all different

  int storageOf(int tensor) const { return tensors[size_t(tensor)].storage; }
  /// First and last layer that need a storage: writers and readers. A graph input begins with its first reader.
  Range life(int storage) const;
};

/// Every figure of the core that the schedule depends on.
struct Machine {
  int64_t pixels = 8;
  int64_t banks = 8;
  int64_t scratchpadWords = 0;
  int64_t weightWords = 0;
  int64_t queueDepth = 4;
  int64_t burstBeats = 16;
  int64_t axiPorts = 2;
};

/// Sentences about what no program of this ISA can express (field widths), one per problem.
std::vector<std::string> checkLimits(const Graph &graph, const Machine &machine);

}  // namespace agc::schedule
