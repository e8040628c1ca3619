#include "stalls.h"

#include <algorithm>
#include <limits>

#include "agc/isa/access.h"
#include "conv_timing.h"
#include "dma.h"

namespace agc::runtime {

const char* name(StallCause cause) {
  switch (cause) {
    case StallCause::Semaphore: return "waits";
    case StallCause::Starved: return "starved";
    case StallCause::Drain: return "drain";
    case StallCause::Registers: return "registers";
    case StallCause::Reads: return "reads";
    case StallCause::Dram: return "DRAM";
  }
  return "";
}

namespace {

/// Cycles in which a DMA engine at full speed moves the words of an instruction: one word a cycle, for WLOAD one on each of its ports.
uint64_t transferCycles(const isa::Instruction& instruction, const isa::CoreConfig& core) {
  const uint64_t words = (dramBytes(instruction, false) + dramBytes(instruction, true)) / 8;
  if (std::holds_alternative<isa::Wload>(instruction)) return (words + core.axiPorts - 2) / (core.axiPorts - uint64_t{1});
  // Folding writes more words than it reads, or fewer.
  if (auto* fold = std::get_if<isa::LoadFold>(&instruction)) return std::max<uint64_t>(words, uint64_t{isa::foldedBlocks(*fold)} * fold->n1 * fold->n0);
  return words;
}

}  // namespace

Stalls::Stalls(const std::vector<Step>& steps, const std::vector<Span>& spans, const isa::CoreConfig& core) {
  // The n-th wait for a semaphore takes its n-th post, because it has one posting and one waiting engine.
  std::array<std::vector<Post>, 32> posted;
  std::array<size_t, 32> taken{};
  std::array<std::vector<Span>, kEngines> byEngine;
  std::array<std::vector<Work>, kEngines> work;
  std::array<std::vector<Post>, kEngines> latest;
  for (const Span& span : spans) {
    const Step& step = steps[span.index];
    for (uint8_t s = 1; s < posted.size(); ++s) {
      if ((step.postMask >> s & 1) != 0) posted[s].push_back({span.end, step.engine, s});
    }
    byEngine[static_cast<size_t>(step.engine)].push_back(span);
  }
  ConvTiming conv(core.pixels, core.banks);
  isa::ConvGeo geo;
  isa::ConvEpi epi;
  for (size_t e = 0; e < kEngines; ++e) {
    for (const Span& span : byEngine[e]) {
      const Step& step = steps[span.index];
      Post last;
      for (size_t s = 1; s < posted.size(); ++s) {
        if ((step.waitMask >> s & 1) == 0) continue;
        const size_t k = taken[s]++;
        if (k < posted[s].size() && posted[s][k].time > last.time) last = posted[s][k];
      }
      latest[e].push_back(last);
      Work own;
      if (auto* tile = std::get_if<isa::Conv>(&step.instruction)) {
        const ConvTiming::Result timing = conv.convolve(span.start, geo, epi, *tile);
        own.useful = timing.beats;
        own.drain = timing.stall;
      } else if (auto* g = std::get_if<isa::ConvGeo>(&step.instruction)) {
        geo = *g;
        own.registers = true;
      } else if (auto* p = std::get_if<isa::ConvEpi>(&step.instruction)) {
        epi = *p;
        own.registers = true;
      } else if (std::holds_alternative<isa::ConvTable>(step.instruction)) {
        own.registers = true;
      } else {
        own.useful = transferCycles(step.instruction, core);
      }
      useful_[e] += own.useful;
      work[e].push_back(own);
    }
    engine(static_cast<isa::Engine>(e), byEngine[e], work[e], latest[e]);
  }
}

void Stalls::engine(isa::Engine engine, const std::vector<Span>& spans, const std::vector<Work>& work, const std::vector<Post>& posts) {
  uint64_t fill = std::numeric_limits<uint64_t>::max();
  for (size_t i = 0; i < spans.size(); ++i) {
    if (work[i].registers) continue;
    const uint64_t spent = spans[i].end - std::min(spans[i].end, spans[i].start);
    fill = std::min(fill, spent - std::min(spent, work[i].useful));
  }
  uint64_t previousEnd = fill;
  bool first = true, registers = false;
  Post last;
  for (size_t i = 0; i < spans.size(); ++i) {
    if (posts[i].time > last.time) last = posts[i];
    if (work[i].registers) {
      registers = true;
      continue;
    }
    const Span& span = spans[i];
    auto stall = [&](StallCause cause, uint64_t begin, uint64_t end) {
      const bool waits = cause == StallCause::Semaphore;
      add({cause, engine, waits ? last.engine : isa::Engine::Ctrl, waits ? last.semaphore : uint8_t{0}, span.index, begin, end});
    };
    const uint64_t begin = previousEnd - fill, end = std::max(span.end - std::min(span.end, fill), begin);
    const uint64_t lost = end - begin - std::min(end - begin, work[i].useful);
    const uint64_t late = std::min(lost, span.start - std::min(span.start, begin));
    // A late start: first the engine drained for new registers, then a post was missing, then the instruction itself was on its way.
    const uint64_t lateEnd = begin + late;
    const uint64_t drained = registers && !first ? std::clamp(previousEnd, begin, lateEnd) : begin;
    const uint64_t met = std::clamp(last.time, drained, lateEnd);
    stall(StallCause::Registers, begin, drained);
    stall(StallCause::Semaphore, drained, met);
    stall(StallCause::Starved, met, lateEnd);
    // A slow run. Where in it the cycles were lost is not known: they are put at its end.
    const uint64_t slow = lost - late, drain = std::min(slow, work[i].drain);
    if (engine == isa::Engine::Conv) {
      stall(StallCause::Reads, end - slow, end - drain);
      stall(StallCause::Drain, end - drain, end);
    } else {
      stall(StallCause::Dram, end - slow, end);
    }
    previousEnd = std::max(span.end, previousEnd);
    first = registers = false;
    last = {};
  }
}

}  // namespace agc::runtime
