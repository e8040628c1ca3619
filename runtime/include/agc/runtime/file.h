// Whole files: reading with a size limit, writing so that a reader never sees half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace agc::runtime {

/// Reads a whole file. Throws agc::Error naming `path` when it is missing, unreadable, a folder, or larger than `maxBytes`.
std::vector<uint8_t> readFile(const std::string& path, uint64_t maxBytes);

/// A file that appears under its name only when complete: bytes go to a temporary file in the same folder, commit() renames it.
/// Without commit() the destructor removes it. A destination that is no regular file (a device, a pipe) is written in place.
class AtomicFile {
 public:
  /// Creates the temporary file, so that an unwritable destination is known before the work is done. Throws agc::Error.
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  AtomicFile& operator=(AtomicFile&&) = delete;

  /// Appends; throws agc::Error with the system's reason (disk full, ...).
  void write(const void* data, size_t size);
  /// Flushes to the disk without showing the file: afterwards publish() can fail for odd reasons only.
  void finish();
  /// Puts the file in its place.
  void publish();
  /// finish() and publish().
  void commit();

  const std::string& path() const { return path_; }

 private:
  std::string path_, temporary_;
  int fd_ = -1;
};

}  // namespace agc::runtime
