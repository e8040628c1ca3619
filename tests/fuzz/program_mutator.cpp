// Changes to programs that keep the container whole: random bytes would not get past its checksums, nor random instructions past the
// verifier. Fields and instructions come from the tables of isa.json.
#include <algorithm>
#include <cstring>
#include <random>

#include "agc/isa/crc32c.h"
#include "agc/isa/error.h"
#include "agc/isa/program_file.h"
#include "agc/isa/testing/random_instruction.h"
#include "fuzz.h"
#include "sections.h"

using namespace agc;
using isa::Instruction;
using Random = std::minstd_rand;

namespace {

constexpr size_t kMostInstructions = 200;

size_t below(Random& random, size_t n) { return n ? random() / 7 % n : 0; }

/// Mutates a text or byte string with libFuzzer's own means.
template <typename T>
void mutateBytes(T& bytes, Random& random) {
  const size_t size = bytes.size();
  bytes.resize(size + 1 + below(random, 16));
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(&bytes[0]), size, bytes.size()));
}

void mutateField(Instruction& instruction, const std::vector<Instruction>& all, Random& random) {
  const isa::List<isa::FieldInfo> fields = isa::infoOf(instruction).fields;
  if (fields.empty()) return;
  const size_t f = below(random, fields.size());
  int64_t value = isa::getField(instruction, f);
  switch (below(random, 6)) {
    case 0: value = isa::testing::randomField(fields[f], random); break;
    case 1: value += int64_t(below(random, 3)) - 1; break;
    case 2: value += 8 * (int64_t(below(random, 17)) - 8); break;
    case 3: value = fields[f].min + int64_t(below(random, 20)); break;
    case 4: value *= 2; break;
    default: {  // another instruction's value under the same name
      const Instruction& other = all[below(random, all.size())];
      for (size_t g = 0; g < isa::infoOf(other).fields.size(); ++g)
        if (!std::strcmp(isa::infoOf(other).fields[g].name, fields[f].name)) value = isa::getField(other, g);
    }
  }
  isa::setField(instruction, f, std::clamp(value, fields[f].min, fields[f].max));
}

void mutateHeader(Instruction& instruction, Random& random) {
  isa::Header& h = isa::header(instruction);
  if (below(random, 4) == 0 || !isa::infoOf(instruction).takesSemaphores) {
    h.layer = uint16_t(below(random, 3));
    return;
  }
  auto& list = below(random, 2) ? h.wait : h.post;
  list[below(random, 2)] = uint8_t(below(random, 2) ? below(random, 5) : 0);
}

void mutateCode(std::vector<isa::Word>& words, Random& random) {
  std::vector<Instruction> code;
  for (const isa::Word& word : words)
    if (auto instruction = isa::decode(word)) code.push_back(*instruction);
  if (code.empty()) code.push_back(isa::End{});
  const size_t at = below(random, code.size()), other = below(random, code.size());
  const auto place = code.begin() + ptrdiff_t(at);
  const size_t kind = below(random, 16);
  if (kind < 8) mutateField(code[at], code, random);
  else if (kind < 11) mutateHeader(code[at], random);
  else if (kind == 11) std::swap(code[at], code[other]);
  else if (kind == 12 && code.size() < kMostInstructions) code.insert(place, Instruction(code[other]));
  else if (kind == 13 && code.size() > 1) code.erase(place);
  else if (kind == 14 && code.size() < kMostInstructions) code.insert(place, isa::makeInstruction(below(random, isa::instructions().size())));
  else code[at] = isa::testing::randomInstruction(random);
  words.clear();
  for (const Instruction& instruction : code) words.push_back(isa::encode(instruction));
}

void mutateProgram(isa::ProgramFile& program, Random& random) {
  switch (below(random, 12)) {
    case 0: mutateBytes(program.manifestJson, random); break;
    case 1:
      if (!program.constants.empty()) program.constants[below(random, program.constants.size())] = uint8_t(random());
      break;
    case 2: program.constants.resize(64 * below(random, 40)); break;
    default: mutateCode(program.code, random);
  }
}

void put(uint8_t* at, size_t bytes, uint64_t value) {
  for (size_t n = 0; n < bytes; ++n) at[n] = uint8_t(value >> 8 * n);
}

uint64_t get(const uint8_t* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t n = 0; n < bytes; ++n) value |= uint64_t{at[n]} << 8 * n;
  return value;
}

/// Size and checksums of a damaged container (docs/machine.md), so that what else is wrong with it is looked at.
void repair(uint8_t* file, size_t size) {
  constexpr size_t header = 32, entry = 24;
  if (size < header) return;
  put(file + 20, 4, size);
  const size_t count = get(file + 14, 2);
  if (count > (size - header) / entry) return;
  for (size_t at = header; at < header + count * entry; at += entry) {
    const uint64_t offset = get(file + at + 8, 8), length = get(file + at + 16, 8);
    if (offset <= size && length <= size - offset) put(file + at + 4, 4, isa::crc32c(file + offset, length));
  }
  put(file + 28, 4, 0);
  put(file + 28, 4, isa::crc32c(file, header + count * entry));
}

/// The bytes of a program like the one in `data`; empty when there is none, or no container for it.
std::vector<uint8_t> mutated(const uint8_t* data, size_t size, Random& random) try {
  isa::ProgramFile program = isa::read(data, size);
  for (size_t n = 1 + below(random, 4); n > 0; --n) mutateProgram(program, random);
  try {
    program.manifestJson = runtime::completeManifest(program.manifestJson, 32 * program.code.size(), program.constants.size(), "fuzz");
    program.coreHash = runtime::coreHashOf(program.manifestJson);
  } catch (const Error&) {  // a manifest that is damaged stays so
  }
  return isa::write(program);
} catch (const Error&) {
  return {};
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t maxSize, unsigned seed) {
  Random random(seed);
  if (below(random, 16)) {
    const std::vector<uint8_t> bytes = mutated(data, size, random);
    if (!bytes.empty() && bytes.size() <= maxSize) {
      std::copy(bytes.begin(), bytes.end(), data);
      return bytes.size();
    }
  }
  size = LLVMFuzzerMutate(data, size, maxSize);
  if (below(random, 4)) repair(data, size);
  return size;
}
