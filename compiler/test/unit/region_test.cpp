// The region interface against the definition of the convolution: which input pixels does each output pixel read?
#include "agcc/Dialect/Qnn/QnnUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <gtest/gtest.h>

namespace {

using agc::OperandTile;
using agc::Tile;

struct Geometry {
  int64_t inputHeight, inputWidth, kernelHeight, kernelWidth;
  std::vector<int64_t> strides, dilations, pads;
  bool upsample = false, grouped = false;
  int64_t inputChannels = 24, outputChannels = 16;
};

class Regions : public ::testing::Test {
protected:
  Regions() : builder(&context), module(mlir::ModuleOp::create(mlir::UnknownLoc::get(&context))) {
    context.loadDialect<agc::qnn::QnnDialect, mlir::quant::QuantizationDialect, mlir::func::FuncDialect>();
  }

  agc::qnn::FusedConvOp make(const Geometry &g) {
    auto element = agc::qnn::int8Type(&context, 0.5, 0);
    int64_t scale = g.upsample ? 2 : 1;
    outputHeight = agc::qnn::convOutputSize(g.inputHeight * scale, g.kernelHeight, g.strides[0], g.dilations[0], g.pads[0], g.pads[2]);
    outputWidth = agc::qnn::convOutputSize(g.inputWidth * scale, g.kernelWidth, g.strides[1], g.dilations[1], g.pads[1], g.pads[3]);
    auto input = mlir::RankedTensorType::get({1, g.inputChannels, g.inputHeight, g.inputWidth}, element);
    auto output = mlir::RankedTensorType::get({1, g.outputChannels, outputHeight, outputWidth}, element);
    builder.setInsertionPointToEnd(module->getBody());
    auto function = builder.create<mlir::func::FuncOp>(builder.getUnknownLoc(), "main", builder.getFunctionType({input}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    int64_t inner = g.grouped ? 8 : g.inputChannels;
    auto weights = mlir::RankedTensorType::get({g.outputChannels, inner, g.kernelHeight, g.kernelWidth}, builder.getI8Type());
    std::vector<int32_t> zeros(g.outputChannels, 0);
    auto text = builder.getStrArrayAttr({"Conv"});
    return builder.create<agc::qnn::FusedConvOp>(
        builder.getUnknownLoc(), output, function.getArgument(0), mlir::Value(),
        mlir::DenseElementsAttr::get(weights, int8_t(1)), zeros, zeros, zeros, g.strides, g.dilations, g.pads, 0, g.upsample, g.grouped,
        0, -128, 127, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, text, text, 0);
  }

  // Every tile of a small map against the pixels that docs/machine.md reads for it.
  void check(const Geometry &g) {
    agc::qnn::FusedConvOp conv = make(g);
    ASSERT_TRUE(mlir::succeeded(conv.verify()));
    int64_t scale = g.upsample ? 2 : 1;
    auto floorDiv = [](int64_t value, int64_t by) { return value >= 0 ? value / by : -((by - 1 - value) / by); };
    for (int64_t y0 = 0; y0 < outputHeight; ++y0)
      for (int64_t y1 = y0 + 1; y1 <= outputHeight; ++y1)
        for (int64_t x0 = 0; x0 < outputWidth; x0 += 2)
          for (int64_t x1 = x0 + 1; x1 <= outputWidth; ++x1) {
            Tile needed{INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, 0, 0};
            for (int64_t y : {y0, y1 - 1})
              for (int64_t k : {int64_t(0), g.kernelHeight - 1}) {
                int64_t v = floorDiv(y * g.strides[0] - g.pads[0] + k * g.dilations[0], scale);
                needed.y0 = std::min(needed.y0, v);
                needed.y1 = std::max(needed.y1, v + 1);
              }
            for (int64_t x : {x0, x1 - 1})
              for (int64_t k : {int64_t(0), g.kernelWidth - 1}) {
                int64_t h = floorDiv(x * g.strides[1] - g.pads[1] + k * g.dilations[1], scale);
                needed.x0 = std::min(needed.x0, h);
                needed.x1 = std::max(needed.x1, h + 1);
              }
            needed.b0 = g.grouped ? 1 : 0;
            needed.b1 = g.grouped ? 2 : 3;
            OperandTile tile = conv.getOperandTile(0, Tile{y0, y1, x0, x1, 1, 2});
            EXPECT_TRUE(tile.stored == needed) << y0 << ' ' << y1 << ' ' << x0 << ' ' << x1;
            // The machine's rule: row (0 + ky*dy + off_y) >> up of the tile that starts at the clipped top.
            Tile held = tile.stored.clipped(g.inputHeight, g.inputWidth);
            EXPECT_EQ(floorDiv(tile.offsetY(held.y0), scale) + held.y0, tile.stored.y0);
            EXPECT_EQ(floorDiv(tile.offsetX(held.x0), scale) + held.x0, tile.stored.x0);
          }
  }

  mlir::MLIRContext context;
  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  int64_t outputHeight = 0, outputWidth = 0;
};

TEST_F(Regions, plain) { check({6, 7, 3, 3, {1, 1}, {1, 1}, {1, 1, 1, 1}}); }
TEST_F(Regions, pointwise) { check({5, 4, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}}); }
TEST_F(Regions, stridedAndDilated) { check({13, 15, 3, 2, {2, 3}, {2, 3}, {2, 1, 0, 3}}); }
TEST_F(Regions, upsampled) { check({4, 5, 3, 5, {1, 1}, {1, 1}, {1, 2, 1, 2}, true}); }
TEST_F(Regions, upsampledOddPads) { check({4, 3, 4, 2, {1, 1}, {1, 1}, {3, 0, 0, 1}, true}); }

TEST_F(Regions, blockGrouped) {
  Geometry g{4, 5, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}};
  g.grouped = true;
  g.inputChannels = g.outputChannels = 24;
  check(g);
}

TEST_F(Regions, residualIsReadWhereTheResultIs) {
  agc::qnn::FusedConvOp conv = make({6, 7, 3, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}});
  Tile output{1, 3, 0, 2, 1, 2};
  OperandTile tile = conv.getOperandTile(1, output);
  EXPECT_TRUE(tile.stored == output);
  EXPECT_EQ(tile.offsetY(1), 0);
  EXPECT_EQ(tile.offsetX(0), 0);
}

TEST_F(Regions, residualOfOneRowIsRepeated) {
  agc::qnn::FusedConvOp conv = make({6, 7, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}});
  mlir::RankedTensorType out = conv.outputType();
  builder.setInsertionPoint(conv);
  auto row = mlir::RankedTensorType::get({1, out.getDimSize(1), 1, out.getDimSize(3)}, out.getElementType());
  auto other = builder.create<mlir::UnrealizedConversionCastOp>(builder.getUnknownLoc(), mlir::TypeRange{row}, mlir::ValueRange{});
  conv.getResidualMutable().assign(other.getResult(0));
  OperandTile tile = conv.getOperandTile(1, Tile{2, 5, 1, 3, 0, 1});
  EXPECT_TRUE(tile.stored == (Tile{0, 1, 1, 3, 0, 1}));
}

TEST_F(Regions, poolsNeedTheirWindow) {
  agc::qnn::FusedConvOp conv = make({6, 7, 1, 1, {2, 2}, {1, 2}, {1, 0, 0, 0}, false});
  conv.setMaxWindowAttr(builder.getDenseI64ArrayAttr({3, 2}));
  OperandTile tile = conv.getOperandTile(0, Tile{0, 2, 1, 2, 0, 1});
  EXPECT_EQ(tile.stored.y0, -1);
  EXPECT_EQ(tile.stored.y1, 4);
  EXPECT_EQ(tile.stored.x0, 2);
  EXPECT_EQ(tile.stored.x1, 5);
}

TEST_F(Regions, phasesReadTogether) {
  agc::qnn::FusedConvOp conv = make({6, 7, 3, 3, {1, 1}, {1, 1}, {1, 1, 1, 1}});
  conv.setInterleaveAttr(builder.getDenseI64ArrayAttr({2, 3}));
  OperandTile tile = conv.getOperandTile(0, Tile{3, 6, 2, 4, 0, 1});
  EXPECT_EQ(tile.stored.y0, 0);
  EXPECT_EQ(tile.stored.y1, 4);
  EXPECT_EQ(tile.stored.x0, -1);
  EXPECT_EQ(tile.stored.x1, 3);
}

} // namespace
