// Verifiers of the ops without weights of their own.
#include "agcc/Dialect/Qnn/QnnOps.h"

#include "agcc/Dialect/Qnn/QnnUtils.h"

#include <cmath>

namespace agc::qnn {

using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape(); }

// Rank 4, N = 1, static, not empty, float or int8.
static LogicalResult verifyMap(mlir::Operation *op, mlir::Value value) {
  auto type = llvm::dyn_cast<mlir::RankedTensorType>(value.getType());
  if (!type || type.getRank() != 4 || !type.hasStaticShape() || type.getDimSize(0) != 1 || type.getNumElements() == 0)
    return op->emitOpError("needs tensors 1xCxHxW with static dimensions above zero, not ") << value.getType();
  mlir::quant::UniformQuantizedType quantized = quantTypeOf(type);
  if (!isFloatTensor(type) && !(quantized && quantized.isSigned() && quantized.getStorageTypeIntegralWidth() == 8))
    return op->emitOpError("needs elements f32 or !quant.uniform<i8:f32, ...>, not ") << type.getElementType();
  return success();
}

static LogicalResult verifyMaps(mlir::Operation *op) {
  for (mlir::Value value : op->getOperands())
    if (failed(verifyMap(op, value)))
      return failure();
  return verifyMap(op, op->getResult(0));
}

// All float, or all quantized.
static LogicalResult verifySameKind(mlir::Operation *op) {
  if (failed(verifyMaps(op)))
    return failure();
  for (mlir::Value value : op->getOperands())
    if (isFloatTensor(value.getType()) != isFloatTensor(op->getResult(0).getType()))
      return op->emitOpError("mixes float and quantized tensors");
  return success();
}

// What only moves values keeps their scale and zero point.
static LogicalResult verifySameElements(mlir::Operation *op) {
  if (failed(verifyMaps(op)))
    return failure();
  for (mlir::Value value : op->getOperands())
    if (llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType() !=
        llvm::cast<mlir::RankedTensorType>(op->getResult(0).getType()).getElementType())
      return op->emitOpError("must have the same element type on both sides");
  return success();
}

static LogicalResult verifyElementwise(mlir::Operation *op, bool quantized) {
  if (failed(verifyMaps(op)))
    return failure();
  if (shapeOf(op->getOperand(0)) != shapeOf(op->getResult(0)))
    return op->emitOpError("has a result of another shape than its operand");
  for (mlir::Value value : {op->getOperand(0), mlir::Value(op->getResult(0))})
    if (isFloatTensor(value.getType()) == quantized)
      return op->emitOpError(quantized ? "needs quantized tensors" : "needs float tensors");
  return success();
}

LogicalResult ConstantOp::verify() {
  llvm::ArrayRef<int64_t> shape = shapeOf(getOutput());
  if (failed(verifyMap(*this, getOutput())))
    return failure();
  if (!isFloatTensor(getOutput().getType()) || shape[2] != 1 || shape[3] != 1 || static_cast<int64_t>(getValues().size()) != shape[1])
    return emitOpError("needs a float result 1xCx1x1 and C values");
  return success();
}

LogicalResult UnaryOp::verify() { return verifyElementwise(*this, false); }

LogicalResult BinaryOp::verify() {
  if (failed(verifySameKind(*this)))
    return failure();
  static const llvm::StringLiteral kinds[] = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "PRelu"};
  if (!llvm::is_contained(kinds, getKind()))
    return emitOpError("has no kind '") << getKind() << "'";
  llvm::ArrayRef<int64_t> left = shapeOf(getLhs()), right = shapeOf(getRhs()), out = shapeOf(getOutput());
  for (int axis = 1; axis < 4; ++axis)
    if (std::max(left[axis], right[axis]) != out[axis] || (left[axis] != out[axis] && left[axis] != 1) || (right[axis] != out[axis] && right[axis] != 1))
      return emitOpError("has operands that can not be broadcast to its result along axis ") << axis;
  return success();
}

LogicalResult TableOp::verify() {
  if (failed(verifyElementwise(*this, true)))
    return failure();
  if (getTable().size() != 256)
    return emitOpError("needs a table of 256 values, not ") << getTable().size();
  return success();
}

static LogicalResult verifyPerChannel(mlir::Operation *op, llvm::ArrayRef<size_t> sizes) {
  if (failed(verifyElementwise(op, true)))
    return failure();
  for (size_t size : sizes)
    if (static_cast<int64_t>(size) != shapeOf(op->getResult(0))[1])
      return op->emitOpError("needs one number per channel");
  return success();
}

LogicalResult AffineOp::verify() { return verifyPerChannel(*this, {getFactors().size(), getOffsets().size()}); }
LogicalResult PReluOp::verify() { return verifyPerChannel(*this, {getSlopes().size()}); }

LogicalResult PoolOp::verify() {
  if (failed(getKind() == "max" ? verifySameElements(*this) : verifySameKind(*this)))
    return failure();
  if (getKind() != "max" && getKind() != "average" && getKind() != "sum")
    return emitOpError("has no kind '") << getKind() << "'";
  if (getKernel().size() != 2 || getStrides().size() != 2 || getDilations().size() != 2 || getPads().size() != 4 || getCountedPads().size() != 4)
    return emitOpError("needs two kernel sizes, two strides, two dilations, four pads and four counted pads");
  for (llvm::ArrayRef<int64_t> sizes : {getKernel(), getStrides(), getDilations()})
    for (int64_t size : sizes)
      if (size < 1)
        return emitOpError("needs kernel sizes, strides and dilations of at least 1");
  llvm::ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getOutput());
  for (int axis = 0; axis < 2; ++axis) {
    int64_t size = convOutputSize(in[2 + axis], getKernel()[axis], getStrides()[axis], getDilations()[axis], getPads()[axis], getPads()[2 + axis]);
    if (getPads()[axis] < 0 || getPads()[2 + axis] < 0 || out[2 + axis] != size)
      return emitOpError("needs pads of at least 0 and has a result of another size than they give");
  }
  if (in[1] != out[1])
    return emitOpError("must keep the channels");
  return success();
}

LogicalResult SelectOp::verify() {
  if (failed(verifySameElements(*this)))
    return failure();
  llvm::ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getOutput());
  llvm::ArrayRef<int64_t> strides = getStrides(), phases = getPhases();
  if (strides.size() != 2 || phases.size() != 2 || strides[0] < 1 || strides[1] < 1 || phases[0] < 1 || phases[1] < 1)
    return emitOpError("needs two strides and two phases of at least 1");
  if (out[2] % phases[0] != 0 || out[3] % phases[1] != 0)
    return emitOpError("has phases that do not divide its result's height and width");
  size_t places = out[1] * phases[0] * phases[1];
  if (getChannels().size() != places || getRows().size() != places || getColumns().size() != places)
    return emitOpError("needs ") << places << " channels, rows and columns";
  int64_t lastRow = (out[2] / phases[0] - 1) * strides[0], lastColumn = (out[3] / phases[1] - 1) * strides[1];
  for (size_t k = 0; k < places; ++k)
    if (getChannels()[k] < 0 || getChannels()[k] >= in[1] || getRows()[k] < 0 || getRows()[k] + lastRow >= in[2] || getColumns()[k] < 0 ||
        getColumns()[k] + lastColumn >= in[3])
      return emitOpError("reads outside its input");
  return success();
}

LogicalResult PadOp::verify() {
  if (failed(verifySameElements(*this)))
    return failure();
  llvm::ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getOutput()), pads = getPads();
  if (pads.size() != 4 || llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitOpError("needs four pads of at least 0");
  if (out[1] != in[1] || out[2] != in[2] + pads[0] + pads[2] || out[3] != in[3] + pads[1] + pads[3])
    return emitOpError("has a result of another size than its pads give");
  if (std::isnan(getValue().convertToFloat()))
    return emitOpError("needs a value that is a number");
  return success();
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs an operand");
  if (failed(verifySameElements(*this)))
    return failure();
  int64_t axis = getAxis(), total = 0;
  if (axis < 1 || axis > 3)
    return emitOpError("needs an axis in 1..3, not ") << axis;
  llvm::ArrayRef<int64_t> out = shapeOf(getOutput());
  for (mlir::Value input : getInputs()) {
    llvm::ArrayRef<int64_t> in = shapeOf(input);
    for (int other = 1; other < 4; ++other)
      if (other != axis && in[other] != out[other])
        return emitOpError("has operands of different sizes");
    total += in[axis];
  }
  if (total != out[axis])
    return emitOpError("has a result of ") << out[axis] << " along its axis and operands of " << total;
  return success();
}

} // namespace agc::qnn
