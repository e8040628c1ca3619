// First-fit placement of live ranges, from the lower or the upper end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace agc::schedule {

/// Free list of one memory. The pipeline and the pass `ovl-allocate` use the same class in the same order, so
/// what fitted while scheduling fits when addresses are given.
class FirstFit {
 public:
  /// `words` < 0: unbounded.
  explicit FirstFit(int64_t words);

  /// Takes `words` at the lowest (or highest) address with room; none if no hole is large enough.
  std::optional<int64_t> take(int64_t words, bool high, int64_t alignment = 1);
  void give(int64_t address, int64_t words);

  int64_t freeWords() const;
  int64_t highWater() const { return highWater_; }

 private:
  std::map<int64_t, int64_t> holes_;  // begin -> end
  int64_t highWater_ = 0;
};

}  // namespace agc::schedule
