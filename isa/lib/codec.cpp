#include <stdexcept>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

namespace agc::isa {
namespace {

/// Up to 32 bits from bit `lsb` on.
uint32_t getBits(const Word& word, unsigned lsb, unsigned width) {
  uint64_t value = 0;
  for (unsigned byte = lsb / 8, last = (lsb + width - 1) / 8, shift = 0; byte <= last; ++byte, shift += 8)
    value |= uint64_t{word[byte]} << shift;
  return static_cast<uint32_t>(value >> lsb % 8 & ((uint64_t{1} << width) - 1));
}

/// Sets bits that are zero so far.
void setBits(Word& word, unsigned lsb, unsigned width, uint32_t bits) {
  uint64_t value = (bits & ((uint64_t{1} << width) - 1)) << lsb % 8;
  for (unsigned byte = lsb / 8; value; ++byte, value >>= 8) word[byte] |= static_cast<uint8_t>(value);
}

bool anyBit(const Word& word, BitRange range) {
  for (unsigned lsb = range.lsb, end = range.lsb + range.width; lsb < end; lsb += 32)
    if (getBits(word, lsb, end - lsb < 32 ? end - lsb : 32)) return true;
  return false;
}

int64_t getValue(const Word& word, const FieldInfo& field) {
  int64_t value = getBits(word, field.lsb, field.width);
  if (field.isSigned && value >> (field.width - 1)) value -= int64_t{1} << field.width;
  return value;
}

std::string rangeText(const FieldInfo& field) {
  return "must be " + std::to_string(field.min) + " to " + std::to_string(field.max);
}

std::string sentence(const InstructionInfo& info, const FieldInfo& field, int64_t value) {
  return std::string(info.mnemonic) + ": the field " + field.name + " " + rangeText(field) + ", not " +
         std::to_string(value) + ".";
}

std::string semaphoreSentence(const InstructionInfo& info) {
  return std::string(info.mnemonic) + " takes no semaphores: its wait and post lists must be empty.";
}

/// The header's members in the order of `headerFields()`: opcode, 4 waits, 4 posts, layer.
int64_t headerValue(const InstructionInfo& info, const Header& header, const FieldInfo& field) {
  std::string_view name = field.name;
  if (name == "opcode") return static_cast<uint8_t>(info.opcode);
  if (name == "layer") return header.layer;
  return (name[0] == 'w' ? header.wait : header.post)[name.back() - '0'];
}

void setHeaderValue(Header& header, const FieldInfo& field, uint32_t value) {
  std::string_view name = field.name;
  if (name == "layer") header.layer = static_cast<uint16_t>(value);
  else if (name != "opcode") (name[0] == 'w' ? header.wait : header.post)[name.back() - '0'] = static_cast<uint8_t>(value);
}

bool hasSemaphores(const Header& header) { return header.wait != Header{}.wait || header.post != Header{}.post; }

struct Finding {
  Fault fault = Fault::None;
  std::string text;
};

/// Decodes into `instruction`; the rules of agc_isa_check.sv in the same order.
Finding examine(const Word& word, Instruction& instruction, bool wantText) {
  const InstructionInfo* info = findInstruction(word[0]);
  if (!info) return {Fault::BadOpcode, wantText ? "There is no operation " + std::to_string(word[0]) + "." : ""};
  instruction = makeInstruction(static_cast<size_t>(info - instructions().begin()));
  for (BitRange range : info->reserved)
    if (anyBit(word, range))
      return {Fault::BadField, wantText ? std::string(info->mnemonic) + ": a reserved bit of " +
                                              std::to_string(range.lsb + range.width - 1) + ":" +
                                              std::to_string(range.lsb) + " is set; these must be zero."
                                        : ""};
  for (size_t n = 0; n < info->fields.size(); ++n) {
    const FieldInfo& field = info->fields[n];
    int64_t value = getValue(word, field);
    if (value < field.min || value > field.max) return {Fault::BadField, wantText ? sentence(*info, field, value) : ""};
    setField(instruction, n, value);
  }
  Header& h = header(instruction);
  for (const FieldInfo& field : headerFields()) setHeaderValue(h, field, getBits(word, field.lsb, field.width));
  if (!info->takesSemaphores && hasSemaphores(h)) return {Fault::Semaphore, wantText ? semaphoreSentence(*info) : ""};
  return {};
}

}  // namespace

Word encode(const Instruction& instruction) {
  const InstructionInfo& info = infoOf(instruction);
  const Header& h = header(instruction);
  Word word{};
  auto put = [&](const FieldInfo& field, int64_t value) {
    if (value < field.min || value > field.max) throw std::out_of_range(sentence(info, field, value));
    setBits(word, field.lsb, field.width, static_cast<uint32_t>(value));
  };
  for (const FieldInfo& field : headerFields()) put(field, headerValue(info, h, field));
  if (!info.takesSemaphores && hasSemaphores(h)) throw std::out_of_range(semaphoreSentence(info));
  for (size_t n = 0; n < info.fields.size(); ++n) put(info.fields[n], getField(instruction, n));
  return word;
}

std::optional<Instruction> decode(const Word& word, std::string* error) {
  Instruction instruction;
  Finding finding = examine(word, instruction, error != nullptr);
  if (finding.fault == Fault::None) return instruction;
  if (error) *error = std::move(finding.text);
  return std::nullopt;
}

Fault check(const Word& word) {
  Instruction instruction;
  return examine(word, instruction, false).fault;
}

}  // namespace agc::isa
