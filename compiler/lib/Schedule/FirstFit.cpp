#include "agcc/Schedule/FirstFit.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace agc::schedule {

FirstFit::FirstFit(int64_t words) { holes_[0] = words < 0 ? std::numeric_limits<int64_t>::max() / 2 : words; }

std::optional<int64_t> FirstFit::take(int64_t words, bool high, int64_t alignment) {
  auto carve = [&](std::map<int64_t, int64_t>::iterator hole, int64_t begin) {
    const auto [first, last] = *hole;
    holes_.erase(hole);
    if (first < begin) holes_[first] = begin;
    if (begin + words < last) holes_[begin + words] = last;
    highWater_ = std::max(highWater_, begin + words);
    return begin;
  };
  if (high) {
    for (auto hole = holes_.end(); hole != holes_.begin();) {
      --hole;
      const int64_t begin = (hole->second - words) / alignment * alignment;
      if (hole->second >= words && begin >= hole->first) return carve(hole, begin);
    }
    return std::nullopt;
  }
  for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
    const int64_t begin = (hole->first + alignment - 1) / alignment * alignment;
    if (begin + words <= hole->second) return carve(hole, begin);
  }
  return std::nullopt;
}

void FirstFit::give(int64_t address, int64_t words) {
  if (words == 0) return;
  auto next = holes_.lower_bound(address);
  int64_t begin = address;
  int64_t end = address + words;
  if (next != holes_.end() && next->first == end) {
    end = next->second;
    next = holes_.erase(next);
  }
  if (next != holes_.begin()) {
    auto before = std::prev(next);
    if (before->second == begin) {
      begin = before->first;
      holes_.erase(before);
    }
  }
  holes_[begin] = end;
}

int64_t FirstFit::freeWords() const {
  int64_t sum = 0;
  for (const auto &[begin, end] : holes_) sum += end - begin;
  return sum;
}

}  // namespace agc::schedule
