#include "agcc/Dialect/Ovl/Instruction.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "agc/isa/error.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace agc::ovl {

namespace {

/// Values that a field's C++ type cannot hold become its extremes, which no field can encode.
uint32_t u(int64_t value) {
  return value < 0 || value > int64_t(std::numeric_limits<uint32_t>::max()) ? std::numeric_limits<uint32_t>::max()
                                                                           : uint32_t(value);
}
int32_t s(int64_t value) {
  return int32_t(std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

int64_t address(Value value, int64_t offset) {
  if (!value) return 0;
  auto buffer = value.getDefiningOp<BufferOp>();
  return (buffer ? buffer.getAddress().value_or(0) : 0) + offset;
}

uint32_t segment(Value value) {
  auto buffer = value.getDefiningOp<BufferOp>();
  return buffer ? uint32_t(segmentOf(buffer.getMemory())) : 0;
}

isa::Header headerOf(Operation *op) {
  isa::Header header;
  auto list = [&](StringRef name, std::array<uint8_t, 4> &out) {
    auto attr = op->getAttrOfType<DenseI32ArrayAttr>(name);
    if (!attr) return;
    for (size_t i = 0; i < out.size() && i < size_t(attr.size()); ++i) out[i] = uint8_t(attr[i]);
  };
  list("wait", header.wait);
  list("post", header.post);
  return header;
}

template <typename CopyOp, typename Copy>
Copy copy(CopyOp op) {
  Copy i;
  i.seg = segment(op.getDram());
  i.dram = u(address(op.getDram(), op.getDramOffset()));
  i.sp = u(address(op.getSp(), op.getSpOffset()));
  i.n0 = u(op.getN0());
  i.n1 = u(op.getN1());
  i.n2 = u(op.getN2());
  i.d1 = u(op.getD1());
  i.d2 = u(op.getD2());
  i.s1 = u(op.getS1());
  i.s2 = u(op.getS2());
  return i;
}

isa::Instruction load(LoadOp op) {
  auto i = copy<LoadOp, isa::Load>(op);
  i.split = u(op.getSplit());
  i.half = u(op.getHalf());
  return i;
}

isa::Instruction loadFold(LoadFoldOp op) {
  isa::LoadFold i;
  i.seg = segment(op.getDram());
  i.dram = u(address(op.getDram(), op.getDramOffset()));
  i.sp = u(address(op.getSp(), op.getSpOffset()));
  i.n0 = u(op.getN0());
  i.n1 = u(op.getN1());
  i.w = u(op.getW());
  i.d1 = u(op.getD1());
  i.s1 = u(op.getS1());
  i.s2 = u(op.getS2());
  i.c = u(op.getC());
  i.kw = u(op.getKw());
  i.sx = u(op.getSx());
  i.left = u(op.getLeft());
  i.pad = s(op.getPad());
  return i;
}

isa::Instruction geometry(ConvGeoOp op) {
  isa::ConvGeo i;
  i.kh = u(op.getKh());
  i.kw = u(op.getKw());
  i.sy = u(op.getSy());
  i.sx = u(op.getSx());
  i.dy = u(op.getDy());
  i.dx = u(op.getDx());
  i.up = u(op.getUp());
  i.grp = u(op.getGrp());
  i.icb = u(op.getIcb());
  i.in_pitch = u(op.getInPitch());
  i.in_cpitch = u(op.getInCpitch());
  i.out_pitch = u(op.getOutPitch());
  i.out_cpitch = u(op.getOutCpitch());
  i.res_pitch = u(op.getResPitch());
  i.res_cpitch = u(op.getResCpitch());
  i.w_pitch = u(op.getWPitch());
  i.pad = s(op.getPad());
  i.split = u(op.getSplit());
  i.in_half = u(op.getInHalf());
  i.block = u(op.getBlock());
  i.out_split = u(op.getOutSplit());
  i.out_half = u(op.getOutHalf());
  i.out_step = u(op.getOutStep());
  return i;
}

isa::Instruction epilogue(ConvEpiOp op) {
  isa::ConvEpi i;
  i.z1 = s(op.getZ1());
  i.lo1 = s(op.getLo1());
  i.hi1 = s(op.getHi1());
  i.res = u(op.getRes());
  i.zr = s(op.getZr());
  i.a = s(op.getA());
  i.b = s(op.getB());
  i.sh2 = u(op.getSh2());
  i.zo = s(op.getZo());
  i.lo = s(op.getLo());
  i.hi = s(op.getHi());
  i.part_in = u(op.getPartIn());
  i.part_out = u(op.getPartOut());
  i.op = u(op.getOp());
  i.zq = s(op.getZq());
  i.table = u(op.getTable());
  i.res_still = u(op.getResStill());
  return i;
}

isa::Instruction convolution(ConvOp op) {
  isa::Conv i;
  i.in = u(address(op.getIn(), op.getInOffset()));
  i.in_h = u(op.getInH());
  i.in_w = u(op.getInW());
  i.off_y = s(op.getOffY());
  i.off_x = s(op.getOffX());
  i.oh = u(op.getOh());
  i.ow = u(op.getOw());
  i.ocb = u(op.getOcb());
  i.out = u(address(op.getOut(), op.getOutOffset()));
  i.res = u(address(op.getRes(), op.getResOffset()));
  i.part = u(address(op.getPart(), op.getPartOffset()));
  i.wb = u(address(op.getWb(), op.getWbOffset()));
  return i;
}

}  // namespace

int segmentOf(MemoryKind memory) {
  switch (memory) {
    case MemoryKind::Constants: return 1;
    case MemoryKind::Workspace: return 2;
    case MemoryKind::Inputs: return 3;
    case MemoryKind::Outputs: return 4;
    default: return 0;
  }
}

bool isInstruction(Operation *op) {
  return llvm::isa<LoadOp, LoadFoldOp, StoreOp, WloadOp, ConvGeoOp, ConvEpiOp, ConvTableOp, ConvOp, EndOp>(op);
}

isa::Instruction toInstruction(Operation *op) {
  isa::Instruction result =
      llvm::TypeSwitch<Operation *, isa::Instruction>(op)
          .Case([](LoadOp o) { return load(o); })
          .Case([](LoadFoldOp o) { return loadFold(o); })
          .Case([](StoreOp o) { return isa::Instruction(copy<StoreOp, isa::Store>(o)); })
          .Case([](WloadOp o) {
            isa::Wload i;
            i.seg = segment(o.getDram());
            i.dram = u(address(o.getDram(), o.getDramOffset()));
            i.n = u(o.getN());
            i.wb = u(address(o.getWb(), o.getWbOffset()));
            return isa::Instruction(i);
          })
          .Case([](ConvGeoOp o) { return geometry(o); })
          .Case([](ConvEpiOp o) { return epilogue(o); })
          .Case([](ConvTableOp o) {
            isa::ConvTable i;
            i.wb = u(address(o.getWb(), o.getWbOffset()));
            return isa::Instruction(i);
          })
          .Case([](ConvOp o) { return convolution(o); })
          .Default([](Operation *) { return isa::Instruction(isa::End()); });
  if (!llvm::isa<EndOp>(op)) {
    isa::Header header = headerOf(op);
    if (auto layer = op->getAttrOfType<IntegerAttr>("layer")) header.layer = uint16_t(layer.getInt());
    isa::header(result) = header;
  }
  return result;
}

std::string encodeProblem(Operation *op) {
  if (auto layer = op->getAttrOfType<IntegerAttr>("layer"); layer && (layer.getInt() < 0 || layer.getInt() > 65535))
    return "layer " + std::to_string(layer.getInt()) + " is outside of 0 to 65535";
  try {
    isa::encode(toInstruction(op));
  } catch (const std::out_of_range &error) {
    return error.what();
  }
  return "";
}

void setSemaphores(Operation *op, llvm::ArrayRef<int32_t> wait, llvm::ArrayRef<int32_t> post) {
  auto put = [&](StringRef name, llvm::ArrayRef<int32_t> list) {
    if (list.empty())
      op->removeAttr(name);
    else
      op->setAttr(name, DenseI32ArrayAttr::get(op->getContext(), list));
  };
  put("wait", wait);
  put("post", post);
}

std::optional<isa::CoreConfig> coreOf(ProgramOp program, std::string &problem) {
  const std::string core = program.getCore().str();
  try {
    return core.find('{') == std::string::npos ? isa::CoreConfig::builtin(core) : isa::CoreConfig::fromJson(core);
  } catch (const agc::Error &error) {
    problem = error.what();
    return std::nullopt;
  }
}

}  // namespace agc::ovl
