// From quantized ops without weights of their own to qnn.fused_conv, qnn.window and qnn.assemble. All replace their op in
// place; they return false, with an error at the op, where the machine has no form for it.
#pragma once

#include "agcc/Dialect/Qnn/QnnOps.h"
#include "mlir/IR/PatternMatch.h"

#include <string>
#include <vector>

namespace agc::qnn {

bool lowerTable(mlir::RewriterBase &rewriter, TableOp table);
bool lowerAffine(mlir::RewriterBase &rewriter, AffineOp affine);
bool lowerPRelu(mlir::RewriterBase &rewriter, PReluOp prelu);
bool lowerBinary(mlir::RewriterBase &rewriter, BinaryOp binary);
bool lowerPool(mlir::RewriterBase &rewriter, PoolOp pool);
bool lowerSelect(mlir::RewriterBase &rewriter, SelectOp select);
bool lowerPad(mlir::RewriterBase &rewriter, PadOp pad);
bool lowerConcat(mlir::RewriterBase &rewriter, ConcatOp concat);

// A 1x1 convolution that reads a selection, as one that reads what is selected from; null where that does not fit.
ConvOp foldSelection(mlir::RewriterBase &rewriter, ConvOp conv);

// What a fused_conv needs beyond its defaults, which are a 1x1 kernel with strides of 1, no pads and no clamp.
struct FusedConvParts {
  mlir::Value input;
  mlir::Type result;
  std::vector<int64_t> weightShape;  // [O, Ig, KH, KW]
  std::vector<int8_t> weights;
  std::vector<int32_t> bias, multiplier, shift;  // one each for O channels
  std::vector<int64_t> strides = {1, 1}, dilations = {1, 1}, pads = {0, 0, 0, 0};
  int64_t padValue = 0;
  bool grouped = false, shared = false;
  std::vector<std::string> ops, names;
};
// Named after `source` unless `parts` has names.
FusedConvOp createFusedConv(mlir::RewriterBase &rewriter, mlir::Operation *source, const FusedConvParts &parts);

// Parts of an op that computes each block of eight channels alike: weight 1 on the diagonal at each of kh x kw places, the
// sum scaled by `factor` (multiplier and shift), with zero points taken off and put back.
FusedConvParts sharedParts(mlir::Value input, mlir::Type result, int64_t kh, int64_t kw, int32_t multiplier, int32_t shift);

// Output channel o is input channel channels[o] (-1: the zero point), unchanged; 1x1 with strides of 1.
FusedConvParts selectionParts(mlir::Value input, mlir::Type result, llvm::ArrayRef<int64_t> channels);

// The box of `size` = [C, H, W] at `offset` = [c, y, x] of `value`: itself, or a qnn.window. Windows of windows are one.
mlir::Value windowOf(mlir::RewriterBase &rewriter, mlir::Location location, mlir::Value value, llvm::ArrayRef<int64_t> offset,
                     llvm::ArrayRef<int64_t> size);

} // namespace agc::qnn
