// One instruction as text. Not part of the library's interface: assembler.h and instruction.h are.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agc/isa/info.h"

namespace agc::isa {

/// What stands between words.
constexpr const char* blanks = " \t\r\n";

/// Hostile text stays short and printable in a sentence.
std::string quoteText(std::string_view text);

/// Takes `line` apart as far as it goes; every field that is wrong is a problem of its own.
class LineParser {
 public:
  struct Problem {
    size_t offset;  ///< in `line`, bytes
    std::string sentence;
  };
  /// How many instructions lie between the parsed one and a label (negative: the label is in front of it); empty when there is no
  /// such label.
  using LabelDistance = std::function<std::optional<int64_t>(std::string_view name)>;

  /// `line` holds neither comment nor line end. Without `labels` fields take numbers only.
  explicit LineParser(std::string_view line, LabelDistance labels = nullptr);

  /// Good only without problems.
  const Instruction& instruction() const { return instruction_; }
  /// In the order of the line.
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  void problem(std::string_view where, const std::string& sentence);
  void parse();
  bool start(std::string_view mnemonic);
  void parseItem(std::string_view item);
  std::optional<int64_t> parseValue(std::string_view name, std::string_view text, int64_t min, int64_t max);
  std::optional<int64_t> parseLabel(const FieldInfo& field, std::string_view text);
  void parseList(std::string_view name, std::string_view text, std::array<uint8_t, 4>& list);

  std::string_view line_;
  LabelDistance labels_;
  const InstructionInfo* info_ = nullptr;
  Instruction instruction_;
  std::set<std::string_view> seen_;
  std::vector<Problem> problems_;
};

}  // namespace agc::isa
