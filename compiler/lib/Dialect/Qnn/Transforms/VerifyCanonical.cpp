// qnn-verify-canonical: the back end may rely on qnn.fused_conv, and views of what they make and of the inputs, being all there is.
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

#include "llvm/ADT/DenseSet.h"

namespace agc::qnn {
#define GEN_PASS_DEF_QNNVERIFYCANONICAL
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"
} // namespace agc::qnn

using namespace agc::qnn;

namespace {

struct VerifyCanonicalPass : agc::qnn::impl::QnnVerifyCanonicalBase<VerifyCanonicalPass> {
  void runOnOperation() override {
    mlir::func::FuncOp function = getOperation();
    bool failed = false;
    for (mlir::Operation &op : function.getBody().front()) {
      if (llvm::isa<FusedConvOp, mlir::func::ReturnOp>(op))
        continue;
      if (auto window = llvm::dyn_cast<WindowOp>(op)) {
        failed |= !checkWindow(window);
        continue;
      }
      if (auto assemble = llvm::dyn_cast<AssembleOp>(op)) {
        failed |= !checkAssemble(assemble);
        continue;
      }
      op.emitError() << describe(&op) << " is left and has no canonical integer form";
      failed = true;
    }
    auto check = [&](mlir::Type type, const char *what, unsigned index, mlir::StringAttr name, bool hasBorder) {
      if (quantTypeOf(type) && name && hasBorder)
        return;
      failed = true;
      if (!quantTypeOf(type))
        function.emitError() << "graph " << what << " '" << (name ? name.getValue() : "?") << "' is not quantized";
      else
        function.emitError() << what << " " << index << " lacks '" << QnnDialect::kNameAttr << "' or '" << QnnDialect::kBorderAttr << "'";
    };
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      check(type, "input", index, function.getArgAttrOfType<mlir::StringAttr>(index, QnnDialect::kNameAttr),
            function.getArgAttr(index, QnnDialect::kBorderAttr) != nullptr);
    for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
      check(type, "output", index, function.getResultAttrOfType<mlir::StringAttr>(index, QnnDialect::kNameAttr),
            function.getResultAttr(index, QnnDialect::kBorderAttr) != nullptr);
    for (mlir::OpOperand &result : function.getBody().front().getTerminator()->getOpOperands()) {
      if (!quantTypeOf(result.get()))
        continue;
      if (llvm::isa<mlir::BlockArgument>(result.get()) || result.get().getDefiningOp<WindowOp>()) {
        function.emitError() << "output " << result.getOperandNumber() << " is an input or a part of another map; a copy must be made of it";
        failed = true;
      }
    }
    if (failed)
      signalPassFailure();
  }

  static bool checkWindow(WindowOp window) {
    mlir::Operation *source = window.getInput().getDefiningOp();
    if (!source || llvm::isa<FusedConvOp, AssembleOp>(source))
      return true;
    window.emitError() << "a window of the result of " << source->getName() << " is not canonical; only inputs, fused_conv and assemble can be looked into";
    return false;
  }

  // An operand is made for this place: what lies elsewhere, or in two places, needs a copy.
  static bool checkAssemble(AssembleOp assemble) {
    llvm::DenseSet<mlir::Value> seen;
    for (mlir::Value operand : assemble.getInputs()) {
      if (!operand.getDefiningOp<FusedConvOp>()) {
        assemble.emitError() << "an operand of an assemble must be the result of a fused_conv";
        return false;
      }
      bool elsewhere = llvm::any_of(operand.getUsers(), [&](mlir::Operation *user) { return user != assemble && llvm::isa<AssembleOp>(user); });
      if (elsewhere || !seen.insert(operand).second) {
        assemble.emitError() << "an operand of an assemble cannot lie in another place as well";
        return false;
      }
    }
    return true;
  }
};

} // namespace
