// The PNG reader. Byte 0 of the input: bits 1:0 the type, bit 2 one channel instead of three, bit 3 leave wrong checksums alone; then
// the file. Its own small size is what is asked for, so that more than the first chunk is read.
#include <algorithm>
#include <vector>

#include <zlib.h>

#include "agc/isa/error.h"
#include "agc/runtime/png_image.h"
#include "fuzz.h"

using namespace agc::runtime;

namespace {

constexpr size_t kSignature = 8, kHeader = 8, kCrc = 4;
constexpr uint32_t kLargestSide = 300;

uint32_t get(const uint8_t* at) { return uint32_t(at[0]) << 24 | uint32_t(at[1]) << 16 | uint32_t(at[2]) << 8 | at[3]; }

/// Makes the checksums of all chunks right: no random change would get past them.
void repair(std::vector<uint8_t>& file) {
  for (size_t at = kSignature; at + kHeader + kCrc <= file.size();) {
    const uint64_t length = get(&file[at]);
    if (length > file.size() - at - kHeader - kCrc) return;
    const auto crc = uint32_t(crc32(crc32(0, nullptr, 0), &file[at + 4], uInt(length + 4)));
    for (size_t b = 0; b < kCrc; ++b) file[at + kHeader + length + b] = uint8_t(crc >> (24 - 8 * b));
    at += kHeader + length + kCrc;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const auto type = ElementType((data[0] & 3) % 3);
  std::vector<uint8_t> file(data + 1, data + size);
  if (!(data[0] & 8)) repair(file);
  uint64_t width = 8, height = 4;
  if (file.size() >= 24) {
    width = std::min(get(&file[16]), kLargestSide);
    height = std::min(get(&file[20]), kLargestSide);
  }
  const std::vector<uint64_t> shape = {1, data[0] & 4 ? 1u : 3u, height, width};
  try {
    const Array array = parsePng(file.data(), file.size(), type, shape);
    FUZZ_REQUIRE(array.shape == shape && array.data.size() == shape[1] * height * width * elementBytes(type));
    const std::vector<uint8_t> again = formatPng(array);
    FUZZ_REQUIRE(parsePng(again.data(), again.size(), type, shape).data == array.data);
  } catch (const agc::Error& e) {
    FUZZ_REQUIRE(*e.what());
  }
  return 0;
}
