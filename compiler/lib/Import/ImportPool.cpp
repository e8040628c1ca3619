// Pools, and the reductions that are pools.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <algorithm>

namespace agc::import {

// Kernel, strides, dilations and pads of a pool of a map `shape`; the result's height and width. 1-D pools are 2-D with one row.
std::optional<GraphImporter::PoolGeometry> GraphImporter::poolGeometry(const onnx::NodeProto &, Attributes &attributes,
                                                                       llvm::ArrayRef<int64_t> shape) {
  size_t before = problems.size();
  size_t spatial = shape.size() - 2;
  PoolGeometry geometry;
  auto sizes = [&](const char *name, bool required) {
    std::optional<std::vector<int64_t>> given = attributes.integers(name);
    if (!given && required)
      problem(std::string("lacks its ") + name);
    std::vector<int64_t> values = given.value_or(std::vector<int64_t>(spatial, 1));
    if (values.size() != spatial || llvm::any_of(values, [](int64_t value) { return value < 1 || value > qnn::kMaxDim; })) {
      problem(std::string("has ") + name + " = " + shapeText(values) + "; needed are " + std::to_string(spatial) + " numbers above zero");
      values.assign(spatial, 1);
    }
    if (spatial == 1)
      values.insert(values.begin(), 1);
    return values;
  };
  geometry.kernel = sizes("kernel_shape", true);
  geometry.strides = sizes("strides", false);
  geometry.dilations = sizes("dilations", false);
  std::vector<int64_t> pads = attributes.integers("pads").value_or(std::vector<int64_t>(2 * spatial, 0));
  std::string automatic = attributes.text("auto_pad", "NOTSET");
  bool ceiling = attributes.integer("ceil_mode", 0) != 0;
  bool countPads = attributes.integer("count_include_pad", 0) != 0;
  if (pads.size() != 2 * spatial || llvm::any_of(pads, [](int64_t pad) { return pad < 0 || pad > qnn::kMaxPad; }))
    problem("has pads = " + shapeText(pads) + "; supported are " + std::to_string(2 * spatial) + " numbers in 0.." + std::to_string(qnn::kMaxPad));
  if (automatic != "NOTSET" && automatic != "VALID" && automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
    problem("has an auto_pad of '" + printable(automatic) + "'; supported are NOTSET, VALID, SAME_UPPER and SAME_LOWER");
  if (problems.size() != before)
    return std::nullopt;
  if (spatial == 1)
    pads = {0, pads[0], 0, pads[1]};
  std::vector<int64_t> map = mapShape(shape);
  geometry.pads.assign(4, 0);
  geometry.counted.assign(4, 0);
  for (int axis = 0; axis < 2; ++axis) {
    int64_t size = map[2 + axis], stride = geometry.strides[axis], reach = geometry.dilations[axis] * (geometry.kernel[axis] - 1) + 1;
    int64_t first = automatic == "NOTSET" ? pads[axis] : 0, last = automatic == "NOTSET" ? pads[2 + axis] : 0;
    if ((automatic == "SAME_UPPER" || automatic == "SAME_LOWER") && geometry.dilations[axis] != 1) {
      problem("has auto_pad with dilations, of which ONNX and ONNX Runtime make different sizes; write the pads out");
      return std::nullopt;
    }
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      int64_t total = std::max<int64_t>(((size + stride - 1) / stride - 1) * stride + reach - size, 0);
      first = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      last = total - first;
    }
    int64_t room = size + first + last - reach;
    if (room < 0) {
      problem("has a window that does not fit its input of shape " + shapeText(shape));
      return std::nullopt;
    }
    int64_t count = room / stride + 1;
    // Rounding up adds a window that starts inside the input or its first padding.
    if (ceiling && room % stride != 0 && count * stride < size + first)
      ++count;
    geometry.size.push_back(count);
    geometry.pads[axis] = first;
    // What the windows reach over, and no more: a padding that no window reads is dropped.
    geometry.pads[2 + axis] = std::max<int64_t>((count - 1) * stride + reach - size - first, 0);
    if (countPads) {
      geometry.counted[axis] = first;
      geometry.counted[2 + axis] = last;
    }
    // Every window must hold an element, or its maximum and average are nothing.
    if (first >= reach || geometry.pads[2 + axis] >= reach) {
      problem("has windows that lie in the padding altogether");
      return std::nullopt;
    }
  }
  return geometry;
}

void GraphImporter::definePool(const onnx::NodeProto &node, llvm::StringRef kind, mlir::Value value, const PoolGeometry &geometry,
                               llvm::ArrayRef<int64_t> shape, bool isUint8) {
  auto in = llvm::cast<mlir::RankedTensorType>(value.getType());
  mlir::Type type = mapType({in.getDimSize(0), in.getDimSize(1), geometry.size[0], geometry.size[1]}, in.getElementType());
  if (!type)
    return;
  mlir::Value result = builder.create<qnn::PoolOp>(location(node), type, value, kind, geometry.kernel, geometry.strides, geometry.dilations,
                                                   geometry.pads, geometry.counted);
  define(node, tensorOf(result, shape, isUint8));
}

void GraphImporter::importPool(const onnx::NodeProto &node, Attributes &attributes) {
  bool isMax = node.op_type() == "MaxPool";
  attributes.ignore("storage_order");  // of the indices
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, !isMax);
  if (!source)
    return;
  std::vector<int64_t> shape = imageShape(*source);
  if (shape.size() != 3 && shape.size() != 4)
    return problem("has an input of shape " + shapeText(shape) + "; supported are NxCxHxW and NxCxL");
  std::optional<PoolGeometry> geometry = poolGeometry(node, attributes, shape);
  bool isUint8 = source->isUint8;
  mlir::Value value = geometry ? map(node, 0) : nullptr;
  if (!value)
    return;
  std::vector<int64_t> result = {shape[0], shape[1]};
  result.insert(result.end(), geometry->size.end() - (shape.size() - 2), geometry->size.end());
  definePool(node, isMax ? "max" : "average", value, *geometry, result, isUint8);
}

void GraphImporter::importGlobalPool(const onnx::NodeProto &node, Attributes &) {
  bool isMax = node.op_type() == "GlobalMaxPool";
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, !isMax);
  if (!source)
    return;
  std::vector<int64_t> shape = imageShape(*source);
  bool isUint8 = source->isUint8;
  mlir::Value value = map(node, 0);
  if (!value)
    return;
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
  PoolGeometry geometry = {{in[2], in[3]}, {1, 1}, {1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 1}};
  std::fill(shape.begin() + 2, shape.end(), 1);
  definePool(node, isMax ? "max" : "average", value, geometry, shape, isUint8);
}

// Over height and width a reduction is a pool, over the channels a convolution with weights of 1.
void GraphImporter::importReduce(const onnx::NodeProto &node, Attributes &attributes) {
  bool keep = attributes.integer("keepdims", 1) != 0, nothingMeansNothing = attributes.integer("noop_with_empty_axes", 0) != 0;
  std::string op = node.op_type();
  std::string kind = op == "ReduceMax" ? "max" : op == "ReduceMean" ? "average" : "sum";
  if (!checkInputs(node, 1, 2))
    return;
  size_t before = problems.size();
  std::optional<std::vector<int64_t>> axes = integersOf(node, attributes, 1, "axes");
  const Entry *source = elements(node, 0, kind != "max");
  if (!source || problems.size() != before || (input(node, 1) && !axes))
    return;
  std::vector<int64_t> shape = imageShape(*source);
  if ((!axes || axes->empty()) && nothingMeansNothing)
    return define(node, *source);
  std::set<int64_t> reduced;
  for (int64_t given : axes.value_or(std::vector<int64_t>())) {
    std::optional<int64_t> axis = axisOf(given, shape.size());
    if (!axis)
      return;
    if (mixesImages(*axis))
      return;
    reduced.insert(*axis);
  }
  if (reduced.empty() && mixesImages(0))
    return;
  if (reduced.empty())
    for (size_t axis = 0; axis < shape.size(); ++axis)
      reduced.insert(axis);
  bool isUint8 = source->isUint8;
  mlir::Value value = map(node, 0);
  if (!value)
    return;
  llvm::ArrayRef<int64_t> in = llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
  std::vector<int64_t> result;
  PoolGeometry geometry = {{1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {in[2], in[3]}};
  bool channels = false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    bool here = reduced.count(axis);
    if (!here || keep)
      result.push_back(here ? 1 : shape[axis]);
    if (!here || shape[axis] == 1)
      continue;
    size_t mapAxis = axis < 2 ? axis : axis + 4 - shape.size();
    channels |= mapAxis == 1;
    if (mapAxis >= 2) {
      geometry.kernel[mapAxis - 2] = in[mapAxis];
      geometry.size[mapAxis - 2] = 1;
    }
  }
  if (!channels) {
    std::vector<int64_t> kept = in.vec();
    kept[2] = geometry.size[0], kept[3] = geometry.size[1];
    mlir::Type type = mapType(kept, llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType());
    if (!type)
      return;
    mlir::Value pooled = builder.create<qnn::PoolOp>(location(node), type, value, kind, geometry.kernel, geometry.strides, geometry.dilations,
                                                     geometry.pads, geometry.counted);
    Entry entry = tensorOf(pooled, kept, isUint8);
    return defineView(node, 0, entry, viewOf(entry).reshaped(result));
  }
  if (kind == "max")
    return problem("reduces the channels to their maximum, which is not supported; supported are ReduceMean and ReduceSum there");
  int64_t window = geometry.kernel[0] * geometry.kernel[1], count = in[1] * window;
  mlir::Type type = mapType({1, 1, geometry.size[0], geometry.size[1]}, builder.getF32Type());
  if (!type)
    return;
  auto weightType = mlir::RankedTensorType::get({1, in[1], geometry.kernel[0], geometry.kernel[1]}, builder.getI8Type());
  float scale = kind == "sum" ? 1.0f : 1.0f / static_cast<float>(count);
  mlir::Value sum = builder.create<qnn::ConvOp>(location(node), type, value, mlir::DenseElementsAttr::get(weightType, int8_t(1)),
                                                llvm::ArrayRef<float>{scale}, llvm::ArrayRef<float>{}, llvm::ArrayRef<int64_t>{1, 1},
                                                llvm::ArrayRef<int64_t>{1, 1}, llvm::ArrayRef<int64_t>{0, 0, 0, 0},
                                                count * geometry.size[0] * geometry.size[1], /*block_grouped=*/false, builder.getStringAttr(node.op_type()));
  Entry entry = tensorOf(sum, {1, 1, geometry.size[0], geometry.size[1]});
  defineView(node, 0, entry, viewOf(entry).reshaped(result));
}

} // namespace agc::import
