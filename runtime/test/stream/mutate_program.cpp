#include "mutate_program.h"

#include <algorithm>
#include <array>
#include <set>

#include "agc/isa/info.h"

namespace agc::runtime::test {

namespace {

using List = std::array<uint8_t, 4>;

bool isQueued(const isa::Instruction& i) { return isa::engineOf(i) != isa::Engine::Ctrl; }

/// The slot of a semaphore in a list, or a free one for 0; -1: none.
int slotOf(const List& list, uint8_t semaphore) {
  const auto found = std::find(list.begin(), list.end(), semaphore);
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

class Mutator {
 public:
  Mutator(std::vector<isa::Instruction>& code, Rng& rng) : code_(code), rng_(rng) {}

  std::string apply(Mutation mutation) {
    switch (mutation) {
      case Mutation::DropPair: return dropPair();
      case Mutation::DropWait: return drop(false);
      case Mutation::DropPost: return drop(true);
      case Mutation::MoveWait: return move(false);
      case Mutation::MovePost: return move(true);
      case Mutation::MoveAddress: return change(true);
      case Mutation::ChangeField: return change(false);
      case Mutation::Swap: return swap();
      case Mutation::Remove: return remove();
    }
    return "";
  }

 private:
  static List& listOf(isa::Instruction& i, bool post) { return post ? isa::header(i).post : isa::header(i).wait; }

  /// An instruction with an entry in the list, and the slot.
  std::pair<size_t, int> pick(bool post) {
    std::vector<std::pair<size_t, int>> all;
    for (size_t i = 0; i < code_.size(); ++i) {
      if (!isQueued(code_[i])) continue;
      for (int k = 0; k < 4; ++k) {
        if (listOf(code_[i], post)[static_cast<size_t>(k)] != 0) all.emplace_back(i, k);
      }
    }
    return all.empty() ? std::pair<size_t, int>(0, -1) : all[rng_() % all.size()];
  }

  std::string drop(bool post) {
    const auto [index, slot] = pick(post);
    if (slot < 0) return "nothing";
    uint8_t& entry = listOf(code_[index], post)[static_cast<size_t>(slot)];
    const std::string text = std::string(post ? "post " : "wait ") + std::to_string(entry) + " of " + std::to_string(index) + " dropped";
    entry = 0;
    return text;
  }

  std::string dropPair() {
    const auto [index, slot] = pick(true);
    if (slot < 0) return "nothing";
    const uint8_t semaphore = isa::header(code_[index]).post[static_cast<size_t>(slot)];
    size_t number = 0;
    for (size_t i = 0; i < index; ++i) number += isQueued(code_[i]) && slotOf(isa::header(code_[i]).post, semaphore) >= 0;
    for (size_t i = 0; i < code_.size(); ++i) {
      if (!isQueued(code_[i])) continue;
      const int wait = slotOf(isa::header(code_[i]).wait, semaphore);
      if (wait < 0 || number-- != 0) continue;
      isa::header(code_[index]).post[static_cast<size_t>(slot)] = 0;
      isa::header(code_[i]).wait[static_cast<size_t>(wait)] = 0;
      return "post of " + std::to_string(index) + " and wait of " + std::to_string(i) + " dropped";
    }
    return "nothing";
  }

  std::string move(bool post) {
    const auto [index, slot] = pick(post);
    if (slot < 0) return "nothing";
    uint8_t& entry = listOf(code_[index], post)[static_cast<size_t>(slot)];
    for (size_t i = index; post ? i-- > 0 : ++i < code_.size();) {
      if (!isQueued(code_[i]) || isa::engineOf(code_[i]) != isa::engineOf(code_[index])) continue;
      List& list = listOf(code_[i], post);
      const int room = slotOf(list, 0);
      if (room < 0 || slotOf(list, entry) >= 0) return "nothing";
      list[static_cast<size_t>(room)] = entry;
      entry = 0;
      return std::string(post ? "post" : "wait") + " of " + std::to_string(index) + " moved to " + std::to_string(i);
    }
    return "nothing";
  }

  std::string change(bool address) {
    static const std::set<std::string> addresses = {"dram", "sp", "in", "out", "res", "part", "wb"};
    for (int tries = 0; tries < 50; ++tries) {
      const size_t index = rng_() % code_.size();
      const auto fields = isa::infoOf(code_[index]).fields;
      if (!isQueued(code_[index]) || fields.empty()) continue;
      const size_t f = rng_() % fields.size();
      if (address && addresses.count(fields[f].name) == 0) continue;
      const int64_t before = isa::getField(code_[index], f);
      const int64_t after = std::clamp<int64_t>(before + between(rng_, -9, 9), fields[f].min, fields[f].max);
      if (after == before) continue;
      isa::setField(code_[index], f, after);
      return std::string(fields[f].name) + " of " + std::to_string(index) + " from " + std::to_string(before) + " to " + std::to_string(after);
    }
    return "nothing";
  }

  std::string swap() {
    for (int tries = 0; tries < 50; ++tries) {
      const size_t index = rng_() % (code_.size() - 1);
      if (!isQueued(code_[index]) || !isQueued(code_[index + 1])) continue;
      std::swap(code_[index], code_[index + 1]);
      return std::to_string(index) + " and the next one swapped";
    }
    return "nothing";
  }

  std::string remove() {
    for (int tries = 0; tries < 50; ++tries) {
      const size_t index = rng_() % code_.size();
      if (!isQueued(code_[index])) continue;
      code_.erase(code_.begin() + static_cast<ptrdiff_t>(index));
      return std::to_string(index) + " removed";
    }
    return "nothing";
  }

  std::vector<isa::Instruction>& code_;
  Rng& rng_;
};

}  // namespace

Program mutated(const Program& program, Mutation mutation, Rng& rng, std::string* what) {
  Program result = program;
  *what = Mutator(result.code, rng).apply(mutation);
  result.file.code.clear();
  for (const isa::Instruction& i : result.code) result.file.code.push_back(isa::encode(i));
  return result;
}

}  // namespace agc::runtime::test
