// Random instruction sequences for the convolution engine, together with what they must do.
#pragma once

#include "conv_machine.h"

#include "agc/isa/core_config.h"

#include <random>
#include <string>
#include <vector>

namespace agc::bench {

class Random {
public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  /// Uniform in lo .. hi.
  int64_t in(int64_t lo, int64_t hi) { return lo + static_cast<int64_t>(engine_() % static_cast<uint64_t>(hi - lo + 1)); }
  uint32_t u(int64_t lo, int64_t hi) { return static_cast<uint32_t>(in(lo, hi)); }
  int32_t s(int64_t lo, int64_t hi) { return static_cast<int32_t>(in(lo, hi)); }
  uint64_t word() { return engine_(); }
  bool chance(int percent) { return in(0, 99) < percent; }

private:
  std::mt19937_64 engine_;
};

struct Item {
  isa::Instruction instruction;
  isa::Word bits{};
  int waitFor = -1;            ///< item that must be complete before this one is offered: stands for a semaphore
  std::vector<Write> writes;   ///< expected, in order
  uint64_t macBeats = 0;
  isa::Fault fault = isa::Fault::None;
};

struct Sequence {
  std::vector<Item> items;
  uint32_t freeStart = 0, freeWords = 0;  ///< scratchpad words that no instruction touches
  bool endsInFault = false;
  std::string text() const;               ///< one instruction a line
};

struct SequenceOptions {
  unsigned groups = 4;            ///< of CONVs with the same set-up
  unsigned convsPerGroup = 4;     ///< at most
  uint64_t beatsPerConv = 1500;   ///< at most, about
  isa::Fault fault = isa::Fault::None;  ///< SpRange, WbRange: the last CONV ends in it
};

/// `machine` holds the scratchpad in front of the sequence, and behind it afterwards; its weight buffer is filled for the sequence.
Sequence randomSequence(const isa::CoreConfig &core, ConvMachine &machine, Random &random, const SequenceOptions &options);

/// Random weights (never -128) and valid parameters for the CONVs of one sequence, which may share words.
class WeightAllocator {
public:
  WeightAllocator(ConvMachine &machine, Random &random);

  /// Claims the words of a CONV: false when a word that it needs as weights already holds parameters or the reverse.
  bool claim(const isa::ConvGeo &geo, const isa::Conv &conv);
  /// The four words of a table keep what they hold, whatever that is.
  void claimTable(uint32_t address);

private:
  enum class Use : uint8_t { Free, Weights, Parameters };
  void drawParameters(size_t address, uint64_t taps);

  ConvMachine &machine_;
  Random &random_;
  std::vector<Use> use_;
};

} // namespace agc::bench
