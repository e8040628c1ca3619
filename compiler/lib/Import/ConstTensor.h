// Constants of an ONNX file: initializers and Constant nodes.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ExternalData.h"

namespace onnx {
class TensorProto;
}

namespace agc::import {

// Element types by their number in ONNX.
enum class DataType { Undefined = 0, Float = 1, Uint8 = 2, Int8 = 3, Int32 = 6, Int64 = 7, Bool = 9 };

// "float32", "int8", ...; any number of the format has a name.
std::string dataTypeName(int type);

// Decoded elements of the types that the compiler reads; of others only type and shape are kept.
struct ConstTensor {
  int type = 0;
  std::vector<int64_t> dims;
  std::vector<float> floats;   // Float
  std::vector<int64_t> ints;   // Int32, Int64
  std::vector<int8_t> bytes;   // Int8; Uint8 and Bool bit by bit

  bool is(DataType wanted) const { return type == static_cast<int>(wanted); }
  int64_t count() const;
  // The integer at `index` of an Int8, Uint8, Bool, Int32 or Int64 tensor.
  int64_t integer(int64_t index) const;
  bool isInteger() const { return is(DataType::Int8) || is(DataType::Uint8) || is(DataType::Int32) || is(DataType::Int64); }
};

// Reads `proto`, whose data is taken out of it, or out of `external`. On failure the reason is in `why`.
std::optional<ConstTensor> readTensor(onnx::TensorProto &proto, ExternalData &external, std::string &why);

// A constant behind DequantizeLinear: integers, and one scale and zero point for all or one each along `axis`.
struct DequantizedConst {
  std::shared_ptr<const ConstTensor> values;
  std::vector<float> scales;
  std::vector<int64_t> zeros;
  int64_t axis = 0;

  // The real values, each rounded to float32 as DequantizeLinear does.
  std::vector<float> real() const;
};

// "3x96x5x5", "scalar" for no dimensions.
std::string shapeText(llvm::ArrayRef<int64_t> dims);

} // namespace agc::import
