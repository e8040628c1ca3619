// Rewrites of qnn-fold-qdq for elementwise arithmetic, pools and moves.
#include "FoldQdqPatterns.h"
#include "Island.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"

#include <cmath>

namespace agc::qnn {
namespace {

using mlir::failure;
using mlir::LogicalResult;
using mlir::PatternRewriter;
using mlir::success;
using mlir::Value;

mlir::ArrayAttr strings(PatternRewriter &rewriter, const std::vector<std::string> &texts) {
  llvm::SmallVector<llvm::StringRef> refs(texts.begin(), texts.end());
  return rewriter.getStrArrayAttr(refs);
}

// `op`, which makes a quantized tensor of one other by elementwise arithmetic, as a table, or as a factor and an offset for
// each channel.
LogicalResult replaceByTable(mlir::Operation *op, PatternRewriter &rewriter) {
  std::optional<Island> island = Island::of(op->getResult(0));
  if (!island || !island->needsTable())
    return failure();
  std::vector<Table> tables = island->tables();
  if (tables.empty())
    return failure();
  mlir::ArrayAttr ops = strings(rewriter, island->ops()), names = strings(rewriter, island->names());
  // What the quantizer's source computes is what messages are about.
  auto quantize = llvm::dyn_cast<QuantizeOp>(op);
  mlir::Location location = quantize ? quantize.getInput().getLoc() : op->getLoc();
  mlir::Type type = op->getResult(0).getType();
  if (tables.size() == 1) {
    auto table = rewriter.create<TableOp>(location, type, island->root(), llvm::ArrayRef<int8_t>(tables[0]), ops, names);
    rewriter.replaceOp(op, table.getOutput());
    return success();
  }
  std::optional<std::vector<Island::Line>> lines = island->lines();
  if (!lines)
    return failure();
  std::vector<double> factors, offsets;
  for (Island::Line line : *lines) {
    factors.push_back(line.factor);
    offsets.push_back(line.offset);
  }
  auto affine = rewriter.create<AffineOp>(location, type, island->root(), factors, offsets, ops, names);
  rewriter.replaceOp(op, affine.getOutput());
  return success();
}

struct QuantizeOfIsland : mlir::OpRewritePattern<QuantizeOp> {
  explicit QuantizeOfIsland(mlir::MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    mlir::Operation *source = quantize.getInput().getDefiningOp();
    // A relu or clip at the end is better a clamp.
    if (!llvm::isa_and_nonnull<UnaryOp, BinaryOp, AddOp>(source))
      return failure();
    return replaceByTable(quantize, rewriter);
  }
};

// x * table(x), with both quantized already.
struct BinaryOfIsland : mlir::OpRewritePattern<BinaryOp> {
  explicit BinaryOfIsland(mlir::MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}
  LogicalResult matchAndRewrite(BinaryOp binary, PatternRewriter &rewriter) const override {
    return quantTypeOf(binary.getOutput()) ? replaceByTable(binary, rewriter) : failure();
  }
};

// A table of a table is one.
struct TableOfTable : mlir::OpRewritePattern<TableOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TableOp table, PatternRewriter &rewriter) const override {
    auto first = table.getInput().getDefiningOp<TableOp>();
    if (!first || !first->hasOneUse())
      return failure();
    return replaceByTable(table, rewriter);
  }
};

// The file's PRelu with a slope for each channel.
struct QuantizeOfPRelu : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto binary = quantize.getInput().getDefiningOp<BinaryOp>();
    if (!binary || binary.getKind() != "PRelu")
      return failure();
    auto source = binary.getLhs().getDefiningOp<DequantizeOp>();
    auto slopes = binary.getRhs().getDefiningOp<ConstantOp>();
    if (!source || !slopes || slopes.getOutput().getType() == binary.getOutput().getType() || slopes.getValues().size() == 1)
      return failure();
    auto prelu = rewriter.create<PReluOp>(binary.getLoc(), quantize.getOutput().getType(), source.getInput(), slopes.getValues());
    rewriter.replaceOp(quantize, prelu.getOutput());
    return success();
  }
};

bool isMaxOrMin(BinaryOp binary) { return binary.getKind() == "Max" || binary.getKind() == "Min"; }

struct QuantizeOfBinary : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto binary = quantize.getInput().getDefiningOp<BinaryOp>();
    if (!binary)
      return failure();
    auto left = binary.getLhs().getDefiningOp<DequantizeOp>(), right = binary.getRhs().getDefiningOp<DequantizeOp>();
    static const llvm::StringLiteral kinds[] = {"Add", "Sub", "Mul", "Max", "Min"};
    if (left && right && llvm::is_contained(kinds, binary.getKind())) {
      auto integer = rewriter.create<BinaryOp>(binary.getLoc(), quantize.getOutput().getType(), left.getInput(), right.getInput(), binary.getKind());
      rewriter.replaceOp(quantize, integer.getOutput());
      return success();
    }
    // Rounding is monotonic: the larger of two numbers is rounded to the larger of two roundings.
    bool constant = binary.getLhs().getDefiningOp<ConstantOp>() || binary.getRhs().getDefiningOp<ConstantOp>();
    if (!isMaxOrMin(binary) || constant)
      return failure();
    mlir::Type element = quantTypeOf(quantize.getOutput());
    llvm::SmallVector<Value> sides;
    for (Value side : {binary.getLhs(), binary.getRhs()})
      sides.push_back(rewriter.create<QuantizeOp>(quantize.getLoc(), withElement(side.getType(), element), side));
    auto copy = rewriter.create<BinaryOp>(binary.getLoc(), quantize.getOutput().getType(), sides[0], sides[1], binary.getKind());
    rewriter.replaceOp(quantize, copy.getOutput());
    return success();
  }
};

// An average or a sum is rounded once, by the quantization behind it.
struct QuantizeOfPool : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto pool = quantize.getInput().getDefiningOp<PoolOp>();
    auto source = pool ? pool.getInput().getDefiningOp<DequantizeOp>() : DequantizeOp();
    if (!source || pool.getKind() == "max")
      return failure();
    foldOntoIntegers(rewriter, quantize, pool, source.getInput());
    return success();
  }
};

struct QuantizeOfConcat : mlir::OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(QuantizeOp quantize, PatternRewriter &rewriter) const override {
    auto concat = quantize.getInput().getDefiningOp<ConcatOp>();
    if (!concat)
      return failure();
    mlir::Type element = quantTypeOf(quantize.getOutput());
    llvm::SmallVector<Value> parts;
    for (Value part : concat.getInputs())
      parts.push_back(rewriter.create<QuantizeOp>(quantize.getLoc(), withElement(part.getType(), element), part));
    auto copy = rewriter.create<ConcatOp>(concat.getLoc(), quantize.getOutput().getType(), parts, concat.getAxis());
    rewriter.replaceOp(quantize, copy.getOutput());
    return success();
  }
};

struct ConcatOfDequantize : mlir::OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp concat, PatternRewriter &rewriter) const override {
    if (quantTypeOf(concat.getOutput()) || llvm::all_of(concat->getUsers(), [](mlir::Operation *user) { return llvm::isa<QuantizeOp>(user); }))
      return failure();
    llvm::SmallVector<Value> parts;
    for (Value part : concat.getInputs()) {
      auto source = part.getDefiningOp<DequantizeOp>();
      if (!source || (!parts.empty() && quantTypeOf(parts[0]) != quantTypeOf(source.getInput())))
        return failure();
      parts.push_back(source.getInput());
    }
    auto integer = rewriter.create<ConcatOp>(concat.getLoc(), withElement(concat.getOutput().getType(), quantTypeOf(parts[0])), parts, concat.getAxis());
    rewriter.replaceOpWithNewOp<DequantizeOp>(concat, concat.getOutput().getType(), integer.getOutput());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Arithmetic behind a convolution, in float
//===----------------------------------------------------------------------===//

// The convolution with its result multiplied by factors[o] and offsets[o] added. Null where a factor can not be had.
ConvOp scaledConv(ConvOp conv, llvm::ArrayRef<double> factors, llvm::ArrayRef<double> offsets, mlir::Location location, PatternRewriter &rewriter) {
  mlir::ShapedType type = conv.getWeights().getShapedType();
  int64_t channels = type.getDimSize(0), taps = type.getNumElements() / channels;
  std::vector<int8_t> weights = int8Values(conv.getWeights());
  std::vector<float> scales, bias;
  for (int64_t o = 0; o < channels; ++o) {
    double factor = factors[factors.size() == 1 ? 0 : o];
    double scale = conv.getWeightScales()[conv.getWeightScales().size() == 1 ? 0 : o];
    if (factor < 0)
      for (int64_t tap = 0; tap < taps; ++tap)
        weights[o * taps + tap] = static_cast<int8_t>(-weights[o * taps + tap]);
    if (factor == 0)
      std::fill_n(weights.begin() + o * taps, taps, int8_t(0));
    scales.push_back(static_cast<float>(factor == 0 ? scale : std::abs(factor) * scale));
    bias.push_back(static_cast<float>((conv.getBias().empty() ? 0.0 : conv.getBias()[o]) * factor + offsets[offsets.size() == 1 ? 0 : o]));
    if (!std::isnormal(scales.back()) || !std::isfinite(bias.back()))
      return nullptr;
  }
  auto copy = llvm::cast<ConvOp>(rewriter.clone(*conv));
  copy->setLoc(rewriter.getFusedLoc({conv.getLoc(), location}));
  copy.setWeightsAttr(mlir::DenseElementsAttr::get(llvm::cast<mlir::ShapedType>(type), llvm::ArrayRef<int8_t>(weights)));
  copy.setWeightScales(scales);
  copy.setBias(bias);
  return copy;
}

// A constant added to or multiplied with what a convolution makes is in its bias and its scales.
struct ConvThenConstant : mlir::OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp binary, PatternRewriter &rewriter) const override {
    bool swapped = binary.getLhs().getDefiningOp<ConstantOp>() != nullptr;
    auto conv = (swapped ? binary.getRhs() : binary.getLhs()).getDefiningOp<ConvOp>();
    auto constant = (swapped ? binary.getLhs() : binary.getRhs()).getDefiningOp<ConstantOp>();
    if (!conv || !constant || quantTypeOf(conv.getOutput()) || !conv->hasOneUse() || conv.getOutput().getType() != binary.getOutput().getType())
      return failure();
    std::vector<double> factors, offsets;
    llvm::StringRef kind = binary.getKind();
    for (float value : constant.getValues()) {
      if (kind == "Mul" || (kind == "Div" && !swapped && value != 0)) {
        factors.push_back(kind == "Mul" ? value : 1.0 / value);
        offsets.push_back(0);
      } else if (kind == "Add" || kind == "Sub") {
        factors.push_back(kind == "Sub" && swapped ? -1 : 1);
        offsets.push_back(kind == "Sub" && !swapped ? -value : value);
      } else {
        return failure();
      }
    }
    ConvOp scaled = scaledConv(conv, factors, offsets, binary.getLoc(), rewriter);
    if (!scaled)
      return failure();
    rewriter.replaceOp(binary, scaled.getOutput());
    rewriter.eraseOp(conv);
    return success();
  }
};

// A leaky relu whose input the file does not quantize is the larger (for slopes above one the smaller) of the convolution and
// of the convolution with scaled weights: twice the work, and exact.
struct ConvThenLeakyRelu : mlir::RewritePattern {
  explicit ConvThenLeakyRelu(mlir::MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(mlir::Operation *op, PatternRewriter &rewriter) const override {
    std::vector<double> slopes;
    if (auto unary = llvm::dyn_cast<UnaryOp>(op); unary && unary.getKind() == "LeakyRelu" && unary.getParameters().size() == 1) {
      slopes = {unary.getParameters()[0]};
    } else if (auto binary = llvm::dyn_cast<BinaryOp>(op); binary && binary.getKind() == "PRelu") {
      auto constant = binary.getRhs().getDefiningOp<ConstantOp>();
      if (!constant)
        return failure();
      slopes.assign(constant.getValues().begin(), constant.getValues().end());
    } else {
      return failure();
    }
    auto conv = op->getOperand(0).getDefiningOp<ConvOp>();
    if (!conv || quantTypeOf(conv.getOutput()) || !conv->hasOneUse() || conv.getOutput().getType() != op->getResult(0).getType())
      return failure();
    bool atMostOne = llvm::all_of(slopes, [](double slope) { return slope <= 1; });
    if (!atMostOne && !llvm::all_of(slopes, [](double slope) { return slope >= 1; }))
      return failure();
    ConvOp scaled = scaledConv(conv, slopes, {0.0}, op->getLoc(), rewriter);
    if (!scaled)
      return failure();
    scaled.setMacs(0);  // of the imported graph's convolution, which is counted once
    rewriter.replaceOpWithNewOp<BinaryOp>(op, op->getResult(0).getType(), conv.getOutput(), scaled.getOutput(), atMostOne ? "Max" : "Min");
    return success();
  }
};

} // namespace

void populateIslandPatterns(mlir::RewritePatternSet &patterns) {
  patterns.add<QuantizeOfIsland, BinaryOfIsland, TableOfTable, QuantizeOfPRelu, QuantizeOfBinary, QuantizeOfPool, QuantizeOfConcat,
               ConcatOfDequantize, ConvThenConstant, ConvThenLeakyRelu>(patterns.getContext());
}

} // namespace agc::qnn
