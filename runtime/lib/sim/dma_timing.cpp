#include "dma_timing.h"

#include "pipeline_delays.h"

namespace agc::runtime {

void BurstPipeline::accept(uint64_t cycle, const DramRows& rows, uint64_t baseWord) {
  commands_.push_back({BurstWalker(rows, baseWord, burstBeats_), cycle + delays::firstRow});
  if (rowLoaded_) lookAhead();
  else loadRow();
}

uint64_t BurstPipeline::leaveGenerator(Command& command) {
  // The place for the next row is free when the one before it is cut.
  uint64_t cycle = std::max(command.rowOffered, rowCut_ + 1);
  command.rowOffered = generatorFree_ = cycle + 1;
  return cycle;
}

void BurstPipeline::lookAhead() {
  if (ahead_) return;
  if (!commands_.front().walker.onLastRow()) ahead_ = leaveGenerator(commands_.front());
  else if (commands_.size() > 1) ahead_ = leaveGenerator(commands_[1]);
}

void BurstPipeline::loadRow() {
  uint64_t left = ahead_ ? *ahead_ : leaveGenerator(commands_.front());
  ahead_.reset();
  rowCut_ = std::max(left, splitterFree_);
  rowLoaded_ = true;
  nextBurst_ = std::max(nextBurst_, rowCut_ + 1);
  lookAhead();
}

uint64_t BurstPipeline::earliest() const { return nextBurst_; }

BurstWalker::Burst BurstPipeline::take(uint64_t cycle) {
  BurstWalker::Burst burst = commands_.front().walker.next();
  nextBurst_ = cycle + 1;
  if (!burst.rowEnd) return burst;
  // The next row is cut from the cycle on in which the last burst of this one leaves.
  splitterFree_ = cycle;
  rowLoaded_ = false;
  if (burst.last) commands_.pop_front();
  if (!commands_.empty()) loadRow();
  return burst;
}

std::optional<uint64_t> BurstPipeline::commandReady() const {
  // Known when the last row of the newest command has a cycle in which it leaves the generator: it is cut, or it is the one behind that.
  bool left = commands_.empty();
  if (commands_.size() == 1) left = commands_[0].walker.onLastRow() || commands_[0].walker.onLastButOneRow();
  if (commands_.size() == 2) left = commands_[0].walker.onLastRow() && commands_[1].walker.onLastRow();
  if (!left) return std::nullopt;
  return generatorFree_;
}

void ReadEngineTiming::accept(uint64_t cycle, uint32_t instruction, const DramRows& rows, uint64_t baseWord,
                              std::optional<FoldTiming> fold) {
  pipeline_.accept(cycle, rows, baseWord);
  instructions_.push_back({instruction, fold});
}

uint64_t ReadEngineTiming::nextBurst() const { return std::max({pipeline_.earliest(), pending_.available(), addressFree_}); }

ReadEngineTiming::Progress ReadEngineTiming::step(SharedReadPort& port) {
  Progress progress;
  progress.taken = nextBurst();
  BurstWalker::Burst burst = pipeline_.take(progress.taken);
  std::optional<FoldTiming>& fold = instructions_.front().fold;
  SharedReadPort::Read read;
  uint64_t written;
  if (!fold && taken_ == 0) {
    read = port.read(progress.taken + delays::addressRegister, burst.beats);
    written = read.data.last + delays::readSlice;
    if (burst.last && written < reported_) {
      takenBefore_ = written - 1;
      written = taken_ = reported_;
    }
  } else {
    uint32_t beat = 0;
    // The register slice holds two beats, so the port waits for the beat before the one before.
    read = port.readInto(progress.taken + delays::addressRegister, burst.beats, [&](uint64_t there) {
      uint64_t accepted = std::max(there, takenBefore_ + 1);
      uint64_t offered = std::max(accepted + delays::readSlice, taken_ + 1);
      if (burst.last && ++beat == burst.beats) offered = std::max(offered, reported_);
      takenBefore_ = taken_;
      taken_ = fold ? fold->take(offered) : offered;
      return accepted;
    });
    written = taken_;
    // Nothing waits in the slice any more: later beats need not be followed one by one.
    if (!fold && taken_ == read.data.last + delays::readSlice) taken_ = takenBefore_ = 0;
  }
  addressFree_ = read.taken;
  pending_.take(written + 1 + delays::openBurstLeaves);
  if (burst.last) {
    progress.completed = instructions_.front().instruction;
    // What LOAD_FOLD does last does not pass the slice: its words have passed it by then.
    progress.completion = written + (fold ? 0 : delays::loadSlice);
    reported_ = progress.completion + delays::reportLeaves;
    instructions_.pop_front();
  }
  return progress;
}

void PortedReadEngineTiming::accept(uint64_t cycle, uint32_t instruction, const DramRows& rows, uint64_t baseWord) {
  pipeline_.accept(cycle, rows, baseWord);
  instructions_.push_back(instruction);
}

uint64_t PortedReadEngineTiming::available(const Port& port) const {
  size_t open = port.ends.size();
  return open < outstanding_ ? port.addressFree : std::max(port.addressFree, port.ends[open - outstanding_] + delays::openBurstLeaves);
}

uint64_t PortedReadEngineTiming::nextBurst() const {
  uint64_t first = available(ports_[0]);
  for (const Port& port : ports_) first = std::min(first, available(port));
  return std::max(pipeline_.earliest(), first);
}

ReadEngineTiming::Progress PortedReadEngineTiming::step(std::vector<SharedReadPort>& ports) {
  ReadEngineTiming::Progress progress;
  progress.taken = nextBurst();
  size_t chosen = 0, fewest = SIZE_MAX;
  for (size_t p = 0; p < ports_.size(); ++p) {
    if (available(ports_[p]) > progress.taken) continue;
    std::deque<uint64_t>& ends = ports_[p].ends;
    while (!ends.empty() && ends.front() + delays::routerAccount <= progress.taken) ends.pop_front();
    if (ends.size() > fewest) continue;
    fewest = ends.size();
    chosen = p;
  }
  Port& own = ports_[chosen];
  BurstWalker::Burst burst = pipeline_.take(progress.taken);
  SharedReadPort::Read read = ports[chosen].read(progress.taken + delays::addressRegister, burst.beats);
  // The port's address register is refilled only when it is empty.
  own.addressFree = read.taken + 1;
  uint64_t ended = read.data.last + delays::readSlice;
  own.ends.push_back(ended + 1);
  written_ = std::max(written_, ended);
  if (burst.last) {
    progress.completed = instructions_.front();
    progress.completion = std::max(written_ + delays::burstAccount, completed_ + delays::reportLeaves);
    completed_ = progress.completion;
    instructions_.pop_front();
    written_ = 0;
  }
  return progress;
}

WriteEngineTiming::Result WriteEngineTiming::accept(uint64_t cycle, const DramRows& rows, uint64_t baseWord) {
  pipeline_.accept(cycle, rows, baseWord);
  Result result{};
  while (!pipeline_.empty()) {
    uint64_t taken = std::max(pipeline_.earliest(), open_.available());
    BurstWalker::Burst burst = pipeline_.take(taken);
    // Words leave the scratchpad one a cycle, in order, and meet the length of their burst in front of the write data register.
    uint64_t firstRead = std::max(taken + 1, readFree_);
    readFree_ = firstRead + burst.beats;
    uint64_t ready = std::max(firstRead + delays::storeSlice + delays::scratchpadRead, taken + delays::addressRegister + delays::storeLength) + 1;
    uint64_t response = channel_.write(ready, burst.beats).last + responseLatency_;
    open_.take(response + 1);
    if (burst.last) result.completion = response;
  }
  result.commandReady = *pipeline_.commandReady();
  return result;
}

}  // namespace agc::runtime
