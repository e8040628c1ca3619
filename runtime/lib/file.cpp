#include "agc/runtime/file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "agc/isa/error.h"

namespace agc::runtime {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw Error(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

/// The file a chain of links ends at, so that renaming replaces the file and not the link.
std::string followLinks(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved) return path;
  std::string target = resolved;
  ::free(resolved);
  return target;
}

}  // namespace

std::vector<uint8_t> readFile(const std::string& path, uint64_t maxBytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("open", path);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail("read", path);
  std::vector<uint8_t> bytes;
  if (S_ISREG(info.st_mode) && uint64_t(info.st_size) <= maxBytes) bytes.reserve(size_t(info.st_size) + 1);
  // Pipes are read too, so the limit is checked as the bytes come.
  for (;;) {
    const size_t have = bytes.size();
    const size_t chunk = std::max<size_t>(bytes.capacity() - have, 1 << 16);
    bytes.resize(have + chunk);
    const ssize_t n = ::read(fd, bytes.data() + have, chunk);
    if (n < 0 && errno == EINTR) {
      bytes.resize(have);
      continue;
    }
    if (n < 0) fail("read", path);
    bytes.resize(have + size_t(n));
    if (bytes.size() > maxBytes) throw Error(fmt::format("{} is larger than {} bytes, the most that is read", path, maxBytes));
    if (n == 0) return bytes;
  }
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) throw Error("the name of an output file is empty");
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    fail("write", path_);
  }
  if (exists && !S_ISREG(info.st_mode)) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail("write", path_);
    return;
  }
  // Replacing a file needs only the folder's permission; one that is protected against writing is left alone all the same.
  if (exists && ::access(path_.c_str(), W_OK) != 0) fail("write", path_);
  temporary_ = followLinks(path_) + ".XXXXXX";
  fd_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (fd_ < 0) {
    temporary_.clear();
    fail("write", path_);
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd_, exists ? (info.st_mode & 07777) : (0666 & ~mask));
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)), fd_(other.fd_) {
  other.fd_ = -1;
  other.temporary_.clear();
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, size_t size) {
  const char* p = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(fd_, p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write", path_);
    p += n;
    size -= size_t(n);
  }
}

void AtomicFile::finish() {
  if (fd_ < 0) return;
  const int fd = fd_;
  fd_ = -1;
  // Network and quota file systems report a full disk only here.
  if (::close(fd) != 0) fail("write", path_);
}

void AtomicFile::publish() {
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), followLinks(path_).c_str()) != 0) fail("write", path_);
  temporary_.clear();
}

void AtomicFile::commit() {
  finish();
  publish();
}

}  // namespace agc::runtime
