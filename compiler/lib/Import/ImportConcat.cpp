// Concat and Pad: maps made of parts.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>
#include <numeric>

namespace agc::import {

void GraphImporter::importConcat(const onnx::NodeProto &node, Attributes &attributes) {
  if (!attributes.has("axis"))
    problem("lacks its axis");
  int64_t given = attributes.integer("axis", 1);
  if (node.input_size() < 1)
    return problem("has no inputs");
  llvm::SmallVector<mlir::Value> maps;
  std::vector<int64_t> shape;
  bool isUint8 = false;
  int64_t total = 0;
  std::optional<int64_t> axis;
  for (int index = 0; index < node.input_size(); ++index) {
    const Entry *entry = elements(node, index, false);
    mlir::Value value = entry ? materialize(*entry) : nullptr;
    if (!value)
      return;
    std::vector<int64_t> here = imageShape(*entry);
    if (index == 0) {
      shape = here;
      isUint8 = entry->isUint8;
      axis = axisOf(given, shape.size());
      if (!axis || mixesImages(*axis))
        return;
    }
    if (here.size() != shape.size() || entry->isUint8 != isUint8)
      return problem("has inputs of different ranks or types");
    for (size_t dim = 0; dim < here.size(); ++dim)
      if (here[dim] != shape[dim] && static_cast<int64_t>(dim) != *axis)
        return problem("has inputs of shapes " + shapeText(shape) + " and " + shapeText(here) + ", which do not go together along axis " +
                       std::to_string(given));
    auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
    if (index > 0 && type.getElementType() != llvm::cast<mlir::RankedTensorType>(maps[0].getType()).getElementType())
      return problem("has integer inputs of different scales or zero points; put DequantizeLinear in front of it");
    maps.push_back(value);
    total += here[*axis];
  }
  if (*axis == 0 && maps.size() > 1)
    return problem("joins images along axis 0; the program computes one image at a time");
  shape[*axis] = total;
  std::vector<int64_t> result = mapShape(shape);
  int64_t mapAxis = *axis < 2 ? *axis : *axis + 4 - static_cast<int64_t>(shape.size());
  mlir::Type type = result.empty() ? nullptr : mapType(result, llvm::cast<mlir::RankedTensorType>(maps[0].getType()).getElementType());
  if (!type)
    return;
  if (mapAxis == 0)
    return define(node, tensorOf(maps[0], shape, isUint8));  // one picture
  define(node, tensorOf(builder.create<qnn::ConcatOp>(location(node), type, maps, mapAxis), shape, isUint8));
}

namespace {

// Positions along one axis after a Pad of mode `mode`; -1 where the constant is. Empty when the mode does not allow the pads.
std::vector<int64_t> paddedPositions(int64_t size, int64_t before, int64_t after, const std::string &mode) {
  std::vector<int64_t> positions;
  if (mode == "reflect" && (before >= size || after >= size))
    return {};
  for (int64_t place = -before; place < size + after; ++place) {
    if (place >= 0 && place < size)
      positions.push_back(place);
    else if (mode == "edge")
      positions.push_back(place < 0 ? 0 : size - 1);
    else if (mode == "reflect")
      positions.push_back(place < 0 ? -place : 2 * (size - 1) - place);
    else
      positions.push_back(((place % size) + size) % size);  // wrap
  }
  return positions;
}

// Runs of positions that follow one another.
std::vector<std::vector<int64_t>> runsOf(const std::vector<int64_t> &positions) {
  std::vector<std::vector<int64_t>> runs;
  for (int64_t position : positions) {
    if (runs.empty() || position != runs.back().back() + 1)
      runs.emplace_back();
    runs.back().push_back(position);
  }
  return runs;
}

} // namespace

void GraphImporter::importPad(const onnx::NodeProto &node, Attributes &attributes) {
  std::string mode = attributes.text("mode", "constant");
  if (!checkInputs(node, 2, 4))
    return;
  std::optional<std::vector<int64_t>> pads = integersOf(node, attributes, 1, nullptr);
  const Entry *source = elements(node, 0, false);
  if (!source || !pads)
    return;
  std::vector<int64_t> shape = imageShape(*source);
  int64_t rank = shape.size();
  std::vector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (input(node, 3)) {
    std::optional<std::vector<int64_t>> given = integersOf(node, attributes, 3, nullptr);
    if (!given)
      return;
    axes = *given;
  }
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
    return problem("has mode '" + printable(mode) + "'; supported are constant, reflect, edge and wrap");
  if (pads->size() != 2 * axes.size())
    return problem("has " + std::to_string(pads->size()) + " pads for " + std::to_string(axes.size()) + " axes");
  float value = 0;
  if (const Entry *given = input(node, 2)) {
    if (given->unknown())
      return;
    std::optional<std::vector<float>> reals = constantReals(*given);
    if (!reals || reals->size() != 1 || !std::isfinite((*reals)[0]))
      return problem("has a value that is no finite float32 constant");
    value = (*reals)[0];
  }
  bool isUint8 = source->isUint8;
  Entry current = *source;
  std::vector<int64_t> constantPads(4, 0);
  for (size_t index = 0; index < axes.size(); ++index) {
    std::optional<int64_t> axis = axisOf(axes[index], rank);
    if (!axis)
      return;
    int64_t before = (*pads)[index], after = (*pads)[index + axes.size()], size = shape[*axis];
    if (before == 0 && after == 0)
      continue;
    if (mixesImages(*axis))
      return;
    if (before < -size || after < -size || before > qnn::kMaxDim || after > qnn::kMaxDim || size + before + after < 1)
      return problem("has pads of " + std::to_string(before) + " and " + std::to_string(after) + " for a dimension of " + std::to_string(size));
    if (before < 0 || after < 0) {  // a crop
      std::vector<int64_t> kept(size + std::min<int64_t>(before, 0) + std::min<int64_t>(after, 0));
      std::iota(kept.begin(), kept.end(), std::max<int64_t>(-before, 0));
      if (kept.empty())
        return problem("removes all of a dimension of " + std::to_string(size));
      setView(current, viewOf(current).picked(*axis, kept));
      before = std::max<int64_t>(before, 0), after = std::max<int64_t>(after, 0), size = kept.size();
    }
    int64_t mapAxis = *axis < 2 ? *axis : *axis + 4 - rank;
    if (before == 0 && after == 0)
      continue;
    if (mode != "constant") {
      std::vector<int64_t> positions = paddedPositions(size, before, after, mode);
      if (positions.empty())
        return problem("reflects more than its input has along axis " + std::to_string(axes[index]));
      setView(current, viewOf(current).picked(*axis, positions));
      continue;
    }
    if (rank < 2 || rank > 4 || mapAxis < 2)
      return problem("pads axis " + std::to_string(axes[index]) + " of a tensor " + shapeText(shape) + " with a constant; supported are height and width");
    constantPads[mapAxis - 2] = before, constantPads[mapAxis] = after;
  }
  if (mode != "constant")
    return definePieces(node, current);
  if (constantPads == std::vector<int64_t>(4, 0))
    return define(node, current);
  if (!qnn::isFloatTensor(current.value.getType()))
    return problem("pads the integer tensor '" + printable(node.input(0)) + "'; put it behind the DequantizeLinear");
  std::vector<int64_t> result = imageShape(current);
  mlir::Value map = materialize(current);
  if (!map)
    return;
  std::vector<int64_t> padded = llvm::cast<mlir::RankedTensorType>(map.getType()).getShape().vec();
  padded[2] += constantPads[0] + constantPads[2];
  padded[3] += constantPads[1] + constantPads[3];
  result.back() = padded[3];
  if (rank == 4)
    result[2] = padded[2];
  mlir::Type type = mapType(padded, builder.getF32Type());
  if (!type)
    return;
  define(node, tensorOf(builder.create<qnn::PadOp>(location(node), type, map, builder.getDenseI64ArrayAttr(constantPads), builder.getF32FloatAttr(value)), result, isUint8));
}

// A tensor whose channels, rows and columns each come from one place: rows and columns in runs that follow one another are
// parts of the input, put together again.
void GraphImporter::definePieces(const onnx::NodeProto &node, const Entry &entry) {
  View view = viewOf(entry);
  std::vector<int64_t> shape = view.shape().vec(), target = mapShape(shape);
  auto type = llvm::cast<mlir::RankedTensorType>(entry.value.getType());
  if (target.empty() || !mapType(target, type.getElementType()))
    return;
  if (selectionOf(view, type.getShape(), target))
    return defineView(node, 0, entry, view);
  View ranked = view.reshaped(target);
  auto place = [&](int64_t row, int64_t column) { return ranked.locate(row * target[3] + column); };
  std::vector<int64_t> rows, columns;
  int64_t width = type.getDimSize(3);
  for (int64_t row = 0; row < target[2]; ++row)
    rows.push_back(place(row, 0) / width);
  for (int64_t column = 0; column < target[3]; ++column)
    columns.push_back(place(0, column) % width);
  constexpr size_t kMaxRuns = 64;
  if (runsOf(rows).size() > kMaxRuns || runsOf(columns).size() > kMaxRuns)
    return problem("repeats " + std::to_string(std::max(runsOf(rows).size(), runsOf(columns).size())) + " rows or columns one by one; supported are up to 64");
  // Columns first, so that the parts of whole rows are views of one map.
  mlir::Value map = entry.value;
  for (int64_t axis : {3, 2}) {
    std::vector<std::vector<int64_t>> runs = runsOf(axis == 3 ? columns : rows);
    llvm::SmallVector<mlir::Value> parts;
    std::vector<int64_t> size = llvm::cast<mlir::RankedTensorType>(map.getType()).getShape().vec();
    for (const std::vector<int64_t> &run : runs) {
      Entry part;
      part.value = map;
      part.view = std::make_shared<View>(View(size).picked(axis, run));
      mlir::Value moved = materialize(part);
      if (!moved)
        return;
      parts.push_back(moved);
    }
    size[axis] = target[axis];
    mlir::Type joined = mapType(size, type.getElementType());
    if (!joined)
      return;
    map = parts.size() == 1 ? parts[0] : mlir::Value(builder.create<qnn::ConcatOp>(location(node), joined, parts, axis));
  }
  // Channels that were padded are moved last.
  std::vector<int64_t> between = llvm::cast<mlir::RankedTensorType>(map.getType()).getShape().vec();
  if (between[1] != target[1]) {
    std::vector<int64_t> channels;
    for (int64_t channel = 0; channel < target[1]; ++channel)
      channels.push_back(ranked.locate(channel * target[2] * target[3]) / (type.getDimSize(2) * width));
    Entry part;
    part.value = map;
    part.view = std::make_shared<View>(View(between).picked(1, channels));
    map = materialize(part);
    if (!map)
      return;
  }
  define(node, tensorOf(map, shape, entry.isUint8));
}

} // namespace agc::import
