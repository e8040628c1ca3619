#include "agc/runtime/tensor_file.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "agc/runtime/npy.h"
#include "agc/runtime/png_image.h"
#include "agc/runtime/text.h"

namespace agc::runtime {
namespace {

/// A file of another shape or type gets a sentence about that, so it is read even when it is somewhat larger than it should be.
uint64_t maxFileBytes(const TensorInfo& tensor) {
  return std::max<uint64_t>(uint64_t{64} << 20, 4 * tensor.elements() * elementBytes(tensor.dtype) + (uint64_t{1} << 20));
}

enum class Format { Npy, Png };

Format formatOf(const std::string& path) {
  std::string ending = path.size() >= 4 ? path.substr(path.size() - 4) : "";
  for (char& c : ending) c = char(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".npy") return Format::Npy;
  if (ending == ".png") return Format::Png;
  throw Error(fmt::format("{} ends in neither .npy nor .png, the two formats of tensors", path));
}

}  // namespace

void requireTensorFile(const std::string& path, const TensorInfo& tensor) {
  if (formatOf(path) == Format::Npy) return;
  try {
    requirePngShape(tensor.shape);
  } catch (const Error& e) {
    throw Error(fmt::format("{} cannot hold tensor {}: {}", path, inQuotes(tensor.name), e.what()));
  }
}

Array readTensorFile(const std::string& path, const TensorInfo& tensor) {
  requireTensorFile(path, tensor);
  const std::vector<uint8_t> bytes = readFile(path, maxFileBytes(tensor));
  try {
    return (formatOf(path) == Format::Npy ? parseNpy : parsePng)(bytes.data(), bytes.size(), tensor.dtype, tensor.shape);
  } catch (const Error& e) {
    throw Error(fmt::format("{} cannot be input {}: {}", path, inQuotes(tensor.name), e.what()));
  }
}

std::vector<uint8_t> formatTensorFile(const std::string& path, const Array& array) {
  return formatOf(path) == Format::Npy ? formatNpy(array) : formatPng(array);
}

}  // namespace agc::runtime
