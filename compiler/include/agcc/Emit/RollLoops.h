// Makes a program short: instructions that repeat, with steady increments on their addresses, become loops.
#pragma once

#include <vector>

#include "agc/isa/instruction.h"

namespace agc::emit {

/// The code whose loops spell out `running` (which holds no LOOP itself), with as few instructions as one level of loops gives.
/// isa::expandLoops is the inverse. Time grows with the number of instructions, times the longest body that is looked for; memory
/// with the number of instructions.
std::vector<isa::Instruction> rollLoops(const std::vector<isa::Instruction> &running);

}  // namespace agc::emit
