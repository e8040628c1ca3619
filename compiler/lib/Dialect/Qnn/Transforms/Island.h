// Elementwise arithmetic on one 8-bit tensor: everything between that tensor and a QuantizeLinear, inner quantizations included.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace agc::qnn {

using Table = std::array<int8_t, 256>;

class Island {
public:
  // What `result`, made by a qnn.quantize or an elementwise op on quantized tensors, computes of one quantized tensor of its shape.
  // Nothing when it computes of several, or when there is something else than elementwise ops and constants in between.
  static std::optional<Island> of(mlir::Value result);

  mlir::Value root() const { return input; }
  // Whether there is more than relus, clips, additions and changes of scale, which need no table.
  bool needsTable() const;
  // ONNX op types and node names in data-flow order, without the quantizers.
  std::vector<std::string> ops() const, names() const;
  // One table when all channels have the same, else one per channel. Empty when an op can not be evaluated.
  std::vector<Table> tables() const;
  // The real function of the channel as x * factor + offset; nothing when there is a bend or a rounding in it.
  struct Line {
    double factor = 0, offset = 0;
  };
  std::optional<std::vector<Line>> lines() const;

private:
  bool collect();
  int64_t channels() const;

  mlir::Value input, output;
  std::vector<mlir::Operation *> order;  // ops between, operands first
};

} // namespace agc::qnn
