#include "FoldConstants.h"

#include "onnx/onnx.pb.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace agc::import {

namespace {

// One node at work. The folding functions return false after they have set `why`.
struct Folding {
  const std::string &op;
  const ConstInputs &inputs;
  Attributes &attributes;
  ExternalData &external;
  int64_t limit;
  std::string &why;
  ConstTensor result;

  bool fail(const std::string &sentence) {
    why = sentence;
    return false;
  }

  const ConstTensor *at(size_t index) const { return index < inputs.size() ? inputs[index] : nullptr; }

  // Gives the result type and shape, after a check of its size.
  bool shape(int type, std::vector<int64_t> dims) {
    int64_t count = 1;
    for (int64_t dim : dims) {
      if (dim < 0 || (dim > 0 && std::max<int64_t>(count, 1) > limit / dim))
        return fail("makes a constant of shape " + shapeText(dims) + "; constants that are computed may have " + std::to_string(limit) +
                    " elements here");
      count *= dim;
    }
    if (dims.size() > 8)
      return fail("makes a constant of " + std::to_string(dims.size()) + " dimensions; supported are up to 8");
    result.type = type;
    result.dims = std::move(dims);
    return true;
  }

  // The result's elements are those of `source` at `indices`.
  void take(const ConstTensor &source, const std::vector<int64_t> &indices) {
    for (int64_t index : indices) {
      if (source.is(DataType::Float))
        result.floats.push_back(source.floats[index]);
      else if (source.is(DataType::Int32) || source.is(DataType::Int64))
        result.ints.push_back(source.ints[index]);
      else
        result.bytes.push_back(source.bytes[index]);
    }
  }

  // Input `index` as a list of integers; nothing when it is none.
  std::optional<std::vector<int64_t>> integers(size_t index) {
    const ConstTensor *tensor = at(index);
    if (!tensor || !(tensor->is(DataType::Int32) || tensor->is(DataType::Int64)) || tensor->dims.size() > 1)
      return std::nullopt;
    return tensor->ints;
  }

  // Axes from the attribute `axes` (older opsets) or input `index`.
  std::optional<std::vector<int64_t>> axes(size_t index) {
    if (std::optional<std::vector<int64_t>> given = attributes.integers("axes"))
      return given;
    return integers(index);
  }

  static std::optional<int64_t> wrapped(int64_t axis, int64_t rank) {
    axis += axis < 0 ? rank : 0;
    return axis >= 0 && axis < rank ? std::optional<int64_t>(axis) : std::nullopt;
  }

  static std::vector<int64_t> stridesOf(const std::vector<int64_t> &dims) {
    std::vector<int64_t> strides(dims.size(), 1);
    for (size_t dim = dims.size(); dim-- > 1;)
      strides[dim - 1] = strides[dim] * dims[dim];
    return strides;
  }

  // Source indices of a result of shape `result.dims` that reads element start + sum(position * stride).
  std::vector<int64_t> walk(int64_t start, const std::vector<int64_t> &strides) const {
    std::vector<int64_t> indices, position(result.dims.size(), 0);
    int64_t count = result.count(), at = start;
    indices.reserve(count);
    for (int64_t done = 0; done < count; ++done) {
      indices.push_back(at);
      for (size_t dim = position.size(); dim-- > 0;) {
        at += strides[dim];
        if (++position[dim] < result.dims[dim])
          break;
        at -= strides[dim] * result.dims[dim];
        position[dim] = 0;
      }
    }
    return indices;
  }

  bool all(const ConstTensor &source, std::vector<int64_t> dims) {
    if (!shape(source.type, std::move(dims)))
      return false;
    if (result.count() != source.count())
      return fail("makes shape " + shapeText(result.dims) + " of a constant of shape " + shapeText(source.dims));
    result.floats = source.floats;
    result.ints = source.ints;
    result.bytes = source.bytes;
    return true;
  }

  bool reshape() {
    const ConstTensor &source = *at(0);
    std::optional<std::vector<int64_t>> wanted = integers(1);
    bool zeros = attributes.integer("allowzero", 0) != 0;
    if (!wanted)
      return fail("has a shape that is no list of integers");
    int64_t open = -1, product = 1;
    for (size_t dim = 0; dim < wanted->size(); ++dim) {
      int64_t &size = (*wanted)[dim];
      if (size == 0 && !zeros)
        size = dim < source.dims.size() ? source.dims[dim] : 0;
      if (size == -1 && open < 0)
        open = static_cast<int64_t>(dim);
      else if (size < 0 || (size > 0 && product > limit / size))
        return fail("has the shape " + shapeText(*wanted) + ", which does not exist");
      else
        product *= std::max<int64_t>(size, 1);
    }
    if (open >= 0)
      (*wanted)[open] = source.count() / product;
    return all(source, *wanted);
  }

  bool unsqueeze() {
    std::vector<int64_t> dims = at(0)->dims;
    std::optional<std::vector<int64_t>> axes = this->axes(1);
    if (!axes || axes->size() > 8)
      return fail("has axes that are no list of integers");
    int64_t rank = static_cast<int64_t>(dims.size() + axes->size());
    for (int64_t &axis : *axes)
      axis += axis < 0 ? rank : 0;
    std::sort(axes->begin(), axes->end());
    for (int64_t axis : *axes) {
      if (axis < 0 || axis > static_cast<int64_t>(dims.size()))
        return fail("has an axis " + std::to_string(axis) + " of " + std::to_string(rank) + " dimensions");
      dims.insert(dims.begin() + axis, 1);
    }
    return all(*at(0), dims);
  }

  bool squeeze() {
    const std::vector<int64_t> &source = at(0)->dims;
    std::optional<std::vector<int64_t>> axes = this->axes(1);
    std::vector<bool> drop(source.size(), false);
    for (size_t dim = 0; !axes && dim < source.size(); ++dim)
      drop[dim] = source[dim] == 1;
    for (int64_t axis : axes.value_or(std::vector<int64_t>())) {
      std::optional<int64_t> dim = wrapped(axis, source.size());
      if (!dim || source[*dim] != 1)
        return fail("squeezes axis " + std::to_string(axis) + " of shape " + shapeText(source));
      drop[*dim] = true;
    }
    std::vector<int64_t> dims;
    for (size_t dim = 0; dim < source.size(); ++dim)
      if (!drop[dim])
        dims.push_back(source[dim]);
    return all(*at(0), dims);
  }

  bool transpose() {
    const std::vector<int64_t> &source = at(0)->dims;
    std::vector<int64_t> order;
    for (size_t dim = source.size(); dim-- > 0;)
      order.push_back(static_cast<int64_t>(dim));
    order = attributes.integers("perm").value_or(order);
    std::vector<int64_t> sorted = order, dims, strides, from = stridesOf(source);
    std::sort(sorted.begin(), sorted.end());
    for (size_t dim = 0; dim < sorted.size(); ++dim)
      if (sorted.size() != source.size() || sorted[dim] != static_cast<int64_t>(dim))
        return fail("has perm = " + shapeText(order) + " for shape " + shapeText(source));
    for (int64_t dim : order) {
      dims.push_back(source[dim]);
      strides.push_back(from[dim]);
    }
    if (!shape(at(0)->type, dims))
      return false;
    take(*at(0), walk(0, strides));
    return true;
  }

  bool gather() {
    const ConstTensor &source = *at(0), &indices = *at(1);
    std::optional<int64_t> axis = wrapped(attributes.integer("axis", 0), source.dims.size());
    if (!axis || !(indices.is(DataType::Int32) || indices.is(DataType::Int64)))
      return fail("gathers from a constant of shape " + shapeText(source.dims) + " in a way that does not exist");
    std::vector<int64_t> dims(source.dims.begin(), source.dims.begin() + *axis);
    dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
    dims.insert(dims.end(), source.dims.begin() + *axis + 1, source.dims.end());
    if (!shape(source.type, dims))
      return false;
    int64_t inner = stridesOf(source.dims)[*axis], size = source.dims[*axis], outer = source.count() == 0 ? 0 : source.count() / (size * inner);
    std::vector<int64_t> picked;
    for (int64_t block = 0; block < outer; ++block)
      for (int64_t index : indices.ints) {
        std::optional<int64_t> at = wrapped(index, size);
        if (!at)
          return fail("gathers element " + std::to_string(index) + " of " + std::to_string(size));
        for (int64_t rest = 0; rest < inner; ++rest)
          picked.push_back((block * size + *at) * inner + rest);
      }
    take(source, picked);
    return true;
  }

  bool slice() {
    const ConstTensor &source = *at(0);
    int64_t rank = static_cast<int64_t>(source.dims.size());
    std::optional<std::vector<int64_t>> starts = integers(1), ends = integers(2), axes = integers(3), steps = integers(4);
    if (!starts || !ends || starts->size() != ends->size() || (axes && axes->size() != starts->size()) ||
        (steps && steps->size() != starts->size()) || static_cast<int64_t>(starts->size()) > rank)
      return fail("has starts, ends, axes and steps that do not fit each other");
    std::vector<int64_t> dims = source.dims, strides = stridesOf(source.dims);
    int64_t first = 0;
    std::vector<bool> seen(rank, false);
    for (size_t index = 0; index < starts->size(); ++index) {
      std::optional<int64_t> axis = wrapped(axes ? (*axes)[index] : static_cast<int64_t>(index), rank);
      int64_t step = steps ? (*steps)[index] : 1;
      if (!axis || seen[*axis] || step == 0)
        return fail("has axes or steps that do not exist");
      step = std::clamp(step, -(int64_t(1) << 31), int64_t(1) << 31);  // longer ones take one element too
      seen[*axis] = true;
      int64_t size = source.dims[*axis], low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
      auto bounded = [&](int64_t value) { return std::clamp(value < 0 ? std::max(value, -size - 1) + size : value, low, high); };
      int64_t begin = bounded((*starts)[index]), end = bounded((*ends)[index]);
      dims[*axis] = std::max<int64_t>((end - begin + step + (step > 0 ? -1 : 1)) / step, 0);
      first += begin * strides[*axis];
      strides[*axis] *= step;
    }
    if (!shape(source.type, dims))
      return false;
    take(source, walk(first, strides));
    return true;
  }

  bool concat() {
    const std::vector<int64_t> &first = at(0)->dims;
    std::optional<int64_t> axis = wrapped(attributes.integer("axis", 0), first.size());
    if (!axis)
      return fail("has an axis that does not exist");
    std::vector<int64_t> dims = first;
    dims[*axis] = 0;
    for (const ConstTensor *input : inputs) {
      bool fits = input && input->type == at(0)->type && input->dims.size() == dims.size();
      for (size_t dim = 0; fits && dim < dims.size(); ++dim)
        fits = static_cast<int64_t>(dim) == *axis || input->dims[dim] == first[dim];
      if (!fits)
        return fail("concatenates constants of types or shapes that do not fit");
      dims[*axis] += input->dims[*axis];
    }
    if (!shape(at(0)->type, dims))
      return false;
    int64_t inner = stridesOf(dims)[*axis], outer = 1;
    for (int64_t dim = 0; dim < *axis; ++dim)
      outer *= dims[dim];
    for (int64_t block = 0; block < outer; ++block)
      for (const ConstTensor *input : inputs) {
        int64_t length = input->dims[*axis] * inner;
        std::vector<int64_t> indices(length);
        for (int64_t index = 0; index < length; ++index)
          indices[index] = block * length + index;
        take(*input, indices);
      }
    return true;
  }

  bool cast() {
    const ConstTensor &source = *at(0);
    int64_t to = attributes.integer("to", 0);
    bool known = to == 1 || to == 6 || to == 7, wide = source.is(DataType::Float) || source.isInteger() || source.is(DataType::Bool);
    if (!known || !wide)
      return fail("casts a constant from " + dataTypeName(source.type) + " to " + dataTypeName(static_cast<int>(to)) +
                  "; supported are float32, int32 and int64");
    if (!shape(static_cast<int>(to), source.dims))
      return false;
    for (int64_t index = 0; index < result.count(); ++index) {
      if (to == 1) {
        result.floats.push_back(source.is(DataType::Float) ? source.floats[index] : static_cast<float>(source.integer(index)));
      } else if (source.is(DataType::Float)) {
        float value = source.floats[index];
        if (!(std::abs(value) < (to == 6 ? 0x1p31f : 0x1p62f)))
          return fail("casts a number to an integer that can not hold it");
        result.ints.push_back(static_cast<int64_t>(value));
      } else {
        int64_t value = source.integer(index);
        result.ints.push_back(to == 6 ? static_cast<int32_t>(value) : value);
      }
    }
    return true;
  }

  bool constantOfShape() {
    std::optional<std::vector<int64_t>> dims = integers(0);
    if (!dims)
      return fail("has a shape that is no list of integers");
    ConstTensor value;
    value.type = static_cast<int>(DataType::Float);
    value.floats = {0.0f};
    if (const onnx::TensorProto *given = attributes.tensor("value")) {
      onnx::TensorProto copy = *given;
      std::optional<ConstTensor> read = readTensor(copy, external, why);
      if (!read)
        return false;
      value = std::move(*read);
    }
    if (value.count() != 1 || !(value.is(DataType::Float) || value.isInteger()))
      return fail("has a value that is no single number of a supported type");
    if (!shape(value.type, *dims))
      return false;
    take(value, std::vector<int64_t>(result.count(), 0));
    return true;
  }

  bool unary() {
    const ConstTensor &source = *at(0);
    bool isFloat = source.is(DataType::Float), isInteger = source.is(DataType::Int32) || source.is(DataType::Int64);
    if (!isFloat && !(isInteger && op == "Neg"))
      return fail("computes on a constant of type " + dataTypeName(source.type) + "; supported is float32");
    if (!shape(source.type, source.dims))
      return false;
    for (float value : source.floats)
      result.floats.push_back(op == "Floor" ? std::floor(value) : op == "Ceil" ? std::ceil(value) : op == "Sqrt" ? std::sqrt(value) : -value);
    for (int64_t value : source.ints)
      result.ints.push_back(-static_cast<uint64_t>(value));
    return true;
  }

  std::optional<int64_t> integerResult(int64_t left, int64_t right) {
    int64_t value = 0;
    bool overflow = op == "Add"   ? __builtin_add_overflow(left, right, &value)
                    : op == "Sub" ? __builtin_sub_overflow(left, right, &value)
                    : op == "Mul" ? __builtin_mul_overflow(left, right, &value)
                                  : false;
    if (op == "Max" || op == "Min")
      return op == "Max" ? std::max(left, right) : std::min(left, right);
    if (op == "Div") {
      overflow = right == 0 || (right == -1 && left == std::numeric_limits<int64_t>::min());
      value = overflow ? 0 : left / right;
    }
    return overflow ? std::nullopt : std::optional<int64_t>(value);
  }

  float floatResult(float left, float right) const {
    return op == "Add"   ? left + right
           : op == "Sub" ? left - right
           : op == "Mul" ? left * right
           : op == "Div" ? left / right
           : op == "Max" ? std::max(left, right)
                         : std::min(left, right);
  }

  bool binary() {
    const ConstTensor *left = at(0), *right = at(1);
    bool isFloat = left->is(DataType::Float), isInteger = left->is(DataType::Int32) || left->is(DataType::Int64);
    if (!right || left->type != right->type || !(isFloat || isInteger))
      return fail("computes on constants of other types than float32, int32 or int64, or of two types");
    size_t rank = std::max(left->dims.size(), right->dims.size());
    std::vector<int64_t> sizes[2], strides[2], dims(rank);
    for (int side : {0, 1}) {  // broadcasting: a dimension of 1, or none, repeats
      const ConstTensor &tensor = side ? *right : *left;
      sizes[side].assign(rank - tensor.dims.size(), 1);
      sizes[side].insert(sizes[side].end(), tensor.dims.begin(), tensor.dims.end());
      strides[side] = stridesOf(sizes[side]);
    }
    for (size_t dim = 0; dim < rank; ++dim) {
      int64_t l = sizes[0][dim], r = sizes[1][dim];
      if (l != r && l != 1 && r != 1)
        return fail("computes on constants of shapes " + shapeText(left->dims) + " and " + shapeText(right->dims));
      dims[dim] = l == 1 ? r : l;
      for (int side : {0, 1})
        strides[side][dim] *= sizes[side][dim] == 1 ? 0 : 1;
    }
    if (!shape(left->type, dims))
      return false;
    std::vector<int64_t> lefts = walk(0, strides[0]), rights = walk(0, strides[1]);
    for (size_t index = 0; index < lefts.size(); ++index) {
      if (isFloat) {
        result.floats.push_back(floatResult(left->floats[lefts[index]], right->floats[rights[index]]));
        continue;
      }
      std::optional<int64_t> value = integerResult(left->ints[lefts[index]], right->ints[rights[index]]);
      if (!value || (left->is(DataType::Int32) && *value != static_cast<int32_t>(*value)))
        return fail("divides by zero or overflows on its constants");
      result.ints.push_back(*value);
    }
    return true;
  }
};

struct Rule {
  bool (Folding::*fold)();
  size_t least, most;  // inputs
};

const std::map<std::string, Rule> &rules() {
  static const std::map<std::string, Rule> table = {
      {"Add", {&Folding::binary, 2, 2}},       {"Cast", {&Folding::cast, 1, 1}},
      {"Ceil", {&Folding::unary, 1, 1}},       {"Concat", {&Folding::concat, 1, 1 << 20}},
      {"ConstantOfShape", {&Folding::constantOfShape, 1, 1}},
      {"Div", {&Folding::binary, 2, 2}},       {"Floor", {&Folding::unary, 1, 1}},
      {"Gather", {&Folding::gather, 2, 2}},    {"Max", {&Folding::binary, 2, 2}},
      {"Min", {&Folding::binary, 2, 2}},       {"Mul", {&Folding::binary, 2, 2}},
      {"Neg", {&Folding::unary, 1, 1}},        {"Reshape", {&Folding::reshape, 2, 2}},
      {"Slice", {&Folding::slice, 3, 5}},      {"Sqrt", {&Folding::unary, 1, 1}},
      {"Squeeze", {&Folding::squeeze, 1, 2}},  {"Sub", {&Folding::binary, 2, 2}},
      {"Transpose", {&Folding::transpose, 1, 1}},
      {"Unsqueeze", {&Folding::unsqueeze, 1, 2}},
  };
  return table;
}

} // namespace

bool isFoldable(const std::string &opType) { return opType == "Shape" || opType == "Size" || rules().count(opType); }

std::optional<ConstTensor> foldConstants(const std::string &opType, const ConstInputs &inputs, Attributes &attributes,
                                         ExternalData &external, int64_t limit, std::string &why) {
  const Rule &rule = rules().at(opType);
  if (inputs.size() < rule.least || inputs.size() > rule.most) {
    why = "has " + std::to_string(inputs.size()) + " inputs, which " + opType + " has not";
    return std::nullopt;
  }
  for (size_t index = 0; index < inputs.size(); ++index) {
    const ConstTensor *tensor = inputs[index];
    if (!tensor && index < rule.least) {
      why = "lacks its input " + std::to_string(index);
      return std::nullopt;
    }
    if (tensor && !tensor->is(DataType::Float) && !tensor->isInteger() && !tensor->is(DataType::Bool)) {
      why = "computes on a constant of type " + dataTypeName(tensor->type) + ", which is not supported";
      return std::nullopt;
    }
  }
  Folding folding{opType, inputs, attributes, external, limit, why, {}};
  if (!(folding.*rule.fold)())
    return std::nullopt;
  return std::move(folding.result);
}

} // namespace agc::import
