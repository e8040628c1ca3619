// PNG pictures as tensors 1x3xHxW (RGB) or 1x1xHxW (grey).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agc/runtime/array.h"

namespace agc::runtime {

/// Decodes an 8-bit RGB or grey picture into a tensor of exactly `shape`: float32 elements are byte / 255, integer elements the
/// bytes as they are. No colour management. Throws agc::Error with a sentence for alpha, a palette, another depth, size or
/// number of channels, and for any damage.
Array parsePng(const uint8_t* data, size_t size, ElementType type, const std::vector<uint64_t>& shape);

/// Encodes a tensor of shape 1x3xHxW or 1x1xHxW. float32 elements are clamped to [0, 1] (NaN is 0), times 255, rounded to nearest.
std::vector<uint8_t> formatPng(const Array& array);

/// Throws agc::Error when no PNG can have this shape.
void requirePngShape(const std::vector<uint64_t>& shape);

}  // namespace agc::runtime
