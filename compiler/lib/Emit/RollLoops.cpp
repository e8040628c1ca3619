#include "agcc/Emit/RollLoops.h"

#include <algorithm>
#include <array>
#include <map>

#include "agc/isa/info.h"

namespace agc::emit {

namespace {

constexpr uint32_t longestBody = 1024;  // fits LOOP's `body`; a longer one would hardly come twice

/// What a LOOP increments in an instruction: one of them, or for CONV four.
enum Kind : uint8_t { Load, Weights, Store, Conv, Fixed };
constexpr size_t steppedKinds = 4;
using Addresses = std::array<uint32_t, 4>;

/// An instruction without its addresses (`shape`: equal numbers for equal instructions), and these.
struct Item {
  uint32_t shape;
  Kind kind;
  Addresses addresses;
};

int64_t signedBits(uint32_t value, unsigned width) {
  const uint64_t sign = uint64_t{1} << (width - 1), bits = value & ((uint64_t{1} << width) - 1);
  return static_cast<int64_t>(bits ^ sign) - static_cast<int64_t>(sign);
}

Item takeApart(const isa::Instruction &instruction, std::map<isa::Word, uint32_t> &shapes) {
  Item item{0, Fixed, {}};
  isa::Instruction bare = instruction;
  auto copy = [&](Kind kind, uint32_t &dram) {
    item.kind = kind;
    item.addresses[0] = dram;
    dram = 0;
  };
  if (auto *load = std::get_if<isa::Load>(&bare)) copy(Load, load->dram);
  if (auto *fold = std::get_if<isa::LoadFold>(&bare)) copy(Load, fold->dram);
  if (auto *weights = std::get_if<isa::Wload>(&bare)) copy(Weights, weights->dram);
  if (auto *store = std::get_if<isa::Store>(&bare)) copy(Store, store->dram);
  if (auto *conv = std::get_if<isa::Conv>(&bare)) {
    item.kind = Conv;
    item.addresses = {conv->in, conv->out, conv->res, uint32_t(conv->wb)};
    conv->in = conv->out = conv->res = 0;
    conv->wb = 0;
  }
  item.shape = shapes.try_emplace(isa::encode(bare), uint32_t(shapes.size())).first->second;
  return item;
}

/// Increments from `a` to `b`, as LOOP's fields hold them; false when one does not fit.
bool difference(const Item &a, const Item &b, Addresses &step) {
  static constexpr std::array<unsigned, 4> convWidths = {20, 20, 20, 16};
  if (a.kind == Conv) {
    for (size_t k = 0; k < step.size(); ++k) step[k] = (b.addresses[k] - a.addresses[k]) & ((1u << convWidths[k]) - 1);
    return true;
  }
  step = {b.addresses[0] - a.addresses[0], 0, 0, 0};
  const int64_t dram = signedBits(step[0], 32);
  return a.kind == Fixed || (dram >= -(int64_t{1} << 27) && dram < (int64_t{1} << 27));
}

/// For one body length, going from the last instruction to the first: how far instructions are the ones a body earlier, with one
/// increment for each kind.
class Stretch {
 public:
  /// Instruction `i` against the one a body later. Returns the end of the stretch that begins with `i` (`i` itself: none).
  uint32_t extend(uint32_t i, const Item &now, const Item &later) {
    Addresses step{};
    if (now.shape != later.shape || !difference(now, later, step)) return end_ = i;
    if (now.kind != Fixed) {
      Next &next = next_[now.kind];
      // Behind `end_` no neighbour counts.
      if (next.at >= end_ || next.at <= i) next.conflict = end_;
      else if (next.step != step) next.conflict = next.at;
      next.at = i;
      next.step = step;
      end_ = std::min(end_, next.conflict);
    }
    return end_;
  }

  /// There is no instruction a body behind `i`.
  void start(uint32_t i) { end_ = i; }
  const Addresses &step(Kind kind) const { return next_[kind].step; }

 private:
  struct Next {
    uint32_t at = 0;        ///< nearest later instruction of the kind
    uint32_t conflict = 0;  ///< nearest later one whose step differs from that
    Addresses step{};
  };
  uint32_t end_ = 0;
  std::array<Next, steppedKinds> next_;
};

/// The cheapest code from an instruction on: that instruction, or a loop.
struct Choice {
  uint32_t length;         ///< instructions of the code
  uint32_t body = 0, count = 0;  ///< 0: no loop
};

isa::Loop loopOf(const std::vector<Item> &items, size_t first, const Choice &choice, uint16_t layer) {
  isa::Loop loop;
  loop.body = choice.body;
  loop.count = choice.count;
  loop.h.layer = layer;
  for (size_t i = first; i < first + choice.body; ++i) {
    Addresses step{};
    difference(items[i], items[i + choice.body], step);
    switch (items[i].kind) {
      case Load: loop.d_load = int32_t(step[0]); break;
      case Weights: loop.d_wload = int32_t(step[0]); break;
      case Store: loop.d_store = int32_t(step[0]); break;
      case Conv:
        loop.d_in = int32_t(signedBits(step[0], 20));
        loop.d_out = int32_t(signedBits(step[1], 20));
        loop.d_res = int32_t(signedBits(step[2], 20));
        loop.d_wb = decltype(loop.d_wb)(signedBits(step[3], 16));
        break;
      case Fixed: break;
    }
  }
  return loop;
}

uint32_t mostIterations() {
  for (const isa::FieldInfo &field : isa::infoOf(isa::Loop{}).fields)
    if (std::string(field.name) == "count") return uint32_t(field.max);
  return 2;
}

}  // namespace

std::vector<isa::Instruction> rollLoops(const std::vector<isa::Instruction> &running) {
  const auto size = uint32_t(running.size());
  const uint32_t longest = std::min(longestBody, size / 2), most = mostIterations();
  std::map<isa::Word, uint32_t> shapes;
  std::vector<Item> items;
  items.reserve(size);
  for (const isa::Instruction &instruction : running) items.push_back(takeApart(instruction, shapes));

  // Backwards, so that the cheapest code for what follows is known.
  std::vector<Stretch> stretches(longest + 1);
  std::vector<Choice> best(size + 1);
  best[size] = {0};
  for (uint32_t i = size; i-- > 0;) {
    Choice choice{best[i + 1].length + 1};
    for (uint32_t body = 1; body <= longest; ++body) {
      Stretch &stretch = stretches[body];
      if (i + body >= size) {
        stretch.start(i);
        continue;
      }
      const uint32_t end = stretch.extend(i, items[i], items[i + body]);
      if (end - i < body) continue;
      const uint32_t count = std::min(most, (end - i) / body + 1);
      // One iteration less sometimes lets the next loop begin better.
      for (uint32_t less = 0; less < 2 && count - less >= 2; ++less) {
        const uint32_t length = 1 + body + best[i + body * (count - less)].length;
        if (length < choice.length) choice = {length, body, count - less};
      }
    }
    best[i] = choice;
  }

  std::vector<isa::Instruction> code;
  code.reserve(best[0].length);
  for (uint32_t i = 0; i < size;) {
    const Choice &choice = best[i];
    if (choice.body) code.push_back(loopOf(items, i, choice, isa::header(running[i]).layer));
    const uint32_t stored = std::max(choice.body, 1u);
    for (uint32_t k = 0; k < stored; ++k) code.push_back(running[i + k]);
    i += choice.body ? choice.body * choice.count : 1;
  }
  return code;
}

}  // namespace agc::emit
