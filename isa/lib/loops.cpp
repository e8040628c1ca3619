#include "agc/isa/loops.h"

#include <algorithm>

#include "agc/isa/error.h"

namespace agc::isa {
namespace {

/// `value` + `times` * `step` in a field of `width` bits.
uint32_t stepped(uint32_t value, int64_t step, uint32_t times, unsigned width) {
  const uint64_t sum = value + static_cast<uint64_t>(step) * times;
  return static_cast<uint32_t>(sum & ((uint64_t{1} << width) - 1));
}

constexpr unsigned dramWidth = 32, scratchpadWidth = 20, weightWidth = 16;

}  // namespace

Instruction inIteration(const Loop& loop, uint32_t k, Instruction instruction) {
  if (auto* load = std::get_if<Load>(&instruction)) load->dram = stepped(load->dram, loop.d_load, k, dramWidth);
  if (auto* fold = std::get_if<LoadFold>(&instruction)) fold->dram = stepped(fold->dram, loop.d_load, k, dramWidth);
  if (auto* weights = std::get_if<Wload>(&instruction)) weights->dram = stepped(weights->dram, loop.d_wload, k, dramWidth);
  if (auto* store = std::get_if<Store>(&instruction)) store->dram = stepped(store->dram, loop.d_store, k, dramWidth);
  if (auto* conv = std::get_if<Conv>(&instruction)) {
    conv->in = stepped(conv->in, loop.d_in, k, scratchpadWidth);
    conv->out = stepped(conv->out, loop.d_out, k, scratchpadWidth);
    conv->res = stepped(conv->res, loop.d_res, k, scratchpadWidth);
    conv->wb = static_cast<decltype(conv->wb)>(stepped(conv->wb, loop.d_wb, k, weightWidth));
  }
  return instruction;
}

LoopOrder::LoopOrder(size_t count, const std::function<const Instruction*(size_t)>& at) {
  auto begin = [&](size_t index, std::optional<Loop> loop) { parts_.push_back({size_, static_cast<uint32_t>(index), loop}); };
  begin(0, std::nullopt);
  for (size_t index = 0; index < count;) {
    ++size_;
    const Instruction* instruction = at(index);
    const Loop* loop = instruction ? std::get_if<Loop>(instruction) : nullptr;
    ++index;
    if (instruction && std::holds_alternative<End>(*instruction)) return;
    if (!loop) continue;
    problemLoop_ = static_cast<uint32_t>(index - 1);
    const size_t body = std::min<size_t>(loop->body, count - index);
    for (size_t k = 0; k < body; ++k) {
      const Instruction* inside = at(index + k);
      if (!inside || !(std::holds_alternative<Loop>(*inside) || std::holds_alternative<End>(*inside))) continue;
      problem_ = Problem::Nested;
      begin(index, *loop);
      size_ += k + 1;
      return;
    }
    if (body < loop->body) {
      problem_ = Problem::PastEnd;
      begin(index, *loop);
      size_ += body;
      return;
    }
    const uint64_t length = uint64_t{loop->body} * loop->count;
    if (size_ + length + (count - index) > maxLength) {
      problem_ = Problem::TooLong;
      return;
    }
    begin(index, *loop);
    size_ += length;
    index += body;
    begin(index, std::nullopt);
  }
}

LoopOrder::Place LoopOrder::place(size_t position) const {
  const bool near = lastPart_ < parts_.size() && parts_[lastPart_].first <= position &&
                    (lastPart_ + 1 == parts_.size() || position < parts_[lastPart_ + 1].first);
  if (!near) {
    const auto next = std::upper_bound(parts_.begin(), parts_.end(), position, [](size_t p, const Part& part) { return p < part.first; });
    lastPart_ = static_cast<size_t>(next - parts_.begin()) - 1;
  }
  const Part& part = parts_[lastPart_];
  const auto offset = static_cast<uint32_t>(position - part.first);
  if (!part.loop) return {part.index + offset, 0, nullptr};
  return {part.index + offset % part.loop->body, offset / part.loop->body, &*part.loop};
}

std::string LoopOrder::problemText() const {
  switch (problem_) {
    case Problem::None: return "";
    case Problem::Nested: return "its body holds a LOOP or END, which no body may";
    case Problem::PastEnd: return "its body runs past the end of the program";
    case Problem::TooLong: return "with it the program runs more than " + std::to_string(maxLength) + " instructions, the most that are accepted";
  }
  return "";
}

std::vector<RunningInstruction> expandLoops(const std::vector<Instruction>& code) {
  const LoopOrder order(code.size(), [&](size_t index) { return &code[index]; });
  if (order.problem() != LoopOrder::Problem::None)
    throw Error("instruction " + std::to_string(order.problemLoop()) + " is a LOOP that cannot run: " + order.problemText());
  std::vector<RunningInstruction> running;
  running.reserve(order.size());
  for (size_t position = 0; position < order.size(); ++position) {
    const LoopOrder::Place place = order.place(position);
    const Instruction& instruction = code[place.index];
    if (std::holds_alternative<Loop>(instruction)) continue;
    running.push_back({place.loop ? inIteration(*place.loop, place.iteration, instruction) : instruction, place.index});
  }
  return running;
}

}  // namespace agc::isa
