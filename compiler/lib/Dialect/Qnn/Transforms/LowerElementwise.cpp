// Tables, factors per channel, and arithmetic on two tensors.
#include "Fusion.h"
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

#include <cmath>

namespace agc::qnn {

static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape(); }

static mlir::ArrayAttr joined(mlir::ArrayAttr first, mlir::ArrayAttr second) {
  llvm::SmallVector<mlir::Attribute> all(first.begin(), first.end());
  all.append(second.begin(), second.end());
  return mlir::ArrayAttr::get(first.getContext(), all);
}

bool lowerTable(mlir::RewriterBase &rewriter, TableOp table) {
  auto host = table.getInput().getDefiningOp<FusedConvOp>();
  bool fits = host && host->hasOneUse() && !host.getTableFirst() && !host.getMaxWindow();
  if (!fits) {
    host = createIdentity(rewriter, table, table.getInput(), table.getInput().getType());
    if (!host)
      return false;
    // The table names what the identity was made for.
    bool resized = host.getUpsample();
    host.setOpsAttr(resized ? rewriter.getArrayAttr(host.getOps().getValue().take_front()) : rewriter.getArrayAttr({}));
    host.setNamesAttr(resized ? rewriter.getArrayAttr(host.getNames().getValue().take_front()) : rewriter.getArrayAttr({}));
  }
  std::vector<int8_t> values(table.getTable().begin(), table.getTable().end());
  if (std::optional<llvm::ArrayRef<int8_t>> first = host.getTable())
    for (int index = 0; index < 256; ++index)
      values[index] = table.getTable()[(*first)[index] + 128];
  rewriter.modifyOpInPlace(host, [&] {
    host.setTable(values);
    host.setOpsAttr(joined(host.getOps(), table.getOps()));
    host.setNamesAttr(joined(host.getNames(), table.getNames()));
    host.getOutput().setType(llvm::cast<mlir::RankedTensorType>(table.getOutput().getType()));
  });
  rewriter.replaceOp(table, host.getOutput());
  return true;
}

namespace {

// Weight, bias, multiplier and shift of a channel that becomes (q - zero) * factor + offset, both in steps of the result.
struct Channel {
  int8_t weight = 0;
  int32_t bias = 0, multiplier = 0, shift = 0;
};

std::optional<Channel> channelOf(double factor, double offset, int64_t zero, std::string &why) {
  constexpr double kFar = 8192.0;  // steps: outside of every result
  Channel channel;
  offset = std::clamp(offset, -kFar, kFar);
  if (std::abs(factor) * 256 < 0x1p-11) {  // it can not be seen
    channel.bias = static_cast<int32_t>(std::nearbyint(std::ldexp(offset, 16)));
    channel.multiplier = 1 << 23;
    channel.shift = 39;
    return channel;
  }
  // A weight of m makes the unit of the bias 1/m as large; of all weights the one is taken in whose units the offset is nearest
  // to an integer.
  double wanted = offset / std::abs(factor), best = HUGE_VAL;
  int64_t weight = 1;
  for (int64_t m = 1; m <= 127; ++m) {
    double error = std::abs(wanted - std::nearbyint(wanted * m) / m);
    if (error < best && std::abs(wanted) * m < 0x1p30) {
      best = error;
      weight = m;
    }
  }
  std::optional<Factor> scaled = toFactor(std::abs(factor) / weight, why);
  if (!scaled)
    return std::nullopt;
  int64_t signedWeight = factor < 0 ? -weight : weight;
  channel.weight = static_cast<int8_t>(signedWeight);
  channel.bias = static_cast<int32_t>(static_cast<int64_t>(std::nearbyint(wanted * weight)) - zero * signedWeight);
  channel.multiplier = scaled->multiplier;
  channel.shift = scaled->shift;
  return channel;
}

// A block-grouped 1x1 convolution: real x becomes x * factors[c] + offsets[c]. Null, with an error, when a factor does not fit.
FusedConvOp createAffine(mlir::RewriterBase &rewriter, mlir::Operation *op, mlir::Value input, mlir::Type result, llvm::ArrayRef<double> factors,
                         llvm::ArrayRef<double> offsets) {
  mlir::quant::UniformQuantizedType in = quantTypeOf(input), out = quantTypeOf(result);
  int64_t channels = shapeOf(input)[1];
  FusedConvParts parts;
  parts.input = input;
  parts.result = result;
  parts.grouped = true;
  parts.padValue = in.getZeroPoint();
  parts.weightShape = {channels, 8, 1, 1};
  parts.weights.assign(channels * 8, 0);
  for (int64_t c = 0; c < channels; ++c) {
    std::string why;
    std::optional<Channel> channel = channelOf(factors[c] * in.getScale() / out.getScale(), offsets[c] / out.getScale(), in.getZeroPoint(), why);
    if (!channel) {
      op->emitError() << describe(op) << ": channel " << c << ": " << why << "; quantize its result with a scale nearer to that of its input";
      return nullptr;
    }
    parts.weights[c * 8 + c % 8] = channel->weight;
    parts.bias.push_back(channel->bias);
    parts.multiplier.push_back(channel->multiplier);
    parts.shift.push_back(channel->shift);
  }
  return createFusedConv(rewriter, op, parts);
}

} // namespace

bool lowerAffine(mlir::RewriterBase &rewriter, AffineOp affine) {
  FusedConvOp conv = createAffine(rewriter, affine, affine.getInput(), affine.getOutput().getType(), affine.getFactors(), affine.getOffsets());
  if (!conv)
    return false;
  conv.setOpsAttr(affine.getOps());
  conv.setNamesAttr(affine.getNames());
  rewriter.replaceOp(affine, conv.getOutput());
  return true;
}

bool lowerPRelu(mlir::RewriterBase &rewriter, PReluOp prelu) {
  std::vector<double> slopes(prelu.getSlopes().begin(), prelu.getSlopes().end()), none(slopes.size(), 0.0);
  bool atMostOne = llvm::all_of(slopes, [](double slope) { return slope <= 1; });
  bool atLeastOne = llvm::all_of(slopes, [](double slope) { return slope >= 1; });
  bool positive = llvm::all_of(slopes, [](double slope) { return slope >= 0; });
  mlir::quant::UniformQuantizedType in = quantTypeOf(prelu.getInput()), out = quantTypeOf(prelu.getOutput());
  if (!atMostOne && !atLeastOne && !positive) {
    prelu.emitError() << describe(prelu) << " has slopes below 0 and slopes above 1, for which there is no exact form; split it";
    return false;
  }
  FusedConvOp scaled = createAffine(rewriter, prelu, prelu.getInput(), prelu.getOutput().getType(), slopes, none);
  if (!scaled)
    return false;
  mlir::Value residual = prelu.getInput();
  double second = in.getScale() / out.getScale();
  std::string operation = atMostOne ? "max" : "min";
  if (!atMostOne && !atLeastOne) {
    // Below zero the one is not zero, above it the other: their sum is whichever it is.
    FusedConvOp upper = createIdentity(rewriter, prelu, prelu.getInput(), prelu.getOutput().getType());
    if (!upper)
      return false;
    upper.setLo1(out.getZeroPoint());
    scaled.setHi1(out.getZeroPoint());
    rewriter.moveOpAfter(scaled, upper);
    residual = upper.getOutput();
    second = 1;
    operation = "add";
  }
  std::string why;
  std::optional<AddFactors> factors = toAddFactors(1.0, second, why);
  if (!factors) {
    prelu.emitError() << describe(prelu) << ": " << why << "; quantize its result with a scale nearer to that of its input";
    return false;
  }
  setResidual(scaled, residual, operation, *factors, prelu.getOutput().getType());
  rewriter.replaceOp(prelu, scaled.getOutput());
  return true;
}

//===----------------------------------------------------------------------===//
// Two tensors
//===----------------------------------------------------------------------===//

namespace {

// `value` with its one channel in each of `channels`.
mlir::Value spreadChannels(mlir::RewriterBase &rewriter, mlir::Operation *op, mlir::Value value, int64_t channels) {
  auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
  auto result = mlir::RankedTensorType::get({1, channels, type.getDimSize(2), type.getDimSize(3)}, type.getElementType());
  return createFusedConv(rewriter, op, selectionParts(value, result, std::vector<int64_t>(channels, 0))).getOutput();
}

// `value`, one row or column along `axis` (2 or 3), `size` times: all but one tap of a kernel of ones lie in the padding, which
// adds nothing. Null, with an error, for sizes that no kernel has.
mlir::Value repeat(mlir::RewriterBase &rewriter, mlir::Operation *op, mlir::Value value, int axis, int64_t size) {
  if (size > kMaxFusedKernel) {
    op->emitError() << describe(op) << " repeats both operands, one of them " << size << " times; supported are up to " << kMaxFusedKernel;
    return nullptr;
  }
  std::vector<int64_t> shape = shapeOf(value).vec();
  shape[axis] = size;
  auto type = mlir::RankedTensorType::get(shape, llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType());
  FusedConvParts parts = sharedParts(value, type, axis == 2 ? size : 1, axis == 3 ? size : 1, 1 << 23, 23);
  parts.pads[axis - 2] = parts.pads[axis] = size - 1;
  return createFusedConv(rewriter, op, parts).getOutput();
}

} // namespace

bool lowerBinary(mlir::RewriterBase &rewriter, BinaryOp binary) {
  llvm::ArrayRef<int64_t> shape = shapeOf(binary.getOutput());
  mlir::Value sides[2] = {binary.getLhs(), binary.getRhs()};
  auto isFull = [&](mlir::Value value) { return shapeOf(value) == shape; };
  for (mlir::Value &side : sides)
    if (shapeOf(side)[1] != shape[1])
      side = spreadChannels(rewriter, binary, side, shape[1]);
  if (!isFull(sides[0]) && !isFull(sides[1]))
    for (int axis : {2, 3})
      if (shapeOf(sides[0])[axis] != shape[axis]) {
        sides[0] = repeat(rewriter, binary, sides[0], axis, shape[axis]);
        if (!sides[0])
          return false;
      }
  FusedConvOp left = isFull(sides[0]) ? residualHost(sides[0]) : FusedConvOp(), right = isFull(sides[1]) ? residualHost(sides[1]) : FusedConvOp();
  bool useLeft = left && (!right || right->isBeforeInBlock(left));
  FusedConvOp host = useLeft ? left : right;
  if (!host) {
    // Only the convolution's input can be read upsampled.
    useLeft = isFull(sides[0]) && (!isFull(sides[1]) || sides[0].getDefiningOp<ResizeOp>() || !sides[1].getDefiningOp<ResizeOp>());
    mlir::Value full = sides[useLeft ? 0 : 1];
    host = createIdentity(rewriter, binary, full, full.getType());
    if (!host)
      return false;
  }
  return fuseResidual(rewriter, host, sides[useLeft ? 1 : 0], binary, binary.getKind(), /*hostIsLeft=*/useLeft) != nullptr;
}

} // namespace agc::qnn
