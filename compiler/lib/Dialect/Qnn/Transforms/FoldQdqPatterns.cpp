// The exact rewrites of qnn-fold-qdq.
#include "FoldQdqPatterns.h"

#include "agcc/Dialect/Qnn/QnnUtils.h"

#include <cmath>

namespace agc::qnn {
namespace {

using mlir::failure;
using mlir::LogicalResult;
using mlir::PatternRewriter;
using mlir::success;
using mlir::Value;

// A copy of the unary `op` that works on `input`, with the result shape of `op` and the elements of `input`.
Value cloneOnto(PatternRewriter &rewriter, mlir::Operation *op, Value input) {
  mlir::Operation *copy = rewriter.clone(*op);
  copy->setOperand(0, input);
  mlir::Type element = llvm::cast<mlir::RankedTensorType>(input.getType()).getElementType();
  copy->getResult(0).setType(withElement(op->getResult(0).getType(), element));
  return copy->getResult(0);
}

// Ops that pick, move or clamp values.
bool choosesValues(mlir::Operation *op) {
  auto pool = llvm::dyn_cast_or_null<PoolOp>(op);
  return llvm::isa_and_nonnull<ReluOp, ClipOp, ResizeOp, SelectOp, PadOp>(op) || (pool && pool.getKind() == "max");
}

// quantize(op(x)) = op(quantize(x)): op picks or clamps values and rounding is monotonic. Clamping to a bound and then
// rounding is rounding and then clamping to the rounded bound.
struct QuantizeUp : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    mlir::Operation *source = quantize.getInput().getDefiningOp();
    if (!choosesValues(source) || (llvm::isa<PoolOp, SelectOp>(source) && source->getOperand(0).getDefiningOp<DequantizeOp>()))
      return failure();  // a pool or a selection makes less of what it gets: the change of scale is better behind it
    Value real = source->getOperand(0);
    auto before = rewriter.create<QuantizeOp>(quantize.getLoc(), withElement(real.getType(), quantTypeOf(quantize.getOutput())), real);
    rewriter.replaceOp(quantize, cloneOnto(rewriter, source, before.getOutput()));
    return success();
  }
};

// quantize(dequantize(x)) is x, or x at another scale.
struct QuantizeOfDequantize : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto source = quantize.getInput().getDefiningOp<DequantizeOp>();
    if (!source)
      return failure();
    if (source.getInput().getType() == quantize.getOutput().getType())
      rewriter.replaceOp(quantize, source.getInput());
    else
      rewriter.replaceOpWithNewOp<RequantizeOp>(quantize, quantize.getOutput().getType(), source.getInput());
    return success();
  }
};

// quantize(conv(dequantize(x))) is a conv on integers. A convolution with several quantizations is made once for each.
struct QuantizeOfConv : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto conv = quantize.getInput().getDefiningOp<ConvOp>();
    auto source = conv ? conv.getInput().getDefiningOp<DequantizeOp>() : DequantizeOp();
    if (!source)
      return failure();
    foldOntoIntegers(rewriter, quantize, conv, source.getInput());
    return success();
  }
};

struct QuantizeOfAdd : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto add = quantize.getInput().getDefiningOp<AddOp>();
    if (!add)
      return failure();
    auto left = add.getLhs().getDefiningOp<DequantizeOp>(), right = add.getRhs().getDefiningOp<DequantizeOp>();
    if (!left || !right)
      return failure();
    Value sum = rewriter.create<AddOp>(add.getLoc(), quantize.getOutput().getType(), left.getInput(), right.getInput());
    rewriter.replaceOp(quantize, sum);
    return success();
  }
};

// A bound that clamps nothing, or one that is a value of the scale (within a thousandth of a step, less than what float32
// does to it).
bool isOnGrid(float bound, mlir::quant::UniformQuantizedType type, bool inside = false) {
  double position = bound / type.getScale() + static_cast<double>(type.getZeroPoint());
  if (inside && (position < -128 - 0x1p-10 || position > 127 + 0x1p-10))
    return false;
  return position <= -128 || position >= 127 || std::abs(position - std::nearbyint(position)) < 0x1p-10;
}

// op(dequantize(x)) = dequantize(op(x)) where a float consumer follows: relu and resize always, clip on grid bounds.
struct DequantizeDown : mlir::RewritePattern {
  explicit DequantizeDown(mlir::MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(mlir::Operation *op, PatternRewriter &rewriter) const override {
    if (!choosesValues(op))
      return failure();
    auto source = op->getOperand(0).getDefiningOp<DequantizeOp>();
    if (!source)
      return failure();
    // Quantize users take the other direction.
    if (!llvm::isa<PoolOp, SelectOp>(op) && llvm::all_of(op->getUsers(), [](mlir::Operation *user) { return llvm::isa<QuantizeOp>(user); }))
      return failure();
    if (auto pad = llvm::dyn_cast<PadOp>(op); pad && !isOnGrid(pad.getValue().convertToFloat(), quantTypeOf(source.getInput()), /*inside=*/true))
      return failure();
    if (auto clip = llvm::dyn_cast<ClipOp>(op)) {
      mlir::quant::UniformQuantizedType type = quantTypeOf(source.getInput());
      if (!isOnGrid(clip.getMin().convertToFloat(), type) || !isOnGrid(clip.getMax().convertToFloat(), type))
        return failure();
    }
    Value integer = cloneOnto(rewriter, op, source.getInput());
    rewriter.replaceOpWithNewOp<DequantizeOp>(op, op->getResult(0).getType(), integer);
    return success();
  }
};

} // namespace

void populateFoldQdqPatterns(mlir::RewritePatternSet &patterns) {
  patterns.add<QuantizeUp, QuantizeOfDequantize, QuantizeOfConv, QuantizeOfAdd, DequantizeDown>(patterns.getContext());
  populateIslandPatterns(patterns);
}

} // namespace agc::qnn
