// Verifiers of the polymorphic ops; qnn.fused_conv has its own file.
#include "agcc/Dialect/Qnn/QnnOps.h"

#include "agcc/Dialect/Qnn/QnnUtils.h"

#include <cmath>

#define GET_OP_CLASSES
#include "agcc/Dialect/Qnn/QnnOps.cpp.inc"

namespace agc::qnn {

using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

enum class Element { Float, Quantized, Either };

// A feature map: rank 4, N = 1, static, not empty, elements as wanted.
static LogicalResult verifyMap(mlir::Operation *op, mlir::Value value, llvm::StringRef what, Element wanted) {
  auto type = llvm::dyn_cast<mlir::RankedTensorType>(value.getType());
  if (!type || type.getRank() != 4 || !type.hasStaticShape() || type.getDimSize(0) != 1 || type.getNumElements() == 0)
    return op->emitOpError(what) << " must be a tensor 1xCxHxW with static dimensions above zero, not " << value.getType();
  bool isFloat = isFloatTensor(type);
  mlir::quant::UniformQuantizedType quantized = quantTypeOf(type);
  bool isInt8 = quantized && quantized.isSigned() && quantized.getStorageTypeIntegralWidth() == 8;
  if (!isFloat && !isInt8)
    return op->emitOpError(what) << " must have elements f32 or !quant.uniform<i8:f32, ...>, not " << type.getElementType();
  if (wanted == Element::Float && !isFloat)
    return op->emitOpError(what) << " must have elements f32, not " << type.getElementType();
  if (wanted == Element::Quantized && !isInt8)
    return op->emitOpError(what) << " must be quantized, not " << type.getElementType();
  return success();
}

static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

static LogicalResult verifySameShape(mlir::Operation *op, mlir::Value input, mlir::Value output) {
  if (shapeOf(input) != shapeOf(output))
    return op->emitOpError("has a result of another shape than its operand");
  return success();
}

// Both float, or both quantized.
static LogicalResult verifySameKind(mlir::Operation *op, mlir::Value input, mlir::Value output) {
  if (isFloatTensor(input.getType()) != isFloatTensor(output.getType()))
    return op->emitOpError("mixes float and quantized tensors");
  return success();
}

static LogicalResult verifyUnary(mlir::Operation *op, mlir::Value input, mlir::Value output, Element from, Element to) {
  if (failed(verifyMap(op, input, "operand", from)) || failed(verifyMap(op, output, "result", to)))
    return failure();
  return verifySameShape(op, input, output);
}

// What only moves or clamps values keeps their scale and zero point.
static LogicalResult verifySameType(mlir::Operation *op, mlir::Value input, mlir::Value output) {
  if (llvm::cast<mlir::RankedTensorType>(input.getType()).getElementType() !=
      llvm::cast<mlir::RankedTensorType>(output.getType()).getElementType())
    return op->emitOpError("must have the same element type on both sides");
  return success();
}

LogicalResult QuantizeOp::verify() {
  return verifyUnary(*this, getInput(), getOutput(), Element::Float, Element::Quantized);
}

LogicalResult DequantizeOp::verify() {
  return verifyUnary(*this, getInput(), getOutput(), Element::Quantized, Element::Float);
}

LogicalResult RequantizeOp::verify() {
  return verifyUnary(*this, getInput(), getOutput(), Element::Quantized, Element::Quantized);
}

LogicalResult ReluOp::verify() {
  if (failed(verifyUnary(*this, getInput(), getOutput(), Element::Either, Element::Either)))
    return failure();
  return verifySameType(*this, getInput(), getOutput());
}

LogicalResult ClipOp::verify() {
  if (failed(verifyUnary(*this, getInput(), getOutput(), Element::Either, Element::Either)))
    return failure();
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  if (std::isnan(low) || std::isnan(high) || low > high)
    return emitOpError("needs a lower bound that is not above the upper one");
  return verifySameType(*this, getInput(), getOutput());
}

LogicalResult AddOp::verify() {
  if (failed(verifyMap(*this, getLhs(), "left operand", Element::Either)) ||
      failed(verifyMap(*this, getRhs(), "right operand", Element::Either)) ||
      failed(verifyMap(*this, getOutput(), "result", Element::Either)) ||
      failed(verifySameShape(*this, getLhs(), getOutput())) || failed(verifySameShape(*this, getRhs(), getOutput())))
    return failure();
  if (failed(verifySameKind(*this, getLhs(), getOutput())))
    return failure();
  return verifySameKind(*this, getRhs(), getOutput());
}

LogicalResult ResizeOp::verify() {
  if (failed(verifyMap(*this, getInput(), "operand", Element::Either)) ||
      failed(verifyMap(*this, getOutput(), "result", Element::Either)))
    return failure();
  llvm::ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getOutput());
  if (out[1] != in[1] || out[2] != 2 * in[2] || out[3] != 2 * in[3])
    return emitOpError("must double height and width and keep the channels");
  return verifySameType(*this, getInput(), getOutput());
}

LogicalResult ConvOp::verify() {
  if (failed(verifyMap(*this, getInput(), "operand", Element::Either)) ||
      failed(verifyMap(*this, getOutput(), "result", Element::Either)) ||
      failed(verifySameKind(*this, getInput(), getOutput())))
    return failure();
  mlir::ShapedType weights = getWeights().getShapedType();
  if (weights.getRank() != 4 || !weights.getElementType().isInteger(8) || weights.getNumElements() == 0)
    return emitOpError("needs weights i8 [O, I, KH, KW]");
  llvm::ArrayRef<int64_t> w = weights.getShape(), in = shapeOf(getInput()), out = shapeOf(getOutput());
  int64_t channels = w[0];
  if (getWeightScales().size() != 1 && static_cast<int64_t>(getWeightScales().size()) != channels)
    return emitOpError("needs one weight scale, or one per output channel");
  if (!getBias().empty() && static_cast<int64_t>(getBias().size()) != channels)
    return emitOpError("needs no bias, or one per output channel");
  if (getStrides().size() != 2 || getDilations().size() != 2 || getPads().size() != 4)
    return emitOpError("needs two strides, two dilations and four pads");
  for (int64_t value : getStrides())
    if (value < 1)
      return emitOpError("needs strides of at least 1");
  for (int64_t value : getDilations())
    if (value < 1)
      return emitOpError("needs dilations of at least 1");
  for (int64_t value : getPads())
    if (value < 0)
      return emitOpError("needs pads of at least 0");
  if (getBlockGrouped()) {
    int64_t needed = (channels + 7) / 8 * (w[1] / 8);
    if (w[1] % 8 != 0 || (in[1] + 7) / 8 != needed)
      return emitOpError("is block-grouped with weights for ") << w[1] << " channels a block, which does not fit its input with " << in[1];
  } else if (w[1] != in[1])
    return emitOpError("has weights for ") << w[1] << " input channels and an input with " << in[1];
  int64_t height = convOutputSize(in[2], w[2], getStrides()[0], getDilations()[0], getPads()[0], getPads()[2]);
  int64_t width = convOutputSize(in[3], w[3], getStrides()[1], getDilations()[1], getPads()[1], getPads()[3]);
  if (out[1] != channels || out[2] != height || out[3] != width)
    return emitOpError("must have a result of shape 1x") << channels << "x" << height << "x" << width;
  return success();
}

} // namespace agc::qnn
