// A finished ovl program as instructions, constants and what the manifest says of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"
#include "agc/isa/instruction.h"
#include "agcc/Dialect/Ovl/OvlOps.h"

namespace agc::emit {

/// A graph input or output in DRAM.
struct BorderTensor {
  std::string name;
  std::vector<int64_t> shape;  ///< NCHW
  std::string border;          ///< "float32", "int8", "uint8": what the user hands over or gets
  double scale = 1;            ///< a float32 value
  int64_t zeroPoint = 0;       ///< of the stored int8
  int64_t offset = 0;          ///< bytes in its segment
  int64_t bytes = 0;           ///< in layout C8
};

/// A layer, or several that run fused: one row in the manifest and in all statistics, with all their names.
struct LayerRow {
  std::vector<std::string> names, ops;
  int64_t macs = 0;
  std::vector<int64_t> tile;  ///< rows, columns, output blocks, input blocks of the largest CONV; may be empty
  std::vector<LayerRow> fused;  ///< the layers of a fused group, in order; else empty
};

struct Assembly {
  isa::CoreConfig core;
  std::vector<isa::Instruction> running;  ///< in the order in which they run, without loops: what is predicted and reported
  std::vector<isa::Instruction> code;     ///< the same with loops (RollLoops.h): what segment 0 holds
  std::vector<uint8_t> constants;      ///< segment 1
  int64_t segmentBytes[5] = {};        ///< code, constants, workspace, inputs, outputs
  std::vector<BorderTensor> inputs, outputs;
  std::vector<LayerRow> layers;
  int64_t compulsoryBytes = 0;         ///< DRAM traffic that no schedule avoids, program included
};

/// Takes an allocated program with semaphores apart. Throws agc::Error for one without addresses, without data for its
/// constants, or too large for the device's DRAM.
Assembly assemble(ovl::ProgramOp program);

}  // namespace agc::emit
