// Verifiers. What an instruction field may hold is the encoder's knowledge; here it is only asked.

#include "agcc/Dialect/Ovl/OvlOps.h"

#include <algorithm>

#include "agc/isa/access.h"
#include "agcc/Dialect/Ovl/Instruction.h"
#include "mlir/IR/OpImplementation.h"

#define GET_OP_CLASSES
#include "agcc/Dialect/Ovl/OvlOps.cpp.inc"

using namespace mlir;

namespace agc::ovl {

namespace {

/// Where loads read from.
constexpr MemoryKind loadable[] = {MemoryKind::Constants, MemoryKind::Workspace, MemoryKind::Inputs};

BufferOp bufferOf(Value value) { return value.getDefiningOp<BufferOp>(); }

LogicalResult checkBuffer(Operation *op, Value value, StringRef operand, llvm::ArrayRef<MemoryKind> allowed, int64_t offset) {
  if (!value) return success();
  BufferOp buffer = bufferOf(value);
  if (!buffer) return op->emitOpError() << "needs an ovl.buffer as " << operand;
  if (!llvm::is_contained(allowed, buffer.getMemory()))
    return op->emitOpError() << "cannot have a buffer in memory '" << stringifyMemoryKind(buffer.getMemory()) << "' as " << operand;
  if (offset < 0 || offset >= buffer.getWords())
    return op->emitOpError() << "starts at word " << offset << " of " << operand << ", which has " << buffer.getWords() << " words";
  return success();
}

LogicalResult checkSemaphores(Operation *op, StringRef name) {
  auto list = op->getAttrOfType<DenseI32ArrayAttr>(name);
  if (!list) return success();
  llvm::ArrayRef<int32_t> numbers = list.asArrayRef();
  if (numbers.size() > 4) return op->emitOpError() << "has " << numbers.size() << " semaphores to " << name << ", four are possible";
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < 1 || numbers[i] >= int32_t(isa::semaphoreCount))
      return op->emitOpError() << "names semaphore " << numbers[i] << " in " << name << "; they are numbered 1 to "
                               << isa::semaphoreCount - 1;
    if (llvm::is_contained(numbers.drop_front(i + 1), numbers[i]))
      return op->emitOpError() << "names semaphore " << numbers[i] << " twice in " << name;
  }
  return success();
}

LogicalResult checkInstruction(Operation *op) {
  if (failed(checkSemaphores(op, "wait")) || failed(checkSemaphores(op, "post"))) return failure();
  const std::string problem = encodeProblem(op);
  if (!problem.empty()) return op->emitOpError() << "cannot be encoded: " << problem;
  return success();
}

/// Words from a copy's first to its last, inclusive of both; its strides are not negative.
int64_t span(int64_t n0, int64_t n1, int64_t n2, int64_t s1, int64_t s2) { return n0 + (n1 - 1) * s1 + (n2 - 1) * s2; }

LogicalResult checkSpan(Operation *op, Value value, StringRef operand, int64_t offset, int64_t words) {
  const int64_t size = bufferOf(value).getWords();
  if (offset + words <= size) return success();
  return op->emitOpError() << "touches words " << offset << " to " << offset + words - 1 << " of " << operand << ", which has "
                           << size << " words";
}

/// `row`: words from the first to the last that a row touches in the scratchpad, inclusive of both.
template <typename CopyOp>
LogicalResult checkCopy(CopyOp op, llvm::ArrayRef<MemoryKind> segments, int64_t row) {
  if (failed(checkBuffer(op, op.getDram(), "dram", segments, op.getDramOffset())) ||
      failed(checkBuffer(op, op.getSp(), "sp", {MemoryKind::Scratchpad}, op.getSpOffset())) || failed(checkInstruction(op)))
    return failure();
  if (failed(checkSpan(op, op.getDram(), "dram", op.getDramOffset(),
                       span(op.getN0(), op.getN1(), op.getN2(), op.getD1(), op.getD2()))))
    return failure();
  return checkSpan(op, op.getSp(), "sp", op.getSpOffset(), span(row, op.getN1(), op.getN2(), op.getS1(), op.getS2()));
}

}  // namespace

LogicalResult ProgramOp::verify() {
  std::string problem;
  if (!coreOf(*this, problem)) return emitOpError() << problem;
  for (Operation &op : *getBody().begin()) {
    if (!isInstruction(&op) && !llvm::isa<BufferOp, ReleaseOp>(op))
      return op.emitOpError() << "cannot be in a program; only buffers and instructions can";
    if (llvm::isa<EndOp>(op) && op.getNextNode()) return op.emitOpError() << "must be the last op of a program";
  }
  return success();
}

LogicalResult BufferOp::verify() {
  if (getWords() < 1) return emitOpError() << "has " << getWords() << " words; at least one is needed";
  if (getAddress() && *getAddress() < 0) return emitOpError() << "has the negative address " << *getAddress();
  const bool border = getMemory() == MemoryKind::Inputs || getMemory() == MemoryKind::Outputs;
  if (border && !getBorder()) return emitOpError() << "in memory '" << stringifyMemoryKind(getMemory()) << "' needs 'border'";
  if (getData()) {
    if (getMemory() != MemoryKind::Constants) return emitOpError() << "has 'data', which only constants can have";
    const auto type = dyn_cast<RankedTensorType>(getData()->getType());
    if (!type || !type.getElementType().isSignlessInteger(8) || type.getNumElements() != getWords() * 8)
      return emitOpError() << "needs 'data' of " << getWords() * 8 << " elements of type i8";
  }
  bool released = false;
  for (Operation *user : getResult().getUsers()) {
    if (!llvm::isa<ReleaseOp>(user)) continue;
    if (released) return emitOpError() << "is released twice";
    released = true;
    for (Operation *other : getResult().getUsers())
      if (other != user && other->getBlock() == user->getBlock() && user->isBeforeInBlock(other))
        return other->emitOpError() << "uses a buffer behind its release";
  }
  return success();
}

LogicalResult LoadOp::verify() {
  int64_t row = getN0();
  if (getSplit()) row = std::max((getN0() + 1) / 2, getN0() > 1 ? getHalf() + getN0() / 2 : 0);
  return checkCopy(*this, loadable, row);
}

LogicalResult LoadFoldOp::verify() {
  if (failed(checkBuffer(*this, getDram(), "dram", loadable, getDramOffset())) ||
      failed(checkBuffer(*this, getSp(), "sp", {MemoryKind::Scratchpad}, getSpOffset())) || failed(checkInstruction(*this)) ||
      failed(checkSpan(*this, getDram(), "dram", getDramOffset(), span(getW(), getN1(), 1, getD1(), 0))))
    return failure();
  const int64_t blocks = (getKw() * getC() + 7) / 8;
  return checkSpan(*this, getSp(), "sp", getSpOffset(), span(getN0(), getN1(), blocks, getS1(), getS2()));
}

LogicalResult StoreOp::verify() { return checkCopy(*this, {MemoryKind::Workspace, MemoryKind::Outputs}, getN0()); }

LogicalResult WloadOp::verify() {
  if (failed(checkBuffer(*this, getDram(), "dram", {MemoryKind::Constants}, getDramOffset())) ||
      failed(checkBuffer(*this, getWb(), "wb", {MemoryKind::Weights}, getWbOffset())) || failed(checkInstruction(*this)) ||
      failed(checkSpan(*this, getDram(), "dram", getDramOffset(), getN() * 8)))
    return failure();
  return checkSpan(*this, getWb(), "wb", getWbOffset(), getN());
}

LogicalResult ConvGeoOp::verify() {
  if (failed(checkInstruction(*this))) return failure();
  if (getUp() && getSx() != 1) return emitOpError() << "reads through upsampling with stride " << getSx() << "; it must be 1";
  return success();
}

LogicalResult ConvEpiOp::verify() { return checkInstruction(*this); }

LogicalResult ConvTableOp::verify() {
  if (failed(checkBuffer(*this, getWb(), "wb", {MemoryKind::Weights}, getWbOffset())) || failed(checkInstruction(*this))) return failure();
  return checkSpan(*this, getWb(), "wb", getWbOffset(), int64_t(isa::tableWords));
}

LogicalResult ConvOp::verify() {
  if (failed(checkBuffer(*this, getIn(), "in", {MemoryKind::Scratchpad}, getInOffset())) ||
      failed(checkBuffer(*this, getWb(), "weights", {MemoryKind::Weights}, getWbOffset())) ||
      failed(checkBuffer(*this, getOut(), "out", {MemoryKind::Scratchpad}, getOutOffset())) ||
      failed(checkBuffer(*this, getRes(), "residual", {MemoryKind::Scratchpad}, getResOffset())) ||
      failed(checkBuffer(*this, getPart(), "partial", {MemoryKind::Scratchpad}, getPartOffset())))
    return failure();
  if (!getOut() && !getPart()) return emitOpError() << "needs an output or partial sums";
  return checkInstruction(*this);
}

}  // namespace agc::ovl
