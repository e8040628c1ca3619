// Pools: maxima over a window, and sums with a kernel of ones.
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

namespace agc::qnn {

namespace {

struct Geometry {
  std::vector<int64_t> kernel, strides, dilations, pads, counted;
};

std::string limitProblem(const Geometry &geometry) {
  for (int axis = 0; axis < 2; ++axis) {
    if (geometry.kernel[axis] > kMaxFusedKernel)
      return llvm::formatv("a window of {0}x{1}; the machine takes up to {2}x{2}", geometry.kernel[0], geometry.kernel[1], kMaxFusedKernel);
    if (geometry.strides[axis] > kMaxStride)
      return llvm::formatv("a stride of {0}; the machine takes up to {1}", geometry.strides[axis], kMaxStride);
    if (geometry.dilations[axis] > kMaxDilation)
      return llvm::formatv("a dilation of {0}; the machine takes up to {1}", geometry.dilations[axis], kMaxDilation);
  }
  for (int64_t pad : geometry.pads)
    if (pad > kMaxPad)
      return llvm::formatv("a padding of {0}; the machine takes up to {1}", pad, kMaxPad);
  return {};
}

// A constant Pad in front, where the pool can do it: a maximum that pads with the least value, a sum that pads with zero.
mlir::Value withoutPad(PoolOp pool, Geometry &geometry) {
  mlir::Value input = pool.getInput();
  auto pad = input.getDefiningOp<PadOp>();
  if (!pad)
    return input;
  mlir::quant::UniformQuantizedType type = quantTypeOf(input);
  int64_t value = quantizeValue(pad.getValue().convertToFloat(), type.getScale(), type.getZeroPoint());
  if (value != (pool.getKind() == "max" ? -128 : type.getZeroPoint()))
    return input;
  std::vector<int64_t> padding = geometry.pads, counted = geometry.counted;
  bool plain = padding == std::vector<int64_t>(4, 0) || counted == padding;
  for (int side = 0; side < 4; ++side) {
    padding[side] += pad.getPads()[side];
    counted[side] += pad.getPads()[side];
    // A sum counts what the file pads; a maximum must not lie in padding alone, which it would take for the least value.
    if (padding[side] > kMaxPad || (pool.getKind() == "max" && padding[side] >= geometry.dilations[side % 2] * (geometry.kernel[side % 2] - 1) + 1))
      return input;
  }
  if (pool.getKind() != "max" && !plain)
    return input;
  geometry.pads = padding;
  geometry.counted = counted;
  return pad.getInput();
}

FusedConvOp createMax(mlir::RewriterBase &rewriter, PoolOp pool, mlir::Value input, mlir::Type result, const Geometry &geometry) {
  FusedConvParts parts = sharedParts(input, result, 1, 1, 1 << 23, 23);
  parts.strides = geometry.strides;
  parts.dilations = geometry.dilations;
  parts.pads = geometry.pads;
  parts.padValue = -128;
  bool window = geometry.kernel != std::vector<int64_t>{1, 1};
  if (!window)
    return createFusedConv(rewriter, pool, parts);
  // The op is only valid with its window, which the builder does not take.
  FusedConvOp conv = createFusedConv(rewriter, pool, parts);
  conv.setMaxWindow(llvm::ArrayRef<int64_t>(geometry.kernel));
  return conv;
}

// Windows of many positions are taken apart: rows first, then columns of what they leave.
bool lowerMax(mlir::RewriterBase &rewriter, PoolOp pool, mlir::Value input, const Geometry &geometry) {
  constexpr int64_t kMaxPositions = 9;
  auto result = llvm::cast<mlir::RankedTensorType>(pool.getOutput().getType());
  if (geometry.kernel[0] == 1 || geometry.kernel[1] == 1 || geometry.kernel[0] * geometry.kernel[1] <= kMaxPositions) {
    rewriter.replaceOp(pool, createMax(rewriter, pool, input, result, geometry).getOutput());
    return true;
  }
  auto in = llvm::cast<mlir::RankedTensorType>(input.getType());
  Geometry rows = geometry, columns = geometry;
  rows.kernel[1] = rows.strides[1] = rows.dilations[1] = 1;
  rows.pads[1] = rows.pads[3] = 0;
  columns.kernel[0] = columns.strides[0] = columns.dilations[0] = 1;
  columns.pads[0] = columns.pads[2] = 0;
  auto between = mlir::RankedTensorType::get({1, in.getDimSize(1), result.getDimSize(2), in.getDimSize(3)}, in.getElementType());
  mlir::Value narrowed = createMax(rewriter, pool, input, between, rows).getOutput();
  rewriter.replaceOp(pool, createMax(rewriter, pool, narrowed, result, columns).getOutput());
  return true;
}

// Output positions in a row whose windows have the same number of positions that count.
struct Range {
  int64_t first, end, count;
};

std::vector<Range> rangesOf(int64_t size, int64_t out, const Geometry &geometry, int axis, bool divides) {
  std::vector<Range> ranges;
  for (int64_t y = 0; y < out; ++y) {
    int64_t count = 0;
    for (int64_t k = 0; k < geometry.kernel[axis]; ++k) {
      int64_t place = y * geometry.strides[axis] - geometry.pads[axis] + k * geometry.dilations[axis];
      count += place >= -geometry.counted[axis] && place < size + geometry.counted[2 + axis];
    }
    count = divides ? count : 1;
    if (ranges.empty() || ranges.back().count != count)
      ranges.push_back({y, y, count});
    ranges.back().end = y + 1;
  }
  return ranges;
}

// The sum over the windows of output rows `y` and columns `x`, divided by their counts. Null, with an error, when the factor does
// not fit.
FusedConvOp createSum(mlir::RewriterBase &rewriter, PoolOp pool, mlir::Value input, const Geometry &geometry, Range y, Range x) {
  auto in = llvm::cast<mlir::RankedTensorType>(input.getType()), out = llvm::cast<mlir::RankedTensorType>(pool.getOutput().getType());
  mlir::quant::UniformQuantizedType from = quantTypeOf(in), to = quantTypeOf(out);
  std::string why;
  std::optional<Factor> factor = toFactor(from.getScale() / to.getScale() / static_cast<double>(y.count * x.count), why);
  if (!factor) {
    pool.emitError() << describe(pool) << ": " << why << "; quantize its result with a scale nearer to that of its input";
    return nullptr;
  }
  std::vector<int64_t> offset = {0, 0, 0}, size = {in.getDimSize(1), 0, 0}, pads(4, 0);
  for (auto [axis, range] : {std::pair{0, y}, std::pair{1, x}}) {
    int64_t length = in.getDimSize(2 + axis);
    int64_t first = range.first * geometry.strides[axis] - geometry.pads[axis];
    int64_t end = (range.end - 1) * geometry.strides[axis] - geometry.pads[axis] + geometry.dilations[axis] * (geometry.kernel[axis] - 1) + 1;
    offset[1 + axis] = std::clamp<int64_t>(first, 0, length - 1);
    size[1 + axis] = std::max<int64_t>(std::min(end, length) - offset[1 + axis], 1);
    pads[axis] = offset[1 + axis] - first;
    pads[2 + axis] = end - offset[1 + axis] - size[1 + axis];
  }
  mlir::Value box = windowOf(rewriter, pool.getLoc(), input, offset, size);
  auto result = mlir::RankedTensorType::get({1, out.getDimSize(1), y.end - y.first, x.end - x.first}, out.getElementType());
  FusedConvParts parts = sharedParts(box, result, geometry.kernel[0], geometry.kernel[1], factor->multiplier, factor->shift);
  parts.strides = geometry.strides;
  parts.dilations = geometry.dilations;
  parts.pads = pads;
  return createFusedConv(rewriter, pool, parts);
}

bool lowerSum(mlir::RewriterBase &rewriter, PoolOp pool, mlir::Value input, const Geometry &geometry) {
  auto in = llvm::cast<mlir::RankedTensorType>(input.getType()), out = llvm::cast<mlir::RankedTensorType>(pool.getOutput().getType());
  bool divides = pool.getKind() == "average";
  std::vector<Range> rows = rangesOf(in.getDimSize(2), out.getDimSize(2), geometry, 0, divides);
  std::vector<Range> columns = rangesOf(in.getDimSize(3), out.getDimSize(3), geometry, 1, divides);
  llvm::SmallVector<mlir::Value> boxes;
  std::vector<int64_t> offsets;
  for (Range y : rows)
    for (Range x : columns) {
      FusedConvOp sum = createSum(rewriter, pool, input, geometry, y, x);
      if (!sum)
        return false;
      boxes.push_back(sum.getOutput());
      offsets.insert(offsets.end(), {0, 0, y.first, x.first});
    }
  if (boxes.size() == 1)
    rewriter.replaceOp(pool, boxes[0]);
  else
    rewriter.replaceOpWithNewOp<AssembleOp>(pool, out, boxes, offsets);
  return true;
}

} // namespace

bool lowerPool(mlir::RewriterBase &rewriter, PoolOp pool) {
  Geometry geometry = {pool.getKernel().vec(), pool.getStrides().vec(), pool.getDilations().vec(), pool.getPads().vec(), pool.getCountedPads().vec()};
  mlir::Value input = withoutPad(pool, geometry);
  llvm::ArrayRef<int64_t> out = llvm::cast<mlir::RankedTensorType>(pool.getOutput().getType()).getShape();
  for (int axis = 0; axis < 2; ++axis)
    if (out[2 + axis] == 1)
      geometry.strides[axis] = 1;  // of one window it means nothing
  for (int axis = 0; axis < 2; ++axis)
    if (geometry.kernel[axis] == 1)
      geometry.dilations[axis] = 1;
  if (std::string problem = limitProblem(geometry); !problem.empty()) {
    pool.emitError() << describe(pool) << " has " << problem;
    return false;
  }
  // With one window its stride is free, so the padding behind it has to be what the window reaches.
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(input.getType()).getShape();
  for (int axis = 0; axis < 2; ++axis)
    if (out[2 + axis] == 1) {
      int64_t reach = geometry.dilations[axis] * (geometry.kernel[axis] - 1) + 1, rest = reach - geometry.pads[axis];
      geometry.pads[2 + axis] = std::max<int64_t>(rest - in[2 + axis], 0);
      if (rest < in[2 + axis]) {
        std::vector<int64_t> size(in.begin() + 1, in.end());
        size[1 + axis] = std::max<int64_t>(rest, 1);
        input = windowOf(rewriter, pool.getLoc(), input, {0, 0, 0}, size);
        in = llvm::cast<mlir::RankedTensorType>(input.getType()).getShape();
      }
    }
  return pool.getKind() == "max" ? lowerMax(rewriter, pool, input, geometry) : lowerSum(rewriter, pool, input, geometry);
}

} // namespace agc::qnn
