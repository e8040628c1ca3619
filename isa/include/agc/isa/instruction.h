#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agc/isa/isa_gen.h"

namespace agc::isa {

/// An encoded instruction: 256 bits, little endian.
using Word = std::array<uint8_t, instructionBytes>;

/// Throws std::out_of_range with instruction, field, value and range when a field does not fit; exactly what `decode`
/// takes can be encoded.
Word encode(const Instruction& instruction);

/// Empty for an unknown operation, a reserved bit, a field outside of its range or semaphores where there must be none;
/// then `*error`, if given, is a sentence.
std::optional<Instruction> decode(const Word& word, std::string* error = nullptr);

/// What the core's fetch unit finds: Fault::None, BadOpcode, BadField or Semaphore.
Fault check(const Word& word);

/// One line: mnemonic, fields that are not zero as `name=value`, then `wait=1,2 post=3 layer=4`.
std::string print(const Instruction& instruction);

/// The inverse of `print`; fields left out have their default, names come in any order, numbers are decimal or 0x
/// hexadecimal, `#` starts a comment. Empty with a sentence in `*error` when the line is wrong.
std::optional<Instruction> parse(std::string_view line, std::string* error = nullptr);

Opcode opcodeOf(const Instruction& instruction);
Engine engineOf(const Instruction& instruction);
Header& header(Instruction& instruction);
const Header& header(const Instruction& instruction);

}  // namespace agc::isa
