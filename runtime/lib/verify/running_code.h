// The program's instructions in the order in which they run: what the verifier's rules hold for.
#pragma once

#include "agc/isa/loops.h"
#include "agc/runtime/program.h"

namespace agc::runtime {

class RunningCode {
 public:
  /// `program` must outlive it.
  explicit RunningCode(const Program& program)
      : code_(program.code), order_(code_.size(), [this](size_t index) { return &code_[index]; }) {}

  /// Positions: instructions that run, and each LOOP once.
  size_t size() const { return order_.size(); }
  isa::LoopOrder::Place place(size_t position) const { return order_.place(position); }
  /// Index in the code.
  size_t index(size_t position) const { return order_.place(position).index; }
  /// With the increments of its loop.
  isa::Instruction instruction(size_t position) const {
    const isa::LoopOrder::Place place = order_.place(position);
    return place.loop ? isa::inIteration(*place.loop, place.iteration, code_[place.index]) : code_[place.index];
  }
  const isa::LoopOrder& order() const { return order_; }

 private:
  const std::vector<isa::Instruction>& code_;
  isa::LoopOrder order_;
};

}  // namespace agc::runtime
