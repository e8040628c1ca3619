// Views of feature maps: what the ops that only rename elements have in common.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

namespace agc::import {

mlir::Location GraphImporter::location(const onnx::NodeProto &node) {
  return mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node)));
}

std::vector<int64_t> GraphImporter::imageShape(const Entry &entry) const {
  if (entry.view)
    return entry.view->shape().vec();
  std::vector<int64_t> shape = onnxShape(entry.value.getType(), entry.rank);
  shape[0] = 1;
  return shape;
}

View GraphImporter::viewOf(const Entry &entry) const {
  return entry.view ? *entry.view : View(llvm::cast<mlir::RankedTensorType>(entry.value.getType()).getShape()).reshaped(imageShape(entry));
}

bool GraphImporter::mixesImages(int64_t axis) {
  if (batch <= 1 || axis != 0)
    return false;
  problem("works across the " + std::to_string(batch) + " images of the batch, axis 0; each image is computed by itself: use a batch of 1");
  return true;
}

std::vector<int64_t> GraphImporter::mapShape(llvm::ArrayRef<int64_t> shape) {
  if (shape.size() >= 2 && shape.size() <= 4) {
    std::vector<int64_t> map = machineShape(shape);
    map[0] = shape[0];
    if (map[0] == 1)
      return map;
    problem("has a batch of " + std::to_string(map[0]) + " (" + shapeText(shape) + ") that no graph input has; the program computes one image at a time");
    return {};
  }
  problem("needs a tensor of " + std::to_string(shape.size()) + " dimensions (" + shapeText(shape) +
          ") as a feature map, which has two to four; only ops that move or rename elements take others");
  return {};
}

mlir::Value GraphImporter::materialize(const Entry &entry) {
  if (!entry.view)
    return entry.value;
  auto type = llvm::cast<mlir::RankedTensorType>(entry.value.getType());
  std::vector<int64_t> shape = mapShape(entry.view->shape());
  mlir::Type result = shape.empty() ? nullptr : mapType(shape, type.getElementType());
  if (!result)
    return nullptr;
  std::optional<Selection> selection = selectionOf(*entry.view, type.getShape(), shape);
  if (!selection) {
    problem("needs the elements of a map " + shapeText(type.getShape()) + " in an order (as " + shapeText(entry.view->shape()) +
            ") that no convolution moves them to; supported are slices, channel shuffles, and moves between channels and blocks of at most 8x8 "
            "pixels");
    return nullptr;
  }
  if (!selection->moves(type.getShape(), shape))
    return entry.value;
  return builder.create<qnn::SelectOp>(mlir::NameLoc::get(builder.getStringAttr(currentName)), result, entry.value, selection->channels,
                                       selection->rows, selection->columns, selection->strides, selection->phases);
}

const Entry *GraphImporter::elements(const onnx::NodeProto &node, int index, bool floatOnly) {
  const Entry *entry = input(node, index);
  if (!entry || entry->isConstant()) {
    map(node, index);  // which says so
    return nullptr;
  }
  if (!entry->value)
    return nullptr;
  if (floatOnly && !qnn::isFloatTensor(entry->value.getType())) {
    problem("reads '" + printable(node.input(index)) + "', which is an integer tensor; put a DequantizeLinear between");
    return nullptr;
  }
  return entry;
}

Entry GraphImporter::tensorOf(mlir::Value value, llvm::ArrayRef<int64_t> shape, bool isUint8) {
  Entry entry;
  entry.value = value;
  entry.isUint8 = isUint8;
  setView(entry, View(llvm::cast<mlir::RankedTensorType>(value.getType()).getShape()).reshaped(shape));
  return entry;
}

// No view where the value has this shape by itself.
void GraphImporter::setView(Entry &entry, const View &view) {
  llvm::ArrayRef<int64_t> shape = view.shape();
  std::vector<int64_t> map = llvm::cast<mlir::RankedTensorType>(entry.value.getType()).getShape().vec();
  bool plain = view.inOrder() && shape.size() >= 2 && shape.size() <= 4 && shape[0] == 1 && machineShape(shape) == map;
  entry.rank = static_cast<int>(shape.size());
  entry.view = plain ? nullptr : std::make_shared<View>(view);
}

void GraphImporter::defineView(const onnx::NodeProto &node, int result, const Entry &source, const View &view) {
  for (int64_t size : view.shape())
    if (size < 1)
      return problem("makes a tensor without elements, " + shapeText(view.shape()));
  Entry entry = source;
  setView(entry, view);
  defineResult(node, result, entry);
}

std::optional<std::vector<int64_t>> GraphImporter::integersOf(const onnx::NodeProto &node, Attributes &attributes, int index, const char *name) {
  if (std::optional<std::vector<int64_t>> given = name && attributes.has(name) ? attributes.integers(name) : std::nullopt)
    return given;
  const Entry *entry = input(node, index);
  if (!entry || (entry->unknown() && !entry->value))
    return std::nullopt;
  if (!entry->constant || !(entry->constant->is(DataType::Int64) || entry->constant->is(DataType::Int32))) {
    problem("has an input '" + printable(node.input(index)) + "' that is no constant of integers; export the model with constant shapes");
    return std::nullopt;
  }
  return entry->constant->ints;
}

std::optional<int64_t> GraphImporter::axisOf(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  problem("has an axis " + std::to_string(axis) + " of " + std::to_string(rank) + " dimensions");
  return std::nullopt;
}

} // namespace agc::import
