#include "agcc/Schedule/SplitPools.h"

#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Schedule/CostModel.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace agc::schedule {

namespace {

constexpr double secondPass = 300;  // cycles that another layer costs by itself

/// Has every window at least one position inside of the map? One that has none is the result of padding alone, which the second pass would
/// not compute as the first one does.
bool windowsTouchMap(int64_t in, int64_t out, int64_t window, int64_t stride, int64_t dilation, int64_t pad) {
  for (int64_t o = 0; o < out; ++o) {
    bool inside = false;
    for (int64_t k = 0; k < window && !inside; ++k) {
      const int64_t at = o * stride + k * dilation - pad;
      inside = at >= 0 && at < in;
    }
    if (!inside) return false;
  }
  return true;
}

/// Each drained word takes a cycle, and each CONV something of its own.
bool pays(qnn::FusedConvOp op) {
  const int64_t kh = op.kernelHeight(), kw = op.kernelWidth();
  if (op.getUpsample() || kh == 1 || kw == 1) return false;
  const int64_t width = op.inputType().getDimSize(3), outWidth = op.outputType().getDimSize(3);
  if (!windowsTouchMap(width, outWidth, kw, op.getStrides()[1], op.getDilations()[1], op.getPads()[1])) return false;
  const double rows = double(op.phaseBlocks() * op.outputType().getDimSize(2));
  const double rowPass = rows * double(width) + cyclesPerTurn, rest = rows * double(outWidth) + cyclesPerTurn;
  return double(kh) * rowPass + double(kw) * rest + secondPass < double(kh * kw) * rest;
}

void split(qnn::FusedConvOp op) {
  OpBuilder builder(op);
  const auto in = op.inputType(), out = op.outputType();
  const int64_t zero = op.getZ1();
  // The zero point of what has no table yet.
  const auto element = qnn::int8Type(builder.getContext(), qnn::quantTypeOf(op.getOutput()).getScale(), zero);
  auto rows = cast<qnn::FusedConvOp>(builder.clone(*op));
  rows.getOutput().setType(RankedTensorType::get({1, out.getDimSize(1), out.getDimSize(2), in.getDimSize(3)}, element));
  rows.setMaxWindowAttr(builder.getDenseI64ArrayAttr({op.kernelHeight(), 1}));
  rows.setStrides(ArrayRef<int64_t>{op.getStrides()[0], 1});
  rows.setDilations(ArrayRef<int64_t>{op.getDilations()[0], 1});
  rows.setPads(ArrayRef<int64_t>{op.getPads()[0], 0, op.getPads()[2], 0});
  rows.removeTableAttr();

  constexpr int64_t lanes = 8;
  constexpr int one = 23;  // 2^23 is a normalized multiplier
  std::vector<int8_t> weights(lanes * lanes, 0);
  for (int64_t lane = 0; lane < lanes; ++lane) weights[size_t(lane * lanes + lane)] = 1;
  const std::vector<int32_t> bias(lanes, int32_t(-zero)), multiplier(lanes, 1 << one), shift(lanes, one);
  auto columns = builder.create<qnn::FusedConvOp>(
      op.getLoc(), out, rows.getOutput(), Value(),
      DenseElementsAttr::get(RankedTensorType::get({lanes, lanes, 1, 1}, builder.getI8Type()), ArrayRef<int8_t>(weights)), bias, multiplier, shift,
      ArrayRef<int64_t>{1, op.getStrides()[1]}, ArrayRef<int64_t>{1, op.getDilations()[1]}, ArrayRef<int64_t>{0, op.getPads()[1], 0, op.getPads()[3]},
      /*pad_value=*/-128, /*upsample=*/false, /*block_grouped=*/true, zero, -128, 127, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
      op.getOps(), op.getNames(), /*macs=*/0);
  columns.setShared(true);
  columns.setMaxWindowAttr(builder.getDenseI64ArrayAttr({1, op.kernelWidth()}));
  if (op.getTable()) columns.setTableAttr(op.getTableAttr());
  op.getOutput().replaceAllUsesWith(columns.getOutput());
  op.erase();
}

}  // namespace

void splitPools(func::FuncOp function) {
  std::vector<qnn::FusedConvOp> pools;
  for (auto op : function.getBody().front().getOps<qnn::FusedConvOp>())
    if (op.getMaxWindow() && pays(op)) pools.push_back(op);
  for (qnn::FusedConvOp op : pools) split(op);
}

}  // namespace agc::schedule
