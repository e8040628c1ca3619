// The command line of agcc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agc {

struct Options {
  enum class Emit { Qnn, Ovl, Asm, Bin };

  std::string model;
  std::string output;  ///< empty: standard output, for text only
  std::string core = "z7020";
  std::map<std::string, std::vector<int64_t>> shapes;
  std::string calibration;
  std::string report;
  Emit emit = Emit::Bin;
  bool strict = false;
  bool keepIntermediates = false;
  bool quiet = false;
};

/// The options, or nothing where the program is to end with `exitCode`: help, version (already printed), or a refused
/// command line, whose sentences are added to `problems`.
std::optional<Options> parseOptions(int argc, char **argv, std::vector<std::string> &problems, int &exitCode);

}  // namespace agc
