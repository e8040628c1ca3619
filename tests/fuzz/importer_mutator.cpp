// Changes to ONNX models that leave them ONNX models: other ops, wires, attributes, shapes and constants.
#include <algorithm>
#include <cmath>
#include <random>

#include "agcc/Import/OnnxImporter.h"
#include "fuzz.h"
#include "onnx/onnx.pb.h"

using Random = std::minstd_rand;

namespace {

size_t below(Random &random, size_t n) { return n ? random() / 7 % n : 0; }

int64_t anyNumber(Random &random, int64_t old) {
  static const int64_t odd[] = {0, 1, -1, 2, 3, 8, 127, 128, 255, 65536, INT32_MAX, INT32_MIN, int64_t{1} << 32, int64_t{1} << 40, INT64_MAX, INT64_MIN};
  switch (below(random, 4)) {
    case 0: return odd[below(random, std::size(odd))];
    case 1: return old < INT64_MAX ? old + 1 : old;
    case 2: return old > INT64_MIN ? old - 1 : old;
    default: return int64_t(below(random, 12));
  }
}

float anyFloat(Random &random, float old) {
  static const float odd[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 1e-45f, 1e38f, INFINITY, -INFINITY, NAN};
  return below(random, 2) ? odd[below(random, std::size(odd))] : old * float(1 + below(random, 4)) / 2;
}

void mutateText(std::string &text, Random &random) {
  const size_t size = text.size();
  text.resize(size + 1 + below(random, 8));
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(text.data()), size, text.size()));
}

template <typename Repeated>
auto *any(Repeated *items, Random &random) {
  return items->empty() ? nullptr : items->Mutable(int(below(random, size_t(items->size()))));
}

/// Removes, doubles or swaps items.
template <typename Repeated>
void mutateList(Repeated *items, Random &random) {
  if (items->empty()) return;
  const int at = int(below(random, size_t(items->size()))), other = int(below(random, size_t(items->size())));
  switch (below(random, 3)) {
    case 0: items->DeleteSubrange(at, 1); break;
    case 1: *items->Add() = typename Repeated::value_type(items->Get(at)); break;
    default: items->SwapElements(at, other);
  }
}

void mutateNumbers(google::protobuf::RepeatedField<int64_t> *numbers, Random &random) {
  const size_t kind = below(random, 6);
  if (kind == 0) numbers->Add(anyNumber(random, 1));
  else if (kind == 1 && !numbers->empty()) numbers->RemoveLast();
  else if (!numbers->empty()) {
    int64_t &number = *numbers->Mutable(int(below(random, size_t(numbers->size()))));
    number = anyNumber(random, number);
  }
}

/// The name of some value of the graph, of none now and then.
std::string anyValue(const onnx::GraphProto &graph, Random &random) {
  std::vector<std::string> names = {"", "nowhere"};
  for (const auto &input : graph.input()) names.push_back(input.name());
  for (const auto &constant : graph.initializer()) names.push_back(constant.name());
  for (const auto &node : graph.node()) names.insert(names.end(), node.output().begin(), node.output().end());
  return names[below(random, names.size())];
}

void mutateTensor(onnx::TensorProto &tensor, Random &random) {
  switch (below(random, 7)) {
    case 0: mutateNumbers(tensor.mutable_dims(), random); break;
    case 1: tensor.set_data_type(int(below(random, 24))); break;
    case 2: mutateText(*tensor.mutable_raw_data(), random); break;
    case 3: {  // a scalar of any value, as scales and bounds are
      const float value = anyFloat(random, 1.0f);
      tensor.mutable_raw_data()->assign(reinterpret_cast<const char *>(&value), sizeof value);
      break;
    }
    case 4: {
      auto *entry = tensor.add_external_data();
      entry->set_key(below(random, 2) ? "location" : "offset");
      entry->set_value(below(random, 2) ? "../weights.bin" : "-1");
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
      break;
    }
    case 5: tensor.add_float_data(anyFloat(random, 1.0f)); break;
    default: tensor.add_int32_data(int32_t(anyNumber(random, 1)));
  }
}

void mutateAttribute(onnx::AttributeProto &attribute, Random &random) {
  switch (below(random, 6)) {
    case 0: mutateNumbers(attribute.mutable_ints(), random); break;
    case 1: attribute.set_i(anyNumber(random, attribute.i())); break;
    case 2: attribute.set_f(anyFloat(random, attribute.f())); break;
    case 3: mutateText(*attribute.mutable_s(), random); break;
    case 4: attribute.set_type(onnx::AttributeProto::AttributeType(below(random, 12))); break;
    default:
      if (attribute.has_t()) mutateTensor(*attribute.mutable_t(), random);
      else mutateNumbers(attribute.mutable_ints(), random);
  }
}

void mutateNode(onnx::NodeProto &node, const onnx::GraphProto &graph, Random &random) {
  static const std::vector<std::string> ops = agc::supportedOnnxOps();
  switch (below(random, 8)) {
    case 0: node.set_op_type(ops[below(random, ops.size())]); break;
    case 1:
    case 2:
      if (std::string *input = any(node.mutable_input(), random)) *input = anyValue(graph, random);
      break;
    case 3: below(random, 2) ? mutateList(node.mutable_input(), random) : mutateList(node.mutable_output(), random); break;
    case 4: mutateList(node.mutable_attribute(), random); break;
    case 5: {  // an attribute of another node
      const onnx::NodeProto &other = graph.node(int(below(random, size_t(graph.node_size()))));
      if (other.attribute_size()) *node.add_attribute() = onnx::AttributeProto(other.attribute(int(below(random, size_t(other.attribute_size())))));
      break;
    }
    case 6: mutateText(below(random, 4) ? *node.mutable_name() : *node.mutable_domain(), random); break;
    default:
      if (auto *attribute = any(node.mutable_attribute(), random)) mutateAttribute(*attribute, random);
  }
}

void mutateBorder(onnx::ValueInfoProto &value, Random &random) {
  onnx::TypeProto::Tensor &tensor = *value.mutable_type()->mutable_tensor_type();
  switch (below(random, 5)) {
    case 0: tensor.set_elem_type(int(below(random, 24))); break;
    case 1: mutateList(tensor.mutable_shape()->mutable_dim(), random); break;
    case 2: mutateText(*value.mutable_name(), random); break;
    default:
      if (auto *dim = any(tensor.mutable_shape()->mutable_dim(), random)) {
        if (below(random, 6) == 0) dim->set_dim_param("n");
        else dim->set_dim_value(anyNumber(random, dim->dim_value()));
      }
  }
}

void mutateModel(onnx::ModelProto &model, Random &random) {
  onnx::GraphProto &graph = *model.mutable_graph();
  switch (below(random, 16)) {
    case 0: mutateList(graph.mutable_node(), random); break;
    case 1: mutateList(graph.mutable_initializer(), random); break;
    case 2: below(random, 2) ? mutateList(graph.mutable_input(), random) : mutateList(graph.mutable_output(), random); break;
    case 3: {
      auto *border = below(random, 2) ? any(graph.mutable_input(), random) : any(graph.mutable_output(), random);
      if (border) mutateBorder(*border, random);
      break;
    }
    case 4:
      if (auto *opset = any(model.mutable_opset_import(), random)) opset->set_version(int64_t(below(random, 30)));
      break;
    case 5:
    case 6:
    case 7:
    case 8:
      if (auto *tensor = any(graph.mutable_initializer(), random)) mutateTensor(*tensor, random);
      break;
    case 9:
      if (auto *output = any(graph.mutable_output(), random)) output->set_name(anyValue(graph, random));
      break;
    default:
      if (auto *node = any(graph.mutable_node(), random)) mutateNode(*node, graph, random);
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed) {
  Random random(seed);
  onnx::ModelProto model;
  if (below(random, 16) && model.ParseFromArray(data, int(size))) {
    for (size_t n = 1 + below(random, 3); n > 0; --n) mutateModel(model, random);
    std::string bytes;
    if (model.SerializeToString(&bytes) && bytes.size() <= maxSize) {
      std::copy(bytes.begin(), bytes.end(), data);
      return bytes.size();
    }
  }
  return LLVMFuzzerMutate(data, size, maxSize);
}
