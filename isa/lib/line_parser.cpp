#include "line_parser.h"

#include <algorithm>
#include <charconv>

#include "agc/isa/assembler.h"
#include "agc/isa/instruction.h"

namespace agc::isa {
namespace {

/// The next word of `rest`, which begins behind it afterwards; empty at the end.
std::string_view takeWord(std::string_view& rest) {
  size_t first = rest.find_first_not_of(blanks);
  if (first == std::string_view::npos) return rest = {};
  rest.remove_prefix(first);
  std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

bool parseNumber(std::string_view text, int64_t& value) {
  bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t magnitude = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  // Bounded far above any field, so that the sign cannot overflow and the range check gets the true value.
  if (status != std::errc() || end != text.data() + text.size() || magnitude > uint64_t{1} << 62) return false;
  value = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
  return true;
}

std::string range(int64_t min, int64_t max) { return "must be " + std::to_string(min) + " to " + std::to_string(max); }

std::string instructionNames() {
  std::string names;
  for (const InstructionInfo& info : instructions()) names += (names.empty() ? "" : ", ") + std::string(info.mnemonic);
  return names;
}

std::string fieldNames(const InstructionInfo& info) {
  std::string names;
  for (const FieldInfo& field : info.fields) names += std::string(field.name) + ", ";
  return names + (info.takesSemaphores ? "wait, post, layer" : "layer");
}

}  // namespace

std::string quoteText(std::string_view text) {
  std::string result = "'";
  for (char c : text.substr(0, 40)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > 40 ? "...'" : "'");
}

LineParser::LineParser(std::string_view line, LabelDistance labels) : line_(line), labels_(std::move(labels)) { parse(); }

void LineParser::problem(std::string_view where, const std::string& sentence) {
  problems_.push_back({static_cast<size_t>(where.data() - line_.data()), sentence});
}

void LineParser::parse() {
  std::string_view rest = line_;
  std::string_view mnemonic = takeWord(rest);
  if (mnemonic.empty()) return problem(line_, "The line has no instruction.");
  if (!start(mnemonic)) return problem(mnemonic, "There is no instruction " + quoteText(mnemonic) + "; there are " + instructionNames() + ".");
  for (std::string_view item = takeWord(rest); !item.empty(); item = takeWord(rest)) parseItem(item);
  const Header& h = header(instruction_);
  if (!info_->takesSemaphores && (h.wait != Header{}.wait || h.post != Header{}.post))
    problem(mnemonic, std::string(info_->mnemonic) + " takes no semaphores: leave wait and post out.");
  std::sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
}

bool LineParser::start(std::string_view mnemonic) {
  List<InstructionInfo> all = instructions();
  for (size_t n = 0; n < all.size(); ++n)
    if (mnemonic == all[n].mnemonic) {
      info_ = &all[n];
      instruction_ = makeInstruction(n);
      return true;
    }
  return false;
}

void LineParser::parseItem(std::string_view item) {
  const std::string subject = info_->mnemonic;
  size_t equals = item.find('=');
  if (equals == std::string_view::npos)
    return problem(item, subject + ": " + quoteText(item) + " is not of the form name=value, such as layer=1.");
  std::string_view name = item.substr(0, equals), value = item.substr(equals + 1);
  if (!seen_.insert(name).second) return problem(item, subject + ": " + quoteText(name) + " is given twice; leave one of them out.");
  Header& h = header(instruction_);
  if (name == "wait") return parseList(name, value, h.wait);
  if (name == "post") return parseList(name, value, h.post);
  if (name == "layer") {
    if (auto number = parseValue(name, value, 0, UINT16_MAX)) h.layer = static_cast<uint16_t>(*number);
    return;
  }
  for (size_t n = 0; n < info_->fields.size(); ++n) {
    const FieldInfo& field = info_->fields[n];
    if (name != field.name) continue;
    auto number = field.label && labels_ && isLabel(value) ? parseLabel(field, value) : parseValue(name, value, field.min, field.max);
    if (number) setField(instruction_, n, *number);
    return;
  }
  problem(item, subject + " has no field " + quoteText(name) + "; it has " + fieldNames(*info_) + ".");
}

std::optional<int64_t> LineParser::parseValue(std::string_view name, std::string_view text, int64_t min, int64_t max) {
  const std::string where = std::string(info_->mnemonic) + ": ";
  int64_t value = 0;
  if (!parseNumber(text, value)) {
    problem(text, where + quoteText(text) + " for " + quoteText(name) + " is not a number, decimal or 0x hexadecimal.");
    return std::nullopt;
  }
  if (value < min || value > max) {
    problem(text, where + std::string(name) + " " + range(min, max) + ", not " + std::to_string(value) + ".");
    return std::nullopt;
  }
  return value;
}

std::optional<int64_t> LineParser::parseLabel(const FieldInfo& field, std::string_view text) {
  const std::string where = std::string(info_->mnemonic) + ": ";
  auto distance = labels_(text);
  if (!distance) {
    problem(text, where + "there is no label " + quoteText(text) + " for " + field.name + "; put '" + std::string(text.substr(0, 40)) +
                      ":' in front of an instruction, or give a number.");
    return std::nullopt;
  }
  if (*distance < field.min || *distance > field.max) {
    problem(text, where + field.name + " " + range(field.min, field.max) + ", but there are " + std::to_string(*distance) +
                      " instructions from here to the label " + quoteText(text) + "; the label stands behind the last one that is counted.");
    return std::nullopt;
  }
  return distance;
}

void LineParser::parseList(std::string_view name, std::string_view text, std::array<uint8_t, 4>& list) {
  for (size_t n = 0;; ++n) {
    if (n == list.size())
      return problem(text, std::string(info_->mnemonic) + ": " + std::string(name) + " takes at most " + std::to_string(list.size()) + " semaphores.");
    size_t comma = text.find(',');
    auto number = parseValue(name, text.substr(0, comma), 0, semaphoreCount - 1);
    if (!number) return;
    list[n] = static_cast<uint8_t>(*number);
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace agc::isa
