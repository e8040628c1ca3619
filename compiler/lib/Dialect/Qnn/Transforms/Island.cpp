#include "Island.h"

#include "Elementwise.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <algorithm>
#include <cmath>

namespace agc::qnn {

static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape(); }

static bool isElementwise(mlir::Operation *op) {
  return llvm::isa_and_nonnull<UnaryOp, BinaryOp, AddOp, ReluOp, ClipOp, QuantizeOp, DequantizeOp, RequantizeOp, TableOp, ConstantOp>(op);
}

std::optional<Island> Island::of(mlir::Value result) {
  Island island;
  island.output = result;
  return island.collect() ? std::optional<Island>(std::move(island)) : std::nullopt;
}

// Leaves are quantized tensors; the one that is made last is opened until one is left.
bool Island::collect() {
  constexpr size_t kMaxOps = 256;  // an island of any network is smaller, and the search must end soon
  llvm::DenseSet<mlir::Value> leaves;
  llvm::DenseSet<mlir::Operation *> inside;
  // Adds the op that makes `value`, and the float ops that it needs; false where that is not elementwise arithmetic.
  auto open = [&](mlir::Value value) {
    llvm::SmallVector<mlir::Operation *> work = {value.getDefiningOp()};
    while (!work.empty()) {
      mlir::Operation *op = work.pop_back_val();
      if (!isElementwise(op))
        return false;
      if (!inside.insert(op).second)
        continue;
      if (inside.size() > kMaxOps)
        return false;
      if (!llvm::isa<ConstantOp>(op) && shapeOf(op->getResult(0)) != shapeOf(output) && !llvm::all_of(op->getOperands(), [](mlir::Value operand) {
            return operand.getDefiningOp<ConstantOp>();
          }))
        return false;
      for (mlir::Value operand : op->getOperands()) {
        if (quantTypeOf(operand))
          leaves.insert(operand);
        else
          work.push_back(operand.getDefiningOp());
      }
    }
    return true;
  };
  if (!open(output))
    return false;
  while (leaves.size() > 1) {
    mlir::Value last;
    for (mlir::Value leaf : leaves) {
      mlir::Operation *op = leaf.getDefiningOp();
      if (op && (!last || last.getDefiningOp()->isBeforeInBlock(op)))
        last = leaf;
    }
    if (!last || !open(last))
      return false;
    leaves.erase(last);
  }
  if (leaves.empty())
    return false;
  input = *leaves.begin();
  if (shapeOf(input) != shapeOf(output))
    return false;
  order.assign(inside.begin(), inside.end());
  llvm::sort(order, [](mlir::Operation *a, mlir::Operation *b) { return a->isBeforeInBlock(b); });
  return true;
}

bool Island::needsTable() const {
  return llvm::any_of(order, [](mlir::Operation *op) { return llvm::isa<UnaryOp, BinaryOp, TableOp>(op); });
}

std::vector<std::string> Island::ops() const {
  std::vector<std::string> result;
  for (mlir::Operation *op : order)
    if (auto table = llvm::dyn_cast<TableOp>(op))
      for (auto text : table.getOps().getAsRange<mlir::StringAttr>())
        result.push_back(text.getValue().str());
    else if (!llvm::isa<QuantizeOp, DequantizeOp, ConstantOp>(op))
      result.push_back(onnxOpType(op).str());
  return result;
}

std::vector<std::string> Island::names() const {
  std::vector<std::string> result;
  for (mlir::Operation *op : order)
    if (auto table = llvm::dyn_cast<TableOp>(op))
      for (auto text : table.getNames().getAsRange<mlir::StringAttr>())
        result.push_back(text.getValue().str());
    else if (!llvm::isa<QuantizeOp, DequantizeOp, ConstantOp>(op))
      result.push_back(nodeName(op->getLoc()).empty() ? op->getName().stripDialect().str() : nodeName(op->getLoc()));
  return result;
}

int64_t Island::channels() const {
  size_t most = 1;
  for (mlir::Operation *op : order)
    if (auto constant = llvm::dyn_cast<ConstantOp>(op))
      most = std::max(most, constant.getValues().size());
  return most;
}

static float dequantized(float q, mlir::quant::UniformQuantizedType type) {
  return (q - static_cast<float>(type.getZeroPoint())) * static_cast<float>(type.getScale());
}

static float quantized(float real, mlir::quant::UniformQuantizedType type) {
  if (std::isnan(real))
    return -128;  // as ONNX Runtime's clamp does
  return quantizeValue(real, type.getScale(), type.getZeroPoint());
}

// One op; operands and result are real where the tensor is float, steps where it is quantized.
static std::optional<float> evaluate(mlir::Operation *op, llvm::ArrayRef<float> operands, int64_t channel) {
  if (auto constant = llvm::dyn_cast<ConstantOp>(op))
    return constant.getValues()[constant.getValues().size() == 1 ? 0 : channel];
  if (llvm::isa<DequantizeOp>(op))
    return dequantized(operands[0], quantTypeOf(op->getOperand(0)));
  if (auto table = llvm::dyn_cast<TableOp>(op))
    return table.getTable()[static_cast<int>(operands[0]) + 128];
  mlir::quant::UniformQuantizedType to = quantTypeOf(op->getResult(0));
  llvm::SmallVector<float> real(operands);
  for (auto [index, value] : llvm::enumerate(op->getOperands()))
    if (quantTypeOf(value))
      real[index] = dequantized(operands[index], quantTypeOf(value));
  std::optional<float> result;
  if (llvm::isa<QuantizeOp, RequantizeOp>(op))
    result = real[0];
  else if (llvm::isa<ReluOp>(op))
    result = std::max(real[0], 0.0f);
  else if (auto clip = llvm::dyn_cast<ClipOp>(op))
    result = std::clamp(real[0], clip.getMin().convertToFloat(), clip.getMax().convertToFloat());
  else if (llvm::isa<AddOp>(op))
    result = real[0] + real[1];
  else if (auto unary = llvm::dyn_cast<UnaryOp>(op))
    result = evaluateUnary(unary.getKind(), unary.getParameters(), real[0]);
  else if (auto binary = llvm::dyn_cast<BinaryOp>(op))
    result = evaluateBinary(binary.getKind(), real[0], real[1]);
  if (!result)
    return std::nullopt;
  return to ? quantized(*result, to) : *result;
}

std::vector<Table> Island::tables() const {
  int64_t count = channels();
  if (count > 1 && count != shapeOf(output)[1])
    return {};
  std::vector<Table> result;
  for (int64_t channel = 0; channel < count; ++channel) {
    Table table;
    for (int q = -128; q < 128; ++q) {
      llvm::DenseMap<mlir::Value, float> values;
      values[input] = q;
      for (mlir::Operation *op : order) {
        llvm::SmallVector<float> operands;
        for (mlir::Value operand : op->getOperands())
          operands.push_back(values.lookup(operand));
        std::optional<float> value = evaluate(op, operands, channel);
        if (!value)
          return {};
        values[op->getResult(0)] = *value;
      }
      table[q + 128] = static_cast<int8_t>(values.lookup(output));
    }
    result.push_back(table);
  }
  if (llvm::all_of(result, [&](const Table &table) { return table == result[0]; }))
    result.resize(1);
  return result;
}

std::optional<std::vector<Island::Line>> Island::lines() const {
  int64_t count = shapeOf(output)[1];
  if (channels() > 1 && channels() != count)
    return std::nullopt;
  std::vector<Line> result;
  for (int64_t channel = 0; channel < count; ++channel) {
    llvm::DenseMap<mlir::Value, Line> values;
    double scale = quantTypeOf(input).getScale();
    values[input] = {1.0, 0.0};
    for (mlir::Operation *op : order) {
      Line a = op->getNumOperands() > 0 ? values.lookup(op->getOperand(0)) : Line(), b = op->getNumOperands() > 1 ? values.lookup(op->getOperand(1)) : Line();
      std::string kind = onnxOpType(op).str();
      Line line;
      if (auto constant = llvm::dyn_cast<ConstantOp>(op))
        line.offset = constant.getValues()[constant.getValues().size() == 1 ? 0 : channel];
      else if (llvm::isa<DequantizeOp>(op) && op->getOperand(0) == input)
        line = a;
      else if (llvm::isa<QuantizeOp>(op) && op->getResult(0) == output)
        line = a;
      else if (kind == "Add" && !quantTypeOf(op->getResult(0)))
        line = {a.factor + b.factor, a.offset + b.offset};
      else if (kind == "Sub" && !quantTypeOf(op->getResult(0)))
        line = {a.factor - b.factor, a.offset - b.offset};
      else if (kind == "Mul" && !quantTypeOf(op->getResult(0)) && (a.factor == 0 || b.factor == 0))
        line = {a.factor * b.offset + b.factor * a.offset, a.offset * b.offset};
      else if (kind == "Div" && !quantTypeOf(op->getResult(0)) && b.factor == 0 && b.offset != 0)
        line = {a.factor / b.offset, a.offset / b.offset};
      else if (kind == "Neg" && !quantTypeOf(op->getResult(0)))
        line = {-a.factor, -a.offset};
      else
        return std::nullopt;
      values[op->getResult(0)] = line;
    }
    result.push_back(values.lookup(output));
    if (!std::isfinite(result.back().factor * scale) || !std::isfinite(result.back().offset))
      return std::nullopt;
  }
  return result;
}

} // namespace agc::qnn
