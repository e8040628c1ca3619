#include "program_steps.h"

#include <variant>

#include "agc/isa/error.h"
#include "agc/isa/info.h"
#include "dma.h"

namespace agc::runtime {

namespace {

uint32_t semaphoreMask(const std::array<uint8_t, 4>& list) {
  uint32_t mask = 0;
  for (uint8_t semaphore : list) mask |= 1u << (semaphore & 31);
  return mask & ~1u;
}

// The header sits in the same bits of every word, so a refused instruction still has its layer for the fault report.
uint16_t layerOf(const isa::Word& word) { return static_cast<uint16_t>(word[6] | word[7] << 8); }

}  // namespace

std::vector<Step> decodeProgram(const std::vector<isa::Word>& code) {
  std::vector<Step> steps;
  steps.reserve(code.size());
  for (const isa::Word& word : code) {
    Step step;
    step.layer = layerOf(word);
    step.fault = isa::check(word);
    if (const isa::InstructionInfo* info = isa::findInstruction(word[0])) step.engine = info->engine;
    if (auto instruction = isa::decode(word)) {
      step.instruction = *instruction;
      const isa::Header& header = isa::header(step.instruction);
      step.waitMask = semaphoreMask(header.wait);
      step.postMask = semaphoreMask(header.post);
    }
    steps.push_back(step);
  }
  return steps;
}

StepOrder::StepOrder(const std::vector<Step>& steps)
    : steps_(steps), order_(steps.size(), [&](size_t index) {
        return steps[index].fault == isa::Fault::None ? &steps[index].instruction : nullptr;
      }) {
  if (order_.problem() == isa::LoopOrder::Problem::TooLong)
    throw Error("instruction " + std::to_string(order_.problemLoop()) + " is a LOOP that is not run: " + order_.problemText());
}

uint32_t StepOrder::index(size_t position) const {
  return position < order_.size() ? order_.place(position).index : static_cast<uint32_t>(steps_.size());
}

isa::Instruction StepOrder::instruction(size_t position) const {
  const isa::LoopOrder::Place place = order_.place(position);
  const isa::Instruction& instruction = steps_[place.index].instruction;
  return place.loop ? isa::inIteration(*place.loop, place.iteration, instruction) : instruction;
}

isa::Fault StepOrder::fault(size_t position) const {
  const isa::Fault own = step(position).fault;
  const bool nested = order_.problem() == isa::LoopOrder::Problem::Nested && position + 1 == order_.size();
  return own == isa::Fault::None && nested ? isa::Fault::BadField : own;
}

uint64_t dramBytes(const isa::Instruction& instruction, bool written) {
  if (auto* store = std::get_if<isa::Store>(&instruction)) return written ? 8 * dramRows(*store).beats() : 0;
  if (written) return 0;
  if (auto* load = std::get_if<isa::Load>(&instruction)) return 8 * dramRows(*load).beats();
  if (auto* fold = std::get_if<isa::LoadFold>(&instruction)) return 8 * dramRows(*fold).beats();
  if (auto* wload = std::get_if<isa::Wload>(&instruction)) return 8 * dramRows(*wload).beats();
  return 0;
}

}  // namespace agc::runtime
