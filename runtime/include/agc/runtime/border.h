// Border conversion between a user's tensor and the device's layout C8: the only arithmetic that the host does.
#pragma once

#include <cstdint>

#include "agc/runtime/array.h"

namespace agc::runtime {

/// Packs `array` (type and shape of `tensor`) into `tensor.bytes` bytes at `device`.
/// float32 is quantized as ONNX QuantizeLinear does in float32: x / scale, saturated, rounded half to even, plus zero point.
/// NaN becomes the smallest value of the type, as in ONNX Runtime. Lanes without a channel get the zero point.
void packTensor(const TensorInfo& tensor, const Array& array, uint8_t* device);

/// The inverse: unpacks and, for float32, dequantizes as ONNX DequantizeLinear: float(q - zeroPoint) * scale.
Array unpackTensor(const TensorInfo& tensor, const uint8_t* device);

}  // namespace agc::runtime
