#include "Fusion.h"

#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

namespace agc::qnn {

std::string displayName(mlir::Operation *op) {
  std::string name = nodeName(op->getLoc());
  return name.empty() ? op->getName().stripDialect().str() : name;
}

mlir::ArrayAttr appended(mlir::ArrayAttr array, llvm::StringRef text) {
  llvm::SmallVector<mlir::Attribute> entries(array.begin(), array.end());
  entries.push_back(mlir::StringAttr::get(array.getContext(), text));
  return mlir::ArrayAttr::get(array.getContext(), entries);
}

bool foldIntoClamp(mlir::RewriterBase &rewriter, mlir::Operation *activation) {
  mlir::Value input = activation->getOperand(0);
  auto conv = input.getDefiningOp<FusedConvOp>();
  if (!conv || !input.hasOneUse())
    return false;
  mlir::quant::UniformQuantizedType type = quantTypeOf(input);
  int64_t low = -128, high = 127;
  if (auto clip = llvm::dyn_cast<ClipOp>(activation)) {
    low = quantizeValue(clip.getMin().convertToFloat(), type.getScale(), type.getZeroPoint());
    high = quantizeValue(clip.getMax().convertToFloat(), type.getScale(), type.getZeroPoint());
  } else {
    low = type.getZeroPoint();
  }
  // Clamping to [l, h] and then to [low, high] is clamping to both ends moved into [low, high].
  auto tightened = [&](int64_t value) { return std::clamp(value, low, high); };
  rewriter.modifyOpInPlace(conv, [&] {
    if (conv.getTable() && !conv.getTableFirst()) {
      llvm::SmallVector<int8_t> table(*conv.getTable());
      for (int8_t &value : table)
        value = static_cast<int8_t>(tightened(value));
      conv.setTable(table);
    } else if (conv.getResidual()) {
      conv.setLo(tightened(*conv.getLo()));
      conv.setHi(tightened(*conv.getHi()));
    } else {
      conv.setLo1(tightened(conv.getLo1()));
      conv.setHi1(tightened(conv.getHi1()));
    }
    conv.setOpsAttr(appended(conv.getOps(), onnxOpType(activation)));
    conv.setNamesAttr(appended(conv.getNames(), displayName(activation)));
  });
  rewriter.replaceOp(activation, input);
  return true;
}

FusedConvOp createIdentity(mlir::RewriterBase &rewriter, mlir::Operation *source, mlir::Value input, mlir::Type resultType) {
  llvm::SmallVector<std::string> ops, names;
  bool upsample = false;
  if (auto resize = input.getDefiningOp<ResizeOp>()) {
    upsample = true;
    ops.push_back("Resize");
    names.push_back(displayName(resize));
    input = resize.getInput();
  }
  // A resize that is turned into this op itself is named once.
  if (!llvm::isa<ResizeOp>(source) || !upsample) {
    ops.push_back(onnxOpType(source).str());
    names.push_back(displayName(source));
  }
  mlir::quant::UniformQuantizedType from = quantTypeOf(input), to = quantTypeOf(resultType);
  std::string why;
  std::optional<Factor> factor = toFactor(from.getScale() / to.getScale(), why);
  if (!factor) {
    source->emitError() << describe(source) << ": " << why << " (scale " << from.getScale() << " to " << to.getScale()
                        << "); quantize its result with a scale nearer to that of its input";
    return nullptr;
  }
  int64_t channels = llvm::cast<mlir::RankedTensorType>(input.getType()).getDimSize(1);
  std::vector<int8_t> weights(channels * 8, 0);
  for (int64_t channel = 0; channel < channels; ++channel)
    weights[channel * 8 + channel % 8] = 1;
  auto weightType = mlir::RankedTensorType::get({channels, 8, 1, 1}, rewriter.getI8Type());
  std::vector<int32_t> bias(channels, static_cast<int32_t>(-from.getZeroPoint()));
  std::vector<int32_t> multiplier(channels, factor->multiplier), shift(channels, factor->shift);
  auto strings = [&](llvm::ArrayRef<std::string> texts) {
    llvm::SmallVector<llvm::StringRef> refs(texts.begin(), texts.end());
    return rewriter.getStrArrayAttr(refs);
  };
  return rewriter.create<FusedConvOp>(
      source->getLoc(), resultType, input, /*residual=*/mlir::Value(),
      mlir::DenseElementsAttr::get(weightType, llvm::ArrayRef<int8_t>(weights)), bias, multiplier, shift,
      llvm::ArrayRef<int64_t>{1, 1}, llvm::ArrayRef<int64_t>{1, 1}, llvm::ArrayRef<int64_t>{0, 0, 0, 0}, from.getZeroPoint(),
      upsample, /*block_grouped=*/true, to.getZeroPoint(), -128, 127, /*zr=*/nullptr, /*a=*/nullptr, /*b=*/nullptr,
      /*sh2=*/nullptr, /*zo=*/nullptr, /*lo=*/nullptr, /*hi=*/nullptr, strings(ops), strings(names), /*macs=*/0);
}

FusedConvOp residualHost(mlir::Value value) {
  auto conv = value.getDefiningOp<FusedConvOp>();
  bool free = conv && !conv.getResidual() && !conv.getMaxWindow() && !conv.getInterleave() && value.hasOneUse();
  return free ? conv : FusedConvOp();
}

void setResidual(FusedConvOp conv, mlir::Value residual, llvm::StringRef operation, const AddFactors &factors, mlir::Type resultType) {
  mlir::quant::UniformQuantizedType first = quantTypeOf(conv.getOutput()), result = quantTypeOf(resultType);
  conv.getResidualMutable().assign(residual);
  if (operation != "add")
    conv.setResOp(operation);
  if (conv.getTable()) {  // it has made the first stage's result
    conv.setTableFirst(true);
    conv.setZq(first.getZeroPoint());
  }
  conv.setZr(quantTypeOf(residual).getZeroPoint());
  conv.setA(factors.a);
  conv.setB(factors.b);
  conv.setSh2(factors.shift);
  conv.setZo(result.getZeroPoint());
  conv.setLo(-128);
  conv.setHi(127);
  conv.getOutput().setType(llvm::cast<mlir::RankedTensorType>(resultType));
}

FusedConvOp fuseResidual(mlir::RewriterBase &rewriter, FusedConvOp conv, mlir::Value residual, mlir::Operation *op, llvm::StringRef kind,
                         bool hostIsLeft) {
  mlir::quant::UniformQuantizedType first = quantTypeOf(conv.getOutput()), second = quantTypeOf(residual),
                                    sum = quantTypeOf(op->getResult(0));
  bool multiplies = kind == "Mul";
  double realA = first.getScale() / sum.getScale(), realB = second.getScale() / sum.getScale();
  if (multiplies)
    realA = first.getScale() * second.getScale() / sum.getScale(), realB = 0;
  std::string why;
  std::optional<AddFactors> factors = toAddFactors(realA, realB, why);
  if (!factors) {
    op->emitError() << describe(op) << ": " << why << " (scales " << first.getScale() << " and " << second.getScale()
                    << " to " << sum.getScale() << "); quantize its result with a scale nearer to "
                    << (multiplies ? "their product" : "those of its inputs");
    return nullptr;
  }
  if (kind == "Sub")
    (hostIsLeft ? factors->b : factors->a) *= -1;
  rewriter.setInsertionPoint(op);
  auto fused = llvm::cast<FusedConvOp>(rewriter.clone(*conv));
  setResidual(fused, residual, kind == "Sub" ? "add" : kind.lower(), *factors, op->getResult(0).getType());
  // An identity that was made for this very op names it already.
  bool named = conv.getBlockGrouped() && conv.getLoc() == op->getLoc();
  if (!named) {
    fused.setOpsAttr(appended(conv.getOps(), onnxOpType(op)));
    fused.setNamesAttr(appended(conv.getNames(), displayName(op)));
  }
  rewriter.replaceOp(op, fused.getOutput());
  if (conv->use_empty())
    rewriter.eraseOp(conv);
  return fused;
}

} // namespace agc::qnn
