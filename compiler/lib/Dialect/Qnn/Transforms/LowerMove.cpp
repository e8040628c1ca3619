// Selections and padding: windows where nothing has to move, convolutions with one weight of 1 per output channel elsewhere.
#include "Lowering.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace agc::qnn {

namespace {

// A selection as a convolution over a window of its input: kernel position (ky, kx) of output k.
struct SelectionKernel {
  int64_t top, left;       // of the window
  int64_t height, width;   // of the kernel
  int64_t rows, columns;   // of the window
};

SelectionKernel kernelOf(SelectOp select) {
  llvm::ArrayRef<int64_t> out = llvm::cast<mlir::RankedTensorType>(select.getOutput().getType()).getShape();
  SelectionKernel kernel;
  kernel.top = *llvm::min_element(select.getRows());
  kernel.left = *llvm::min_element(select.getColumns());
  kernel.height = *llvm::max_element(select.getRows()) - kernel.top + 1;
  kernel.width = *llvm::max_element(select.getColumns()) - kernel.left + 1;
  kernel.rows = (out[2] / select.getPhases()[0] - 1) * select.getStrides()[0] + kernel.height;
  kernel.columns = (out[3] / select.getPhases()[1] - 1) * select.getStrides()[1] + kernel.width;
  return kernel;
}

std::vector<int64_t> stridesOf(SelectOp select) {
  llvm::ArrayRef<int64_t> out = llvm::cast<mlir::RankedTensorType>(select.getOutput().getType()).getShape();
  std::vector<int64_t> strides = select.getStrides().vec();
  for (int axis = 0; axis < 2; ++axis)
    if (out[2 + axis] == select.getPhases()[axis])
      strides[axis] = 1;  // of one position it means nothing
  return strides;
}

bool isLarge(int64_t weights) { return weights > (int64_t(1) << 24); }

mlir::Value sourceWindow(mlir::RewriterBase &rewriter, SelectOp select, const SelectionKernel &kernel, int64_t channel, int64_t channels) {
  return windowOf(rewriter, select.getLoc(), select.getInput(), {channel, kernel.top, kernel.left}, {channels, kernel.rows, kernel.columns});
}

} // namespace

ConvOp foldSelection(mlir::RewriterBase &rewriter, ConvOp conv) {
  auto select = conv.getInput().getDefiningOp<SelectOp>();
  mlir::ShapedType type = conv.getWeights().getShapedType();
  bool isPoint = type.getDimSize(2) == 1 && type.getDimSize(3) == 1 && llvm::all_of(conv.getPads(), [](int64_t pad) { return pad == 0; }) &&
                 llvm::all_of(conv.getStrides(), [](int64_t stride) { return stride == 1; });
  if (!select || !isPoint || conv.getBlockGrouped() || select.getPhases()[0] != 1 || select.getPhases()[1] != 1)
    return nullptr;
  SelectionKernel kernel = kernelOf(select);
  std::vector<int64_t> strides = stridesOf(select);
  if (kernel.height > kMaxFusedKernel || kernel.width > kMaxFusedKernel || std::max(strides[0], strides[1]) > kMaxStride)
    return nullptr;
  int64_t outputs = type.getDimSize(0), inputs = type.getDimSize(1);
  int64_t channels = llvm::cast<mlir::RankedTensorType>(select.getInput().getType()).getDimSize(1), area = kernel.height * kernel.width;
  // Weights that are mostly zeros cost more than the move that they save.
  if (channels * area > 2 * inputs + 64)
    return nullptr;
  std::vector<int8_t> from = int8Values(conv.getWeights());
  std::vector<int32_t> sums(outputs * channels * area, 0);
  for (int64_t i = 0; i < inputs; ++i) {
    int64_t place = select.getChannels()[i] * area + (select.getRows()[i] - kernel.top) * kernel.width + select.getColumns()[i] - kernel.left;
    for (int64_t o = 0; o < outputs; ++o)
      sums[o * channels * area + place] += from[o * inputs + i];
  }
  if (llvm::any_of(sums, [](int32_t sum) { return sum < -127 || sum > 127; }))
    return nullptr;  // a channel that is read twice
  rewriter.setInsertionPoint(conv);
  mlir::Value input = sourceWindow(rewriter, select, kernel, 0, channels);
  auto weightType = mlir::RankedTensorType::get({outputs, channels, kernel.height, kernel.width}, rewriter.getI8Type());
  std::vector<int8_t> weights(sums.begin(), sums.end());
  auto folded = llvm::cast<ConvOp>(rewriter.clone(*conv));
  folded.getInputMutable().assign(input);
  folded.setWeightsAttr(mlir::DenseElementsAttr::get(llvm::cast<mlir::ShapedType>(weightType), llvm::ArrayRef<int8_t>(weights)));
  folded.setStrides(strides);
  rewriter.replaceOp(conv, folded.getOutput());
  return folded;
}

bool lowerSelect(mlir::RewriterBase &rewriter, SelectOp select) {
  auto in = llvm::cast<mlir::RankedTensorType>(select.getInput().getType()), out = llvm::cast<mlir::RankedTensorType>(select.getOutput().getType());
  SelectionKernel kernel = kernelOf(select);
  std::vector<int64_t> strides = stridesOf(select), phases = select.getPhases().vec();
  int64_t channels = out.getDimSize(1), places = channels * phases[0] * phases[1];
  bool plain = kernel.height == 1 && kernel.width == 1 && places == channels;
  bool consecutive = plain && select.getChannels()[0] % 8 == 0;
  for (int64_t o = 0; consecutive && o < channels; ++o)
    consecutive = select.getChannels()[o] == select.getChannels()[0] + o;
  if (consecutive && strides == std::vector<int64_t>{1, 1}) {
    rewriter.replaceOp(select, sourceWindow(rewriter, select, kernel, select.getChannels()[0], channels));
    return true;
  }
  if (std::max(strides[0], strides[1]) > kMaxStride || std::max(kernel.height, kernel.width) > kMaxFusedKernel ||
      std::max(phases[0], phases[1]) > kMaxInterleave) {
    select.emitError() << describe(select) << " moves elements over steps of " << strides[0] << "x" << strides[1] << " and blocks of " << kernel.height
                       << "x" << kernel.width << " pixels; supported are steps of up to " << kMaxStride << " and blocks of up to " << kMaxFusedKernel;
    return false;
  }
  if (consecutive) {
    FusedConvParts parts = sharedParts(sourceWindow(rewriter, select, kernel, select.getChannels()[0], channels), out, 1, 1, 1 << 23, 23);
    parts.strides = strides;
    rewriter.replaceOp(select, createFusedConv(rewriter, select, parts).getOutput());
    return true;
  }
  // Only the blocks of channels that are read.
  int64_t first = *llvm::min_element(select.getChannels()) / 8 * 8;
  int64_t used = std::min((*llvm::max_element(select.getChannels()) / 8 + 1) * 8, in.getDimSize(1)) - first;
  int64_t padded = phases[0] * phases[1] > 1 ? (channels + 7) / 8 * 8 : channels;
  int64_t outputs = padded * phases[0] * phases[1], area = kernel.height * kernel.width;
  if (isLarge(outputs * used * area)) {
    select.emitError() << describe(select) << " moves " << used << " channels of blocks of " << kernel.height << "x" << kernel.width << " pixels to "
                       << places << " channels, which is too much for a convolution that does it; put a convolution or Gemm that reads it directly behind it";
    return false;
  }
  FusedConvParts parts;
  parts.input = sourceWindow(rewriter, select, kernel, first, used);
  parts.result = out;
  parts.weightShape = {outputs, used, kernel.height, kernel.width};
  parts.weights.assign(outputs * used * area, 0);
  parts.bias.assign(outputs, 0);
  int64_t zero = quantTypeOf(in).getZeroPoint();
  for (int64_t k = 0; k < places; ++k) {
    int64_t output = k / channels * padded + k % channels;
    int64_t place = (select.getRows()[k] - kernel.top) * kernel.width + select.getColumns()[k] - kernel.left;
    parts.weights[(output * used + select.getChannels()[k] - first) * area + place] = 1;
    parts.bias[output] = static_cast<int32_t>(-zero);
  }
  parts.multiplier.assign(outputs, 1 << 23);
  parts.shift.assign(outputs, 23);
  parts.strides = strides;
  parts.padValue = zero;
  // The verifier looks when the op is complete, after the pass.
  FusedConvOp conv = createFusedConv(rewriter, select, parts);
  if (phases[0] * phases[1] > 1)
    conv.setInterleave(llvm::ArrayRef<int64_t>(phases));
  rewriter.replaceOp(select, conv.getOutput());
  return true;
}

bool lowerPad(mlir::RewriterBase &rewriter, PadOp pad) {
  if (llvm::any_of(pad.getPads(), [](int64_t size) { return size > kMaxPad; })) {
    pad.emitError() << describe(pad) << " has a padding of more than " << kMaxPad << ", which is what the machine takes";
    return false;
  }
  mlir::quant::UniformQuantizedType type = quantTypeOf(pad.getInput());
  FusedConvParts parts = sharedParts(pad.getInput(), pad.getOutput().getType(), 1, 1, 1 << 23, 23);
  parts.pads = pad.getPads().vec();
  parts.padValue = quantizeValue(pad.getValue().convertToFloat(), type.getScale(), type.getZeroPoint());
  rewriter.replaceOp(pad, createFusedConv(rewriter, pad, parts).getOutput());
  return true;
}

} // namespace agc::qnn
