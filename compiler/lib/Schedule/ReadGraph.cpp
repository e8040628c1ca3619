#include "agcc/Schedule/ReadGraph.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace agc::schedule {

namespace {

/// Asks the op's region interface for each output row (or column) what it reads; `phases` of them are computed together.
void readAxis(qnn::FusedConvOp op, bool rows, int64_t phases, Axis &axis) {
  auto region = cast<RegionOpInterface>(op.getOperation());
  axis.taps.resize(size_t(axis.out));
  for (int64_t index = 0; index < axis.out; ++index) {
    Tile tile{0, 1, 0, 1, 0, 1};
    (rows ? tile.y0 : tile.x0) = index * phases;
    (rows ? tile.y1 : tile.x1) = (index + 1) * phases;
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
      else if (auto window = dyn_cast<qnn::WindowOp>(op))
        addWindow(window);
      else if (auto assemble = dyn_cast<qnn::AssembleOp>(op))
        addAssemble(assemble);
      else if (auto ret = dyn_cast<func::ReturnOp>(op))
        addOutputs(ret);
      else
        problems_.push_back("'" + op.getName().getStringRef().str() +
                            "' cannot be scheduled; only qnn.fused_conv and its views can (run the qnn passes first)");
    }
    resolveStorages();
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
    tensor.images = shape[0];
    tensor.channels = shape[1];
    tensor.height = shape[2];
    tensor.width = shape[3];
    const int id = int(result_.graph.tensors.size());
    tensor.storage = id;
    result_.graph.tensors.push_back(tensor);
    ids_[value] = id;
    return id;
  }

  /// `part` lies in `whole`, from image, channel, row and column `offsets` on.
  void place(int part, int whole, llvm::ArrayRef<int64_t> offsets) {
    Tensor &tensor = result_.graph.tensors[part];
    tensor.storage = whole;
    tensor.plane = offsets[0] * result_.graph.tensors[whole].blocks() + offsets[1] / 8;
    tensor.row = offsets[2];
    tensor.column = offsets[3];
  }

  void addWindow(qnn::WindowOp op) {
    auto found = ids_.find(op.getInput());
    if (found == ids_.end()) return problems_.push_back("a qnn.window shows a value that no scheduled op makes");
    const int whole = found->second, part = addTensor(op.getOutput(), "");
    result_.graph.tensors[part].name = result_.graph.tensors[whole].name;
    result_.graph.tensors[part].producer = result_.graph.tensors[whole].producer;
    place(part, whole, op.getOffsets());
  }

  void addAssemble(qnn::AssembleOp op) {
    const int whole = addTensor(op.getOutput(), "");
    for (auto [index, operand] : llvm::enumerate(op.getInputs())) {
      auto found = ids_.find(operand);
      if (found == ids_.end() || !operand.getDefiningOp<qnn::FusedConvOp>() || result_.graph.tensors[found->second].storage != found->second)
        return problems_.push_back("an operand of qnn.assemble is not the result of a qnn.fused_conv, or lies in another place as well (run the qnn passes first)");
      place(found->second, whole, op.getOffsets().slice(index * 4, 4));
      result_.graph.tensors[whole].producer = std::max(result_.graph.tensors[whole].producer, result_.graph.tensors[found->second].producer);
    }
  }

  /// Windows of parts: all the way down to what has the memory, which then knows its parts and all its readers.
  void resolveStorages() {
    auto &tensors = result_.graph.tensors;
    for (size_t id = 0; id < tensors.size(); ++id) {
      Tensor &tensor = tensors[id];
      while (tensors[tensor.storage].storage != tensor.storage) {
        const Tensor &whole = tensors[tensor.storage];
        // Only the result of a layer lies in an assembled map, so its planes are those of one image.
        tensor.plane += whole.plane;
        tensor.row += whole.row;
        tensor.column += whole.column;
        tensor.storage = whole.storage;
      }
    }
    for (size_t id = 0; id < tensors.size(); ++id) {
      Tensor &tensor = tensors[id], &storage = tensors[tensor.storage];
      if (&tensor != &storage) {
        tensor.plain = storage.plain = false;
        storage.consumers.insert(storage.consumers.end(), tensor.consumers.begin(), tensor.consumers.end());
      }
    }
    for (const Layer &layer : result_.graph.layers) tensors[tensors[layer.output].storage].parts.push_back(layer.output);
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
    if (layer.input < 0 || (op.getResidual() && layer.residual < 0)) return;
    layer.output = addTensor(op.getOutput(), "");
    result_.graph.tensors[layer.output].producer = index;
    const auto in = op.inputType().getShape(), out = op.outputType().getShape();
    std::tie(layer.phasesY, layer.phasesX) = op.phases();
    if (op.getMaxWindow()) {
      layer.poolY = op.kernelHeight();
      layer.poolX = op.kernelWidth();
    }
    layer.y = {in[2], out[2] / layer.phasesY, op.weightHeight(), op.getStrides()[0], op.getDilations()[0], op.getPads()[0]};
    layer.x = {in[3], out[3] / layer.phasesX, op.weightWidth(), op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
    readAxis(op, true, layer.phasesY, layer.y);
    readAxis(op, false, layer.phasesX, layer.x);
    layer.padValue = int32_t(op.getPadValue());
    layer.up = op.getUpsample();
    layer.grouped = op.getBlockGrouped();
    layer.icb = (op.groupInChannels() + 7) / 8;
    layer.ocb = op.phaseBlocks();
    layer.shared = op.getShared();
    layer.content = contentOf(op);
    if (op.getTable()) layer.table = tableOf(*op.getTable());
    Epilogue &e = layer.epilogue;
    e.z1 = int32_t(op.getZ1());
    e.lo1 = int32_t(op.getLo1());
    e.hi1 = int32_t(op.getHi1());
    e.residual = bool(op.getResidual());
    e.zq = e.z1;
    if (e.residual) {
      const auto residual = cast<RankedTensorType>(op.getResidual().getType()).getShape();
      layer.repeatRows = residual[2] != out[2];
      layer.repeatColumns = residual[3] != out[3];
      e.op = llvm::StringSwitch<ResidualOp>(op.getResOp())
                 .Case("mul", ResidualOp::Multiply)
                 .Case("max", ResidualOp::Max)
                 .Case("min", ResidualOp::Min)
                 .Default(ResidualOp::Add);
      e.tableFirst = op.getTableFirst();
      e.zq = int32_t(op.residualZero());
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

  /// Attributes are unique in their context, so equal weights are equal pointers.
  int contentOf(qnn::FusedConvOp op) {
    const auto key = std::make_tuple(Attribute(op.getWeights()).getAsOpaquePointer(), Attribute(op.getBiasAttr()).getAsOpaquePointer(),
                                     Attribute(op.getMultiplierAttr()).getAsOpaquePointer(), Attribute(op.getShiftAttr()).getAsOpaquePointer(), op.getZ1());
    return contents_.try_emplace(key, int(contents_.size())).first->second;
  }

  int tableOf(llvm::ArrayRef<int8_t> values) {
    auto &tables = result_.graph.tables;
    const std::vector<int8_t> table(values.begin(), values.end());
    const int index = int(std::find(tables.begin(), tables.end(), table) - tables.begin());
    if (index == int(tables.size())) tables.push_back(table);
    return index;
  }

  void addOutputs(func::ReturnOp ret) {
    for (OpOperand &operand : ret->getOpOperands()) {
      auto found = ids_.find(operand.get());
      if (found == ids_.end()) continue;  // reported above
      Tensor &tensor = result_.graph.tensors[found->second];
      if (tensor.producer < 0 || operand.get().getDefiningOp<qnn::WindowOp>())
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
  std::map<std::tuple<const void *, const void *, const void *, const void *, int64_t>, int> contents_;
};

}  // namespace

ReadResult readGraph(func::FuncOp function, std::vector<std::string> &problems) { return Reader(function, problems).run(); }

}  // namespace agc::schedule
