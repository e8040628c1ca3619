// qnn.fused_conv: verifier, accessors and the regions that it reads.
#include "agcc/Dialect/Qnn/QnnOps.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"

namespace agc::qnn {

using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

int64_t FusedConvOp::outChannels() { return getWeights().getShapedType().getDimSize(0); }
int64_t FusedConvOp::groupInChannels() { return getWeights().getShapedType().getDimSize(1); }
int64_t FusedConvOp::weightHeight() { return getWeights().getShapedType().getDimSize(2); }
int64_t FusedConvOp::weightWidth() { return getWeights().getShapedType().getDimSize(3); }
int64_t FusedConvOp::kernelHeight() { return getMaxWindow() ? (*getMaxWindow())[0] : weightHeight(); }
int64_t FusedConvOp::kernelWidth() { return getMaxWindow() ? (*getMaxWindow())[1] : weightWidth(); }
std::pair<int64_t, int64_t> FusedConvOp::phases() {
  return getInterleave() ? std::pair{(*getInterleave())[0], (*getInterleave())[1]} : std::pair{int64_t(1), int64_t(1)};
}
std::vector<int8_t> FusedConvOp::weightValues() { return int8Values(getWeights()); }

static std::vector<std::string> strings(mlir::ArrayAttr array) {
  std::vector<std::string> result;
  for (auto text : array.getAsRange<mlir::StringAttr>())
    result.push_back(text.getValue().str());
  return result;
}
std::vector<std::string> FusedConvOp::opNames() { return strings(getOps()); }
std::vector<std::string> FusedConvOp::nodeNames() { return strings(getNames()); }

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

static LogicalResult verifyMap(FusedConvOp op, mlir::Type type, llvm::StringRef what) {
  auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
  if (!tensor || tensor.getRank() != 4 || !tensor.hasStaticShape() || tensor.getDimSize(0) != 1 ||
      tensor.getNumElements() == 0)
    return op.emitOpError(what) << " must be a tensor 1xCxHxW with static dimensions above zero, not " << type;
  mlir::quant::UniformQuantizedType quantized = quantTypeOf(type);
  if (!quantized || !quantized.isSigned() || quantized.getStorageTypeIntegralWidth() != 8)
    return op.emitOpError(what) << " must have elements !quant.uniform<i8:f32, scale:zero>, not " << tensor.getElementType();
  return success();
}

static LogicalResult verifyRange(FusedConvOp op, llvm::ArrayRef<int64_t> values, size_t count, int64_t low, int64_t high,
                                 llvm::StringRef what) {
  if (values.size() != count)
    return op.emitOpError("needs ") << count << " " << what << ", not " << values.size();
  for (int64_t value : values)
    if (value < low || value > high)
      return op.emitOpError("needs ") << what << " in " << low << ".." << high << ", not " << value;
  return success();
}

static LogicalResult verifyClamp(FusedConvOp op, int64_t zero, int64_t low, int64_t high, llvm::StringRef names) {
  if (zero < -128 || zero > 127)
    return op.emitOpError("has a zero point ") << zero << " outside -128..127";
  if (low < -128 || high > 127 || low > high)
    return op.emitOpError("needs -128 <= lo <= hi <= 127 in its clamp ") << names << ", not " << low << " and " << high;
  return success();
}

static LogicalResult verifyWeights(FusedConvOp op) {
  mlir::ShapedType type = op.getWeights().getShapedType();
  if (type.getRank() != 4 || !type.getElementType().isInteger(8) || type.getNumElements() == 0)
    return op.emitOpError("needs weights i8 [O, Ig, KH, KW], not ") << mlir::Type(type);
  std::vector<int8_t> values = op.weightValues();
  if (static_cast<int64_t>(values.size()) != type.getNumElements())
    return op.emitOpError("has weights that can not be read: they must be a dense or a resource attribute");
  for (int8_t value : values)
    if (value == -128)
      return op.emitOpError("has a weight of -128; the machine takes -127..127");
  int64_t in = op.inputType().getDimSize(1), out = op.outputType().getDimSize(1);
  auto [py, px] = op.phases();
  int64_t lanes = op.getShared() ? 8 : py * px > 1 ? op.allBlocks() * 8 : out;
  if (op.getShared() && !op.getBlockGrouped())
    return op.emitOpError("has shared weights and must be block-grouped");
  if (op.outChannels() != lanes)
    return op.emitOpError("needs weights for ") << lanes << " output channels, not " << op.outChannels();
  if (op.getBlockGrouped()) {
    if (op.groupInChannels() % 8 != 0)
      return op.emitOpError("is block-grouped and needs weights for a multiple of 8 input channels, not ") << op.groupInChannels();
    int64_t needed = op.allBlocks() * (op.groupInChannels() / 8);
    if ((in + 7) / 8 != needed)
      return op.emitOpError("is block-grouped and needs ") << needed << " input channel blocks, not " << (in + 7) / 8;
  } else if (op.groupInChannels() != in) {
    return op.emitOpError("has weights for ") << op.groupInChannels() << " input channels and an input with " << in;
  }
  return success();
}

static LogicalResult verifyParameters(FusedConvOp op) {
  size_t channels = op.outChannels();
  if (op.getBias().size() != channels || op.getMultiplier().size() != channels || op.getShift().size() != channels)
    return op.emitOpError("needs a bias, a multiplier and a shift per output channel: ") << channels;
  for (int32_t value : op.getMultiplier())
    if (value != 0 && (value < (1 << 23) || value >= (1 << 24)))
      return op.emitOpError("needs multipliers that are 0 or in 8388608..16777215, not ") << value;
  for (int32_t value : op.getShift())
    if (value < 0 || value > 63)
      return op.emitOpError("needs shifts in 0..63, not ") << value;
  return success();
}

static LogicalResult verifyGeometry(FusedConvOp op) {
  if (failed(verifyRange(op, op.getStrides(), 2, 1, kMaxStride, "strides")) ||
      failed(verifyRange(op, op.getDilations(), 2, 1, kMaxDilation, "dilations")) ||
      failed(verifyRange(op, op.getPads(), 4, 0, kMaxPad, "pads")))
    return failure();
  int64_t kh = op.kernelHeight(), kw = op.kernelWidth();
  if (kh > kMaxFusedKernel || kw > kMaxFusedKernel)
    return op.emitOpError("needs a kernel of at most ") << kMaxFusedKernel << "x" << kMaxFusedKernel << ", not " << kh << "x" << kw;
  if (op.getUpsample() && (op.getStrides()[0] != 1 || op.getStrides()[1] != 1))
    return op.emitOpError("reads its input upsampled and needs strides of 1");
  int64_t scale = op.getUpsample() ? 2 : 1;
  llvm::ArrayRef<int64_t> in = op.inputType().getShape(), out = op.outputType().getShape();
  auto [py, px] = op.phases();
  int64_t height = py * convOutputSize(in[2] * scale, kh, op.getStrides()[0], op.getDilations()[0], op.getPads()[0], op.getPads()[2]);
  int64_t width = px * convOutputSize(in[3] * scale, kw, op.getStrides()[1], op.getDilations()[1], op.getPads()[1], op.getPads()[3]);
  if (out[2] != height || out[3] != width)
    return op.emitOpError("must have a result of shape 1x") << out[1] << "x" << height << "x" << width;
  return success();
}

// What depends on the attributes for pools, tables and pixels that are taken apart. Before all that asks for sizes.
static LogicalResult verifyForms(FusedConvOp op) {
  if (auto window = op.getMaxWindow()) {
    if (failed(verifyRange(op, *window, 2, 1, kMaxFusedKernel, "sizes of max_window")))
      return failure();
    if (!op.getShared() || op.weightHeight() != 1 || op.weightWidth() != 1)
      return op.emitOpError("has a max_window and needs shared weights with a kernel of 1x1");
    if (op.getResidual() || op.getTableFirst() || op.getInterleave())
      return op.emitOpError("has a max_window and cannot have a residual, table_first or interleave");
    if (op.getPadValue() != -128)
      return op.emitOpError("has a max_window and needs pad_value = -128, not ") << op.getPadValue();
  }
  if (auto interleave = op.getInterleave()) {
    if (failed(verifyRange(op, *interleave, 2, 1, kMaxInterleave, "factors of interleave")))
      return failure();
    if (op.getResidual())
      return op.emitOpError("has interleave and cannot have a residual");
  }
  if (op.getTable() && op.getTable()->size() != 256)
    return op.emitOpError("needs a table of 256 values, not ") << op.getTable()->size();
  if (op.getTableFirst() && (!op.getTable() || !op.getResidual()))
    return op.emitOpError("has table_first and needs a table and a residual");
  if (op.getPadValue() < -128 || op.getPadValue() > 127)
    return op.emitOpError("has pad_value = ") << op.getPadValue() << " outside -128..127";
  return success();
}

static LogicalResult verifyResidual(FusedConvOp op) {
  bool all = op.getZr() && op.getA() && op.getB() && op.getSh2() && op.getZo() && op.getLo() && op.getHi();
  bool any = op.getZr() || op.getA() || op.getB() || op.getSh2() || op.getZo() || op.getLo() || op.getHi() || op.getZq();
  if (!llvm::is_contained({"add", "mul", "max", "min"}, op.getResOp()))
    return op.emitOpError("needs res_op add, mul, max or min, not '") << op.getResOp() << "'";
  if (!op.getResidual()) {
    if (any || op.getResOp() != "add")
      return op.emitOpError("has no residual and must not have res_op, zq, zr, a, b, sh2, zo, lo or hi");
    return success();
  }
  if (!all)
    return op.emitOpError("has a residual and needs zr, a, b, sh2, zo, lo and hi");
  if (failed(verifyMap(op, op.getResidual().getType(), "residual")))
    return failure();
  llvm::ArrayRef<int64_t> residual = llvm::cast<mlir::RankedTensorType>(op.getResidual().getType()).getShape(),
                          result = op.outputType().getShape();
  auto repeated = [&](unsigned axis) { return residual[axis] == result[axis] || residual[axis] == 1; };
  if (residual[1] != result[1] || !repeated(2) || !repeated(3))
    return op.emitOpError("has a residual of another shape than its result, or than that with one row, one column or both");
  if (*op.getZr() != quantTypeOf(op.getResidual()).getZeroPoint())
    return op.emitOpError("has zr = ") << *op.getZr() << ", which is not the zero point of the residual's type";
  for (int64_t factor : {*op.getA(), *op.getB()})
    if (factor < -(1 << 21) || factor >= (1 << 21))
      return op.emitOpError("needs a and b in -2097152..2097151, not ") << factor;
  if (op.getResOp() == "mul" && *op.getB() != 0)
    return op.emitOpError("multiplies and needs b = 0, not ") << *op.getB();
  if (op.residualZero() < -128 || op.residualZero() > 127)
    return op.emitOpError("has a zero point zq = ") << op.residualZero() << " outside -128..127";
  if (*op.getSh2() < 0 || *op.getSh2() > 63)
    return op.emitOpError("needs sh2 in 0..63, not ") << *op.getSh2();
  return verifyClamp(op, *op.getZo(), *op.getLo(), *op.getHi(), "lo, hi");
}

LogicalResult FusedConvOp::verify() {
  if (failed(verifyMap(*this, getInput().getType(), "operand")) || failed(verifyMap(*this, getOutput().getType(), "result")) ||
      failed(verifyForms(*this)) || failed(verifyWeights(*this)) || failed(verifyParameters(*this)) || failed(verifyGeometry(*this)) ||
      failed(verifyClamp(*this, getZ1(), getLo1(), getHi1(), "lo1, hi1")) || failed(verifyResidual(*this)))
    return failure();
  int64_t zero = getResidual() ? *getZo() : getZ1();
  bool tableLast = getTable() && !getTableFirst();  // what it makes of the zero point is its own business
  if (!tableLast && zero != quantTypeOf(getOutput()).getZeroPoint())
    return emitOpError("has ") << (getResidual() ? "zo" : "z1") << " = " << zero
                               << ", which is not the zero point of its result's type";
  if (getOps().empty() || getNames().empty())
    return emitOpError("needs at least one entry in ops and in names");
  if (getMacs() < 0)
    return emitOpError("needs macs of at least 0");
  return success();
}

//===----------------------------------------------------------------------===//
// RegionOpInterface
//===----------------------------------------------------------------------===//

static int64_t floorDiv(int64_t value, int64_t by) { return value >= 0 ? value / by : -((-value + by - 1) / by); }

OperandTile FusedConvOp::getOperandTile(unsigned operand, const Tile &output) {
  OperandTile result;
  if (operand != 0) {  // the residual is read where the result is written, or is repeated
    result.stored = output;
    auto type = getResidual() ? llvm::cast<mlir::RankedTensorType>(getResidual().getType()) : outputType();
    if (type.getDimSize(2) == 1) {
      result.stored.y0 = 0;
      result.stored.y1 = 1;
    }
    if (type.getDimSize(3) == 1) {
      result.stored.x0 = 0;
      result.stored.x1 = 1;
    }
    result.firstRow = result.stored.y0;
    result.firstColumn = result.stored.x0;
    return result;
  }
  result.scale = getUpsample() ? 2 : 1;
  auto [py, px] = phases();
  result.firstRow = output.y0 / py * getStrides()[0] - getPads()[0];
  result.firstColumn = output.x0 / px * getStrides()[1] - getPads()[1];
  int64_t lastRow = (output.y1 - 1) / py * getStrides()[0] - getPads()[0] + (kernelHeight() - 1) * getDilations()[0];
  int64_t lastColumn = (output.x1 - 1) / px * getStrides()[1] - getPads()[1] + (kernelWidth() - 1) * getDilations()[1];
  result.stored.y0 = floorDiv(result.firstRow, result.scale);
  result.stored.y1 = floorDiv(lastRow, result.scale) + 1;
  result.stored.x0 = floorDiv(result.firstColumn, result.scale);
  result.stored.x1 = floorDiv(lastColumn, result.scale) + 1;
  if (getBlockGrouped()) {
    int64_t blocks = groupInChannels() / 8;
    result.stored.b0 = output.b0 * blocks;
    result.stored.b1 = (allBlocks() - phaseBlocks() + output.b1) * blocks;  // those of the last phase
  } else {
    result.stored.b0 = 0;
    result.stored.b1 = (groupInChannels() + 7) / 8;
  }
  return result;
}

} // namespace agc::qnn
