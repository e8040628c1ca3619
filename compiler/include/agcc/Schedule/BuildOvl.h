// From a scheduled program to the ovl dialect.
#pragma once

#include "agc/isa/core_config.h"
#include "agcc/Dialect/Ovl/OvlOps.h"
#include "agcc/Schedule/ReadGraph.h"
#include "agcc/Schedule/Scheduler.h"

namespace agc::schedule {

/// Appends an `ovl.program` at the end of `module`, without addresses and semaphores.
ovl::ProgramOp buildOvl(mlir::ModuleOp module, mlir::func::FuncOp function, ReadResult &source, const Schedule &schedule,
                        const isa::CoreConfig &core);

/// The content of a layer's constants: for each chunk and output block the parameter word and the weight words,
/// in the order of docs/machine.md; channels that do not exist have zero weights.
std::vector<int8_t> packWeights(const Layer &layer, qnn::FusedConvOp op, const std::vector<WeightChunk> &chunks);

}  // namespace agc::schedule
