// qnn-legalize: what qnn-fuse left becomes a block-grouped 1x1 convolution with weight 1, which every core can run.
#include "Fusion.h"
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

#include "llvm/ADT/DenseSet.h"

namespace agc::qnn {
#define GEN_PASS_DEF_QNNLEGALIZE
#include "agcc/Dialect/Qnn/Transforms/Passes.h.inc"
} // namespace agc::qnn

using namespace agc;
using namespace agc::qnn;

namespace {

struct LegalizePass : qnn::impl::QnnLegalizeBase<LegalizePass> {
  void runOnOperation() override {
    mlir::IRRewriter rewriter(&getContext());
    mlir::Block &block = getOperation().getBody().front();
    bool failed = false;
    for (mlir::Operation &op : llvm::make_early_inc_range(block)) {
      if (op.getNumResults() != 1 || !quantTypeOf(op.getResult(0)))
        continue;
      rewriter.setInsertionPoint(&op);
      if (llvm::isa<ReluOp, ClipOp>(op))
        failed |= !legalizeActivation(rewriter, &op);
      else if (auto add = llvm::dyn_cast<AddOp>(op))
        failed |= !legalizeAdd(rewriter, add);
      else if (llvm::isa<RequantizeOp>(op))
        failed |= !replaceByIdentity(rewriter, &op);
    }
    // Resizes last, in order: most have been taken in by what reads them.
    for (mlir::Operation &op : llvm::make_early_inc_range(block))
      if (auto resize = llvm::dyn_cast<ResizeOp>(op); resize && quantTypeOf(resize.getOutput()) && !op.use_empty())
        legalizeResize(rewriter, resize);
    for (mlir::Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (llvm::isa<ResizeOp>(op) && op.use_empty())
        rewriter.eraseOp(&op);
    for (mlir::Operation &op : llvm::make_early_inc_range(block))
      if (auto concat = llvm::dyn_cast<ConcatOp>(op); concat && quantTypeOf(concat.getOutput()) && !isPartOfAnother(concat)) {
        rewriter.setInsertionPoint(concat);
        failed |= !lowerConcat(rewriter, concat);
      }
    for (auto window : llvm::make_early_inc_range(block.getOps<WindowOp>()))
      foldWindows(rewriter, window);
    for (mlir::Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (op.use_empty() && llvm::isa<ConcatOp, WindowOp>(op))
        rewriter.eraseOp(&op);
    giveEachResultItsOp(rewriter, block);
    if (failed)
      signalPassFailure();
  }

  static bool replaceByIdentity(mlir::RewriterBase &rewriter, mlir::Operation *op) {
    FusedConvOp identity = createIdentity(rewriter, op, op->getOperand(0), op->getResult(0).getType());
    if (!identity)
      return false;
    rewriter.replaceOp(op, identity.getOutput());
    return true;
  }

  // The identity takes the activation's place in front of it, so that its clamp can be tightened like any other.
  static bool legalizeActivation(mlir::RewriterBase &rewriter, mlir::Operation *op) {
    if (foldIntoClamp(rewriter, op))
      return true;
    FusedConvOp identity = createIdentity(rewriter, op, op->getOperand(0), op->getResult(0).getType());
    mlir::ArrayAttr ops = identity.getOps(), names = identity.getNames();
    op->setOperand(0, identity.getOutput());
    foldIntoClamp(rewriter, op);
    identity.setOpsAttr(ops);  // named once
    identity.setNamesAttr(names);
    return true;
  }

  static bool legalizeAdd(mlir::RewriterBase &rewriter, AddOp add) {
    mlir::Value first = add.getLhs(), second = add.getRhs();
    if (!first.getDefiningOp<ResizeOp>() && second.getDefiningOp<ResizeOp>())
      std::swap(first, second);  // only the convolution's input can be read upsampled
    FusedConvOp identity = createIdentity(rewriter, add, first, first.getType());
    return identity && fuseResidual(rewriter, identity, second, add, "Add", first == add.getLhs());
  }

  // A window of a window, which another pass may have made of something else, is one.
  static void foldWindows(mlir::RewriterBase &rewriter, WindowOp window) {
    auto outer = window.getInput().getDefiningOp<WindowOp>();
    if (!outer)
      return;
    std::vector<int64_t> offsets = window.getOffsets().vec();
    for (int axis = 0; axis < 4; ++axis)
      offsets[axis] += outer.getOffsets()[axis];
    rewriter.modifyOpInPlace(window, [&] {
      window.setOffsets(offsets);
      window.getInputMutable().assign(outer.getInput());
    });
  }

  // One that a concatenation along the same axis takes in.
  static bool isPartOfAnother(ConcatOp concat) {
    auto user = concat->hasOneUse() ? llvm::dyn_cast<ConcatOp>(*concat->getUsers().begin()) : ConcatOp();
    return user && user.getAxis() == concat.getAxis();
  }

  static void legalizeResize(mlir::RewriterBase &rewriter, ResizeOp resize) {
    rewriter.setInsertionPoint(resize);
    FusedConvOp identity = createIdentity(rewriter, resize, resize.getOutput(), resize.getOutput().getType());
    rewriter.replaceOp(resize, identity.getOutput());
  }

  // An output that is an argument or a part of another map, or that is returned already, gets a copy.
  static void giveEachResultItsOp(mlir::RewriterBase &rewriter, mlir::Block &block) {
    mlir::Operation *terminator = block.getTerminator();
    llvm::DenseSet<mlir::Value> returned;
    for (mlir::OpOperand &result : terminator->getOpOperands()) {
      mlir::Value value = result.get();
      bool fresh = returned.insert(value).second;
      bool elsewhere = llvm::isa<mlir::BlockArgument>(value) || value.getDefiningOp<WindowOp>() ||
                       llvm::any_of(value.getUsers(), [](mlir::Operation *user) { return llvm::isa<AssembleOp>(user); });
      if (!quantTypeOf(value) || (fresh && !elsewhere))
        continue;
      rewriter.setInsertionPoint(terminator);
      FusedConvOp copy = createIdentity(rewriter, terminator, value, value.getType());
      copy.setOpsAttr(rewriter.getStrArrayAttr({"Identity"}));
      auto function = llvm::cast<mlir::func::FuncOp>(block.getParentOp());
      auto name = function.getResultAttrOfType<mlir::StringAttr>(result.getOperandNumber(), QnnDialect::kNameAttr);
      copy.setNamesAttr(rewriter.getStrArrayAttr({name ? name.getValue() : "copy"}));
      result.set(copy.getOutput());
    }
  }
};

} // namespace
