#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "line_parser.h"

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
  LineParser parser(line.substr(0, line.find('#')));
  if (parser.problems().empty()) return parser.instruction();
  if (error) *error = parser.problems().front().sentence;
  return std::nullopt;
}

}  // namespace agc::isa
