// The .npy reader. Byte 0 of the input says which type is wanted, byte 1 which shape; the file follows.
#include "agc/isa/error.h"
#include "agc/runtime/npy.h"
#include "fuzz.h"

using namespace agc::runtime;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const std::vector<uint64_t> shapes[] = {{1, 3, 4, 8}, {2, 3, 5}, {1, 8}, {7}, {1, 1, 1, 1}, {1, 4096, 1, 1}};
  const auto type = ElementType(data[0] % 3);
  const std::vector<uint64_t>& shape = shapes[data[1] % std::size(shapes)];
  try {
    const Array array = parseNpy(data + 2, size - 2, type, shape);
    uint64_t bytes = elementBytes(type);
    for (uint64_t d : shape) bytes *= d;
    FUZZ_REQUIRE(array.type == type && array.shape == shape && array.data.size() == bytes);
    const std::vector<uint8_t> file = formatNpy(array);
    FUZZ_REQUIRE(parseNpy(file.data(), file.size(), type, shape).data == array.data);
  } catch (const agc::Error& e) {
    FUZZ_REQUIRE(*e.what());
  }
  return 0;
}
