#include "data_check.h"

#include <algorithm>
#include <array>

#include "agc/isa/access.h"
#include "agc/runtime/text.h"
#include "paged_words.h"
#include "weights.h"

namespace agc::runtime {
namespace {

using isa::AccessPath;
using isa::Memory;
using isa::Region;

constexpr int kInputs = 3, kOutputs = 4;

// In these records, instructions are numbered from 1, as they run; 0 means none.
// Remembering only the last reader per path is enough: an engine completes in order, so who waits for the last waits for all.

struct ScratchpadWord {
  uint32_t writer = 0;
  uint32_t inputReader = 0;  ///< CONV input
  uint32_t drainReader = 0;  ///< CONV residual or partial sums
  uint32_t storeReader = 0;
};

struct WeightWord {
  uint32_t writer = 0;
  uint32_t reader = 0;
  uint64_t source = 0;  ///< 8-byte word of the constants
};

class DataCheck {
 public:
  DataCheck(const Program& program, const RunningCode& running, const Order& order, const VerifierLimits& limits, Findings& findings)
      : program_(program), running_(running), order_(order), limits_(limits), findings_(findings), values_(program.file.constants) {
    scratchpad_.resize(program.manifest.coreConfig.scratchpadWords());
    weights_.resize(program.manifest.coreConfig.weightWords);
    for (const SegmentInfo& s : program.manifest.segments) dram_[size_t(s.index)].resize(s.bytes / 8);
    for (const TensorInfo& t : program.manifest.inputs) inputs_.push_back({t.offset / 8, (t.offset + t.bytes) / 8});
    std::sort(inputs_.begin(), inputs_.end());
    for (size_t i = 1; i < inputs_.size();) {  // adjacent tensors may be loaded at once
      if (inputs_[i - 1].second == inputs_[i].first) {
        inputs_[i - 1].second = inputs_[i].second;
        inputs_.erase(inputs_.begin() + ptrdiff_t(i));
      } else {
        ++i;
      }
    }
  }

  void run() {
    uint64_t accesses = 0;
    for (index_ = 0; index_ < running_.size() && !findings_.full(); ++index_) {
      const isa::Instruction instruction = running_.instruction(index_);
      state_.apply(instruction);
      regions_.clear();
      isa::appendRegions(instruction, state_, regions_);
      for (const Region& r : regions_) {
        accesses += std::min(r.words(), limits_.wordAccesses);
        if (accesses > limits_.wordAccesses) {
          findings_.at(index_, "the program touches more than {} words up to here, more than the verifier follows", limits_.wordAccesses);
          return;
        }
        if (r.memory == Memory::Dram && !reserve(r)) return;
      }
      if (const auto* w = std::get_if<isa::Wload>(&instruction)) {
        writeWeights(*w);
        continue;
      }
      const auto* conv = std::get_if<isa::Conv>(&instruction);
      for (const Region& r : regions_) check(r, conv);
      if (const auto* t = std::get_if<isa::ConvTable>(&instruction)) readTable(*t);
    }
    if (!findings_.full()) checkOutputs();
  }

 private:
  uint32_t number() const { return uint32_t(index_) + 1; }

  /// Is `earlier` (numbered from 1) over when the current instruction touches the word? `drain`: both accesses go through the
  /// in-order paths of their engine (everything but a convolution's input reads), which need no semaphore among each other.
  bool ordered(uint32_t earlier, bool drain) const {
    const uint32_t e = earlier - 1, now = uint32_t(index_);
    return (drain && order_.sameEngine(e, now)) || order_.completeBefore(e, now);
  }

  /// Makes room for the DRAM words of a region; false when that is too much.
  bool reserve(const Region& r) {
    if (r.segment != 2 && r.segment != kOutputs) return true;
    uint64_t made = 0;
    bool room = true;
    isa::forEachRun(r, [&](uint64_t start, uint64_t words) {
      if (!room) return;
      for (uint64_t w = start / PagedWords::kPageWords; w <= (start + words - 1) / PagedWords::kPageWords && room; ++w) {
        dram_[r.segment].page(w * PagedWords::kPageWords, r.write);
        made = dram_[2].wordsMade() + dram_[kOutputs].wordsMade();
        room = made <= limits_.dramWords;
      }
    });
    if (!room) findings_.at(index_, "the program touches more than {} words of workspace and outputs, more than the verifier follows", limits_.dramWords);
    return room;
  }

  void check(const Region& r, const isa::Conv* conv) {
    reported_ = false;
    memo_ = {};
    isa::forEachRun(r, [&](uint64_t start, uint64_t words) {
      switch (r.memory) {
        case Memory::Scratchpad:
          if (r.write)
            writeScratchpad(r, start, words, conv);
          else
            readScratchpad(r.path, start, words);
          break;
        case Memory::WeightBuffer: break;  // below, word by word
        case Memory::Dram:
          if (r.write)
            writeDram(r.segment, start, words);
          else
            readDram(r.segment, start, words);
          break;
      }
    });
    if (r.memory == Memory::WeightBuffer && conv) readWeights(*conv);
  }

  template <typename... Args>
  void complain(fmt::format_string<Args...> format, Args&&... args) {
    if (!reported_) findings_.at(index_, format, std::forward<Args>(args)...);
    reported_ = true;  // one sentence per region: the next words have the same story
  }

  void complainRace(const char* doing, const char* memory, uint64_t word, const char* other, uint32_t earlier) {
    complain("{} {} word {} while instruction {} may still {} it; no semaphore orders the two", doing, memory, word, running_.index(earlier - 1), other);
  }

  // Neighbouring words mostly have the same history: each check is skipped when the instruction is the one checked last.

  void readScratchpad(AccessPath path, uint64_t start, uint64_t words) {
    const bool drain = path != AccessPath::ConvInput;
    uint32_t ScratchpadWord::*reader = path == AccessPath::Dma         ? &ScratchpadWord::storeReader
                                       : path == AccessPath::ConvInput ? &ScratchpadWord::inputReader
                                                                       : &ScratchpadWord::drainReader;
    ScratchpadWord* w = &scratchpad_[start];
    for (uint64_t i = 0; i < words; ++i, ++w) {
      w->*reader = number();
      if (w->writer == memo_.writer) continue;
      memo_.writer = w->writer;
      if (w->writer == 0)
        complainUnwritten("scratchpad", start + i);
      else if (!ordered(w->writer, drain))
        complainRace("reads", "scratchpad", start + i, "be writing", w->writer);
    }
  }

  void writeScratchpad(const Region& r, uint64_t start, uint64_t words, const isa::Conv* conv) {
    const bool isOutput = r.path == AccessPath::ConvOutput;
    const bool residual = isOutput && state_.epi->res;
    const bool inPlace = residual && conv->res == conv->out;
    ScratchpadWord* w = &scratchpad_[start];
    for (uint64_t i = 0; i < words; ++i, ++w) {
      const uint32_t before = w->writer;
      w->writer = number();
      if (before != memo_.writer) {
        memo_.writer = before;
        // Which pixel is written last depends on the shape of the pixel blocks, and a residual would read what is written already.
        if (isOutput && before == number())
          complain("the output overlaps itself at scratchpad word {}", start + i);
        else if (before != 0 && before != number() && !ordered(before, true))
          complainRace("writes", "scratchpad", start + i, "be writing", before);
      }
      if (w->inputReader != memo_.input) {
        memo_.input = w->inputReader;
        if (w->inputReader == number())
          complain("its output overlaps its input at scratchpad word {}", start + i);
        else if (w->inputReader != 0 && !ordered(w->inputReader, true))
          complainRace("writes", "scratchpad", start + i, "be reading", w->inputReader);
      }
      if (w->drainReader != memo_.drain) {
        memo_.drain = w->drainReader;
        if (w->drainReader == number()) {
          if (isOutput && !(inPlace && !state_.epi->part_in)) complainOwnRead(start + i, conv, inPlace);
          if (state_.epi->part_in) memo_.drain = kNoMemo;  // the next word may be one of the other operand
        } else if (w->drainReader != 0 && !ordered(w->drainReader, true)) {
          complainRace("writes", "scratchpad", start + i, "be reading", w->drainReader);
        }
      }
      if (w->storeReader != memo_.store) {
        memo_.store = w->storeReader;
        if (w->storeReader != 0 && !ordered(w->storeReader, true)) complainRace("writes", "scratchpad", start + i, "be reading", w->storeReader);
      }
    }
  }

  /// The output meets a word that this CONV reads through the drain. That is right only for a residual in place.
  void complainOwnRead(uint64_t word, const isa::Conv* conv, bool inPlace) {
    const uint64_t partEnd = conv->part + uint64_t{4} * conv->ocb * conv->oh * conv->ow;
    const bool partial = state_.epi->part_in && word >= conv->part && word < partEnd;
    if (partial)
      complain("its output overlaps its partial sums at scratchpad word {}", word);
    else if (!inPlace)
      complain("its output overlaps its residual operand at scratchpad word {} without lying exactly on it", word);
  }

  void writeWeights(const isa::Wload& load) {
    reported_ = false;
    memo_ = {};
    for (uint64_t k = 0; k < load.n; ++k) {
      WeightWord& w = weights_[load.wb + k];
      w.source = load.dram + 8 * k;
      w.writer = number();
      if (w.reader == memo_.input) continue;
      memo_.input = w.reader;
      if (w.reader != 0 && !ordered(w.reader, true)) complainRace("writes", "weight-buffer", load.wb + k, "be reading", w.reader);
    }
  }

  const WeightWord& readWeightWord(uint64_t word) {
    WeightWord& w = weights_[word];
    w.reader = number();
    if (w.writer != memo_.writer) {
      memo_.writer = w.writer;
      if (w.writer == 0)
        complainUnwritten("weight-buffer", word);
      else if (!ordered(w.writer, true))
        complainRace("reads", "weight-buffer", word, "be writing", w.writer);
    }
    return w;
  }

  void readTable(const isa::ConvTable& table) {
    for (uint64_t k = 0; k < isa::tableWords; ++k) readWeightWord(table.wb + k);
  }

  void readWeights(const isa::Conv& conv) {
    const uint64_t taps = uint64_t{state_.geo->icb} * state_.geo->kh * state_.geo->kw;
    for (uint64_t j = 0; j < conv.ocb; ++j) {
      const uint64_t block = conv.wb + j * state_.geo->w_pitch;
      for (uint64_t k = 0; k <= taps; ++k) {
        const WeightWord& w = readWeightWord(block + k);
        if (w.writer == 0) continue;
        if (k > 0 && !values_.isWeight(w.source))
          complain("weight-buffer word {} (word {} of the constants) holds a weight of -128", block + k, w.source);
        // Partial sums leave without bias and scale: the parameter word is not looked at.
        if (k == 0 && !state_.epi->part_out && !values_.isParameter(w.source))
          complain("weight-buffer word {} (word {} of the constants) is not a parameter word: a multiplier is negative or a reserved bit set",
                   block, w.source);
      }
    }
  }

  void readDram(int segment, uint64_t start, uint64_t words) {
    if (segment == kInputs) {
      const auto next = std::upper_bound(inputs_.begin(), inputs_.end(), start, [](uint64_t s, auto& range) { return s < range.first; });
      if (next == inputs_.begin() || std::prev(next)->second < start + words)
        complain("reads words {} to {} of segment {}, which no input tensor fills", start, start + words - 1, segment);
      return;
    }
    if (segment < 2) return;
    forEachDramWord(segment, start, words, [&](uint64_t word, DramWord* w) {
      if (!w) return complainUnwritten(segment == kOutputs ? "outputs" : "workspace", word);
      w->reader = number();
      if (w->writer == memo_.writer) return;
      memo_.writer = w->writer;
      if (w->writer == 0)
        complainUnwritten(segment == kOutputs ? "outputs" : "workspace", word);
      else if (!ordered(w->writer, true))
        complainRace("reads", segment == kOutputs ? "outputs" : "workspace", word, "be writing", w->writer);
    });
  }

  void writeDram(int segment, uint64_t start, uint64_t words) {
    forEachDramWord(segment, start, words, [&](uint64_t word, DramWord* w) {
      w->writer = number();
      if (w->reader == memo_.input) return;
      memo_.input = w->reader;
      if (w->reader != 0 && !ordered(w->reader, true))
        complainRace("writes", segment == kOutputs ? "outputs" : "workspace", word, "be reading", w->reader);
    });
  }

  template <typename F>
  void forEachDramWord(int segment, uint64_t start, uint64_t words, F&& f) {
    for (uint64_t word = start; word < start + words;) {
      DramWord* page = dram_[size_t(segment)].page(word, false);
      const uint64_t offset = word % PagedWords::kPageWords;
      const uint64_t end = std::min(start + words, word - offset + PagedWords::kPageWords);
      if (!page) f(word, nullptr);
      for (uint64_t k = offset; page && word + (k - offset) < end; ++k) f(word + (k - offset), page + k);
      word = end;
    }
  }

  void complainUnwritten(const char* memory, uint64_t word) { complain("reads {} word {}, which nobody wrote", memory, word); }

  void checkOutputs() {
    for (const TensorInfo& t : program_.manifest.outputs) {
      bool missing = false;
      forEachDramWord(t.segment, t.offset / 8, t.bytes / 8, [&](uint64_t word, DramWord* w) {
        if (missing || (w && w->writer)) return;
        missing = true;
        findings_.program("output {} is never written at word {} of segment {}", inQuotes(t.name), word, t.segment);
      });
    }
  }

  static constexpr uint32_t kNoMemo = ~0u;
  struct Memo {
    uint32_t writer = kNoMemo, input = kNoMemo, drain = kNoMemo, store = kNoMemo;
  };

  const Program& program_;
  const RunningCode& running_;
  const Order& order_;
  const VerifierLimits& limits_;
  Findings& findings_;
  WeightValues values_;
  std::vector<ScratchpadWord> scratchpad_;
  std::vector<WeightWord> weights_;
  std::array<PagedWords, 8> dram_;
  std::vector<std::pair<uint64_t, uint64_t>> inputs_;  ///< [first, end) words of segment 3, sorted, apart
  isa::ConvState state_;
  std::vector<Region> regions_;
  size_t index_ = 0;
  Memo memo_;
  bool reported_ = false;
};

}  // namespace

void checkData(const Program& program, const RunningCode& running, const Order& order, const VerifierLimits& limits, Findings& findings) {
  DataCheck(program, running, order, limits, findings).run();
}

}  // namespace agc::runtime
