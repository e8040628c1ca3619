// Cycles of one instruction when nothing waits: docs/machine.md, section Convolution, and the DMA ports.
#pragma once

#include <cstdint>

#include "agcc/Schedule/Graph.h"

namespace agc::schedule {

struct ConvShape {
  int64_t oh = 1, ow = 1, ocb = 1, icb = 1, taps = 1, strideX = 1;
  bool up = false;
  bool split = false;    ///< input columns lie apart by parity
  bool pairs = false;    ///< pixel blocks of two rows
  bool partial = false;  ///< with part_in or part_out
};

/// Reading beats (or drain time, where that is longer) of a CONV.
int64_t convCycles(const ConvShape &shape, const Machine &machine);

/// Beats of a strided copy plus what its rows cost: a burst ends with its row.
int64_t copyCycles(int64_t rowWords, int64_t rows, const Machine &machine);

/// Cycles in which `words` weight words of 64 bytes arrive: all ports but port 0 bring 8 bytes a cycle each, as far as the memory goes.
int64_t weightCycles(int64_t words, const Machine &machine);

/// All ports together, bytes a cycle: memory ddr3-z7020.
inline constexpr int64_t memoryBytes = 25;

inline constexpr double cyclesPerByte = 0.02;   ///< what a byte of traffic counts even where the ports have room

/// What the instructions of a layer or group count, so that programs stay small: `tilesY` x `tilesX` tiles of `steps` CONVs each, which take
/// `conv` cycles together. Loops are foreseen.
double programCost(double conv, int64_t steps, int64_t tilesY, int64_t tilesX);

/// Filling and emptying the pipeline around an instruction that had to wait.
inline constexpr int64_t convLatency = 24;
inline constexpr int64_t readLatency = 56;
inline constexpr int64_t writeLatency = 24;
/// From a CONV whose drain reads what it wrote before, to the next one; for setting two registers, which wait for the drain.
inline constexpr double cyclesPerTurn = 32, cyclesPerDrain = 60;
/// CONV_TABLE with the drain that it waits for.
inline constexpr double tableCycles = 100;

}  // namespace agc::schedule
