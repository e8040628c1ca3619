//===- InsertSemaphores.cpp - order the engines -----------------------------===//
// Program order is a valid execution, so an instruction must wait for exactly those earlier ones of other engines whose
// words it touches (read after write, write after read, write after write). A shadow word remembers its last writer and its
// last reader on each engine; what is older is ordered behind those already.
//
// Vector clocks drop what follows from the rest: an engine that has waited for instruction s of another one knows of all
// that s knew. What remains for a pair of engines is strictly increasing on both sides, so the k-th wait belongs to the k-th
// post and one counter serves the pair.
//
// CONV needs one semaphore more, to itself: input reads run ahead of the drain of the CONV before. Behind a CONV_GEO,
// CONV_EPI or CONV_TABLE, which drain the engine, there is none needed.
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <array>
#include <vector>

#include "agc/isa/access.h"
#include "agcc/Dialect/Ovl/Instruction.h"
#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "llvm/ADT/STLExtras.h"

namespace agc::ovl {

#define GEN_PASS_DEF_OVLINSERTSEMAPHORES
#include "agcc/Dialect/Ovl/OvlPasses.h.inc"

namespace {

// LOAD, WLOAD, CONV, STORE as 0 to 3.
constexpr int engines = 4;
constexpr int convEngine = 2;
constexpr uint64_t dramGrain = 16;  // words of DRAM that share a shadow word: ordering too much is never wrong

int engineIndex(isa::Engine engine) { return int(engine) - int(isa::Engine::Load); }

/// Number of an instruction on its engine, from 1; 0 is none.
using Sequence = uint32_t;
using Clock = std::array<Sequence, engines>;

struct ShadowWord {
  uint8_t writer = 0;        // engine
  Sequence written = 0;
  Clock read{};              // last read on each engine since it was written
};

struct Node {
  mlir::Operation *op = nullptr;
  size_t index = 0;  // in the program
  Clock known{};     // what is complete when this instruction starts
  llvm::SmallVector<int32_t, 4> wait, post;
};

using Edge = std::pair<size_t, size_t>;  // indices of the posting and the waiting instruction

class Ordering {
 public:
  Ordering(const isa::CoreConfig &core) : core_(core), scratchpad_(core.scratchpadWords()), weights_(core.weightWords) {}

  /// An empty text, or why the program cannot be ordered.
  std::string add(mlir::Operation *op) {
    const isa::Instruction instruction = toInstruction(op);
    const isa::Engine engineName = isa::engineOf(instruction);
    if (engineName == isa::Engine::Ctrl) return "";
    const int engine = engineIndex(engineName);
    auto &list = nodes_[engine];
    Node node;
    node.op = op;
    node.index = count_++;
    const Sequence self = Sequence(list.size()) + 1;
    if (!list.empty()) node.known = list.back().known;
    const bool convolution = std::holds_alternative<isa::Conv>(instruction);
    // DMA engines and the registers of the convolution: what came before on the engine is complete. A CONV knows of the
    // writes before it only as far as a drain or a semaphore says so.
    if (!convolution) node.known[engine] = self - 1;

    Clock need{};
    state_.apply(instruction);
    regions_.clear();
    if (convolution && (!state_.geo || !state_.epi)) return "a CONV has no CONV_GEO and CONV_EPI before it";
    isa::appendRegions(instruction, state_, regions_);
    for (const isa::Region &region : regions_) {
      auto *shadow = shadowOf(region);
      if (!shadow) continue;
      const bool dram = region.memory == isa::Memory::Dram;
      const uint64_t grain = dram ? dramGrain : 1;
      if (dram) {
        if (shadow->size() < region.end() / grain + 1) shadow->resize(region.end() / grain + 1);
      } else if (region.end() > shadow->size()) {
        return "words beyond the end of the memory are touched";
      }
      const bool inputRead = region.path == isa::AccessPath::ConvInput;
      isa::forEachRun(region, [&](uint64_t first, uint64_t words) {
        for (uint64_t w = first / grain; w <= (first + words - 1) / grain; ++w) {
          ShadowWord &word = (*shadow)[w];
          if (word.writer != engine || inputRead) need[word.writer] = std::max(need[word.writer], word.written);
          if (region.write) {
            for (int e = 0; e < engines; ++e)
              if (e != engine) need[e] = std::max(need[e], word.read[e]);
          }
        }
      });
    }
    // Marks come after the questions: an instruction does not wait for itself.
    for (const isa::Region &region : regions_) {
      auto *shadow = shadowOf(region);
      if (!shadow) continue;
      const uint64_t grain = region.memory == isa::Memory::Dram ? dramGrain : 1;
      isa::forEachRun(region, [&](uint64_t first, uint64_t words) {
        for (uint64_t w = first / grain; w <= (first + words - 1) / grain; ++w) {
          ShadowWord &word = (*shadow)[w];
          if (region.write) {
            // A shadow word of several DRAM words keeps its readers: the write may have touched others.
            if (grain == 1) word.read = {};
            word.writer = uint8_t(engine);
            word.written = self;
          } else {
            word.read[engine] = self;
          }
        }
      });
    }
    order(engine, node, need);
    list.push_back(std::move(node));
    return "";
  }

  std::string finish() {
    for (auto &list : nodes_)
      for (Node &node : list) {
        llvm::sort(node.post);
        setSemaphores(node.op, node.wait, node.post);
      }
    // A producer can run ahead of what program order shows by what waits in the consumer's queue.
    for (int from = 0; from < engines; ++from)
      for (int to = 0; to < engines; ++to)
        if (highestCount(edges_[from][to]) + int64_t(core_.queueDepth) + 2 > int64_t(isa::semaphoreMax))
          return "a semaphore could count beyond " + std::to_string(isa::semaphoreMax);
    return "";
  }

 private:
  std::vector<ShadowWord> *shadowOf(const isa::Region &region) {
    switch (region.memory) {
      case isa::Memory::Scratchpad: return &scratchpad_;
      case isa::Memory::WeightBuffer: return &weights_;
      // Constants and inputs are only read, outputs only written, each by one engine.
      case isa::Memory::Dram: return region.segment == uint8_t(segmentOf(MemoryKind::Workspace)) ? &workspace_ : nullptr;
    }
    return nullptr;
  }

  /// What is complete once instruction `s` of engine `e` is.
  Clock after(int e, Sequence s) const {
    Clock clock = nodes_[e][s - 1].known;
    clock[e] = std::max(clock[e], s);
    return clock;
  }

  static Clock merged(Clock a, const Clock &b) {
    for (int e = 0; e < engines; ++e) a[e] = std::max(a[e], b[e]);
    return a;
  }

  /// Semaphore of an ordered pair of engines.
  static int32_t numberOf(int from, int to) { return 1 + from * engines + to; }

  void order(int engine, Node &node, const Clock &need) {
    Clock known = node.known;
    for (int e = 0; e < engines; ++e) {
      if (need[e] <= node.known[e]) continue;
      known = merged(known, after(e, need[e]));
      bool covered = false;
      for (int other = 0; other < engines && !covered; ++other)
        covered = other != e && need[other] > node.known[other] && after(other, need[other])[e] >= need[e];
      if (covered) continue;
      node.wait.push_back(numberOf(e, engine));
      Node &producer = nodes_[e][need[e] - 1];
      producer.post.push_back(numberOf(e, engine));
      edges_[e][engine].push_back({producer.index, node.index});
    }
    node.known = known;
  }

  /// The most posts of a pair that have no wait yet, anywhere in program order.
  static int64_t highestCount(const std::vector<Edge> &edges) {
    int64_t highest = 0;
    size_t waited = 0;
    for (size_t posted = 0; posted < edges.size(); ++posted) {
      while (edges[waited].second < edges[posted].first) ++waited;
      highest = std::max(highest, int64_t(posted - waited) + 1);
    }
    return highest;
  }

  const isa::CoreConfig &core_;
  std::vector<ShadowWord> scratchpad_, weights_, workspace_;
  std::array<std::vector<Node>, engines> nodes_;
  std::vector<Edge> edges_[engines][engines];
  size_t count_ = 0;
  isa::ConvState state_;
  std::vector<isa::Region> regions_;
};

struct InsertSemaphoresPass : impl::OvlInsertSemaphoresBase<InsertSemaphoresPass> {
  void runOnOperation() override {
    std::string problem;
    const auto core = coreOf(getOperation(), problem);
    if (!core) {
      getOperation().emitOpError() << problem;
      return signalPassFailure();
    }
    mlir::Block &body = *getOperation().getBody().begin();
    for (auto buffer : body.getOps<BufferOp>()) {
      if (buffer.getAddress()) continue;
      buffer.emitOpError() << "has no address; run ovl-allocate first";
      return signalPassFailure();
    }
    Ordering ordering(*core);
    for (mlir::Operation &op : body) {
      if (!isInstruction(&op)) continue;
      problem = ordering.add(&op);
      if (problem.empty()) continue;
      op.emitOpError() << problem;
      return signalPassFailure();
    }
    problem = ordering.finish();
    if (problem.empty()) return;
    getOperation().emitOpError() << problem;
    signalPassFailure();
  }
};

}  // namespace

}  // namespace agc::ovl
