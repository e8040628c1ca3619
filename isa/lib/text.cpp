#include <charconv>
#include <set>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

namespace agc::isa {
namespace {

/// " wait=1,2"; empty slots behind the last semaphore are left out, those before it are 0.
void printList(std::string& text, const char* name, const std::array<uint8_t, 4>& list) {
  size_t used = list.size();
  while (used && !list[used - 1]) --used;
  for (size_t n = 0; n < used; ++n) {
    text += n ? "," : std::string(" ") + name + "=";
    text += std::to_string(list[n]);
  }
}

/// Takes the part of `rest` before the first of `separators`, and drops both.
std::string_view take(std::string_view& rest, const char* separators) {
  size_t end = rest.find_first_of(separators);
  std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
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

/// Parses one line; every method returns false with a sentence in `error_`.
class LineParser {
 public:
  bool parse(std::string_view line) {
    line = line.substr(0, line.find('#'));
    std::string_view rest = line;
    std::string_view mnemonic;
    while (!rest.empty() && mnemonic.empty()) mnemonic = take(rest, " \t\r\n");
    if (mnemonic.empty()) return fail("The line has no instruction.");
    if (!start(mnemonic)) return fail("There is no instruction " + quote(mnemonic) + ".");
    while (!rest.empty()) {
      std::string_view item = take(rest, " \t\r\n");
      if (!item.empty() && !parseItem(item)) return false;
    }
    const Header& h = header(instruction_);
    if (!info_->takesSemaphores && (h.wait != Header{}.wait || h.post != Header{}.post))
      return fail(std::string(info_->mnemonic) + " takes no semaphores: leave wait and post out.");
    return true;
  }

  const Instruction& instruction() const { return instruction_; }
  const std::string& error() const { return error_; }

 private:
  bool fail(const std::string& sentence) {
    error_ = sentence;
    return false;
  }

  /// Hostile text stays short and printable in a sentence.
  static std::string quote(std::string_view text) {
    std::string result = "'";
    for (char c : text.substr(0, 40)) result += c >= ' ' && c <= '~' ? c : '?';
    return result + (text.size() > 40 ? "...'" : "'");
  }

  bool start(std::string_view mnemonic) {
    List<InstructionInfo> all = instructions();
    for (size_t n = 0; n < all.size(); ++n)
      if (mnemonic == all[n].mnemonic) {
        info_ = &all[n];
        instruction_ = makeInstruction(n);
        return true;
      }
    return false;
  }

  bool parseItem(std::string_view item) {
    size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      return fail(std::string(info_->mnemonic) + ": " + quote(item) + " is not of the form name=value.");
    std::string_view name = item.substr(0, equals);
    std::string_view value = item.substr(equals + 1);
    if (!seen_.insert(std::string(name)).second)
      return fail(std::string(info_->mnemonic) + ": " + quote(name) + " is given twice.");
    Header& h = header(instruction_);
    if (name == "wait") return parseList(name, value, h.wait);
    if (name == "post") return parseList(name, value, h.post);
    int64_t number = 0;
    if (name == "layer") {
      if (!parseValue(name, value, 0, UINT16_MAX, number)) return false;
      h.layer = static_cast<uint16_t>(number);
      return true;
    }
    for (size_t n = 0; n < info_->fields.size(); ++n) {
      const FieldInfo& field = info_->fields[n];
      if (name != field.name) continue;
      if (!parseValue(name, value, field.min, field.max, number)) return false;
      setField(instruction_, n, number);
      return true;
    }
    return fail(std::string(info_->mnemonic) + " has no field " + quote(name) + ".");
  }

  bool parseValue(std::string_view name, std::string_view text, int64_t min, int64_t max, int64_t& value) {
    std::string where = std::string(info_->mnemonic) + ": ";
    if (!parseNumber(text, value)) return fail(where + quote(text) + " for " + quote(name) + " is not a number.");
    if (value < min || value > max)
      return fail(where + std::string(name) + " must be " + std::to_string(min) + " to " + std::to_string(max) +
                  ", not " + std::to_string(value) + ".");
    return true;
  }

  bool parseList(std::string_view name, std::string_view text, std::array<uint8_t, 4>& list) {
    for (size_t n = 0;; ++n) {
      if (n == list.size())
        return fail(std::string(info_->mnemonic) + ": " + std::string(name) + " takes at most " +
                    std::to_string(list.size()) + " semaphores.");
      size_t comma = text.find(',');
      int64_t number = 0;
      if (!parseValue(name, text.substr(0, comma), 0, semaphoreCount - 1, number)) return false;
      list[n] = static_cast<uint8_t>(number);
      if (comma == std::string_view::npos) return true;
      text.remove_prefix(comma + 1);
    }
  }

  const InstructionInfo* info_ = nullptr;
  Instruction instruction_;
  std::set<std::string> seen_;
  std::string error_;
};

}  // namespace

std::string print(const Instruction& instruction) {
  const InstructionInfo& info = infoOf(instruction);
  const Header& h = header(instruction);
  std::string text = info.mnemonic;
  for (size_t n = 0; n < info.fields.size(); ++n)
    if (int64_t value = getField(instruction, n))
      text += std::string(" ") + info.fields[n].name + "=" + std::to_string(value);
  printList(text, "wait", h.wait);
  printList(text, "post", h.post);
  if (h.layer) text += " layer=" + std::to_string(h.layer);
  return text;
}

std::optional<Instruction> parse(std::string_view line, std::string* error) {
  LineParser parser;
  if (parser.parse(line)) return parser.instruction();
  if (error) *error = parser.error();
  return std::nullopt;
}

}  // namespace agc::isa
