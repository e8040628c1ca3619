#include "ConstTensor.h"

#include "onnx/onnx.pb.h"

#include <cstring>

namespace agc::import {

// No file that this compiler can use has larger constants, and a lie about a size must not become an allocation.
static constexpr int64_t kMaxCount = int64_t(1) << 31;

std::string dataTypeName(int type) {
  static const char *const names[] = {"undefined", "float32", "uint8",      "int8",       "uint16",   "int16",
                                      "int32",     "int64",   "string",     "bool",       "float16",  "float64",
                                      "uint32",    "uint64",  "complex64",  "complex128", "bfloat16", "float8e4m3fn",
                                      "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1"};
  if (type < 0 || type >= static_cast<int>(std::size(names)))
    return "type " + std::to_string(type);
  return names[type];
}

std::string shapeText(llvm::ArrayRef<int64_t> dims) {
  if (dims.empty())
    return "scalar";
  std::string text;
  for (int64_t dim : dims)
    text += (text.empty() ? "" : "x") + (dim < 0 ? std::string("?") : std::to_string(dim));
  return text;
}

int64_t ConstTensor::count() const {
  int64_t product = 1;
  for (int64_t dim : dims)
    product *= dim;  // readTensor has bounded it
  return product;
}

int64_t ConstTensor::integer(int64_t index) const {
  if (is(DataType::Int8))
    return bytes[index];
  if (is(DataType::Uint8) || is(DataType::Bool))
    return static_cast<uint8_t>(bytes[index]);
  return ints[index];
}

std::vector<float> DequantizedConst::real() const {
  int64_t inner = 1;
  for (size_t dim = axis + 1; dim < values->dims.size(); ++dim)
    inner *= values->dims[dim];
  std::vector<float> result(values->count());
  for (size_t index = 0; index < result.size(); ++index) {
    size_t channel = scales.size() == 1 ? 0 : (index / inner) % scales.size();
    result[index] = static_cast<float>(values->integer(index) - zeros[channel]) * scales[channel];
  }
  return result;
}

// Elements of `size` bytes each in little-endian order.
template <typename Element, typename Out>
static void decode(const std::string &raw, std::vector<Out> &out) {
  out.resize(raw.size() / sizeof(Element));
  for (size_t index = 0; index < out.size(); ++index) {
    Element element;
    std::memcpy(&element, raw.data() + index * sizeof(Element), sizeof(Element));
    out[index] = static_cast<Out>(element);
  }
}

static int64_t elementBytes(const ConstTensor &tensor) {
  return tensor.is(DataType::Int64) ? 8 : tensor.is(DataType::Float) || tensor.is(DataType::Int32) ? 4 : 1;
}

static std::string readRaw(const std::string &raw, ConstTensor &tensor) {
  int64_t size = elementBytes(tensor);
  if (static_cast<int64_t>(raw.size()) != tensor.count() * size)
    return "has " + std::to_string(raw.size()) + " bytes of data where " + shapeText(tensor.dims) + " " +
           dataTypeName(tensor.type) + " needs " + std::to_string(tensor.count() * size) + "; the file is damaged";
  if (tensor.is(DataType::Float))
    decode<float>(raw, tensor.floats);
  else if (tensor.is(DataType::Int32))
    decode<int32_t>(raw, tensor.ints);
  else if (tensor.is(DataType::Int64))
    decode<int64_t>(raw, tensor.ints);
  else
    tensor.bytes.assign(raw.begin(), raw.end());
  return {};
}

// The same from the typed fields, which hold small integers as int32.
static std::string readTyped(const onnx::TensorProto &proto, ConstTensor &tensor) {
  int64_t stored = tensor.is(DataType::Float)   ? proto.float_data_size()
                   : tensor.is(DataType::Int64) ? proto.int64_data_size()
                                                : proto.int32_data_size();
  if (stored != tensor.count())
    return "has " + std::to_string(stored) + " elements where its shape " + shapeText(tensor.dims) + " needs " +
           std::to_string(tensor.count()) + "; the file is damaged";
  if (tensor.is(DataType::Float)) {
    tensor.floats.assign(proto.float_data().begin(), proto.float_data().end());
  } else if (tensor.is(DataType::Int64)) {
    tensor.ints.assign(proto.int64_data().begin(), proto.int64_data().end());
  } else if (tensor.is(DataType::Int32)) {
    tensor.ints.assign(proto.int32_data().begin(), proto.int32_data().end());
  } else {
    int64_t low = tensor.is(DataType::Int8) ? -128 : 0, high = low + 255;
    for (int32_t value : proto.int32_data()) {
      if (value < low || value > high)
        return "holds " + std::to_string(value) + ", which is no " + dataTypeName(tensor.type);
      tensor.bytes.push_back(static_cast<int8_t>(value));
    }
  }
  return {};
}

std::optional<ConstTensor> readTensor(onnx::TensorProto &proto, ExternalData &external, std::string &why) {
  ConstTensor tensor;
  tensor.type = proto.data_type();
  int64_t count = 1;
  for (int64_t dim : proto.dims()) {
    tensor.dims.push_back(dim);
    // Also with a zero among them the others must not overflow.
    if (dim < 0 || (dim > 0 && std::max<int64_t>(count, 1) > kMaxCount / dim)) {
      why = "has a shape that no memory can hold: " + shapeText(tensor.dims);
      return std::nullopt;
    }
    count *= dim;
  }
  if (tensor.dims.size() > 8) {
    why = "has " + std::to_string(tensor.dims.size()) + " dimensions";
    return std::nullopt;
  }
  if (proto.has_segment()) {
    why = "is stored in segments, which is not supported; save the model again with a current onnx package";
    return std::nullopt;
  }
  if (!tensor.is(DataType::Float) && !tensor.isInteger() && !tensor.is(DataType::Bool))
    return tensor;  // whoever uses it says that its type does not do
  if (proto.data_location() == onnx::TensorProto::EXTERNAL || proto.external_data_size() > 0) {
    std::string raw;
    why = external.read(proto, count * elementBytes(tensor), raw);
    if (why.empty())
      why = readRaw(raw, tensor);
    if (!why.empty())
      return std::nullopt;
    return tensor;
  }
  why = proto.has_raw_data() ? readRaw(proto.raw_data(), tensor) : readTyped(proto, tensor);
  proto.clear_raw_data();  // large weights are held once
  if (!why.empty())
    return std::nullopt;
  return tensor;
}

} // namespace agc::import
