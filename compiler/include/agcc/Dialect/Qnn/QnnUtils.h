// Small questions that the passes, the importer and the back end ask about qnn values.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"

#include <string>
#include <vector>

namespace agc::qnn {

// Limits of the machine's instruction fields (isa/isa.json) and of what the compiler accepts at all.
constexpr int64_t kMaxKernel = 15;
constexpr int64_t kMaxFusedKernel = 64;  // of the canonical op; the scheduler runs it in parts
constexpr int64_t kMaxInterleave = 8;
constexpr int64_t kMaxStride = 7;
constexpr int64_t kMaxDilation = 15;
constexpr int64_t kMaxPad = 127;
constexpr int64_t kMaxDim = 65536;
constexpr int64_t kMaxElements = int64_t(1) << 30;

// The int8 quantization of a feature map, or null when its elements are not quantized.
mlir::quant::UniformQuantizedType quantTypeOf(mlir::Type tensor);
inline mlir::quant::UniformQuantizedType quantTypeOf(mlir::Value value) { return quantTypeOf(value.getType()); }
bool isFloatTensor(mlir::Type tensor);

// int8 with this scale and zero point; scale is finite and positive, the zero point in -128..127.
mlir::quant::UniformQuantizedType int8Type(mlir::MLIRContext *context, double scale, int64_t zeroPoint);

// The shape of `tensor` with another element type.
mlir::RankedTensorType withElement(mlir::Type tensor, mlir::Type element);

// The ONNX node name of a location (NameLoc, also inside fused ones); empty when there is none.
std::string nodeName(mlir::Location loc);

// "Conv '/m/conv1'" for messages, or the op's own name where it has no node name.
std::string describe(mlir::Operation *op);

// The ONNX op type that a qnn op stands for ("Conv", "Relu", ...).
llvm::StringRef onnxOpType(mlir::Operation *op);

// Values of an int8 elements attribute, dense or resource. Empty when it is neither.
std::vector<int8_t> int8Values(mlir::ElementsAttr attr);

// Output length of a convolution along one axis; at most 0 when the window does not fit.
int64_t convOutputSize(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, int64_t padBefore, int64_t padAfter);

} // namespace agc::qnn
