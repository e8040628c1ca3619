// From ovl ops to instructions: the one place that knows both.
#pragma once

#include <optional>
#include <string>

#include "agc/isa/core_config.h"
#include "agc/isa/instruction.h"
#include "agcc/Dialect/Ovl/OvlOps.h"

namespace agc::ovl {

/// DRAM segment of a memory; 0 for memories on chip.
int segmentOf(MemoryKind memory);

bool isInstruction(mlir::Operation *op);

/// The instruction of an op, with the addresses that its buffers have (0 before allocation) and its semaphores.
/// `op` must satisfy `isInstruction`. A value outside of its field's C++ type is cut off: `encodeProblem` finds that.
isa::Instruction toInstruction(mlir::Operation *op);

/// Why the op cannot be encoded, as a sentence; empty if it can.
std::string encodeProblem(mlir::Operation *op);

/// Puts semaphore lists (at most four numbers each) on an instruction.
void setSemaphores(mlir::Operation *op, llvm::ArrayRef<int32_t> wait, llvm::ArrayRef<int32_t> post);

/// The core of a program, or nothing and a sentence.
std::optional<isa::CoreConfig> coreOf(ProgramOp program, std::string &problem);

}  // namespace agc::ovl
