#include "agc/runtime/border.h"

#include <cstring>

#include <fmt/format.h>

#include "agc/isa/error.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

/// Bytes of uint8 tensors are held with their upper bit flipped: q - 128.
uint8_t storedFlip(const Quantization& quant) { return quant.type == ElementType::Uint8 ? 0x80 : 0; }

/// QuantizeLinear of one value, as a byte of `quant.type`.
class Quantizer {
 public:
  explicit Quantizer(const Quantization& quant)
      : scale_(quant.scale), zeroPoint_(quant.zeroPoint),
        low_(float((quant.type == ElementType::Int8 ? -128 : 0) - quant.zeroPoint)),
        high_(float((quant.type == ElementType::Int8 ? 127 : 255) - quant.zeroPoint)) {}

  uint8_t operator()(float x) const {
    float v = x / scale_;
    v = v > low_ ? v : low_;  // NaN ends here
    v = v < high_ ? v : high_;
    // Adding 1.5 * 2^23 leaves no fraction bits: the addition itself rounds half to even.
    constexpr float kRound = 12582912.0f;
    const float shifted = v + kRound;
    return uint8_t(int32_t(shifted - kRound) + zeroPoint_);
  }

 private:
  float scale_;
  int32_t zeroPoint_;
  float low_, high_;
};

/// Calls f(index in C order, byte offset in C8) for every element.
template <typename F>
void forEachElement(const PlaneShape& s, F&& f) {
  const uint64_t plane = s.height * s.width, blocks = s.channelBlocks();
  for (uint64_t n = 0; n < s.batch; ++n)
    for (uint64_t c = 0; c < s.channels; ++c) {
      const uint64_t from = (n * s.channels + c) * plane;
      const uint64_t to = (n * blocks + c / 8) * plane * 8 + c % 8;
      for (uint64_t p = 0; p < plane; ++p) f(from + p, to + 8 * p);
    }
}

}  // namespace

void packTensor(const TensorInfo& tensor, const Array& array, uint8_t* device) {
  if (array.type != tensor.dtype || array.shape != tensor.shape)
    throw Error(fmt::format("input {} is {} {}, not {} {}", inQuotes(tensor.name), elementTypeName(tensor.dtype), shapeText(tensor.shape),
                            elementTypeName(array.type), shapeText(array.shape)));
  const PlaneShape shape = planeShape(tensor.shape);
  const uint8_t flip = storedFlip(tensor.quant);
  if (shape.channels % 8) std::memset(device, uint8_t(tensor.quant.zeroPoint) ^ flip, tensor.bytes);
  const uint8_t* source = array.data.data();
  if (tensor.dtype == ElementType::Float32) {
    const Quantizer quantize(tensor.quant);
    forEachElement(shape, [&](uint64_t from, uint64_t to) {
      float x;
      std::memcpy(&x, source + 4 * from, 4);
      device[to] = quantize(x) ^ flip;
    });
  } else {
    forEachElement(shape, [&](uint64_t from, uint64_t to) { device[to] = source[from] ^ flip; });
  }
}

Array unpackTensor(const TensorInfo& tensor, const uint8_t* device) {
  Array array{tensor.dtype, tensor.shape, std::vector<uint8_t>(tensor.elements() * elementBytes(tensor.dtype))};
  const PlaneShape shape = planeShape(tensor.shape);
  const uint8_t flip = storedFlip(tensor.quant);
  uint8_t* out = array.data.data();
  if (tensor.dtype == ElementType::Float32) {
    float table[256];  // every byte that a device can hold
    for (int b = 0; b < 256; ++b) {
      const uint8_t q = uint8_t(b) ^ flip;
      const int32_t value = tensor.quant.type == ElementType::Int8 ? int32_t(int8_t(q)) : int32_t(q);
      table[b] = float(value - tensor.quant.zeroPoint) * tensor.quant.scale;
    }
    forEachElement(shape, [&](uint64_t to, uint64_t from) { std::memcpy(out + 4 * to, &table[device[from]], 4); });
  } else {
    forEachElement(shape, [&](uint64_t to, uint64_t from) { out[to] = device[from] ^ flip; });
  }
  return array;
}

}  // namespace agc::runtime
