// Tensors of an ONNX model whose bytes lie in files beside it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace onnx {
class TensorProto;
}

namespace agc::import {

class ExternalData {
public:
  // `folder`: the model's own; files outside of it are never opened. Empty: external data is refused.
  explicit ExternalData(std::string folder) : folder(std::move(folder)) {}

  // The `bytes` bytes of `proto`, which must say that it is external, in `data`. An empty text, or the reason why not as the rest
  // of a sentence that begins with the tensor.
  std::string read(const onnx::TensorProto &proto, int64_t bytes, std::string &data);

private:
  std::string folder;
  std::map<std::string, uint64_t> taken;  // bytes that were read of each file, so that overlapping tensors can not multiply it
};

} // namespace agc::import
