// Command line of the datapath benches: BENCH [SEED [ROUNDS]]. A failing run names its seed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace agc::bench {

struct BenchArgs {
  uint64_t seed = 1;
  unsigned rounds;

  BenchArgs(int argc, char **argv, unsigned defaultRounds) : rounds(defaultRounds) {
    if (argc > 1) seed = std::strtoull(argv[1], nullptr, 0);
    if (argc > 2) rounds = unsigned(std::strtoul(argv[2], nullptr, 0));
  }
};

/// Random numbers of a bench; the same on every standard library, unlike the distributions of <random>.
class Random {
public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t bits() { return engine_(); }
  /// 0 .. count-1
  uint64_t below(uint64_t count) { return engine_() % count; }
  /// low .. high
  int64_t range(int64_t low, int64_t high) { return low + int64_t(below(uint64_t(high - low) + 1)); }
  bool chance(unsigned percent) { return below(100) < percent; }

private:
  std::mt19937_64 engine_;
};

} // namespace agc::bench
