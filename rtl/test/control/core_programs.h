// Small programs of the core benches.
#pragma once

#include "agc/isa/instruction.h"

#include <vector>

namespace agc::bench {

using Program = std::vector<isa::Instruction>;

inline isa::Load load(uint32_t seg, uint32_t dram, uint32_t words, uint32_t sp) {
  isa::Load instruction;
  instruction.seg = seg;
  instruction.dram = dram;
  instruction.n0 = words;
  instruction.sp = sp;
  return instruction;
}

inline isa::Store store(uint32_t seg, uint32_t dram, uint32_t words, uint32_t sp) {
  isa::Store instruction;
  instruction.seg = seg;
  instruction.dram = dram;
  instruction.n0 = words;
  instruction.sp = sp;
  return instruction;
}

template <class Instruction> Instruction sync(Instruction instruction, uint8_t wait, uint8_t post, uint16_t layer = 0) {
  instruction.h.wait[0] = wait;
  instruction.h.post[0] = post;
  instruction.h.layer = layer;
  return instruction;
}

/// Copies words from the input segment by the scratchpad to the output segment.
inline Program copyProgram(uint32_t words, uint32_t from = 0, uint32_t to = 0, uint32_t sp = 0) {
  return {sync(load(3, from, words, sp), 0, 1, 1), sync(store(4, to, words, sp), 1, 0, 2), isa::End{}};
}

} // namespace agc::bench
