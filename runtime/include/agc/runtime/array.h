// A tensor as the user sees it: dense, C order, little endian.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/runtime/manifest.h"

namespace agc::runtime {

struct Array {
  ElementType type = ElementType::Float32;
  std::vector<uint64_t> shape;
  std::vector<uint8_t> data;  ///< product(shape) * elementBytes(type) bytes
};

}  // namespace agc::runtime
