// qnn.window and qnn.assemble: verifiers.
#include "agcc/Dialect/Qnn/QnnOps.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"

namespace agc::qnn {

using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

namespace {

/// Sizes and origin of a piece of a map: image, channel, row, column.
struct Box {
  int64_t begin[4], end[4];
};

bool overlap(const Box &a, const Box &b) {
  for (int axis = 0; axis < 4; ++axis)
    if (a.end[axis] <= b.begin[axis] || b.end[axis] <= a.begin[axis])
      return false;
  return true;
}

LogicalResult verifyMap(mlir::Operation *op, mlir::Value value, llvm::StringRef what, bool oneImage) {
  auto type = llvm::dyn_cast<mlir::RankedTensorType>(value.getType());
  if (!type || type.getRank() != 4 || !type.hasStaticShape() || type.getNumElements() == 0 || (oneImage && type.getDimSize(0) != 1))
    return op->emitOpError(what) << " must be a tensor " << (oneImage ? "1" : "N") << "xCxHxW with static dimensions above zero, not "
                                 << value.getType();
  mlir::quant::UniformQuantizedType quantized = quantTypeOf(type);
  if (!quantized || !quantized.isSigned() || quantized.getStorageTypeIntegralWidth() != 8)
    return op->emitOpError(what) << " must have elements !quant.uniform<i8:f32, scale:zero>, not " << type.getElementType();
  return success();
}

/// The box of a map of `part`'s type from `offsets` on in `whole`; none (with a message) where it is not inside.
LogicalResult boxOf(mlir::Operation *op, mlir::Value part, mlir::Value whole, llvm::ArrayRef<int64_t> offsets, llvm::StringRef what, Box &box) {
  auto partType = llvm::cast<mlir::RankedTensorType>(part.getType()), wholeType = llvm::cast<mlir::RankedTensorType>(whole.getType());
  if (partType.getElementType() != wholeType.getElementType())
    return op->emitOpError("must have the same element type on both sides, not ") << partType.getElementType() << " and " << wholeType.getElementType();
  for (int axis = 0; axis < 4; ++axis) {
    box.begin[axis] = offsets[axis];
    box.end[axis] = offsets[axis] + partType.getDimSize(axis);
    if (offsets[axis] < 0 || box.end[axis] > wholeType.getDimSize(axis))
      return op->emitOpError(what) << " of " << part.getType() << " does not lie inside of " << whole.getType();
  }
  if (offsets[1] % 8 != 0)
    return op->emitOpError(what) << " begins with channel " << offsets[1] << ", which is no multiple of 8";
  return success();
}

} // namespace

LogicalResult WindowOp::verify() {
  if (failed(verifyMap(*this, getInput(), "operand", false)) || failed(verifyMap(*this, getOutput(), "result", true)))
    return failure();
  if (getOffsets().size() != 4)
    return emitOpError("needs four offsets, not ") << getOffsets().size();
  Box box;
  return boxOf(*this, getOutput(), getInput(), getOffsets(), "the window", box);
}

LogicalResult AssembleOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one operand");
  if (failed(verifyMap(*this, getOutput(), "result", false)))
    return failure();
  if (getOffsets().size() != getInputs().size() * 4)
    return emitOpError("needs four offsets for each of its ") << getInputs().size() << " operands, not " << getOffsets().size();
  std::vector<Box> boxes;
  int64_t elements = 0;
  for (auto [index, operand] : llvm::enumerate(getInputs())) {
    std::string what = "operand " + std::to_string(index);
    Box box;
    if (failed(verifyMap(*this, operand, what, true)) ||
        failed(boxOf(*this, operand, getOutput(), getOffsets().slice(index * 4, 4), what, box)))
      return failure();
    int64_t channels = llvm::cast<mlir::RankedTensorType>(getOutput().getType()).getDimSize(1);
    if (box.end[1] % 8 != 0 && box.end[1] != channels)
      return emitOpError(what) << " ends with channel " << box.end[1] - 1 << ", inside of a block of 8";
    for (const Box &other : boxes)
      if (overlap(box, other))
        return emitOpError(what) << " overlaps another one";
    boxes.push_back(box);
    elements += llvm::cast<mlir::RankedTensorType>(operand.getType()).getNumElements();
  }
  if (elements != llvm::cast<mlir::RankedTensorType>(getOutput().getType()).getNumElements())
    return emitOpError("has operands that do not cover its result");
  return success();
}

} // namespace agc::qnn
