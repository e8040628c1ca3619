// Random small programs: the verifier against a checker that knows nothing of vector clocks or shadow memories. It writes down
// the order of starts and ends as a graph and asks for every pair of instructions whether what they share is ordered.
#include "agc/runtime/verifier.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "agc/isa/access.h"
#include "agc/isa/info.h"
#include "program_builder.h"

namespace agc::runtime {
namespace {

using namespace test;

struct Word {
  isa::Memory memory;
  int segment;
  uint64_t word;
  bool operator<(const Word& o) const { return std::tie(memory, segment, word) < std::tie(o.memory, o.segment, o.word); }
};

struct Accesses {
  std::set<Word> inputReads, otherReads, writes;
};

std::vector<Accesses> accessesOf(const std::vector<isa::Instruction>& code) {
  std::vector<Accesses> all(code.size());
  isa::ConvState state;
  for (size_t i = 0; i < code.size(); ++i) {
    state.apply(code[i]);
    std::vector<isa::Region> regions;
    isa::appendRegions(code[i], state, regions);
    for (const isa::Region& r : regions)
      isa::forEachRun(r, [&](uint64_t start, uint64_t words) {
        auto& set = r.write ? all[i].writes : r.path == isa::AccessPath::ConvInput ? all[i].inputReads : all[i].otherReads;
        for (uint64_t w = start; w < start + words; ++w) set.insert({r.memory, r.segment, w});
      });
  }
  return all;
}

/// Nodes: 2*i start, 2*i+1 end of instruction i.
class Graph {
 public:
  explicit Graph(const std::vector<isa::Instruction>& code) : reach_(2 * code.size(), std::vector<bool>(2 * code.size())) {
    std::map<isa::Engine, size_t> last;
    std::map<uint8_t, std::vector<size_t>> posts;
    std::map<uint8_t, size_t> waits;
    for (size_t i = 0; i < code.size(); ++i) {
      edge(2 * i, 2 * i + 1);
      const isa::Engine engine = isa::engineOf(code[i]);
      if (last.count(engine)) {
        edge(2 * last[engine], 2 * i);
        edge(2 * last[engine] + 1, 2 * i + 1);
        if (std::holds_alternative<isa::ConvGeo>(code[i]) || std::holds_alternative<isa::ConvEpi>(code[i])) edge(2 * last[engine] + 1, 2 * i);
      }
      last[engine] = i;
      for (uint8_t s : isa::header(code[i]).wait)
        if (s) edge(2 * posts[s].at(waits[s]++) + 1, 2 * i);
      for (uint8_t s : isa::header(code[i]).post)
        if (s) posts[s].push_back(i);
    }
    const size_t n = reach_.size();
    for (size_t k = 0; k < n; ++k)
      for (size_t a = 0; a < n; ++a)
        if (reach_[a][k])
          for (size_t b = 0; b < n; ++b)
            if (reach_[k][b]) reach_[a][b] = true;
  }
  bool endsBeforeStart(size_t a, size_t b) const { return reach_[2 * a + 1][2 * b]; }

 private:
  void edge(size_t a, size_t b) { reach_[a][b] = true; }
  std::vector<std::vector<bool>> reach_;
};

bool meet(const std::set<Word>& a, const std::set<Word>& b) {
  for (const Word& w : a)
    if (b.count(w)) return true;
  return false;
}

bool isGood(const std::vector<isa::Instruction>& code, bool* race) {
  const auto accesses = accessesOf(code);
  const Graph graph(code);
  bool good = true;
  std::set<Word> written;
  for (size_t b = 0; b < code.size(); ++b) {
    for (const auto* reads : {&accesses[b].inputReads, &accesses[b].otherReads})
      for (const Word& w : *reads)
        if (!written.count(w) && !(w.memory == isa::Memory::Dram && w.segment != 2)) good = false;
    written.insert(accesses[b].writes.begin(), accesses[b].writes.end());
    if (meet(accesses[b].inputReads, accesses[b].writes)) good = false;
    for (size_t a = 0; a < b; ++a) {
      if (graph.endsBeforeStart(a, b)) continue;
      const bool sameEngine = isa::engineOf(code[a]) == isa::engineOf(code[b]);
      const bool writeWrite = meet(accesses[a].writes, accesses[b].writes);
      const bool writeRead = meet(accesses[a].writes, accesses[b].otherReads), writeInput = meet(accesses[a].writes, accesses[b].inputReads);
      const bool readWrite = meet(accesses[a].otherReads, accesses[b].writes) || meet(accesses[a].inputReads, accesses[b].writes);
      if (writeInput || (!sameEngine && (writeWrite || writeRead || readWrite))) *race = true;
    }
  }
  return good && !*race;
}

class RandomProgram {
 public:
  explicit RandomProgram(uint32_t seed) : random_(seed) {
    builder_.input("x", {1, 8, 1, 24});
    builder_.workspace(24);
    for (int i = 0; i < 16; ++i) builder_.weights(std::vector<int8_t>(64, 0));  // zeros are good weights and good parameters
  }

  ProgramBuilder make() {
    isa::ConvGeo geo;
    geo.in_pitch = geo.out_pitch = geo.res_pitch = 4;
    geo.kw = pick(1, 2);
    geo.w_pitch = 3;
    add(geo);
    isa::ConvEpi epi;
    epi.lo1 = epi.lo = -128, epi.hi1 = epi.hi = 127;
    epi.res = pick(0, 1);
    add(epi);
    // Everything has been written once, in order, so that most programs are about ordering.
    add(load(kInputs, 0, 0, 24)), order();
    add(wload(0, 0, 12)), order();
    add(store(kWorkspace, 0, 0, 24)), order();
    for (uint32_t n = pick(2, 10); n > 0; --n) {
      switch (pick(0, 6)) {
        case 0: add(load(pick(0, 1) ? kInputs : kWorkspace, pick(0, 12), pick(0, 20), pick(1, 8))); break;
        case 1: add(wload(8 * pick(0, 1), pick(0, 9), 1)); break;
        case 2: add(store(kWorkspace, pick(0, 12), pick(0, 20), pick(1, 8))); break;
        case 3: add(pick(0, 1) ? isa::Instruction(geo) : isa::Instruction(epi)); break;
        default: {
          isa::Conv c;
          c.in = pick(0, 16), c.out = pick(0, 16), c.res = pick(0, 1) ? c.out : pick(0, 16);
          c.in_h = c.oh = pick(1, 2), c.in_w = c.ow = pick(1, 4);
          c.wb = 0;
          add(c);
        }
      }
      if (pick(0, 2)) order();
    }
    link();
    builder_.end();
    return builder_;
  }

 private:
  uint32_t pick(uint32_t low, uint32_t high) { return std::uniform_int_distribution<uint32_t>(low, high)(random_); }
  void add(const isa::Instruction& i) { builder_.add(i); }
  /// The next instruction waits for all engines that were used so far.
  void order() { ordered_.insert(builder_.code.size()); }

  /// Turns the wishes into semaphores: one per pair of engines, posted by the poster's last instruction if it is free.
  void link() {
    for (size_t b : ordered_) {
      if (b >= builder_.code.size()) continue;
      for (uint32_t e = 1; e <= 4; ++e) {
        for (size_t a = b; a-- > 0;)
          if (uint32_t(isa::engineOf(builder_.code[a])) == e) {
            join(a, b, uint8_t(1 + 4 * (e - 1) + uint32_t(isa::engineOf(builder_.code[b])) - 1));
            break;
          }
      }
    }
  }
  void join(size_t a, size_t b, uint8_t semaphore) {
    auto& posts = isa::header(builder_.code[a]).post;
    auto& waits = isa::header(builder_.code[b]).wait;
    for (uint8_t p : posts)
      if (p == semaphore) return;
    for (uint8_t& p : posts)
      if (!p)
        for (uint8_t& w : waits)
          if (!w) {
            p = w = semaphore;
            return;
          }
  }

  std::mt19937 random_;
  ProgramBuilder builder_;
  std::set<size_t> ordered_;
};

TEST(VerifierRandom, AgreesWithACheckerOfAllPairs) {
  int good = 0, races = 0;
  for (uint32_t seed = 0; seed < 2500; ++seed) {
    const ProgramBuilder b = RandomProgram(seed).make();
    bool race = false;
    // Partial overlaps of residual and output are a rule of their own, tested in verifier_test.cpp.
    const auto findings = verify(b.program());
    bool residualRule = false;
    for (const std::string& f : findings) residualRule |= f.find("residual") != std::string::npos || f.find("overlaps itself") != std::string::npos;
    if (residualRule) continue;
    const bool expected = isGood(b.code, &race);
    std::string text;
    for (const auto& i : b.code) text += isa::print(i) + "\n";
    ASSERT_EQ(findings.empty(), expected) << "seed " << seed << "\n" << text << (findings.empty() ? "" : findings[0]);
    good += expected;
    races += race;
  }
  // The sample has to hold enough of both to mean something.
  EXPECT_GT(good, 200);
  EXPECT_GT(races, 200);
}

TEST(VerifierRandom, NoInstructionCrashesIt) {
  std::mt19937 random(7);
  auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  VerifierLimits limits;
  limits.wordAccesses = 1 << 16;
  int reached = 0;
  for (int n = 0; n < 4000; ++n) {
    ProgramBuilder b = convProgram();
    b.workspace(64);
    for (int64_t edits = pick(1, 6); edits > 0; --edits) {
      isa::Instruction& i = b.code[size_t(pick(0, 5))];
      const auto fields = isa::infoOf(i).fields;
      const size_t f = size_t(pick(0, int64_t(fields.size()) - 1));
      const int64_t low = fields[f].min, high = fields[f].max;
      switch (pick(0, 3)) {
        case 0: isa::setField(i, f, pick(low, high)); break;
        case 1: isa::setField(i, f, pick(0, 1) ? low : high); break;
        default: isa::setField(i, f, std::min(high, std::max(low, isa::getField(i, f) + pick(-3, 3)))); break;
      }
      if (pick(0, 3) == 0) isa::header(i).wait[size_t(pick(0, 3))] = uint8_t(pick(0, 4));
      if (pick(0, 3) == 0) isa::header(i).post[size_t(pick(0, 3))] = uint8_t(pick(0, 4));
    }
    const auto findings = verify(b.program(), limits);
    reached += findings.empty();
    for (const std::string& f : findings) ASSERT_FALSE(f.empty());
  }
  EXPECT_GT(reached, 50);  // not everything is refused at the door
}

}  // namespace
}  // namespace agc::runtime
