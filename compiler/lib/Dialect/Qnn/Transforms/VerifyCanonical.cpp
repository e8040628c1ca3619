// qnn-verify-canonical: the back end may rely on qnn.fused_conv being all there is.
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

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
    if (failed)
      signalPassFailure();
  }
};

} // namespace
