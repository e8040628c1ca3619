#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "agc/isa/crc32c.h"
#include "agc/isa/error.h"
#include "agc/isa/program_file.h"

namespace {

uint64_t get(const std::vector<uint8_t>& file, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (size_t n = 0; n < bytes; ++n) value |= uint64_t{file[at + n]} << 8 * n;
  return value;
}

void put(std::vector<uint8_t>& file, size_t at, size_t bytes, uint64_t value) {
  for (size_t n = 0; n < bytes; ++n) file[at + n] = static_cast<uint8_t>(value >> 8 * n);
}

/// Makes magic, size and all checksums right: no random input would get past them.
void repair(std::vector<uint8_t>& file) {
  if (file.size() < 32) return;
  const uint8_t start[] = {'A', 'G', 'C', 'P', 'R', 'O', 'G', 0, 1, 0, agc::isa::versionMajor, 0, agc::isa::versionMinor, 0};
  std::copy(std::begin(start), std::end(start), file.begin());
  put(file, 20, 4, file.size());
  size_t count = get(file, 14, 2) % 6;
  put(file, 14, 2, count);
  if (32 + 24 * count > file.size()) return;
  for (size_t n = 0; n < count; ++n) {
    size_t entry = 32 + 24 * n;
    const char* types[] = {"MNFT", "CODE", "CNST", "DBUG"};
    std::copy_n(types[file[entry] % 4], 4, &file[entry]);
    uint64_t offset = get(file, entry + 8, 8), size = get(file, entry + 16, 8);
    if (offset <= file.size() && size <= file.size() - offset)
      put(file, entry + 4, 4, agc::isa::crc32c(file.data() + offset, size));
  }
  put(file, 28, 4, 0);
  put(file, 28, 4, agc::isa::crc32c(file.data(), 32 + 24 * count));
}

}  // namespace

// The reader takes a file or refuses it with agc::Error; what it takes can be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> file(data, data + size);
  if (size && data[size - 1] % 8) repair(file);
  try {
    agc::isa::ProgramFile program = agc::isa::read(file.data(), file.size());
    std::vector<uint8_t> again = agc::isa::write(program);
    if (agc::isa::read(again.data(), again.size()).code != program.code) std::abort();
  } catch (const agc::Error&) {
  }
  return 0;
}
