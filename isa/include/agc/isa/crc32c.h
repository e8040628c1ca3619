#pragma once

#include <cstddef>
#include <cstdint>

namespace agc::isa {

/// CRC-32C (Castagnoli, reflected, as in iSCSI) of `size` bytes. `crc` is the result for the bytes before them, so that
/// crc32c(b, n, crc32c(a, m)) is the sum of a followed by b.
uint32_t crc32c(const void* data, size_t size, uint32_t crc = 0);

}  // namespace agc::isa
