// Collected sentences of the verifier, at most as many as a reader wants.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "agc/runtime/program.h"
#include "running_code.h"

namespace agc::runtime {

class Findings {
 public:
  Findings(const Program& program, const RunningCode& running, size_t limit) : program_(program), running_(running), limit_(limit) {}

  /// A sentence about the instruction at `position` of the running order, which it is prefixed with.
  template <typename... Args>
  void at(size_t position, fmt::format_string<Args...> format, Args&&... args) {
    if (!add()) return;
    const auto place = running_.place(position);
    std::string where = program_.describe(place.index);
    if (place.loop) where += fmt::format(", iteration {} of {}", place.iteration + 1, place.loop->count);
    sentences_.push_back(where + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  /// The same about the instruction at `index` of the code.
  template <typename... Args>
  void atCode(size_t index, fmt::format_string<Args...> format, Args&&... args) {
    if (add()) sentences_.push_back(program_.describe(index) + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  /// A sentence about the whole program.
  template <typename... Args>
  void program(fmt::format_string<Args...> format, Args&&... args) {
    if (add()) sentences_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  bool empty() const { return count_ == 0; }
  /// No more is recorded: a stage may stop early.
  bool full() const { return count_ >= limit_; }
  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  bool add() { return count_++ < limit_; }

  const Program& program_;
  const RunningCode& running_;
  size_t limit_;
  size_t count_ = 0;
  std::vector<std::string> sentences_;
};

}  // namespace agc::runtime
