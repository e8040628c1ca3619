#pragma once

#include <cstddef>
#include <cstdint>

#include "agc/isa/isa_gen.h"

// Descriptions of instructions, fields, faults and registers for generic code: codecs, printers, random generators.

namespace agc::isa {

/// View of a constant table.
template <class T>
struct List {
  const T* first = nullptr;
  size_t count = 0;
  const T* begin() const { return first; }
  const T* end() const { return first + count; }
  size_t size() const { return count; }
  bool empty() const { return count == 0; }
  const T& operator[](size_t index) const { return first[index]; }
};

struct FieldInfo {
  const char* name;
  unsigned lsb;    ///< lowest bit in the 256 bits of an instruction
  unsigned width;  ///< bits, 1 to 32
  bool isSigned;   ///< two's complement
  int64_t min;     ///< smallest legal value
  int64_t max;     ///< largest legal value
  bool label;      ///< counts the instructions behind this one up to a place, which text may name by a label
  const char* doc;
};

/// Bits that must be zero.
struct BitRange {
  unsigned lsb;
  unsigned width;
};

struct InstructionInfo {
  Opcode opcode;
  Engine engine;
  const char* mnemonic;
  const char* synopsis;
  const char* doc;
  bool takesSemaphores;  ///< false: both lists of the header must be empty
  List<FieldInfo> fields;
  List<BitRange> reserved;
};

struct NameInfo {
  uint32_t number;
  const char* name;
  const char* doc;
};

struct RegisterInfo {
  const char* name;
  uint32_t offset;     ///< byte address of element 0
  const char* access;  ///< "ro", "rw", "wo" or "w1c"
  uint32_t count;
  uint32_t stride;     ///< bytes from element to element
  const char* doc;
};

/// In the order of the alternatives of `Instruction`.
List<InstructionInfo> instructions();
List<FieldInfo> headerFields();
List<NameInfo> engines();
List<NameInfo> faults();
List<RegisterInfo> registers();

inline const InstructionInfo& infoOf(const Instruction& instruction) { return instructions()[instruction.index()]; }

/// nullptr for an operation that does not exist.
const InstructionInfo* findInstruction(uint8_t opcode);

/// Instruction number `index` of `instructions()` with the default of every field.
Instruction makeInstruction(size_t index);

/// Field number `field` of `infoOf(instruction).fields`.
int64_t getField(const Instruction& instruction, size_t field);
void setField(Instruction& instruction, size_t field, int64_t value);

/// Names as in isa.json ("CONV", "BAD_FIELD"); "?" for a number that does not exist.
const char* name(Engine engine);
const char* name(Opcode opcode);
const char* name(Fault fault);

/// A sentence about it.
const char* doc(Engine engine);
const char* doc(Fault fault);

}  // namespace agc::isa
