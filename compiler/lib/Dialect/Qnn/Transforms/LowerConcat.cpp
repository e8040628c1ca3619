// Concatenation: boxes of one map where they begin at a block of eight channels, convolutions that put channels into their
// lanes where they do not.
#include "Fusion.h"
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>

namespace agc::qnn {

namespace {

llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape(); }

// Part of an operand, at `channel` of the result.
struct Part {
  mlir::Value value;
  int64_t channel;
  int64_t end() const { return channel + shapeOf(value)[1]; }
};

class ConcatLowering {
public:
  ConcatLowering(mlir::RewriterBase &rewriter, ConcatOp concat)
      : rewriter(rewriter), concat(concat), type(llvm::cast<mlir::RankedTensorType>(concat.getOutput().getType())) {}

  bool run() {
    collect(concat);
    if (concat.getAxis() == 1)
      joinChannels();
    else
      joinPixels();
    if (boxes.size() == 1 && shapeOf(boxes[0]) == type.getShape())
      rewriter.replaceOp(concat, boxes[0]);
    else
      rewriter.replaceOpWithNewOp<AssembleOp>(concat, type, boxes, offsets);
    return true;
  }

private:
  // Operands, those of concatenations along the same axis that nobody else reads among them.
  void collect(ConcatOp op) {
    for (mlir::Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (inner && inner.getAxis() == op.getAxis() && inner->hasOneUse())
        collect(inner);
      else
        inputs.push_back(input);
    }
  }

  void joinPixels() {
    int64_t place = 0;
    for (mlir::Value input : inputs) {
      std::vector<int64_t> offset = {0, 0, 0, 0};
      offset[concat.getAxis()] = place;
      place += shapeOf(input)[concat.getAxis()];
      add(owned(input), offset);
    }
  }

  void joinChannels() {
    std::vector<Part> parts;
    for (mlir::Value input : inputs)
      parts.push_back({input, parts.empty() ? 0 : parts.back().end()});
    int64_t channels = type.getDimSize(1);
    for (int64_t first = 0; first < channels;) {
      int64_t blockEnd = std::min(first + 8, channels);
      std::vector<Part> sources;
      for (const Part &part : parts)
        if (part.channel < blockEnd && part.end() > first)
          sources.push_back(part);
      int64_t end = blockEnd;
      if (sources.size() == 1)  // as many whole blocks as come from it
        end = sources[0].end() >= channels ? channels : std::max(blockEnd, sources[0].end() / 8 * 8);
      add(sources.size() == 1 ? single(sources[0], first, end) : mixed(sources, first, end), {0, first, 0, 0});
      first = end;
    }
  }

  // Channels first..end of the result, all of one operand.
  mlir::Value single(const Part &part, int64_t first, int64_t end) {
    int64_t start = first - part.channel, count = end - first;
    if (start == 0 && count == shapeOf(part.value)[1])
      return owned(part.value);
    if (start % 8 == 0)
      return createFusedConv(rewriter, concat, sharedParts(blocks(part, start, count), piece(count), 1, 1, 1 << 23, 23)).getOutput();
    std::vector<int64_t> lanes(count);
    for (int64_t lane = 0; lane < count; ++lane)
      lanes[lane] = start % 8 + lane;
    return createFusedConv(rewriter, concat, selectionParts(blocks(part, start / 8 * 8, start % 8 + count), piece(count), lanes)).getOutput();
  }

  // Channels first..end, at most eight, of several operands: each puts its own into their lanes and adds what others have put.
  mlir::Value mixed(llvm::ArrayRef<Part> sources, int64_t first, int64_t end) {
    FusedConvOp sum;
    for (const Part &part : sources) {
      int64_t from = std::max(first, part.channel), to = std::min(end, part.end());
      int64_t start = (from - part.channel) / 8 * 8, count = to - part.channel - start;
      std::vector<int64_t> lanes(end - first, -1);
      for (int64_t channel = from; channel < to; ++channel)
        lanes[channel - first] = channel - part.channel - start;
      FusedConvOp here = createFusedConv(rewriter, concat, selectionParts(blocks(part, start, count), piece(end - first), lanes));
      if (sum)
        setResidual(here, sum.getOutput(), "add", {1 << 20, 1 << 20, 20}, here.getOutput().getType());
      sum = here;
    }
    return sum.getOutput();
  }

  mlir::Type piece(int64_t channels) {
    return mlir::RankedTensorType::get({1, channels, type.getDimSize(2), type.getDimSize(3)}, type.getElementType());
  }

  mlir::Value blocks(const Part &part, int64_t start, int64_t count) {
    llvm::ArrayRef<int64_t> shape = shapeOf(part.value);
    int64_t end = std::min((start + count + 7) / 8 * 8, shape[1]);
    // An identity keeps the result's channels; a selection may read to the end of the block.
    if (start % 8 == 0 && count % 8 == 0)
      end = start + count;
    return windowOf(rewriter, concat.getLoc(), part.value, {start, 0, 0}, {end - start, shape[2], shape[3]});
  }

  // `value` where it may be made in its place of the result; a copy when it lies elsewhere.
  mlir::Value owned(mlir::Value value) {
    auto made = value.getDefiningOp<FusedConvOp>();
    bool elsewhere = llvm::any_of(value.getUsers(), [](mlir::Operation *user) { return llvm::isa<AssembleOp, mlir::func::ReturnOp>(user); });
    if (made && !elsewhere && !llvm::is_contained(boxes, value))
      return value;
    return createIdentity(rewriter, concat, value, value.getType()).getOutput();
  }

  void add(mlir::Value box, llvm::ArrayRef<int64_t> offset) {
    boxes.push_back(box);
    offsets.insert(offsets.end(), offset.begin(), offset.end());
  }

  mlir::RewriterBase &rewriter;
  ConcatOp concat;
  mlir::RankedTensorType type;
  std::vector<mlir::Value> inputs;
  llvm::SmallVector<mlir::Value> boxes;
  std::vector<int64_t> offsets;
};

} // namespace

bool lowerConcat(mlir::RewriterBase &rewriter, ConcatOp concat) { return ConcatLowering(rewriter, concat).run(); }

} // namespace agc::qnn
