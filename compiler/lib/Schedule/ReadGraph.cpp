#include "agcc/Schedule/ReadGraph.h"

#include <algorithm>

#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace agc::schedule {

namespace {

/// Asks the op's region interface for each output row (or column) what it reads.
void readAxis(qnn::FusedConvOp op, bool rows, Axis &axis) {
  auto region = cast<RegionOpInterface>(op.getOperation());
  axis.taps.resize(size_t(axis.out));
  for (int64_t index = 0; index < axis.out; ++index) {
    Tile tile{0, 1, 0, 1, 0, 1};
    (rows ? tile.y0 : tile.x0) = index;
    (rows ? tile.y1 : tile.x1) = index + 1;
    const OperandTile need = region.getOperandTile(0, tile);
    axis.scale = need.scale;
    axis.taps[size_t(index)] = rows ? AxisTaps{{need.stored.y0, need.stored.y1}, need.firstRow}
                                    : AxisTaps{{need.stored.x0, need.stored.x1}, need.firstColumn};
  }
}

class Reader {
 public:
  Reader(func::FuncOp function, std::vector<std::string> &problems) : function_(function), problems_(problems) {}

  ReadResult run() {
    for (BlockArgument argument : function_.getArguments()) {
      const int id = addTensor(argument, nameOf(function_.getArgAttrDict(argument.getArgNumber())));
      result_.graph.tensors[id].input = int(result_.graph.inputs.size());
      result_.graph.inputs.push_back(id);
    }
    for (Operation &op : function_.getBody().front()) {
      if (auto conv = dyn_cast<qnn::FusedConvOp>(op))
        addLayer(conv);
      else if (auto ret = dyn_cast<func::ReturnOp>(op))
        addOutputs(ret);
      else
        problems_.push_back("'" + op.getName().getStringRef().str() +
                            "' cannot be scheduled; only qnn.fused_conv can (run the qnn passes first)");
    }
    for (Tensor &tensor : result_.graph.tensors) {
      std::sort(tensor.consumers.begin(), tensor.consumers.end());
      tensor.consumers.erase(std::unique(tensor.consumers.begin(), tensor.consumers.end()), tensor.consumers.end());
    }
    return std::move(result_);
  }

 private:
  static std::string nameOf(DictionaryAttr attributes) {
    auto name = attributes ? attributes.getAs<StringAttr>(qnn::QnnDialect::kNameAttr) : StringAttr();
    return name ? name.str() : "";
  }

  int addTensor(Value value, std::string name) {
    auto shape = cast<RankedTensorType>(value.getType()).getShape();
    Tensor tensor;
    tensor.name = std::move(name);
    tensor.channels = shape[1];
    tensor.height = shape[2];
    tensor.width = shape[3];
    const int id = int(result_.graph.tensors.size());
    result_.graph.tensors.push_back(tensor);
    ids_[value] = id;
    return id;
  }

  void addLayer(qnn::FusedConvOp op) {
    const int index = int(result_.graph.layers.size());
    Layer layer;
    layer.names = op.nodeNames();
    layer.ops = op.opNames();
    layer.macs = op.getMacs();
    auto operand = [&](Value value) {
      auto found = ids_.find(value);
      if (found == ids_.end()) {
        problems_.push_back(layer.title() + " reads a value that no scheduled op makes");
        return -1;
      }
      result_.graph.tensors[found->second].consumers.push_back(index);
      return found->second;
    };
    layer.input = operand(op.getInput());
    if (op.getResidual()) layer.residual = operand(op.getResidual());
    if (op.getTable() || op.getShared() || op.getMaxWindow() || op.getInterleave() || op.getZq() || op.getResOp() != "add" ||
        (op.getResidual() && cast<RankedTensorType>(op.getResidual().getType()).getShape() != op.outputType().getShape()))
      problems_.push_back(layer.title() + " has a form that this core's instructions do not cover");
    if (layer.input < 0 || (op.getResidual() && layer.residual < 0)) return;
    layer.output = addTensor(op.getOutput(), "");
    result_.graph.tensors[layer.output].producer = index;
    const auto in = op.inputType().getShape(), out = op.outputType().getShape();
    layer.y = {in[2], out[2], op.kernelHeight(), op.getStrides()[0], op.getDilations()[0], op.getPads()[0]};
    layer.x = {in[3], out[3], op.kernelWidth(), op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
    readAxis(op, true, layer.y);
    readAxis(op, false, layer.x);
    layer.padValue = int32_t(op.getPadValue());
    layer.up = op.getUpsample();
    layer.grouped = op.getBlockGrouped();
    layer.icb = (op.groupInChannels() + 7) / 8;
    layer.ocb = (op.outChannels() + 7) / 8;
    Epilogue &e = layer.epilogue;
    e.z1 = int32_t(op.getZ1());
    e.lo1 = int32_t(op.getLo1());
    e.hi1 = int32_t(op.getHi1());
    e.residual = bool(op.getResidual());
    if (e.residual) {
      e.zr = int32_t(*op.getZr());
      e.a = int32_t(*op.getA());
      e.b = int32_t(*op.getB());
      e.sh2 = int32_t(*op.getSh2());
      e.zo = int32_t(*op.getZo());
      e.lo = int32_t(*op.getLo());
      e.hi = int32_t(*op.getHi());
    }
    result_.graph.layers.push_back(std::move(layer));
    result_.ops.push_back(op);
  }

  void addOutputs(func::ReturnOp ret) {
    for (OpOperand &operand : ret->getOpOperands()) {
      auto found = ids_.find(operand.get());
      if (found == ids_.end()) continue;  // reported above
      Tensor &tensor = result_.graph.tensors[found->second];
      if (tensor.producer < 0)
        problems_.push_back("output '" + nameOf(function_.getResultAttrDict(operand.getOperandNumber())) +
                            "' is input '" + tensor.name + "' handed through; take it out of the model");
      tensor.outputs.push_back(int(result_.graph.outputs.size()));
      result_.graph.outputs.push_back(found->second);
    }
  }

  func::FuncOp function_;
  std::vector<std::string> &problems_;
  ReadResult result_;
  llvm::DenseMap<Value, int> ids_;
};

}  // namespace

ReadResult readGraph(func::FuncOp function, std::vector<std::string> &problems) { return Reader(function, problems).run(); }

}  // namespace agc::schedule
