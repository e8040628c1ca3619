// The operator-oriented form of quantized ONNX: which inputs of which op are what.
#pragma once

#include <string>
#include <vector>

namespace onnx {
class NodeProto;
}

namespace agc::import {

// Indices of the inputs of a node that hold a quantized tensor, its scale and its zero point.
struct QuantizedOperand {
  int data, scale, zero;
};

// What an operator-oriented op stands for: DequantizeLinear of its operands, `op`, QuantizeLinear of the result.
struct QLinearForm {
  const char *op;
  int operands;       // with data, scale and zero point each; -1: all that there are
  int first;          // index of the first operand's data
  int scale, zero;    // indices of the result's
  int bias = -1;      // index of an int32 bias at the product of the operands' scales
};

// Null for other ops.
const QLinearForm *qlinearForm(const std::string &opType);
inline bool isQLinear(const std::string &opType) { return qlinearForm(opType) != nullptr; }

// The quantized operands of an operator-oriented node or of a DequantizeLinear; the data of each exists, scale and zero
// point may lie beyond the node's inputs. Empty for other nodes.
std::vector<QuantizedOperand> quantizedOperands(const onnx::NodeProto &node);

} // namespace agc::import
