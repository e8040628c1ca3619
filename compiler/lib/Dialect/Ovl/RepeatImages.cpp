//===- RepeatImages.cpp - a program for one image becomes one for a batch ----===//
// The instructions stand once for each image, with addresses moved on in the tensors of the border; constants, workspace and
// on-chip buffers are the same ones. Semaphores come later, so the images overlap at their seams like layers do.
//===----------------------------------------------------------------------===//

#include "agcc/Dialect/Ovl/Instruction.h"
#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/STLExtras.h"

namespace agc::ovl {

#define GEN_PASS_DEF_OVLREPEATIMAGES
#include "agcc/Dialect/Ovl/OvlPasses.h.inc"

namespace {

// About half a gigabyte while it is compiled.
constexpr int64_t maxInstructions = int64_t{1} << 19;

struct RepeatImagesPass : impl::OvlRepeatImagesBase<RepeatImagesPass> {
  void runOnOperation() override {
    ProgramOp program = getOperation();
    const int64_t images = imagesOf(program);
    if (images == 1) return;
    if (images < 1) {
      program.emitOpError() << "has border tensors with different numbers of images";
      return signalPassFailure();
    }
    mlir::Block &block = *program.getBody().begin();
    const int64_t instructions = llvm::count_if(block, [](mlir::Operation &op) { return isInstruction(&op); });
    if (instructions > maxInstructions / images) {
      program.emitError() << "a batch of " << images << " images makes a program of " << instructions * images << " instructions, more than "
                          << maxInstructions << "; compile it with a smaller batch (--shape) and run it more often";
      return signalPassFailure();
    }
    repeat(block, images);
    scaleFigures(program, images);
  }

  // Of all tensors of the border; 0 where they disagree.
  static int64_t imagesOf(ProgramOp program) {
    int64_t images = -1;
    for (mlir::ArrayAttr list : {program.getInputs(), program.getOutputs()})
      for (auto tensor : list.getAsRange<mlir::DictionaryAttr>()) {
        auto shape = tensor.getAs<mlir::DenseI64ArrayAttr>("shape");
        const int64_t own = shape && !shape.empty() ? shape[0] : 1;
        images = images < 0 || images == own ? own : 0;
      }
    return images < 0 ? 1 : images;
  }

  static bool isBorder(mlir::Value buffer) { return buffer.getDefiningOp<BufferOp>().getBorder().has_value(); }

  // Words of one image in a border buffer, before it grows.
  static int64_t imageWords(mlir::Value buffer) { return buffer.getDefiningOp<BufferOp>().getWords(); }

  template <typename Op>
  static void moveOn(Op op, Op source, int64_t image) {
    if (isBorder(source.getDram())) op.setDramOffset(source.getDramOffset() + image * imageWords(source.getDram()));
  }

  static void repeat(mlir::Block &block, int64_t images) {
    llvm::SmallVector<mlir::Operation *> body;
    for (mlir::Operation &op : block)
      if (!llvm::isa<EndOp>(op)) body.push_back(&op);
    mlir::OpBuilder builder(block.getParentOp()->getContext());
    builder.setInsertionPoint(&block.back());
    for (int64_t image = 1; image < images; ++image) {
      mlir::IRMapping mapping;
      for (mlir::Operation *op : body) {
        // Tensors of the border and constants are there once.
        if (auto buffer = llvm::dyn_cast<BufferOp>(op); buffer && (buffer.getBorder() || buffer.getMemory() == MemoryKind::Constants)) continue;
        mlir::Operation *copy = builder.clone(*op, mapping);
        if (auto load = llvm::dyn_cast<LoadOp>(copy)) moveOn(load, llvm::cast<LoadOp>(op), image);
        if (auto load = llvm::dyn_cast<LoadFoldOp>(copy)) moveOn(load, llvm::cast<LoadFoldOp>(op), image);
        if (auto store = llvm::dyn_cast<StoreOp>(copy)) moveOn(store, llvm::cast<StoreOp>(op), image);
      }
    }
    for (mlir::Operation *op : body)
      if (auto buffer = llvm::dyn_cast<BufferOp>(op); buffer && buffer.getBorder()) {
        buffer.setAddress(*buffer.getAddress() * images);  // multiples of the alignment remain such
        buffer.setWords(buffer.getWords() * images);
      }
  }

  static void scaleFigures(ProgramOp program, int64_t images) {
    mlir::Builder builder(program.getContext());
    auto scaled = [&](mlir::IntegerAttr attr) { return builder.getI64IntegerAttr(attr.getInt() * images); };
    std::function<mlir::Attribute(mlir::DictionaryAttr)> row = [&](mlir::DictionaryAttr layer) -> mlir::Attribute {
      mlir::NamedAttrList attributes(layer);
      if (auto macs = layer.getAs<mlir::IntegerAttr>("macs")) attributes.set("macs", scaled(macs));
      if (auto fused = layer.getAs<mlir::ArrayAttr>("fused")) {
        llvm::SmallVector<mlir::Attribute> members;
        for (auto member : fused.getAsRange<mlir::DictionaryAttr>()) members.push_back(row(member));
        attributes.set("fused", builder.getArrayAttr(members));
      }
      return attributes.getDictionary(program.getContext());
    };
    llvm::SmallVector<mlir::Attribute> layers;
    for (auto layer : program.getLayers().getAsRange<mlir::DictionaryAttr>()) layers.push_back(row(layer));
    program.setLayersAttr(builder.getArrayAttr(layers));
    // Weights are needed once, all else for each image.
    int64_t constants = 0;
    for (auto buffer : program.getBody().begin()->getOps<BufferOp>())
      if (buffer.getMemory() == MemoryKind::Constants) constants += buffer.getWords() * 8;
    const int64_t others = std::max<int64_t>(program.getCompulsoryBytes() - constants, 0);
    program.setCompulsoryBytes(program.getCompulsoryBytes() + (images - 1) * others);
  }
};

}  // namespace

}  // namespace agc::ovl
