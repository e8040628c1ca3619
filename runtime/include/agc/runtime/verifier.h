// Static verification of a program: what passes here cannot fault, hang, read what nobody wrote, or depend on timing.
#pragma once

#include <string>
#include <vector>

#include "agc/runtime/program.h"

namespace agc::runtime {

/// Bounds on the work that a hostile program can cause.
struct VerifierLimits {
  uint64_t wordAccesses = uint64_t{1} << 32;  ///< scratchpad, weight-buffer and DRAM words over all instructions
  uint64_t dramWords = uint64_t{1} << 26;     ///< different words of workspace and outputs
  size_t findings = 20;                       ///< sentences returned
};

/// Checks every rule that docs/machine.md gives a program. Returns sentences, each with instruction index, text and layer; empty
/// when the program is good. The checks go in stages (loops, fields and ranges, semaphores, data); a stage runs only when the
/// one before found nothing, because it relies on it. From the second one on the loops are spelled out, and a sentence about an
/// instruction of a loop names the iteration.
std::vector<std::string> verify(const Program& program, const VerifierLimits& limits = {});

/// Throws agc::Error with the first finding, and how many more there are.
void verifyOrThrow(const Program& program, const std::string& name);

}  // namespace agc::runtime
