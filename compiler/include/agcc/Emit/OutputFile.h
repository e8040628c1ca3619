// Output files that appear as a whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace agc::emit {

/// Written beside its place, put there by `publish`; what was not published leaves no trace. "-" is standard output,
/// devices and pipes are written directly. Throws agc::Error with a sentence for whatever cannot be written.
class OutputFile {
 public:
  OutputFile(std::string path, std::string_view content);
  ~OutputFile();
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  void publish();

 private:
  void writeAll(int fd);
  std::string path_, temporary_, content_;
};

}  // namespace agc::emit
