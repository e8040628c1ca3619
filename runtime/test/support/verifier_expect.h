// What the verifier's tests share: a program under construction, and the finding that is expected of it.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agc/runtime/verifier.h"
#include "program_builder.h"

namespace agc::runtime::test {

inline std::vector<std::string> verify(const ProgramBuilder& b) { return runtime::verify(b.program()); }

/// Exactly one finding with this text.
inline void expectRefused(const ProgramBuilder& b, const std::string& text) {
  EXPECT_THAT(verify(b), ::testing::ElementsAre(::testing::HasSubstr(text)));
}

template <typename T>
T& at(ProgramBuilder& b, size_t index) {
  return std::get<T>(b.code[index]);
}
inline isa::Header& header(ProgramBuilder& b, size_t index) { return isa::header(b.code[index]); }

}  // namespace agc::runtime::test
