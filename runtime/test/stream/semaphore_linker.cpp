#include "semaphore_linker.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "agc/isa/info.h"
#include "agc/isa/loops.h"

namespace agc::runtime::test {

namespace {

constexpr size_t kConv = 2;

/// The engine drains before these.
bool drains(const isa::Instruction& instruction) {
  return SemaphoreLinker::engineOf(instruction) == kConv && !std::holds_alternative<isa::Conv>(instruction);
}

/// Puts a number into the first free slot of a list.
void putInto(std::array<uint8_t, 4>& list, uint8_t number) {
  for (uint8_t& slot : list) {
    if (slot == number) throw std::logic_error("a semaphore twice in one list");
    if (slot != 0) continue;
    slot = number;
    return;
  }
  throw std::logic_error("no room in a list of semaphores");
}

}  // namespace

SemaphoreLinker::SemaphoreLinker(const isa::CoreConfig& core, const std::array<uint64_t, 8>& segmentWords, Rng& rng) : core_(core), rng_(rng) {
  std::vector<uint8_t> all(isa::semaphoreCount - 1);
  std::iota(all.begin(), all.end(), uint8_t{1});
  std::shuffle(all.begin(), all.end(), rng_);
  for (size_t i = 0; i < all.size(); ++i) numbers_[i < numbers_.size() ? i : rng_() % numbers_.size()].push_back(all[i]);
  scratchpad_.resize(core.scratchpadWords());
  weights_.resize(core.weightWords);
  for (size_t s = 0; s < dram_.size(); ++s) dram_[s].resize(segmentWords[s]);
}

size_t SemaphoreLinker::engineOf(const isa::Instruction& instruction) {
  switch (isa::engineOf(instruction)) {
    case isa::Engine::Load: return 0;
    case isa::Engine::Wload: return 1;
    case isa::Engine::Conv: return kConv;
    case isa::Engine::Store: return 3;
    default: throw std::logic_error("an instruction without a queue");
  }
}

SemaphoreLinker::Word& SemaphoreLinker::word(const isa::Region& region, uint64_t index) {
  switch (region.memory) {
    case isa::Memory::Scratchpad: return scratchpad_.at(index);
    case isa::Memory::WeightBuffer: return weights_.at(index);
    default: return dram_.at(region.segment).at(index);
  }
}

uint8_t SemaphoreLinker::semaphore(size_t from, size_t to) {
  const std::vector<uint8_t>& numbers = numbers_[from * kEngines + to];
  return numbers[rng_() % numbers.size()];
}

/// `waiting` waits for instruction `position` of engine `from`.
void SemaphoreLinker::edge(size_t from, uint32_t position, isa::Instruction& waiting, size_t to, Clock& start) {
  const auto found = std::lower_bound(placed_[from].begin(), placed_[from].end(), position,
                                      [](const Placed& p, uint32_t value) { return p.position < value; });
  if (found == placed_[from].end() || found->position != position) throw std::logic_error("a wait for an instruction of a loop");
  const uint8_t number = semaphore(from, to);
  putInto(isa::header(code_[found->code]).post, number);
  putInto(isa::header(waiting).wait, number);
  for (size_t e = 0; e < kEngines; ++e) start[e] = std::max(start[e], found->start[e]);
  start[from] = std::max(start[from], position + 1);
}

/// `need[e]`: that many instructions of engine e have to be complete.
void SemaphoreLinker::append(isa::Instruction instruction, Clock need) {
  const size_t engine = engineOf(instruction);
  Clock start = lastStart_[engine];
  if (drains(instruction)) start[engine] = running_[engine];
  std::array<size_t, kEngines> order;
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), rng_);
  for (size_t e : order) {
    if (need[e] <= start[e]) continue;
    // A later one is as good, if less parallel. (The first one that may post is the one behind a loop that needs it.)
    uint32_t position = need[e] - 1;
    const uint32_t last = placed_[e].back().position;
    if (last > position && chance(rng_, 20)) position = last;
    const auto found = std::lower_bound(placed_[e].begin(), placed_[e].end(), position,
                                        [](const Placed& p, uint32_t value) { return p.position < value; });
    edge(e, found->position, instruction, engine, start);
  }
  lastStart_[engine] = start;
  placed_[engine].push_back({static_cast<uint32_t>(code_.size()), running_[engine]++, start});
  code_.push_back(std::move(instruction));
}

void SemaphoreLinker::add(isa::Instruction instruction, const isa::ConvState& state) {
  const size_t engine = engineOf(instruction);
  Clock need{};
  auto after = [&](const Clock& accesses, bool sameEngineToo) {
    for (size_t e = 0; e < kEngines; ++e) {
      if (e != engine || sameEngineToo) need[e] = std::max(need[e], accesses[e]);
    }
  };
  regions_.clear();
  isa::appendRegions(instruction, state, regions_);
  for (const isa::Region& r : regions_) {
    isa::forEachRun(r, [&](uint64_t first, uint64_t words) {
      for (uint64_t w = first; w < first + words; ++w) {
        const Word& before = word(r, w);
        after(before.writes, !r.write && r.path == isa::AccessPath::ConvInput);
        if (!r.write) continue;
        after(before.inputReads, false);
        after(before.otherReads, false);
      }
    });
  }
  const size_t other = rng_() % kEngines;
  if (chance(rng_, 4)) need[other] = std::max(need[other], placed_[other].empty() ? 0 : placed_[other].back().position + 1);
  append(std::move(instruction), need);
  for (const isa::Region& r : regions_) {
    isa::forEachRun(r, [&](uint64_t first, uint64_t words) {
      for (uint64_t w = first; w < first + words; ++w) {
        Word& now = word(r, w);
        (r.write ? now.writes : r.path == isa::AccessPath::ConvInput ? now.inputReads : now.otherReads)[engine] = running_[engine];
      }
    });
  }
}

void SemaphoreLinker::addBehindAll(isa::Instruction instruction, const isa::ConvState& state) {
  regions_.clear();
  isa::appendRegions(instruction, state, regions_);
  if (!regions_.empty() && engineOf(instruction) == kConv) throw std::logic_error("only for instructions without memory or copies of one word");
  Clock need = running_;
  const size_t engine = engineOf(instruction);
  append(std::move(instruction), need);
  for (const isa::Region& r : regions_) {
    isa::forEachRun(r, [&](uint64_t first, uint64_t words) {
      for (uint64_t w = first; w < first + words; ++w) {
        Word& now = word(r, w);
        (r.write ? now.writes : now.otherReads)[engine] = running_[engine];
      }
    });
  }
}

void SemaphoreLinker::addLoop(const isa::Loop& loop, std::vector<isa::Instruction> body, const isa::ConvState& state,
                              const std::array<isa::Instruction, kEngines>& idle) {
  // What each engine touches in all iterations together.
  struct Touched {
    std::vector<bool> inputReads, otherReads, writes;
  };
  const size_t words = scratchpad_.size() + weights_.size() +
                       std::accumulate(dram_.begin(), dram_.end(), size_t{0}, [](size_t sum, const auto& s) { return sum + s.size(); });
  std::array<Touched, kEngines> touched;
  for (Touched& t : touched) t.inputReads.resize(words), t.otherReads.resize(words), t.writes.resize(words);
  auto number = [&](const isa::Region& r) {
    if (r.memory == isa::Memory::Scratchpad) return size_t{0};
    size_t base = scratchpad_.size();
    if (r.memory == isa::Memory::WeightBuffer) return base;
    base += weights_.size();
    for (size_t s = 0; s < r.segment; ++s) base += dram_[s].size();
    return base;
  };
  isa::ConvState running = state;
  for (uint32_t k = 0; k < loop.count; ++k) {
    for (const isa::Instruction& instruction : body) {
      const isa::Instruction stepped = isa::inIteration(loop, k, instruction);
      running.apply(stepped);
      regions_.clear();
      isa::appendRegions(stepped, running, regions_);
      Touched& mine = touched[engineOf(stepped)];
      for (const isa::Region& r : regions_) {
        std::vector<bool>& bits = r.write ? mine.writes : r.path == isa::AccessPath::ConvInput ? mine.inputReads : mine.otherReads;
        const size_t base = number(r);
        isa::forEachRun(r, [&](uint64_t first, uint64_t n) {
          for (uint64_t w = first; w < first + n; ++w) bits.at(base + w) = true;
        });
      }
    }
  }
  auto conflict = [&](size_t a, size_t b) {
    for (size_t w = 0; w < words; ++w) {
      if (a == b ? touched[a].writes[w] && touched[a].inputReads[w]
                 : (touched[a].writes[w] && (touched[b].writes[w] || touched[b].inputReads[w] || touched[b].otherReads[w])) ||
                       (touched[b].writes[w] && (touched[a].inputReads[w] || touched[a].otherReads[w])))
        return true;
    }
    return false;
  };

  std::vector<std::pair<size_t, uint8_t>> primed, drained;  // engine, semaphore
  for (size_t from = 0; from < kEngines; ++from) {
    for (size_t to = 0; to < kEngines; ++to) {
      if (!conflict(from, to)) continue;
      const uint8_t number = semaphore(from, to);
      // Within an iteration: the next one of `to` waits for the last one of `from`. (Of one engine: CONV reads what CONV wrote.)
      int pending = -1, firstFrom = -1, firstTo = -1;
      for (size_t i = 0; i < body.size(); ++i) {
        const size_t engine = engineOf(body[i]);
        const int here = static_cast<int>(i);
        if (engine == to) {
          if (firstTo < 0) firstTo = here;
          if (pending >= 0) {
            putInto(isa::header(body[static_cast<size_t>(pending)]).post, number);
            putInto(isa::header(body[i]).wait, number);
            pending = -1;
          }
        }
        if (engine == from) {
          if (firstFrom < 0) firstFrom = here;
          pending = here;
        }
      }
      // The last one of `from` and the first one of `to` in the next iteration, unless what stands above orders them too. The wait of the
      // first iteration is posted before the loop, the post of the last one is taken behind it.
      if (pending < 0 || firstTo < 0 || firstTo > firstFrom) continue;
      putInto(isa::header(body[static_cast<size_t>(pending)]).post, number);
      putInto(isa::header(body[static_cast<size_t>(firstTo)]).wait, number);
      primed.emplace_back(from, number);
      drained.emplace_back(to, number);
    }
  }
  for (size_t e = 0; e < kEngines; ++e) {
    isa::Instruction before = idle[e];
    for (const auto& [engine, number] : primed) {
      if (engine == e) putInto(isa::header(before).post, number);
    }
    append(before, {});
  }
  code_.push_back(loop);
  for (const isa::Instruction& instruction : body) {
    code_.push_back(instruction);
    running_[engineOf(instruction)] += loop.count;
  }
  for (size_t e = 0; e < kEngines; ++e) {
    isa::Instruction behind = idle[e];
    for (const auto& [engine, number] : drained) {
      if (engine == e) putInto(isa::header(behind).wait, number);
    }
    append(behind, {});
  }
}

}  // namespace agc::runtime::test
