// Small changes of a program, as a compiler's mistakes are: an order that is missing, an address that is off, instructions in the wrong order.
#pragma once

#include <string>

#include "agc/runtime/program.h"
#include "field_draw.h"

namespace agc::runtime::test {

enum class Mutation : uint8_t {
  DropPair,   ///< a post and the wait that takes it
  DropWait,
  DropPost,
  MoveWait,   ///< to the next instruction of the engine
  MovePost,   ///< to the instruction of the engine before
  MoveAddress,
  ChangeField,
  Swap,       ///< two neighbours
  Remove,     ///< an instruction, with its semaphores
};
constexpr int kMutations = 9;

/// One such change somewhere in the code, END and LOOPs aside; `what` says which. The program may be as it was when nothing fits.
Program mutated(const Program& program, Mutation mutation, Rng& rng, std::string* what);

}  // namespace agc::runtime::test
