// qnn-fuse: a convolution becomes qnn.fused_conv, where docs/machine.md's numerics are fixed, and takes in what follows it.
#include "Fusion.h"
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <limits>

namespace agc::qnn {
#define GEN_PASS_DEF_QNNFUSE
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"
} // namespace agc::qnn

using namespace agc;
using namespace agc::qnn;

namespace {

struct Parameters {
  std::vector<int32_t> bias, multiplier, shift;
};

struct Quantization {
  double scale;
  int64_t zero;
};

// How far the bias, rounded to the accumulator's unit `k` times finer than that of the weights as they are, moves the result, in
// steps. Below kFine it is a quarter of the band around ties in which either neighbour is right.
constexpr double kFine = 0x1p-12;

double biasError(double bias, double unit, double outScale, int k) {
  double steps = bias / unit * k;
  return std::abs(steps - std::nearbyint(steps)) * unit / k / outScale;
}

// A bias that is no multiple of the unit (a float one, mostly) is rounded, which shows where few products make large factors.
// Weights times k at a scale divided by k are the same weights: the k for which the bias fits best is taken.
void refineUnit(llvm::MutableArrayRef<int8_t> weights, double bias, double &weightScale, double inScale, double outScale) {
  int largest = 0;
  for (int8_t weight : weights)
    largest = std::max(largest, std::abs(int(weight)));
  double unit = inScale * weightScale;
  if (largest == 0 || !(biasError(bias, unit, outScale, 1) > kFine))
    return;
  int best = 1;
  for (int k = 2; k * largest <= 127; ++k)
    if (biasError(bias, unit, outScale, k) < biasError(bias, unit, outScale, best))
      best = k;
  for (int8_t &weight : weights)
    weight = static_cast<int8_t>(weight * best);
  weightScale /= best;
}

// Bias, multiplier and shift of one output channel, or the reason why they do not exist. The sum is bounded over all int8
// inputs; padding reads the zero point, which is one of them. May scale the weights, and set those to zero that can not be seen
// in the result.
std::string channelParameters(llvm::MutableArrayRef<int8_t> weights, double bias, double weightScale, Quantization in, Quantization out,
                              Parameters &result) {
  refineUnit(weights, bias, weightScale, in.scale, out.scale);
  int64_t sum = 0, least = 0, most = 0;
  for (int8_t weight : weights) {
    sum += weight;
    int64_t atLow = weight * (-128 - in.zero), atHigh = weight * (127 - in.zero);
    least += std::min(atLow, atHigh);
    most += std::max(atLow, atHigh);
  }
  std::string why;
  std::optional<Factor> factor = toFactor(in.scale * weightScale / out.scale, why);
  double steps = std::nearbyint(bias / (in.scale * weightScale));
  constexpr double kLimit = std::numeric_limits<int32_t>::max();
  if (factor && !(std::abs(steps) <= kLimit && most + steps <= kLimit && least + steps >= -kLimit - 1 &&
                  std::abs(steps - double(in.zero * sum)) <= kLimit))
    why = llvm::formatv("its sums may leave 32 bits ({0} to {1})", least + steps, most + steps);
  bool finer = most == 0 && least == 0 && biasError(bias, in.scale * weightScale, out.scale, 1) > kFine;
  if (why.empty() && !finer) {
    result.bias.push_back(static_cast<int32_t>(static_cast<int64_t>(steps) - in.zero * sum));
    result.multiplier.push_back(factor->multiplier);
    result.shift.push_back(factor->shift);
    return {};
  }
  // Pruned channels have weights of zero, or of 1e-30 where weight decay was at work, and scales to match. Where the whole
  // sum moves the result by less than 2^-11 step, below any rounding that is told apart, the channel is a constant: held
  // with 16 fraction bits of an output step and saturated far outside the output's range.
  if (static_cast<double>(std::max(-least, most)) * in.scale * weightScale / out.scale >= 0x1p-11)
    return why;
  std::fill(weights.begin(), weights.end(), int8_t(0));
  double constant = std::clamp(bias / out.scale, -8192.0, 8192.0);
  result.bias.push_back(static_cast<int32_t>(std::nearbyint(std::ldexp(constant, 16))));
  result.multiplier.push_back(1 << 23);
  result.shift.push_back(39);
  return {};
}

// The machine has fields of a few bits for these; qnn.conv itself takes any.
std::string geometryProblem(ConvOp conv) {
  llvm::ArrayRef<int64_t> weights = conv.getWeights().getShapedType().getShape();
  if (weights[2] > kMaxFusedKernel || weights[3] > kMaxFusedKernel)
    return llvm::formatv("a kernel of {0}x{1}; the machine takes up to {2}x{2}", weights[2], weights[3], kMaxFusedKernel);
  for (int64_t stride : conv.getStrides())
    if (stride > kMaxStride)
      return llvm::formatv("a stride of {0}; the machine takes up to {1}", stride, kMaxStride);
  for (int64_t dilation : conv.getDilations())
    if (dilation > kMaxDilation)
      return llvm::formatv("a dilation of {0}; the machine takes up to {1}", dilation, kMaxDilation);
  for (int64_t pad : conv.getPads())
    if (pad > kMaxPad)
      return llvm::formatv("a padding of {0}; the machine takes up to {1}", pad, kMaxPad);
  return {};
}

// A constant Pad in front becomes the convolution's own where that has none, or pads with the same value.
mlir::Value withoutPad(ConvOp conv, std::vector<int64_t> &pads, int64_t &padValue) {
  auto pad = conv.getInput().getDefiningOp<PadOp>();
  if (!pad)
    return conv.getInput();
  mlir::quant::UniformQuantizedType type = quantTypeOf(pad.getInput());
  int64_t value = quantizeValue(pad.getValue().convertToFloat(), type.getScale(), type.getZeroPoint());
  std::vector<int64_t> sums = pads;
  for (int side = 0; side < 4; ++side)
    sums[side] += pad.getPads()[side];
  bool none = llvm::all_of(pads, [](int64_t size) { return size == 0; });
  if ((!none && value != padValue) || llvm::any_of(sums, [](int64_t size) { return size > kMaxPad; }))
    return conv.getInput();
  pads = sums;
  padValue = value;
  return pad.getInput();
}

bool convertConv(mlir::RewriterBase &rewriter, ConvOp conv) {
  mlir::quant::UniformQuantizedType in = quantTypeOf(conv.getInput()), out = quantTypeOf(conv.getOutput());
  if (!in || !out) {
    conv.emitError() << describe(conv) << ": its input and result must be quantized here; run qnn-fold-qdq first";
    return false;
  }
  if (ConvOp folded = foldSelection(rewriter, conv))
    conv = folded;
  if (std::string problem = geometryProblem(conv); !problem.empty()) {
    conv.emitError() << describe(conv) << " has " << problem;
    return false;
  }
  std::vector<int8_t> weights = int8Values(conv.getWeights());
  const std::vector<int8_t> original = weights;
  int64_t channels = conv.getWeights().getShapedType().getDimSize(0);
  size_t taps = weights.size() / channels;
  Parameters parameters;
  for (int64_t o = 0; o < channels; ++o) {
    double scale = conv.getWeightScales()[conv.getWeightScales().size() == 1 ? 0 : o];
    double bias = conv.getBias().empty() ? 0.0 : conv.getBias()[o];
    std::string problem = channelParameters(llvm::MutableArrayRef<int8_t>(weights).slice(o * taps, taps), bias, scale,
                                            {in.getScale(), in.getZeroPoint()}, {out.getScale(), out.getZeroPoint()}, parameters);
    if (!problem.empty()) {
      conv.emitError() << describe(conv) << ": output channel " << o << ": " << problem
                       << "; check the scales of its input, weights, bias and result";
      return false;
    }
  }

  mlir::ElementsAttr weightsAttr = conv.getWeights();
  if (weights != original)
    weightsAttr = mlir::DenseElementsAttr::get(weightsAttr.getShapedType(), llvm::ArrayRef<int8_t>(weights));

  std::vector<int64_t> pads = conv.getPads().vec();
  int64_t padValue = in.getZeroPoint();
  mlir::Value input = withoutPad(conv, pads, padValue);
  mlir::ArrayAttr ops = rewriter.getStrArrayAttr({}), names = ops;
  auto resize = input.getDefiningOp<ResizeOp>();
  bool upsample = resize && conv.getStrides()[0] == 1 && conv.getStrides()[1] == 1;
  if (upsample) {
    input = resize.getInput();
    ops = appended(ops, "Resize");
    names = appended(names, displayName(resize));
  }
  rewriter.setInsertionPoint(conv);
  rewriter.replaceOpWithNewOp<FusedConvOp>(
      conv, conv.getOutput().getType(), input, /*residual=*/mlir::Value(), weightsAttr, parameters.bias,
      parameters.multiplier, parameters.shift, conv.getStrides(), conv.getDilations(), pads, padValue, upsample,
      conv.getBlockGrouped(), out.getZeroPoint(), -128, 127, /*zr=*/nullptr, /*a=*/nullptr, /*b=*/nullptr, /*sh2=*/nullptr,
      /*zo=*/nullptr, /*lo=*/nullptr, /*hi=*/nullptr, appended(ops, onnxOpType(conv)), appended(names, displayName(conv)), conv.getMacs());
  return true;
}

// What is neither a convolution nor an addition of two tensors of one shape.
bool lowerVectorOp(mlir::RewriterBase &rewriter, mlir::Operation *op) {
  rewriter.setInsertionPoint(op);
  return llvm::TypeSwitch<mlir::Operation *, bool>(op)
      .Case([&](TableOp table) { return lowerTable(rewriter, table); })
      .Case([&](AffineOp affine) { return lowerAffine(rewriter, affine); })
      .Case([&](PReluOp prelu) { return lowerPRelu(rewriter, prelu); })
      .Case([&](BinaryOp binary) { return lowerBinary(rewriter, binary); })
      .Case([&](PoolOp pool) { return lowerPool(rewriter, pool); })
      .Default(true);
}

struct FusePass : qnn::impl::QnnFuseBase<FusePass> {
  void runOnOperation() override {
    bool failed = false;
    mlir::IRRewriter rewriter(&getContext());
    for (mlir::Operation &op : llvm::make_early_inc_range(getOperation().getBody().front())) {
      if (auto conv = llvm::dyn_cast<ConvOp>(op))
        failed |= !convertConv(rewriter, conv);
      else if (llvm::isa<ReluOp, ClipOp>(op) && quantTypeOf(op.getResult(0)))
        foldIntoClamp(rewriter, &op);
      else if (auto add = llvm::dyn_cast<AddOp>(op); add && quantTypeOf(add.getOutput()))
        failed |= !fuseAdd(rewriter, add);
      else if (op.getNumResults() == 1 && quantTypeOf(op.getResult(0)))
        failed |= !lowerVectorOp(rewriter, &op);
    }
    // Moves last: those that convolutions and pools have taken in are not needed.
    eraseUnused(rewriter);
    for (mlir::Operation &op : llvm::make_early_inc_range(getOperation().getBody().front())) {
      rewriter.setInsertionPoint(&op);
      if (auto select = llvm::dyn_cast<SelectOp>(op); select && quantTypeOf(select.getOutput()))
        failed |= !lowerSelect(rewriter, select);
      else if (auto pad = llvm::dyn_cast<PadOp>(op); pad && quantTypeOf(pad.getOutput()))
        failed |= !lowerPad(rewriter, pad);
    }
    eraseUnused(rewriter);
    if (failed)
      signalPassFailure();
  }

  void eraseUnused(mlir::RewriterBase &rewriter) {
    for (mlir::Operation &op : llvm::make_early_inc_range(llvm::reverse(getOperation().getBody().front())))
      if (op.use_empty() && llvm::isa<ResizeOp, SelectOp, PadOp, WindowOp, PoolOp, ConcatOp>(op))
        rewriter.eraseOp(&op);
  }

  static bool fuseAdd(mlir::RewriterBase &rewriter, AddOp add) {
    FusedConvOp left = residualHost(add.getLhs()), right = residualHost(add.getRhs());
    if (!left && !right)
      return true;
    // Of two the later one: the other result is there when it runs.
    bool useLeft = left && (!right || right->isBeforeInBlock(left));
    return fuseResidual(rewriter, useLeft ? left : right, useLeft ? add.getRhs() : add.getLhs(), add, "Add", useLeft) != nullptr;
  }
};

} // namespace
