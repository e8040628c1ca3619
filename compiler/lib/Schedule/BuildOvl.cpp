#include "agcc/Schedule/BuildOvl.h"

#include "agcc/Schedule/Compulsory.h"
#include "agcc/Schedule/MachineOf.h"
#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace agc::schedule {

namespace {

ovl::MemoryKind kindOf(Memory memory) {
  switch (memory) {
    case Memory::Scratchpad: return ovl::MemoryKind::Scratchpad;
    case Memory::Weights: return ovl::MemoryKind::Weights;
    case Memory::Constants: return ovl::MemoryKind::Constants;
    case Memory::Workspace: return ovl::MemoryKind::Workspace;
    case Memory::Inputs: return ovl::MemoryKind::Inputs;
    case Memory::Outputs: return ovl::MemoryKind::Outputs;
  }
  return ovl::MemoryKind::Scratchpad;
}

class Builder {
 public:
  Builder(ModuleOp module, func::FuncOp function, ReadResult &source, const Schedule &schedule)
      : b_(module.getContext()), function_(function), source_(source), graph_(source.graph), schedule_(schedule),
        values_(schedule.program.buffers.size()), rowOf_(source.graph.layers.size()) {
    b_.setInsertionPointToEnd(module.getBody());
  }

  ovl::ProgramOp run(const isa::CoreConfig &core, int64_t compulsory) {
    auto program = b_.create<ovl::ProgramOp>(function_.getLoc(), coreText(core), b_.getArrayAttr(border(true)),
                                             b_.getArrayAttr(border(false)), b_.getArrayAttr(layers()), compulsory);
    b_.setInsertionPointToStart(&program.getBody().emplaceBlock());
    for (const Inst &inst : schedule_.program.instructions)
      std::visit([&](const auto &op) { build(op, inst.layer); }, inst.op);
    b_.create<ovl::EndOp>(function_.getLoc());
    // Instructions name rows of the layer table: a fused group is one.
    if (schedule_.groups.empty()) return program;
    for (Operation &op : *program.getBody().begin())
      if (auto layer = op.getAttrOfType<IntegerAttr>("layer")) op.setAttr("layer", number(rowOf_[size_t(layer.getInt())]));
    return program;
  }

 private:
  StringAttr coreText(const isa::CoreConfig &core) {
    for (const std::string &name : isa::CoreConfig::builtinNames())
      if (name == core.name && isa::CoreConfig::builtin(name).json == core.json) return b_.getStringAttr(name);
    return b_.getStringAttr(core.json);
  }

  SmallVector<Attribute> border(bool inputs) {
    SmallVector<Attribute> list;
    const auto &tensors = inputs ? graph_.inputs : graph_.outputs;
    for (size_t index = 0; index < tensors.size(); ++index) {
      const Type type = inputs ? function_.getArgumentTypes()[index] : function_.getResultTypes()[index];
      auto attributes = inputs ? function_.getArgAttrDict(index) : function_.getResultAttrDict(index);
      auto text = [&](StringRef key, StringRef otherwise) {
        auto value = attributes ? attributes.getAs<StringAttr>(key) : StringAttr();
        return b_.getStringAttr(value ? value.getValue() : otherwise);
      };
      const auto quant = qnn::quantTypeOf(type);
      auto shape = attributes ? attributes.getAs<DenseI64ArrayAttr>(qnn::QnnDialect::kShapeAttr) : DenseI64ArrayAttr();
      const std::string fallback = (inputs ? "input" : "output") + std::to_string(index);
      list.push_back(b_.getDictionaryAttr({
          b_.getNamedAttr("name", text(qnn::QnnDialect::kNameAttr, fallback)),
          b_.getNamedAttr("border", text(qnn::QnnDialect::kBorderAttr, "float32")),
          b_.getNamedAttr("shape", shape ? shape : b_.getDenseI64ArrayAttr(cast<RankedTensorType>(type).getShape())),
          b_.getNamedAttr("scale", b_.getF64FloatAttr(double(float(quant.getScale())))),
          b_.getNamedAttr("zero_point", b_.getI64IntegerAttr(quant.getZeroPoint())),
      }));
    }
    return list;
  }

  /// Rows of the layer table. A fused group is one row with all names; its layers are listed in it.
  SmallVector<Attribute> layers() {
    SmallVector<Attribute> list;
    auto group = schedule_.groups.begin();
    for (int index = 0; index < int(graph_.layers.size());) {
      const bool fused = group != schedule_.groups.end() && group->first == index;
      const int first = index, last = fused ? (group++)->last : index;
      for (; index <= last; ++index) rowOf_[size_t(index)] = int64_t(list.size());
      list.push_back(layerRow(first, last));
    }
    return list;
  }

  DictionaryAttr layerRow(int first, int last) {
    std::vector<StringRef> names, ops;
    int64_t macs = 0;
    SmallVector<Attribute> members;
    for (int index = first; index <= last; ++index) {
      const Layer &layer = graph_.layers[size_t(index)];
      names.insert(names.end(), layer.names.begin(), layer.names.end());
      ops.insert(ops.end(), layer.ops.begin(), layer.ops.end());
      macs += layer.macs;
      if (first < last) members.push_back(layerRow(index, index));
    }
    const TilePlan &plan = schedule_.decisions[size_t(last)].plan;
    SmallVector<NamedAttribute> row = {
        b_.getNamedAttr("names", b_.getStrArrayAttr(names)),
        b_.getNamedAttr("ops", b_.getStrArrayAttr(ops)),
        b_.getNamedAttr("macs", b_.getI64IntegerAttr(macs)),
        b_.getNamedAttr("tile", b_.getDenseI64ArrayAttr({plan.rows, plan.columns, plan.groupBlocks, plan.partBlocks})),
    };
    if (!members.empty()) row.push_back(b_.getNamedAttr("fused", b_.getArrayAttr(members)));
    return b_.getDictionaryAttr(row);
  }

  Location locOf(int layer) { return source_.ops[size_t(layer)].getLoc(); }
  Value value(const Ref &ref) { return ref.buffer < 0 ? Value() : values_[size_t(ref.buffer)]; }
  IntegerAttr number(int64_t n) { return b_.getI64IntegerAttr(n); }

  void build(const TakeMark &mark, int) {
    const Buffer &buffer = schedule_.program.buffers[size_t(mark.buffer)];
    ElementsAttr data;
    if (buffer.memory == Memory::Constants) data = constants(buffer);
    StringAttr holds;
    if (buffer.table >= 0) holds = b_.getStringAttr("a table");
    else if (buffer.layer >= 0) holds = b_.getStringAttr(graph_.layers[size_t(buffer.layer)].title());
    else if (buffer.tensor >= 0) holds = b_.getStringAttr(tensorName(buffer.tensor));
    values_[size_t(mark.buffer)] = b_.create<ovl::BufferOp>(
        function_.getLoc(), ovl::BufferType::get(b_.getContext()),
        ovl::MemoryKindAttr::get(b_.getContext(), kindOf(buffer.memory)), number(buffer.words), IntegerAttr(),
        buffer.high ? b_.getUnitAttr() : UnitAttr(), buffer.border >= 0 ? number(buffer.border) : IntegerAttr(), holds, data);
  }

  std::string tensorName(int id) const {
    const Tensor &tensor = graph_.tensors[size_t(id)];
    if (!tensor.name.empty()) return tensor.name;
    return tensor.producer >= 0 ? "result of " + graph_.layers[size_t(tensor.producer)].title() : "";
  }

  ElementsAttr constants(const Buffer &buffer) {
    const bool table = buffer.table >= 0;
    const size_t layer = size_t(buffer.layer);
    const std::vector<int8_t> bytes = table ? graph_.tables[size_t(buffer.table)]
                                            : packWeights(graph_.layers[layer], source_.ops[layer], schedule_.program.chunks[layer]);
    auto type = RankedTensorType::get({int64_t(bytes.size())}, b_.getI8Type());
    return DenseResourceElementsAttr::get(
        type, table ? "table_" + std::to_string(buffer.table) : "constants_" + std::to_string(layer),
        HeapAsmResourceBlob::allocateAndCopyWithAlign({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, 64));
  }

  void build(const GiveMark &mark, int) {
    b_.create<ovl::ReleaseOp>(function_.getLoc(), values_[size_t(mark.buffer)]);
  }

  void build(const LoadInst &i, int layer) {
    b_.create<ovl::LoadOp>(locOf(layer), value(i.dram), i.dram.offset, value(i.sp), i.sp.offset, i.n0, i.n1, i.n2, i.d1, i.d2,
                           i.s1, i.s2, int64_t(i.split), i.half, DenseI32ArrayAttr(), DenseI32ArrayAttr(), layer);
  }

  void build(const LoadFoldInst &i, int layer) {
    b_.create<ovl::LoadFoldOp>(locOf(layer), value(i.dram), i.dram.offset, value(i.sp), i.sp.offset, i.n0, i.n1, i.width, i.d1, i.s1,
                               i.s2, i.channels, i.kernel, i.stride, i.left, i.pad, DenseI32ArrayAttr(), DenseI32ArrayAttr(), layer);
  }

  void build(const StoreInst &i, int layer) {
    b_.create<ovl::StoreOp>(locOf(layer), value(i.sp), i.sp.offset, value(i.dram), i.dram.offset, i.n0, i.n1, i.n2, i.d1, i.d2,
                            i.s1, i.s2, DenseI32ArrayAttr(), DenseI32ArrayAttr(), layer);
  }

  void build(const WloadInst &i, int layer) {
    b_.create<ovl::WloadOp>(locOf(layer), value(i.dram), i.dram.offset, value(i.wb), i.wb.offset, i.n, DenseI32ArrayAttr(),
                            DenseI32ArrayAttr(), layer);
  }

  void build(const GeoInst &i, int index) {
    const Layer &layer = graph_.layers[size_t(index)];
    if (i.phase == Phase::Unfold) {
      b_.create<ovl::ConvGeoOp>(locOf(index), 1, 1, 1, 1, 1, 1, 0, 0, i.icb, i.inPitch, i.inPlane, i.outPitch, i.outPlane,
                                i.resPitch, i.resPlane, i.wPitch, 0, 0, 0, 0, int64_t(i.outSplit), i.outHalf, 0, DenseI32ArrayAttr(),
                                DenseI32ArrayAttr(), index);
      return;
    }
    b_.create<ovl::ConvGeoOp>(locOf(index), i.kernelRows, i.kernelColumns, layer.rowStride(), layer.x.stride, layer.y.dilation,
                              layer.x.dilation, int64_t(layer.up), int64_t(layer.grouped), i.icb, i.inPitch, i.inPlane,
                              i.outPitch, i.outPlane, i.resPitch, i.resPlane, i.wPitch, int64_t(layer.padValue),
                              int64_t(i.split), i.inHalf, int64_t(i.pairs), int64_t(i.outSplit), i.outHalf, i.outStep - 1,
                              DenseI32ArrayAttr(), DenseI32ArrayAttr(), index);
  }

  void build(const EpiInst &i, int index) {
    const Layer &layer = graph_.layers[size_t(index)];
    Epilogue e = layer.epilogue;
    int64_t table = 0;
    bool still = layer.repeatColumns;
    if (i.phase == Phase::Unfold) {  // an exact identity: nothing is left to clamp
      e.lo1 = -128;
      e.hi1 = 127;
    } else if (i.table) {
      table = e.tableFirst ? 1 : 2;
    }
    if (i.phase == Phase::Maximum) {  // of two results of one kind: an equal factor on both sides leaves them what they are
      constexpr int32_t one = 20;
      e.residual = true;
      e.op = ResidualOp::Max;
      e.zq = e.zr = e.zo = e.z1;
      e.a = e.b = 1 << one;
      e.sh2 = one;
      e.lo = e.lo1;
      e.hi = e.hi1;
      still = false;
    }
    b_.create<ovl::ConvEpiOp>(locOf(index), int64_t(e.z1), int64_t(e.lo1), int64_t(e.hi1), int64_t(e.residual && !i.partOut),
                              int64_t(e.zr), int64_t(e.a), int64_t(e.b), int64_t(e.sh2), int64_t(e.zo), int64_t(e.lo),
                              int64_t(e.hi), int64_t(i.partIn), int64_t(i.partOut), int64_t(e.op), e.residual ? int64_t(e.zq) : 0, table, int64_t(still),
                              DenseI32ArrayAttr(), DenseI32ArrayAttr(), index);
  }

  void build(const TableInst &i, int layer) {
    b_.create<ovl::ConvTableOp>(locOf(layer), value(i.wb), i.wb.offset, DenseI32ArrayAttr(), DenseI32ArrayAttr(), layer);
  }

  void build(const ConvInst &i, int layer) {
    b_.create<ovl::ConvOp>(locOf(layer), value(i.in), i.in.offset, value(i.wb), i.wb.offset, value(i.out), i.out.offset,
                           value(i.res), i.res.offset, value(i.part), i.part.offset, i.inH, i.inW, i.offY, i.offX, i.oh, i.ow,
                           i.ocb, DenseI32ArrayAttr(), DenseI32ArrayAttr(), layer);
  }

  OpBuilder b_;
  func::FuncOp function_;
  ReadResult &source_;
  const Graph &graph_;
  const Schedule &schedule_;
  std::vector<Value> values_;
  std::vector<int64_t> rowOf_;  // per layer
};

}  // namespace

ovl::ProgramOp buildOvl(ModuleOp module, func::FuncOp function, ReadResult &source, const Schedule &schedule,
                        const isa::CoreConfig &core) {
  return Builder(module, function, source, schedule).run(core, compulsoryBytes(source.graph, machineOf(core)));
}

}  // namespace agc::schedule
