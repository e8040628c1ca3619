// Ops that rename or reorder elements: nothing is moved before an op needs its input as a map.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace agc::import {

static int64_t sizeOf(llvm::ArrayRef<int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t(1), std::multiplies<int64_t>());
}

// What an op that reorders has to write down for each dimension must not fill the memory. Empty when it does not.
static std::string sizeProblem(llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t kMaxReordered = int64_t(1) << 20;
  for (int64_t size : shape)
    if (size > kMaxReordered)
      return "reorders a tensor of shape " + shapeText(shape) + "; supported are dimensions up to 2^20";
  return {};
}

void GraphImporter::importReshape(const onnx::NodeProto &node, Attributes &attributes) {
  bool allowZero = attributes.integer("allowzero", 0) != 0;
  if (!checkInputs(node, 2, 2))
    return;
  std::optional<std::vector<int64_t>> target = integersOf(node, attributes, 1, nullptr);
  const Entry *source = elements(node, 0, false);
  if (!source || !target)
    return;
  View view = viewOf(*source);
  std::vector<int64_t> shape = *target;
  // A view is of one image: the batch stays in front.
  if (batch > 1) {
    if (shape.empty() || (shape[0] != batch && shape[0] != -1 && (shape[0] != 0 || allowZero)))
      return void(mixesImages(0));
    if (shape[0] == -1 && sizeOf(llvm::ArrayRef<int64_t>(shape).drop_front()) != view.count())
      return void(mixesImages(0));
    shape[0] = 1;
  }
  int64_t open = -1, known = 1;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (shape[dim] == 0 && !allowZero && dim < view.shape().size())
      shape[dim] = view.shape()[dim];
    if (shape[dim] == -1 && open < 0)
      open = dim;
    else if (shape[dim] < 1 || shape[dim] > qnn::kMaxElements / known)
      return problem("has a target shape " + shapeText(*target) + ", which does not fit a tensor of shape " + shapeText(view.shape()));
    else
      known *= shape[dim];
  }
  if (open >= 0)
    shape[open] = view.count() / known;
  if (sizeOf(shape) != view.count())
    return problem("has a target shape " + shapeText(*target) + ", which does not fit a tensor of shape " + shapeText(view.shape()));
  defineView(node, 0, *source, view.reshaped(shape));
}

void GraphImporter::importFlatten(const onnx::NodeProto &node, Attributes &attributes) {
  int64_t axis = attributes.integer("axis", 1);
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, false);
  if (!source)
    return;
  View view = viewOf(*source);
  int64_t rank = view.shape().size();
  if (axis < -rank || axis > rank)
    return problem("has an axis " + std::to_string(axis) + " of " + std::to_string(rank) + " dimensions");
  axis += axis < 0 ? rank : 0;
  if (axis != 1 && mixesImages(0))
    return;
  defineView(node, 0, *source, view.reshaped({sizeOf(view.shape().take_front(axis)), sizeOf(view.shape().drop_front(axis))}));
}

void GraphImporter::importSqueeze(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 1, 2))
    return;
  size_t before = problems.size();
  std::optional<std::vector<int64_t>> axes = integersOf(node, attributes, 1, "axes");
  const Entry *source = elements(node, 0, false);
  if (!source || problems.size() != before || (input(node, 1) && !axes))
    return;
  View view = viewOf(*source);
  std::vector<int64_t> shape;
  std::set<int64_t> dropped;
  for (int64_t given : axes.value_or(std::vector<int64_t>())) {
    std::optional<int64_t> axis = axisOf(given, view.shape().size());
    if (!axis)
      return;
    if (mixesImages(*axis))
      return;
    if (view.shape()[*axis] != 1)
      return problem("removes axis " + std::to_string(given) + " of shape " + shapeText(view.shape()) + ", which is not 1");
    dropped.insert(*axis);
  }
  for (size_t axis = 0; axis < view.shape().size(); ++axis)
    if (axis == 0 && batch > 1 && !axes)
      shape.push_back(1);
    else if (axes ? !dropped.count(axis) : view.shape()[axis] != 1)
      shape.push_back(view.shape()[axis]);
  defineView(node, 0, *source, view.reshaped(shape));
}

void GraphImporter::importUnsqueeze(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 1, 2))
    return;
  std::optional<std::vector<int64_t>> axes = integersOf(node, attributes, 1, "axes");
  const Entry *source = elements(node, 0, false);
  if (!source || !axes)
    return;
  View view = viewOf(*source);
  int64_t rank = view.shape().size() + axes->size();
  std::set<int64_t> added;
  for (int64_t given : *axes) {
    std::optional<int64_t> axis = axisOf(given, rank);
    if (!axis)
      return;
    if (mixesImages(*axis))
      return;
    if (!added.insert(*axis).second)
      return problem("has axis " + std::to_string(given) + " twice");
  }
  std::vector<int64_t> shape;
  for (int64_t axis = 0, next = 0; axis < rank; ++axis)
    shape.push_back(added.count(axis) ? 1 : view.shape()[next++]);
  defineView(node, 0, *source, view.reshaped(shape));
}

void GraphImporter::importTranspose(const onnx::NodeProto &node, Attributes &attributes) {
  std::optional<std::vector<int64_t>> given = attributes.integers("perm");
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, false);
  if (!source)
    return;
  View view = viewOf(*source);
  if (std::string wrong = sizeProblem(view.shape()); !wrong.empty())
    return problem(wrong);
  std::vector<int64_t> all(view.shape().size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<int64_t> permutation = given.value_or(std::vector<int64_t>(all.rbegin(), all.rend())), sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != all)
    return problem("has perm = " + shapeText(permutation) + ", which is no order of " + std::to_string(all.size()) + " dimensions");
  if (permutation[0] != 0 && mixesImages(0))
    return;
  defineView(node, 0, *source, view.transposed(permutation));
}

void GraphImporter::importSlice(const onnx::NodeProto &node, Attributes &attributes) {
  if (!checkInputs(node, 3, 5))
    return;
  std::optional<std::vector<int64_t>> starts = integersOf(node, attributes, 1, nullptr), ends = integersOf(node, attributes, 2, nullptr);
  const Entry *source = elements(node, 0, false);
  if (!source || !starts || !ends)
    return;
  View view = viewOf(*source);
  if (std::string wrong = sizeProblem(view.shape()); !wrong.empty())
    return problem(wrong);
  std::vector<int64_t> axes(starts->size()), steps(starts->size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  for (auto [index, values] : {std::pair{3, &axes}, std::pair{4, &steps}})
    if (input(node, index)) {
      std::optional<std::vector<int64_t>> given = integersOf(node, attributes, index, nullptr);
      if (!given)
        return;
      *values = *given;
    }
  if (ends->size() != starts->size() || axes.size() != starts->size() || steps.size() != starts->size())
    return problem("has starts, ends, axes and steps of different lengths");
  for (size_t index = 0; index < axes.size(); ++index) {
    std::optional<int64_t> axis = axisOf(axes[index], view.shape().size());
    if (!axis)
      return;
    if (mixesImages(*axis))
      return;
    int64_t size = view.shape()[*axis], start = (*starts)[index], end = (*ends)[index], step = steps[index];
    if (step < 1)
      return problem("has a step of " + std::to_string(step) + "; supported are steps of at least 1");
    start = std::clamp<int64_t>(start < 0 ? std::max(start, -size) + size : start, 0, size);
    end = std::clamp<int64_t>(end < 0 ? std::max(end, -size - 1) + size : end, 0, size);
    std::vector<int64_t> indices;
    for (int64_t place = start; place < end; place += std::min(step, size))
      indices.push_back(place);
    view = view.picked(*axis, indices);
    if (indices.empty())
      return problem("makes a tensor without elements, " + shapeText(view.shape()));
  }
  defineView(node, 0, *source, view);
}

void GraphImporter::importSplit(const onnx::NodeProto &node, Attributes &attributes) {
  int64_t given = attributes.integer("axis", 0), parts = attributes.integer("num_outputs", node.output_size());
  if (!checkInputs(node, 1, 2))
    return;
  size_t before = problems.size();
  std::optional<std::vector<int64_t>> sizes = integersOf(node, attributes, 1, nullptr);
  const Entry *source = elements(node, 0, false);
  if (!source || problems.size() != before || (input(node, 1) && !sizes))
    return;
  const Entry whole = *source;  // defining a result may move the entries
  View view = viewOf(whole);
  if (std::string wrong = sizeProblem(view.shape()); !wrong.empty())
    return problem(wrong);
  std::optional<int64_t> axis = axisOf(given, view.shape().size());
  if (!axis || mixesImages(*axis))
    return;
  int64_t size = view.shape()[*axis];
  if (parts != node.output_size() || parts < 1)
    return problem("has num_outputs = " + std::to_string(parts) + " and " + std::to_string(node.output_size()) + " results");
  int64_t each = (size + parts - 1) / parts;
  if (!sizes) {
    sizes.emplace();
    for (int64_t part = 0, rest = size; part < parts; ++part, rest -= each)
      sizes->push_back(std::clamp<int64_t>(rest, 0, each));
  }
  int64_t total = 0;
  for (int64_t part : *sizes)
    total += part < 0 || part > size ? size + 1 : part;
  if (static_cast<int64_t>(sizes->size()) != parts || total != size)
    return problem("splits " + std::to_string(size) + " elements along axis " + std::to_string(given) + " into parts of " + shapeText(*sizes));
  for (int64_t part = 0, start = 0; part < parts; start += (*sizes)[part++]) {
    std::vector<int64_t> indices((*sizes)[part]);
    std::iota(indices.begin(), indices.end(), start);
    if (!node.output(part).empty())
      defineView(node, part, whole, view.picked(*axis, indices));
  }
}

// [N, C, H, W] and the block size; false, with a report, when they do not fit.
static std::string blockProblem(llvm::ArrayRef<int64_t> shape, int64_t block) {
  if (shape.size() != 4)
    return "has an input of shape " + shapeText(shape) + "; supported are four dimensions";
  if (block < 1)
    return "has a blocksize of " + std::to_string(block) + "; it must be at least 1";
  return {};
}

void GraphImporter::importDepthToSpace(const onnx::NodeProto &node, Attributes &attributes) {
  int64_t block = attributes.integer("blocksize", 0);
  std::string mode = attributes.text("mode", "DCR");
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, false);
  if (!source)
    return;
  View view = viewOf(*source);
  std::vector<int64_t> shape = view.shape().vec();
  if (std::string wrong = blockProblem(shape, block); !wrong.empty())
    return problem(wrong);
  if (mode != "DCR" && mode != "CRD")
    return problem("has mode '" + printable(mode) + "'; supported are DCR and CRD");
  if (block > shape[1] || shape[1] % (block * block) != 0)
    return problem("has a blocksize of " + std::to_string(block) + ", whose square does not divide " + std::to_string(shape[1]) + " channels");
  int64_t depth = shape[1] / (block * block);
  View moved = mode == "DCR" ? view.reshaped({shape[0], block, block, depth, shape[2], shape[3]}).transposed({0, 3, 4, 1, 5, 2})
                             : view.reshaped({shape[0], depth, block, block, shape[2], shape[3]}).transposed({0, 1, 4, 2, 5, 3});
  defineView(node, 0, *source, moved.reshaped({shape[0], depth, shape[2] * block, shape[3] * block}));
}

void GraphImporter::importSpaceToDepth(const onnx::NodeProto &node, Attributes &attributes) {
  int64_t block = attributes.integer("blocksize", 0);
  if (!checkInputs(node, 1, 1))
    return;
  const Entry *source = elements(node, 0, false);
  if (!source)
    return;
  View view = viewOf(*source);
  std::vector<int64_t> shape = view.shape().vec();
  if (std::string wrong = blockProblem(shape, block); !wrong.empty())
    return problem(wrong);
  if (shape[2] % block != 0 || shape[3] % block != 0)
    return problem("has a blocksize of " + std::to_string(block) + ", which does not divide height and width of " + shapeText(shape));
  View moved = view.reshaped({shape[0], shape[1], shape[2] / block, block, shape[3] / block, block}).transposed({0, 3, 5, 1, 2, 4});
  defineView(node, 0, *source, moved.reshaped({shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block}));
}

} // namespace agc::import
