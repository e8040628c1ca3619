#pragma once

#include <cstdint>
#include <random>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

// Random instructions for tests of codecs and decoders. The encoding is legal; what the fields say together is not.

namespace agc::isa::testing {

/// A legal value of a field. The limits, where encodings break, come up often.
template <class Rng>
int64_t randomField(const FieldInfo& field, Rng& rng) {
  switch (std::uniform_int_distribution<int>(0, 5)(rng)) {
    case 0: return field.min;
    case 1: return field.max;
    default: return std::uniform_int_distribution<int64_t>(field.min, field.max)(rng);
  }
}

/// Any instruction with any legal fields, semaphores (where it takes some) and layer. `rng` is a generator of the
/// standard library, such as std::mt19937.
template <class Rng>
Instruction randomInstruction(Rng& rng) {
  Instruction instruction = makeInstruction(std::uniform_int_distribution<size_t>(0, instructions().size() - 1)(rng));
  const InstructionInfo& info = infoOf(instruction);
  for (size_t n = 0; n < info.fields.size(); ++n) setField(instruction, n, randomField(info.fields[n], rng));
  Header& h = header(instruction);
  h.layer = std::uniform_int_distribution<uint16_t>()(rng);
  if (info.takesSemaphores) {
    std::uniform_int_distribution<int> semaphore(-static_cast<int>(semaphoreCount), semaphoreCount - 1);
    for (auto* list : {&h.wait, &h.post})
      for (uint8_t& slot : *list) {
        int number = semaphore(rng);  // half of the slots are empty
        slot = static_cast<uint8_t>(number < 0 ? 0 : number);
      }
  }
  return instruction;
}

}  // namespace agc::isa::testing
