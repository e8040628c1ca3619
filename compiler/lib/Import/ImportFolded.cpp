// Constants and shapes that the file computes: done here, so that nothing of them reaches the machine.
#include "FoldConstants.h"
#include "GraphImporter.h"
#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

namespace agc::import {

// Elements of all constants together that nodes may make; weights of the file itself do not count.
static constexpr int64_t kMaxFolded = int64_t(1) << 24;

bool GraphImporter::importFolded(const onnx::NodeProto &node) {
  bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard || !isFoldable(node.op_type()))
    return false;
  bool shape = node.op_type() == "Shape" || node.op_type() == "Size", unknown = false;
  ConstInputs inputs;
  for (int index = 0; index < node.input_size(); ++index) {
    const Entry *entry = input(node, index);
    if (entry && !shape && !entry->constant && !entry->isHost)
      return false;  // on feature maps it is an op like others
    unknown |= entry && entry->unknown();
    inputs.push_back(entry ? entry->constant.get() : nullptr);
  }
  // Constants behind DequantizeLinear are the float values that they stand for.
  std::vector<ConstTensor> reals(shape ? 0 : node.input_size());
  for (size_t index = 0; index < reals.size(); ++index)
    if (const Entry *entry = input(node, static_cast<int>(index)); entry && entry->dequantized) {
      reals[index].type = static_cast<int>(DataType::Float);
      reals[index].dims = entry->dequantized->values->dims;
      reals[index].floats = entry->dequantized->real();
      inputs[index] = &reals[index];
    }
  if (!checkResults(node))
    return true;
  entries[node.output(0)].isHost = true;
  Attributes attributes(node, [this](const std::string &sentence) { problem(sentence); });
  if (unknown)
    return true;  // reported where it became so
  std::string why;
  Entry result;
  if (shape) {
    if (!checkInputs(node, 1, 1) || !input(node, 0)) {
      problem("lacks its input 0");
      return true;
    }
    result.constant = std::make_shared<ConstTensor>(shapeConstant(node, attributes));
  } else if (std::optional<ConstTensor> folded = foldConstants(node.op_type(), inputs, attributes, external, kMaxFolded - foldedElements, why)) {
    foldedElements += folded->count();
    result.constant = std::make_shared<ConstTensor>(std::move(*folded));
  } else {
    problem(why + "; export the model again, or put the constant that it makes in its place");
    return true;
  }
  attributes.finish();
  define(node, result);
  return true;
}

// Shape (with start and end) and Size of a tensor whose shape is known.
ConstTensor GraphImporter::shapeConstant(const onnx::NodeProto &node, Attributes &attributes) {
  const Entry &entry = *input(node, 0);
  std::vector<int64_t> dims = entry.constant      ? entry.constant->dims
                              : entry.dequantized ? entry.dequantized->values->dims
                                                  : onnxShape(entry);
  ConstTensor tensor;
  tensor.type = static_cast<int>(DataType::Int64);
  if (node.op_type() == "Size") {
    int64_t count = 1;
    for (int64_t dim : dims)
      count *= dim;
    tensor.ints = {count};
    return tensor;
  }
  int64_t rank = static_cast<int64_t>(dims.size());
  auto bounded = [&](int64_t value) { return std::clamp<int64_t>(value < 0 ? std::max(value, -rank) + rank : value, 0, rank); };
  int64_t start = bounded(attributes.integer("start", 0)), end = bounded(attributes.integer("end", rank));
  for (int64_t dim = start; dim < end; ++dim)
    tensor.ints.push_back(dims[dim]);
  tensor.dims = {static_cast<int64_t>(tensor.ints.size())};
  return tensor;
}

} // namespace agc::import
