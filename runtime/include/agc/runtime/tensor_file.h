// Tensors from and to files; the format follows from the name's ending, .npy or .png.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/runtime/array.h"

namespace agc::runtime {

/// Throws agc::Error with a sentence when `path` ends in neither .npy nor .png, or is a PNG and `tensor` cannot be one.
void requireTensorFile(const std::string& path, const TensorInfo& tensor);

/// Reads the border tensor `tensor`; sentences name the file and the tensor.
Array readTensorFile(const std::string& path, const TensorInfo& tensor);

/// The file's bytes.
std::vector<uint8_t> formatTensorFile(const std::string& path, const Array& array);

}  // namespace agc::runtime
