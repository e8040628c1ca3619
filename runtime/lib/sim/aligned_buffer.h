// Scratch memory of the kernels: aligned to cache lines, never cleared, kept until something larger is needed.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace agc::runtime {

/// `count` or a little more 16-bit values, in an odd number of cache lines: what lies that far apart spreads over all sets of a cache.
inline size_t oddLines(size_t count) { return ((count + 31) / 32 | 1) * 32; }

/// Room for values of a trivial type T. Contents are undefined after every reserve().
template <typename T>
class AlignedBuffer {
 public:
  /// At least `count` values; throws std::bad_alloc.
  T* reserve(size_t count) {
    if (count > capacity_) {
      data_.reset();  // the old one first: both together may not fit
      capacity_ = 0;
      data_.reset(static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{kAlignment})));
      capacity_ = count;
    }
    return data_.get();
  }

 private:
  static constexpr size_t kAlignment = 64;
  struct Delete {
    void operator()(T* data) const { ::operator delete(data, std::align_val_t{kAlignment}); }
  };
  std::unique_ptr<T, Delete> data_;
  size_t capacity_ = 0;
};

}  // namespace agc::runtime
