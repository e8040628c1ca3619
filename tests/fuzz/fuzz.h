// What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput, and perhaps LLVMFuzzerCustomMutator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// A promise of the code under test: a broken one ends the run as a crash does, in every build.
#define FUZZ_REQUIRE(condition)                                                                  \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);               \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)

extern "C" {
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/// libFuzzer's own mutations of `size` bytes, in place; returns the new size, at most `maxSize`.
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t maxSize);
}
