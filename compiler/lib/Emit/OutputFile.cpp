#include "agcc/Emit/OutputFile.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agc/isa/error.h"

namespace agc::emit {

namespace {

[[noreturn]] void fail(const std::string &path) { throw Error("cannot write " + path + ": " + std::strerror(errno)); }

bool isDirect(const std::string &path) {
  struct stat info {};
  return path == "-" || (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

/// The file that a chain of links ends at: renaming replaces the file, not the link.
std::string followLinks(const std::string &path) {
  char *resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved) return path;
  const std::string target = resolved;
  std::free(resolved);
  return target;
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string_view content) : path_(std::move(path)), content_(content) {
  if (path_.empty()) throw Error("the name of an output file is empty");
  if (isDirect(path_)) return;
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    fail(path_);
  }
  if (exists && ::access(path_.c_str(), W_OK) != 0) fail(path_);
  std::string temporary = followLinks(path_) + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) fail(path_);
  temporary_ = temporary;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, exists ? (info.st_mode & 07777) : (0666 & ~mask));
  try {
    writeAll(fd);
  } catch (...) {
    ::close(fd);
    ::unlink(temporary_.c_str());
    throw;
  }
  // Network file systems report a full disk only here.
  if (::close(fd) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    errno = error;
    fail(path_);
  }
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::publish() {
  if (temporary_.empty()) {
    const int fd = path_ == "-" ? ::dup(STDOUT_FILENO) : ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) fail(path_);
    try {
      writeAll(fd);
    } catch (...) {
      ::close(fd);
      throw;
    }
    if (::close(fd) != 0) fail(path_);
    return;
  }
  if (::rename(temporary_.c_str(), followLinks(path_).c_str()) != 0) fail(path_);
  temporary_.clear();
}

void OutputFile::writeAll(int fd) {
  const char *data = content_.data();
  size_t left = content_.size();
  while (left > 0) {
    const ssize_t written = ::write(fd, data, left);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_ == "-" ? "standard output" : path_);
    data += written;
    left -= size_t(written);
  }
}

}  // namespace agc::emit
