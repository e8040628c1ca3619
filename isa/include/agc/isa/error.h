#pragma once

#include <stdexcept>
#include <string>

namespace agc {

/// A refusal that the user can act on. `what()` is one or more sentences: the thing, the reason, the cure.
/// Tools print it and exit with code 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
};

}  // namespace agc
