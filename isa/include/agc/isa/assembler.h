// Whole programs as text: one instruction a line as `print` writes them, labels, comments, blank lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agc/isa/isa_gen.h"

namespace agc::isa {

struct AssemblerLimits {
  size_t instructions = size_t{1} << 20;  ///< a longer program is refused at the line where it becomes too long
  size_t problems = 1000;                 ///< sentences kept; more are only counted
};

struct SourceProblem {
  size_t line, column;   ///< from 1; columns count bytes
  std::string sentence;  ///< what is wrong and what would be right
};

struct AssembledCode {
  std::vector<Instruction> code;        ///< good only without problems
  std::vector<SourceProblem> problems;  ///< in the order of the text
  size_t problemCount = 0;              ///< those that were not kept included
};

/// `text` to instructions; every mistake is found in one go. A text without instructions is a mistake. What `print` makes of a
/// program's instructions gives the same instructions back. Never throws, whatever `text` holds.
///
///     LOOP body=done count=4 d_in=16   # a field that counts instructions takes a number or a label behind them
///       CONV in_h=4 oh=4
///     done: END
AssembledCode assemble(std::string_view text, const AssemblerLimits& limits = {});

/// A letter or underscore, then letters, digits, underscores and dots.
bool isLabel(std::string_view text);

}  // namespace agc::isa
