// BatchNormalization at inference: one factor and one offset per channel, exactly folded into the convolution in front of it, or
// a convolution of its own that reads each channel alone.
#include "GraphImporter.h"
#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <cmath>

namespace agc::import {

// Input `index` as `channels` finite numbers; nothing, with a report, where it is none.
std::optional<std::vector<double>> GraphImporter::channelConstant(const onnx::NodeProto &node, int index, int64_t channels) {
  const Entry *entry = input(node, index);
  if (!entry) {
    problem("lacks its input " + std::to_string(index));
    return std::nullopt;
  }
  if (entry->unknown())
    return std::nullopt;
  const std::vector<float> values = constantReals(*entry).value_or(std::vector<float>());
  bool finite = llvm::all_of(values, [](float value) { return std::isfinite(value); });
  if (static_cast<int64_t>(values.size()) != channels || !finite) {
    problem("has an input '" + printable(node.input(index)) + "' that is not " + std::to_string(channels) + " finite float32 constants");
    return std::nullopt;
  }
  return std::vector<double>(values.begin(), values.end());
}

// The convolution that makes `value` with its results times gain plus offset. A negative factor turns the weights around.
static mlir::Value scaledConv(mlir::OpBuilder &builder, qnn::ConvOp conv, const std::vector<double> &gain, const std::vector<double> &offset) {
  std::vector<int8_t> weights = qnn::int8Values(conv.getWeights());
  const size_t channels = gain.size(), each = weights.size() / channels;
  std::vector<float> scales(channels), bias(channels);
  for (size_t o = 0; o < channels; ++o) {
    double scale = conv.getWeightScales()[conv.getWeightScales().size() == 1 ? 0 : o];
    scales[o] = static_cast<float>(scale * std::abs(gain[o]));
    bias[o] = static_cast<float>((conv.getBias().empty() ? 0.0 : conv.getBias()[o]) * gain[o] + offset[o]);
    if (!std::isfinite(scales[o]) || !std::isfinite(bias[o]))
      return nullptr;
    bool nothing = !std::isnormal(scales[o]);
    for (size_t index = o * each; index < (o + 1) * each; ++index)
      weights[index] = nothing ? 0 : gain[o] < 0 ? -weights[index] : weights[index];
    if (nothing)
      scales[o] = static_cast<float>(scale);
  }
  auto copy = llvm::cast<qnn::ConvOp>(builder.clone(*conv));
  copy.setWeightsAttr(mlir::DenseElementsAttr::get(conv.getWeights().getShapedType(), llvm::ArrayRef<int8_t>(weights)));
  copy.setWeightScales(scales);
  copy.setBias(bias);
  return copy.getOutput();
}

void GraphImporter::defineAffine(const onnx::NodeProto &node, const Entry &source, const std::vector<double> &gain,
                                 const std::vector<double> &offset) {
  Entry entry;
  entry.rank = source.rank;
  if (auto conv = source.value.getDefiningOp<qnn::ConvOp>()) {
    if (!spendWeights(conv.getWeights().getNumElements()))
      return;
    entry.value = scaledConv(builder, conv, gain, offset);
  } else {
    ConvWeights weights;
    weights.out = static_cast<int64_t>(gain.size());
    weights.in = 8;
    weights.height = weights.width = 1;
    weights.blockGrouped = true;
    weights.values.assign(weights.out * 8, 0);
    for (int64_t channel = 0; channel < weights.out; ++channel)
      weights.values[channel * 8 + channel % 8] = 1;
    weights.scales = {1.0f};
    auto location = mlir::NameLoc::get(builder.getStringAttr(nodeTitle(node)));
    mlir::Value plain = createConv(location, source.value, weights, {}, {1, 1}, {1, 1}, {0, 0, 0, 0}, /*macs=*/0);
    if (!plain)
      return;
    auto unscaled = plain.getDefiningOp<qnn::ConvOp>();
    unscaled.setOnnxOp(node.op_type());
    entry.value = scaledConv(builder, unscaled, gain, offset);
    unscaled.erase();
  }
  if (!entry.value)
    return problem("has factors that no float32 can hold together with the weights in front of it");
  define(node, entry);
}

void GraphImporter::importBatchNormalization(const onnx::NodeProto &node, Attributes &attributes) {
  attributes.ignore("momentum");  // of training
  if (attributes.integer("training_mode", 0) != 0)
    return problem("is in training mode; export the model for inference (model.eval())");
  float epsilon = attributes.real("epsilon").value_or(1e-5f);
  if (!checkInputs(node, 5, 5))
    return;
  mlir::Value value = floatMap(node, 0);
  if (!value)
    return;
  int64_t channels = llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(1);
  std::optional<std::vector<double>> scale = channelConstant(node, 1, channels), shift = channelConstant(node, 2, channels),
                                     mean = channelConstant(node, 3, channels), variance = channelConstant(node, 4, channels);
  if (!scale || !shift || !mean || !variance)
    return;
  std::vector<double> gain(channels), offset(channels);
  for (int64_t channel = 0; channel < channels; ++channel) {
    double spread = (*variance)[channel] + epsilon;
    if (!(spread > 0))
      return problem("has a variance of " + std::to_string((*variance)[channel]) + " with epsilon " + std::to_string(epsilon) + "; their sum must be above zero");
    gain[channel] = (*scale)[channel] / std::sqrt(spread);
    offset[channel] = (*shift)[channel] - (*mean)[channel] * gain[channel];
  }
  defineAffine(node, *input(node, 0), gain, offset);
}

} // namespace agc::import
