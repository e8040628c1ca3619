// NumPy's .npy files, versions 1 to 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agc/runtime/array.h"

namespace agc::runtime {

/// Takes an .npy file apart that has to hold exactly `type` and `shape`; Fortran order is turned into C order. Throws agc::Error
/// with a sentence for another type, byte order or shape (nothing is cast or reshaped) and for any damage; the bounds of
/// [data, data + size) hold for every input.
Array parseNpy(const uint8_t* data, size_t size, ElementType type, const std::vector<uint64_t>& shape);

/// The bytes of a version 1 file, C order; the same as numpy.save writes.
std::vector<uint8_t> formatNpy(const Array& array);

}  // namespace agc::runtime
