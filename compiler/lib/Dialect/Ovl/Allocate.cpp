//===- Allocate.cpp - give every buffer its address -------------------------===//
// First fit with reuse, in program order: a buffer is placed where its `ovl.buffer` stands and its words are free
// again behind its `ovl.release`. The scheduler used the same free lists in the same order, so its programs fit.
//===----------------------------------------------------------------------===//

#include "agcc/Dialect/Ovl/Instruction.h"
#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "agcc/Schedule/FirstFit.h"

namespace agc::ovl {

#define GEN_PASS_DEF_OVLALLOCATE
#include "agcc/Dialect/Ovl/OvlPasses.h.inc"

namespace {

constexpr int64_t dramAlignment = 8;  // 64 bytes: a weight word, and half a burst

struct AllocatePass : impl::OvlAllocateBase<AllocatePass> {
  void runOnOperation() override {
    std::string problem;
    const auto core = coreOf(getOperation(), problem);
    if (!core) {
      getOperation().emitOpError() << problem;
      return signalPassFailure();
    }
    schedule::FirstFit memories[] = {schedule::FirstFit(core->scratchpadWords()), schedule::FirstFit(core->weightWords),
                                     schedule::FirstFit(-1), schedule::FirstFit(-1), schedule::FirstFit(-1),
                                     schedule::FirstFit(-1)};
    for (mlir::Operation &op : *getOperation().getBody().begin()) {
      if (auto buffer = llvm::dyn_cast<BufferOp>(op)) {
        auto &memory = memories[unsigned(buffer.getMemory())];
        const bool onChip = segmentOf(buffer.getMemory()) == 0;
        const auto address = memory.take(buffer.getWords(), buffer.getHigh(), onChip ? 1 : dramAlignment);
        if (!address) {
          buffer.emitOpError() << "of " << buffer.getWords() << " words finds no room in memory '"
                               << stringifyMemoryKind(buffer.getMemory()) << "', where " << memory.freeWords()
                               << " words are free, not all of them together";
          return signalPassFailure();
        }
        buffer.setAddress(*address);
      } else if (auto release = llvm::dyn_cast<ReleaseOp>(op)) {
        auto buffer = release.getBuffer().getDefiningOp<BufferOp>();
        memories[unsigned(buffer.getMemory())].give(*buffer.getAddress(), buffer.getWords());
      }
    }
  }
};

}  // namespace

}  // namespace agc::ovl
