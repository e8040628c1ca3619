// Attributes of one ONNX node, each read by name with its type; what nobody asked for is reported.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace onnx {
class AttributeProto;
class NodeProto;
class TensorProto;
}

namespace agc::import {

class Attributes {
public:
  // `problem` gets one sentence fragment per wrong attribute.
  Attributes(const onnx::NodeProto &node, std::function<void(const std::string &)> problem);

  int64_t integer(const std::string &name, int64_t otherwise);
  std::optional<float> real(const std::string &name);
  std::string text(const std::string &name, const std::string &otherwise);
  std::optional<std::vector<int64_t>> integers(const std::string &name);
  std::optional<std::vector<float>> reals(const std::string &name);
  const onnx::TensorProto *tensor(const std::string &name);
  bool has(const std::string &name);
  // Accepts an attribute that changes nothing here.
  void ignore(const std::string &name) { used.insert(name); }
  // Reports attributes that were not asked for.
  void finish();

private:
  const onnx::AttributeProto *find(const std::string &name, int type, const char *typeName);

  const onnx::NodeProto &node;
  std::function<void(const std::string &)> problem;
  std::set<std::string> used;
};

} // namespace agc::import
