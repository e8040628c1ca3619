#include "order.h"

#include <algorithm>

namespace agc::runtime {
namespace {

constexpr int kMaxCount = 255;
constexpr int kNobody = -1;

size_t clockOf(isa::Engine engine) {
  switch (engine) {
    case isa::Engine::Load: return 0;
    case isa::Engine::Wload: return 1;
    case isa::Engine::Conv: return 2;
    default: return 3;
  }
}

const char* const kClockNames[] = {"LOAD", "WLOAD", "CONV", "STORE"};

struct Semaphore {
  int poster = kNobody, waiter = kNobody;  ///< engines
  std::vector<uint32_t> posts, waits;      ///< instructions, in order
  size_t over = 0;                         ///< leading waits known to be over at the latest post; never falls, as clocks grow
};

/// Names twice in one list are refused: the hardware would count them once.
bool hasDuplicate(const std::array<uint8_t, 4>& list) {
  for (size_t i = 0; i < list.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (list[i] != 0 && list[i] == list[k]) return true;
  return false;
}

}  // namespace

void Order::build(const Program& program, const RunningCode& running, Findings& findings) {
  const size_t count = running.size();
  places_.assign(count, {});
  clocks_.assign(count, Clock{});
  std::array<Semaphore, 32> semaphores;
  std::array<Clock, kClocks> lastStart{};
  std::array<uint32_t, kClocks> positions{};

  // In program order a wait may stay behind a post by as many instructions as the queue of its engine holds, no more.
  const size_t slack = program.manifest.coreConfig.queueDepth + 2;

  for (uint32_t i = 0; i < count && !findings.full(); ++i) {
    const isa::Instruction instruction = running.instruction(i);
    if (std::holds_alternative<isa::Loop>(instruction)) continue;
    if (std::holds_alternative<isa::End>(instruction)) {
      clocks_[i] = positions;
      continue;
    }
    const isa::Header& header = isa::header(instruction);
    const size_t engine = clockOf(isa::engineOf(instruction));
    const uint32_t position = positions[engine]++;
    places_[i] = {uint8_t(engine), position};
    if (hasDuplicate(header.wait)) findings.at(i, "a semaphore is named twice among the waits");
    if (hasDuplicate(header.post)) findings.at(i, "a semaphore is named twice among the posts");

    Clock& start = clocks_[i];
    start = lastStart[engine];
    for (uint8_t s : header.wait) {
      if (s == 0) continue;
      Semaphore& sem = semaphores[s];
      if (sem.waiter == kNobody) sem.waiter = int(engine);
      if (sem.waiter != int(engine))
        findings.at(i, "{} waits for semaphore {}, for which {} waits too; it needs one waiting engine", kClockNames[engine], s, kClockNames[sem.waiter]);
      if (sem.waits.size() >= sem.posts.size()) {
        findings.at(i, "waits for semaphore {}, which nothing before it has posted (a deadlock)", s);
        continue;
      }
      const uint32_t poster = sem.posts[sem.waits.size()];
      sem.waits.push_back(i);
      const Place& p = places_[poster];
      for (size_t e = 0; e < kClocks; ++e) start[e] = std::max(start[e], clocks_[poster][e]);
      start[p.engine] = std::max(start[p.engine], p.position + 1);
    }
    if (isa::engineOf(instruction) == isa::Engine::Conv && !std::holds_alternative<isa::Conv>(instruction)) start[engine] = position;
    lastStart[engine] = start;

    for (uint8_t s : header.post) {
      if (s == 0) continue;
      Semaphore& sem = semaphores[s];
      if (sem.poster == kNobody) sem.poster = int(engine);
      if (sem.poster != int(engine))
        findings.at(i, "{} posts semaphore {}, which {} posts too; it needs one posting engine", kClockNames[engine], s, kClockNames[sem.poster]);
      sem.posts.push_back(i);

      // How high the counter may really get: bounded by the queue, and by the waits known to be over.
      const size_t inOrder = sem.posts.size() - sem.waits.size();
      size_t highest = inOrder + slack;
      if (highest > kMaxCount) {
        while (sem.over < sem.waits.size() && (places_[sem.waits[sem.over]].engine == engine || completeBefore(sem.waits[sem.over], i)))
          ++sem.over;
        highest = std::max(inOrder, std::min(highest, sem.posts.size() - sem.over));
      }
      if (highest > kMaxCount) findings.at(i, "semaphore {} may count {} here; {} is the most", s, highest, kMaxCount);
    }
  }
  if (!findings.empty()) return;
  for (size_t s = 1; s < semaphores.size(); ++s)
    if (const size_t left = semaphores[s].posts.size() - semaphores[s].waits.size())
      findings.program("semaphore {} is left at {} at the end of the program; it has to be back at 0", s, left);
}

}  // namespace agc::runtime
