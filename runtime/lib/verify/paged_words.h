// One record per DRAM word, with memory only for what is touched.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace agc::runtime {

/// Instruction numbers plus one; 0 = none.
struct DramWord {
  uint32_t writer = 0;
  uint32_t reader = 0;
};

class PagedWords {
 public:
  static constexpr uint64_t kPageWords = 4096;

  void resize(uint64_t words) { pages_.resize((words + kPageWords - 1) / kPageWords); }

  /// Null when nothing of the page was touched and `make` is false.
  DramWord* page(uint64_t word, bool make) {
    auto& p = pages_[word / kPageWords];
    if (!p && make) {
      p = std::make_unique<std::array<DramWord, kPageWords>>();
      ++made_;
    }
    return p ? p->data() : nullptr;
  }
  uint64_t wordsMade() const { return made_ * kPageWords; }

 private:
  std::vector<std::unique_ptr<std::array<DramWord, kPageWords>>> pages_;
  uint64_t made_ = 0;
};

}  // namespace agc::runtime
