#include "Lowering.h"

#include "Fusion.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"

namespace agc::qnn {

FusedConvOp createFusedConv(mlir::RewriterBase &rewriter, mlir::Operation *source, const FusedConvParts &parts) {
  mlir::ArrayAttr none = rewriter.getStrArrayAttr({}), ops = none, names = none;
  for (const std::string &text : parts.ops)
    ops = appended(ops, text);
  for (const std::string &text : parts.names)
    names = appended(names, text);
  if (parts.names.empty()) {
    ops = appended(none, onnxOpType(source));
    names = appended(none, displayName(source));
  }
  auto weightType = mlir::RankedTensorType::get(parts.weightShape, rewriter.getI8Type());
  auto conv = rewriter.create<FusedConvOp>(
      source->getLoc(), parts.result, parts.input, /*residual=*/mlir::Value(),
      mlir::DenseElementsAttr::get(weightType, llvm::ArrayRef<int8_t>(parts.weights)), parts.bias, parts.multiplier, parts.shift, parts.strides,
      parts.dilations, parts.pads, parts.padValue, /*upsample=*/false, parts.grouped, quantTypeOf(parts.result).getZeroPoint(), int64_t(-128),
      int64_t(127), /*zr=*/mlir::IntegerAttr(), /*a=*/mlir::IntegerAttr(), /*b=*/mlir::IntegerAttr(), /*sh2=*/mlir::IntegerAttr(),
      /*zo=*/mlir::IntegerAttr(), /*lo=*/mlir::IntegerAttr(), /*hi=*/mlir::IntegerAttr(), ops, names, /*macs=*/int64_t(0));
  conv.setShared(parts.shared);
  return conv;
}

FusedConvParts sharedParts(mlir::Value input, mlir::Type result, int64_t kh, int64_t kw, int32_t multiplier, int32_t shift) {
  FusedConvParts parts;
  parts.input = input;
  parts.result = result;
  parts.weightShape = {8, 8, kh, kw};
  parts.weights.assign(64 * kh * kw, 0);
  for (int64_t lane = 0; lane < 8; ++lane)
    std::fill_n(parts.weights.begin() + (lane * 8 + lane) * kh * kw, kh * kw, int8_t(1));
  int64_t zero = quantTypeOf(input).getZeroPoint();
  parts.bias.assign(8, static_cast<int32_t>(-zero * kh * kw));
  parts.multiplier.assign(8, multiplier);
  parts.shift.assign(8, shift);
  parts.padValue = zero;
  parts.grouped = parts.shared = true;
  return parts;
}

FusedConvParts selectionParts(mlir::Value input, mlir::Type result, llvm::ArrayRef<int64_t> channels) {
  int64_t in = llvm::cast<mlir::RankedTensorType>(input.getType()).getDimSize(1), out = channels.size();
  int64_t zero = quantTypeOf(input).getZeroPoint();
  FusedConvParts parts;
  parts.input = input;
  parts.result = result;
  parts.weightShape = {out, in, 1, 1};
  parts.weights.assign(out * in, 0);
  parts.bias.assign(out, 0);
  for (int64_t o = 0; o < out; ++o)
    if (channels[o] >= 0) {
      parts.weights[o * in + channels[o]] = 1;
      parts.bias[o] = static_cast<int32_t>(-zero);
    }
  parts.multiplier.assign(out, 1 << 23);
  parts.shift.assign(out, 23);
  parts.padValue = zero;
  return parts;
}

mlir::Value windowOf(mlir::RewriterBase &rewriter, mlir::Location location, mlir::Value value, llvm::ArrayRef<int64_t> offset,
                     llvm::ArrayRef<int64_t> size) {
  auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
  std::vector<int64_t> shape = {1, size[0], size[1], size[2]}, offsets = {0, offset[0], offset[1], offset[2]};
  if (type.getShape() == llvm::ArrayRef<int64_t>(shape))
    return value;
  if (auto outer = value.getDefiningOp<WindowOp>()) {
    for (int axis = 0; axis < 4; ++axis)
      offsets[axis] += outer.getOffsets()[axis];
    value = outer.getInput();
  }
  return rewriter.create<WindowOp>(location, mlir::RankedTensorType::get(shape, type.getElementType()), value, offsets);
}

} // namespace agc::qnn
