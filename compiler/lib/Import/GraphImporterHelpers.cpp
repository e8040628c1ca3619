// What the import of each op needs.
#include "GraphImporter.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

namespace agc::import {

void GraphImporter::problem(const std::string &sentence) { problems.push_back(current + " " + sentence); }

const Entry *GraphImporter::input(const onnx::NodeProto &node, int index) {
  if (index >= node.input_size() || node.input(index).empty())
    return nullptr;
  auto found = entries.find(node.input(index));
  // Names that nobody provides are reported with the structure of the graph.
  static const Entry kUnknown;
  return found == entries.end() ? &kUnknown : &found->second;
}

mlir::Value GraphImporter::map(const onnx::NodeProto &node, int index) {
  const Entry *entry = input(node, index);
  if (!entry) {
    problem("lacks its input " + std::to_string(index));
    return nullptr;
  }
  if (entry->isConstant()) {
    problem("reads the constant '" + printable(node.input(index)) + "' where a feature map is expected; fold it into its neighbours");
    return nullptr;
  }
  return entry->value ? materialize(*entry) : nullptr;
}

mlir::Value GraphImporter::floatMap(const onnx::NodeProto &node, int index) {
  mlir::Value value = map(node, index);
  if (value && !qnn::isFloatTensor(value.getType())) {
    problem("reads '" + printable(node.input(index)) + "', which is an integer tensor; put a DequantizeLinear between");
    return nullptr;
  }
  return value;
}

std::vector<int64_t> GraphImporter::onnxShape(mlir::Type type, int rank) const {
  std::vector<int64_t> shape = llvm::cast<mlir::RankedTensorType>(type).getShape().vec();
  shape[0] = batch;
  if (rank <= 3)
    shape.erase(shape.begin() + 2);
  if (rank == 2)
    shape.pop_back();
  return shape;
}

std::vector<int64_t> GraphImporter::onnxShape(const Entry &entry) const {
  std::vector<int64_t> shape = imageShape(entry);
  if (batch > 1 && !shape.empty())
    shape[0] = batch;
  return shape;
}

std::vector<int64_t> GraphImporter::machineShape(llvm::ArrayRef<int64_t> shape) {
  return {1, shape[1], shape.size() == 4 ? shape[2] : 1, shape.size() > 2 ? shape.back() : 1};
}

void GraphImporter::define(const onnx::NodeProto &node, Entry entry) { defineResult(node, 0, std::move(entry)); }

void GraphImporter::defineResult(const onnx::NodeProto &node, int result, Entry entry) {
  if (result >= node.output_size() || node.output(result).empty())
    return;
  const std::string &name = node.output(result);
  if (entry.value) {
    std::vector<int64_t> shape = onnxShape(entry);
    auto found = declared.find(name);
    if (found != declared.end() && !shapesReplaced) {
      bool same = found->second.size() == shape.size();
      for (size_t dim = 0; same && dim < shape.size(); ++dim)
        same = found->second[dim] < 0 || found->second[dim] == shape[dim];
      if (!same)
        problem("makes '" + printable(name) + "' of shape " + shapeText(shape) + ", which the file declares as " + shapeText(found->second) +
                "; run ONNX shape inference on the file again");
    }
  }
  entry.isHost |= entry.isConstant();
  entries[name] = std::move(entry);
}

mlir::Type GraphImporter::mapType(llvm::ArrayRef<int64_t> shape, mlir::Type element) {
  int64_t count = std::max<int64_t>(batch, 1);
  for (int64_t dim : shape) {
    if (dim < 1 || dim > qnn::kMaxDim) {
      problem("has shape " + shapeText(shape) + "; each dimension must be in 1.." + std::to_string(qnn::kMaxDim));
      return nullptr;
    }
    count = std::min(count * dim, qnn::kMaxElements + 1);  // of all images
  }
  if (count > qnn::kMaxElements) {
    problem("has shape " + shapeText(shape) + ", more than 2^30 elements");
    return nullptr;
  }
  return mlir::RankedTensorType::get(shape, element);
}

bool GraphImporter::checkInputs(const onnx::NodeProto &node, int least, int most) {
  if (node.input_size() >= least && node.input_size() <= most)
    return true;
  std::string wanted = least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
  problem("has " + std::to_string(node.input_size()) + " inputs; " + node.op_type() + " has " + wanted);
  return false;
}

} // namespace agc::import
