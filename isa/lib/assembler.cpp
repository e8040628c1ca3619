#include "agc/isa/assembler.h"

#include <algorithm>
#include <map>

#include "agc/isa/info.h"
#include "line_parser.h"

namespace agc::isa {
namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isLabelCharacter(char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '.'; }

/// Goes over the text twice: first for the labels, which may be used before they stand, then for the instructions.
class Assembler {
 public:
  Assembler(std::string_view text, const AssemblerLimits& limits) : text_(text), limits_(limits) {}

  AssembledCode run() {
    size_t index = 0;
    forEachLine([&](std::string_view rest) {
      for (std::string_view name = takeLabel(rest); name.data(); name = takeLabel(rest)) define(name, index);
      if (!rest.empty()) ++index;
      return true;
    });
    forEachLine([&](std::string_view rest) {
      for (std::string_view name = takeLabel(rest); name.data(); name = takeLabel(rest)) checkLabel(name);
      return rest.empty() || add(rest);
    });
    if (result_.problemCount == 0 && result_.code.empty())
      problem(text_.substr(text_.size()), "The text has no instructions; a program has at least END.");
    return std::move(result_);
  }

 private:
  struct Label {
    size_t index;  ///< of the instruction behind it
    size_t line;
    const char* place;
  };

  /// Calls f(line without comment and outer blanks) until it returns false. The view points into the text, also when it is empty.
  template <typename F>
  void forEachLine(F&& f) {
    std::string_view rest = text_;
    for (line_ = 1; !rest.empty(); ++line_) {
      current_ = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(current_.size() + 1, rest.size()));
      std::string_view content = trimmed(current_.substr(0, current_.find('#')));
      if (!f(content)) return;
    }
    current_ = text_.substr(text_.size());
  }

  static std::string_view trimmed(std::string_view text) {
    size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return text.substr(text.size());
    return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
  }

  /// The text in front of the colon of the first word, which is then dropped; a view of nullptr when there is none.
  static std::string_view takeLabel(std::string_view& rest) {
    size_t colon = rest.find_first_of(": \t\r\n");
    if (colon == std::string_view::npos || rest[colon] != ':') return {};
    std::string_view name = rest.substr(0, colon);
    rest = trimmed(rest.substr(colon + 1));
    return name;
  }

  void problem(std::string_view where, std::string sentence) {
    if (++result_.problemCount <= limits_.problems)
      result_.problems.push_back({line_, static_cast<size_t>(where.data() - current_.data()) + 1, std::move(sentence)});
  }

  void define(std::string_view name, size_t index) { labels_.emplace(name, Label{index, line_, name.data()}); }

  void checkLabel(std::string_view name) {
    if (!isLabel(name))
      return problem(name, quoteText(name) + " cannot be a label: letters, digits, '_' and '.' make one, and no digit or dot begins it.");
    const Label& first = labels_.find(name)->second;
    if (first.place != name.data())
      problem(name, "The label " + quoteText(name) + " is already in line " + std::to_string(first.line) + "; give one of them another name.");
  }

  /// False when the program is too long to go on.
  bool add(std::string_view line) {
    if (result_.code.size() == limits_.instructions) {
      problem(line, "The program has more than " + std::to_string(limits_.instructions) + " instructions, the most that is possible; use loops.");
      return false;
    }
    LineParser parser(line, [&](std::string_view name) -> std::optional<int64_t> {
      auto label = labels_.find(name);
      if (label == labels_.end()) return std::nullopt;
      return static_cast<int64_t>(label->second.index) - static_cast<int64_t>(result_.code.size()) - 1;
    });
    for (const LineParser::Problem& p : parser.problems()) problem(line.substr(p.offset), p.sentence);
    // A line with problems holds its place, so that distances to labels stay true.
    result_.code.push_back(parser.problems().empty() ? parser.instruction() : makeInstruction(0));
    return true;
  }

  std::string_view text_;
  const AssemblerLimits& limits_;
  std::map<std::string_view, Label> labels_;
  std::string_view current_;  ///< line `line_` as it stands
  size_t line_ = 1;
  AssembledCode result_;
};

}  // namespace

bool isLabel(std::string_view text) {
  return !text.empty() && isLetter(text[0]) && std::all_of(text.begin(), text.end(), isLabelCharacter);
}

AssembledCode assemble(std::string_view text, const AssemblerLimits& limits) { return Assembler(text, limits).run(); }

}  // namespace agc::isa
