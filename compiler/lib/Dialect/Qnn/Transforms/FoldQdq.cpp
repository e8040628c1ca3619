// qnn-fold-qdq: from float ops between dequantize and quantize to ops on quantized tensors, up to the graph's border.
#include "FoldQdqPatterns.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/Support/Format.h"

#include <set>
#include <tuple>

namespace agc::qnn {
#define GEN_PASS_DEF_QNNFOLDQDQ
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"
} // namespace agc::qnn

using namespace agc;
using namespace agc::qnn;

namespace {

std::string quoted(mlir::StringAttr name) { return "'" + (name ? name.getValue().str() : std::string("?")) + "'"; }

std::string typeText(mlir::quant::UniformQuantizedType type) {
  std::string text;
  llvm::raw_string_ostream(text) << "scale " << llvm::format("%.9g", type.getScale()) << ", zero point " << type.getZeroPoint();
  return text;
}

struct FoldQdqPass : qnn::impl::QnnFoldQdqBase<FoldQdqPass> {
  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    populateFoldQdqPatterns(patterns);
    mlir::GreedyRewriteConfig config;
    config.maxIterations = mlir::GreedyRewriteConfig::kNoLimit;  // a chain of n data movements takes n rounds
    // Quantizers that write one pair per consumer repeat themselves; each value is to be computed once.
    mergeEqualOps();
    if (mlir::failed(mlir::applyPatternsAndFoldGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    mergeEqualOps();
    countMacsOnce();
    bool failed = !quantizeArguments();
    dequantizeResults();
    failed |= !reportFloatOps();
    updateFunctionType();
    if (failed)
      signalPassFailure();
  }

  void mergeEqualOps() {
    mlir::IRRewriter rewriter(&getContext());
    mlir::DominanceInfo dominance(getOperation());
    mlir::eliminateCommonSubExpressions(rewriter, dominance, getOperation());
  }

  // A convolution that was made several times, for results of several scales, is one of the imported graph.
  void countMacsOnce() {
    std::set<std::tuple<const void *, const void *, const void *>> counted;
    for (auto conv : getOperation().getBody().front().getOps<ConvOp>())
      if (!counted.insert({mlir::LocationAttr(conv.getLoc()).getAsOpaquePointer(), conv.getInput().getAsOpaquePointer(),
                           conv.getWeights().getAsOpaquePointer()}).second)
        conv.setMacs(0);
  }

  // A float argument that is only quantized, in one way, becomes the quantized tensor: the host converts.
  bool quantizeArguments() {
    mlir::func::FuncOp function = getOperation();
    bool succeeded = true;
    for (mlir::BlockArgument argument : function.getArguments()) {
      if (!isFloatTensor(argument.getType()))
        continue;
      std::string name = quoted(function.getArgAttrOfType<mlir::StringAttr>(argument.getArgNumber(), QnnDialect::kNameAttr));
      mlir::Type wanted;
      mlir::Operation *first = nullptr;
      bool onlyQuantized = true, conflict = false;
      for (mlir::Operation *user : argument.getUsers()) {
        auto quantize = llvm::dyn_cast<QuantizeOp>(user);
        if (!quantize) {
          onlyQuantized = false;
          if (llvm::isa<mlir::func::ReturnOp>(user))
            succeeded = false, function.emitError() << "graph input " << name << " is a graph output in float; put a QuantizeLinear and "
                                                       "DequantizeLinear pair behind it";
          continue;
        }
        if (wanted && wanted != quantize.getOutput().getType() && !conflict) {
          conflict = true;
          quantize.emitError() << "graph input " << name << " is quantized in two ways, by " << describe(first) << " ("
                               << typeText(llvm::cast<QuantizeOp>(first).getOutput().getType()) << ") and by " << describe(quantize)
                               << " (" << typeText(quantize.getOutput().getType())
                               << "); quantize it once and requantize behind a DequantizeLinear";
        }
        wanted = quantize.getOutput().getType();
        first = quantize;
      }
      if (argument.use_empty())
        succeeded = false, function.emitError() << "graph input " << name << " is not used; remove it from the graph";
      succeeded &= !conflict;
      if (!wanted || !onlyQuantized || conflict)
        continue;  // its float users are reported one by one
      llvm::SmallVector<mlir::Operation *> users(argument.getUsers());
      argument.setType(wanted);
      for (mlir::Operation *user : users) {
        user->getResult(0).replaceAllUsesWith(argument);
        user->erase();
      }
    }
    return succeeded;
  }

  static std::string typeText(mlir::Type tensor) { return ::typeText(quantTypeOf(tensor)); }

  // A float result that dequantize makes is returned quantized: the host converts.
  void dequantizeResults() {
    mlir::Operation *terminator = getOperation().getBody().front().getTerminator();
    for (mlir::OpOperand &result : terminator->getOpOperands())
      if (auto dequantize = result.get().getDefiningOp<DequantizeOp>()) {
        result.set(dequantize.getInput());
        if (dequantize->use_empty())
          dequantize->erase();
      }
  }

  void updateFunctionType() {
    mlir::func::FuncOp function = getOperation();
    function.setFunctionType(mlir::FunctionType::get(&getContext(), function.getBody().getArgumentTypes(),
                                                     function.getBody().front().getTerminator()->getOperandTypes()));
  }

  // Why `op` is still a float op: an operand that no DequantizeLinear makes, or a use that is no QuantizeLinear. An op whose
  // operand comes from another float op is left to that one's report, so that each gap in the quantization is named once.
  std::string reason(mlir::Operation *op) {
    for (mlir::Value operand : op->getOperands()) {
      if (auto argument = llvm::dyn_cast<mlir::BlockArgument>(operand); argument && isFloatTensor(operand.getType()))
        return "reads the graph input " +
               quoted(getOperation().getArgAttrOfType<mlir::StringAttr>(argument.getArgNumber(), QnnDialect::kNameAttr)) +
               " in float; put a QuantizeLinear and DequantizeLinear pair between";
    }
    for (mlir::OpOperand &use : op->getResult(0).getUses()) {
      mlir::Operation *user = use.getOwner();
      if (llvm::isa<QuantizeOp>(user))
        continue;
      if (llvm::isa<mlir::func::ReturnOp>(user))
        return "makes the graph output " +
               quoted(getOperation().getResultAttrOfType<mlir::StringAttr>(use.getOperandNumber(), QnnDialect::kNameAttr)) +
               " in float; put a QuantizeLinear and DequantizeLinear pair behind it";
      return "hands its result to " + describe(user) + " in float; put a QuantizeLinear and DequantizeLinear pair between";
    }
    bool quantizedAround = llvm::all_of(op->getOperands(), [](mlir::Value operand) {
      return llvm::isa_and_nonnull<DequantizeOp, ConstantOp>(operand.getDefiningOp());
    });
    return quantizedAround ? missingForm(op) : std::string();
  }

  // Why an op between DequantizeLinear and QuantizeLinear is not an integer op.
  static std::string missingForm(mlir::Operation *op) {
    auto binary = llvm::dyn_cast<BinaryOp>(op);
    if (binary && (binary.getLhs().getDefiningOp<ConstantOp>() || binary.getRhs().getDefiningOp<ConstantOp>()))
      return "joins a feature map with one constant per channel in a way that would need a table for each channel; supported are sums, products, "
             "quotients by the constants, and PRelu";
    if (binary && binary.getKind() == "Div")
      return "divides one feature map by another; supported is division by constants: multiply by a quantized reciprocal";
    return "has no integer form with these operands; put a QuantizeLinear and DequantizeLinear pair around each op of the chain";
  }

  bool reportFloatOps() {
    bool succeeded = true;
    for (mlir::Operation &op : getOperation().getBody().front()) {
      if (op.getNumResults() != 1 || !isFloatTensor(op.getResult(0).getType()) || llvm::isa<DequantizeOp, ConstantOp>(op))
        continue;
      std::string why = reason(&op);
      if (!why.empty())
        op.emitError() << describe(&op) << ' ' << why;
      succeeded = false;
    }
    return succeeded;
  }
};

} // namespace
