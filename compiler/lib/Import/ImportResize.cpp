// Resize: nearest by two. Whether a combination of modes is that is found out by computing every coordinate exactly.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

namespace {

// A coordinate numerator / denominator, denominator > 0.
struct Rational {
  int64_t numerator, denominator;
};

int64_t floorOf(Rational value) {
  int64_t quotient = value.numerator / value.denominator;
  return value.numerator % value.denominator < 0 ? quotient - 1 : quotient;
}

std::optional<int64_t> nearest(Rational value, const std::string &mode) {
  int64_t below = floorOf(value);
  int64_t twice = 2 * (value.numerator - below * value.denominator);  // of the fraction, against the denominator
  if (mode == "floor")
    return below;
  if (mode == "ceil")
    return twice == 0 ? below : below + 1;
  if (mode == "round_prefer_floor")
    return twice <= value.denominator ? below : below + 1;
  if (mode == "round_prefer_ceil")
    return twice < value.denominator ? below : below + 1;
  return std::nullopt;
}

// Where output position `x` of `out` reads in an input of length `in`; the scale is out / in.
std::optional<Rational> coordinate(int64_t x, int64_t in, int64_t out, const std::string &mode) {
  if (mode == "asymmetric")
    return Rational{x * in, out};
  if (mode == "half_pixel" || mode == "half_pixel_symmetric")  // the same where scale and lengths agree
    return Rational{(2 * x + 1) * in - out, 2 * out};
  if (mode == "pytorch_half_pixel")
    return out > 1 ? Rational{(2 * x + 1) * in - out, 2 * out} : Rational{0, 1};
  if (mode == "align_corners")
    return out > 1 ? Rational{x * (in - 1), out - 1} : Rational{0, 1};
  return std::nullopt;
}

// Whether every output position reads input position x * in / out, rounded down.
bool readsByRatio(int64_t in, int64_t out, const std::string &coordinates, const std::string &rounding) {
  for (int64_t x = 0; x < out; ++x) {
    std::optional<Rational> where = coordinate(x, in, out, coordinates);
    std::optional<int64_t> index = where ? nearest(*where, rounding) : std::nullopt;
    if (!index || std::min(std::max<int64_t>(*index, 0), in - 1) != x * in / out)
      return false;
  }
  return true;
}

} // namespace

// The shape of the result as the file sees it, from scales or sizes, with or without axes.
std::optional<std::vector<int64_t>> GraphImporter::resizeTarget(const onnx::NodeProto &node, Attributes &attributes, mlir::Value input) {
  const Entry *scales = this->input(node, 2), *sizes = this->input(node, 3);
  auto given = [](const Entry *entry) { return entry && !(entry->constant && entry->constant->count() == 0); };
  std::string policy = attributes.text("keep_aspect_ratio_policy", "stretch");
  const int64_t rank = input ? this->input(node, 0)->rank : 4;
  std::vector<int64_t> axes = {0, 1, 2, 3};
  axes.resize(rank);
  axes = attributes.integers("axes").value_or(axes);
  if (given(scales) == given(sizes)) {
    problem("needs either scales or sizes");
    return std::nullopt;
  }
  const Entry *entry = given(scales) ? scales : sizes;
  if (entry->unknown())
    return std::nullopt;
  const ConstTensor *constant = entry->constant.get();
  if (!constant || !constant->is(given(scales) ? DataType::Float : DataType::Int64)) {
    problem(std::string("has ") + (given(scales) ? "scales that are no float32 constant" : "sizes that are no int64 constant") +
            "; export the model with constant ones");
    return std::nullopt;
  }
  if (policy != "stretch" && given(sizes)) {
    problem("has a keep_aspect_ratio_policy of '" + printable(policy) + "'; supported is stretch");
    return std::nullopt;
  }
  if (constant->count() != static_cast<int64_t>(axes.size())) {
    problem("has " + std::to_string(constant->count()) + (given(scales) ? " scales for " : " sizes for ") + std::to_string(axes.size()) + " axes");
    return std::nullopt;
  }
  if (!input)
    return std::nullopt;
  std::vector<int64_t> target = onnxShape(*this->input(node, 0));
  const std::vector<int64_t> shape = target;
  for (size_t index = 0; index < axes.size(); ++index) {
    int64_t axis = axes[index] + (axes[index] < 0 ? rank : 0);
    if (axis < 0 || axis >= rank) {
      problem("has an axis " + std::to_string(axes[index]) + " of " + std::to_string(rank) + " dimensions");
      return std::nullopt;
    }
    double size = given(scales) ? std::floor(double(constant->floats[index]) * double(shape[axis])) : double(constant->ints[index]);
    bool byTwo = size == 2.0 * shape[axis] && axis >= 2 && rank == 4, same = size == double(shape[axis]);
    if (given(scales)) {  // a scale that only happens to give the size has other coordinates
      byTwo &= constant->floats[index] == 2.0f;
      same &= constant->floats[index] == 1.0f;
    }
    if (!byTwo && !same) {
      problem("resizes axis " + std::to_string(axis) + " of shape " + shapeText(shape) + " by " +
              (given(scales) ? std::to_string(constant->floats[index]) : "sizes to " + std::to_string(constant->ints[index])) +
              "; supported is exactly two in height and width");
      return std::nullopt;
    }
    target[axis] = static_cast<int64_t>(size);
  }
  return target;
}

void GraphImporter::importResize(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 1, 4))
    return;
  size_t before = problems.size();
  for (const char *unused : {"cubic_coeff_a", "exclude_outside", "extrapolation_value", "antialias"})
    attributes.ignore(unused);  // of other modes
  std::string mode = attributes.text("mode", "nearest");
  std::string coordinates = attributes.text("coordinate_transformation_mode", "half_pixel");
  std::string rounding = attributes.text("nearest_mode", "round_prefer_floor");
  if (mode != "nearest")
    problem("has mode '" + printable(mode) + "'; supported is nearest in this version");
  mlir::Value value = map(node, 0);
  std::optional<std::vector<int64_t>> target = resizeTarget(node, attributes, value);
  if (problems.size() != before || !value || !target)
    return;
  target = machineShape(*target);
  const std::vector<int64_t> shape = llvm::cast<mlir::RankedTensorType>(value.getType()).getShape().vec();
  if ((*target)[2] * shape[3] != (*target)[3] * shape[2])
    return problem("resizes height and width differently; supported is two in both");
  mlir::Type type = mapType(*target, llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType());
  if (!type)
    return;
  for (int axis : {2, 3})
    if (!readsByRatio(shape[axis], (*target)[axis], coordinates, rounding))
      return problem("has coordinate_transformation_mode '" + printable(coordinates) + "' with nearest_mode '" + printable(rounding) +
                     "', which does not read pixel (y / 2, x / 2) for pixel (y, x); use asymmetric with floor");
  Entry entry = *input(node, 0);
  entry.view = nullptr;  // `value` is the map itself
  entry.value = value;
  if (*target != shape)
    entry.value = builder.create<qnn::ResizeOp>(mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node))), type, value);
  define(node, entry);
}

} // namespace agc::import
