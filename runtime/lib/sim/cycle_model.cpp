#include "cycle_model.h"

#include <algorithm>

#include "agc/isa/access.h"
#include "pipeline_delays.h"

namespace agc::runtime {

namespace {

constexpr uint32_t kLoad = static_cast<uint32_t>(isa::Engine::Load);
constexpr uint32_t kWload = static_cast<uint32_t>(isa::Engine::Wload);
constexpr uint32_t kConv = static_cast<uint32_t>(isa::Engine::Conv);
constexpr uint32_t kStore = static_cast<uint32_t>(isa::Engine::Store);

/// LOADs whose rows the engine works out before it takes them.
bool preparesRows(const isa::Instruction& instruction) {
  auto* load = std::get_if<isa::Load>(&instruction);
  return std::holds_alternative<isa::LoadFold>(instruction) || (load && load->split);
}

}  // namespace

CycleModel::CycleModel(const isa::CoreConfig& core, const MemoryProfile& memory, const StepOrder& steps, uint32_t codeSize,
                       const std::array<uint64_t, kSegments>& baseWords, uint64_t watchdogCycles, uint64_t seed, Actions& actions)
    : core_(core), steps_(steps), codeSize_(codeSize), baseWords_(baseWords), watchdogCycles_(watchdogCycles), actions_(actions),
      ledger_(memory, core.axiPorts), loadPort_(memory, seed + 1, ledger_, true, 0, core.axiOutstanding),
      load_(core.axiBurstBeats, core.axiOutstanding), wload_(core.axiBurstBeats, core.axiOutstanding, core.axiPorts - 1),
      store_(memory, core.axiBurstBeats, core.axiOutstanding, seed + 3, ledger_), conv_(core.pixels, core.banks) {
  weightPorts_.emplace_back(memory, seed + 2, ledger_, false, delays::shareRegister, 2 * core.axiOutstanding + delays::shareExtraBursts);
  for (uint32_t p = 2; p < core.axiPorts; ++p) weightPorts_.emplace_back(memory, seed + 2 + p, ledger_, false, 0, core.axiOutstanding);
}

RunResult CycleModel::run() {
  started_.resize(steps_.size());
  if (steps_.size() == 0) fault(isa::Fault::FetchEnd, isa::Engine::Ctrl, 0);
  askPending_ = true;
  at(delays::fetchFirstAsk, Kind::FetchAsk);
  while (!events_.empty() && !(endReached_ && allIdle())) {
    Event event = events_.top();
    events_.pop();
    now_ = event.time;
    switch (event.kind) {
      case Kind::FetchAsk: fetchAsk(event.time, event.index); break;
      case Kind::Dispatch: dispatch(event.time, event.index); break;
      case Kind::LoadHead: loadHead(event.time, event.engine); break;
      case Kind::Grant: grant(event.time); break;
      case Kind::Command: command(event.time, event.engine); break;
      case Kind::WeightBurst: weightBurst(event.time); break;
      case Kind::Complete: complete(event.time, event.engine, event.index); break;
      case Kind::Post: post(event.time, event.engine, event.index); break;
    }
  }
  if (!endReached_ || !allIdle()) deadlock();

  result_.cycles = std::max(endTime_, lastRetire_) + delays::endRegister;
  result_.instructions = completedCount_ + 1;
  for (uint32_t e = kLoad; e <= kStore; ++e) {
    EngineStats& stats = engines_[e].stats;
    stats.stall = e == kConv ? stats.stall : stats.busy - std::min(stats.busy, beats_[e]);
    stats.empty = result_.cycles - std::min(result_.cycles, engines_[e].occupied);
    result_.engines[e] = stats;
  }
  return result_;
}

void CycleModel::fault(isa::Fault cause, isa::Engine engine, uint32_t index, unsigned semaphore) const {
  throw ModelFault{cause, engine, steps_.index(index), index < steps_.size() ? steps_.step(index).layer : uint16_t{0}, semaphore};
}

// Fetch ------------------------------------------------------------------------------------------------------------------------

// A burst is asked for when the buffer has room for a longest one.
void CycleModel::tryAsk() {
  const uint32_t end = wrapsLeft_ != 0 && loopEnd_ <= codeSize_ ? loopEnd_ : codeSize_;
  if (askPending_ || endReached_ || nextAsk_ >= end) return;
  uint64_t group = std::max<uint64_t>(1, core_.axiBurstBeats / delays::instructionWords);
  if (outstanding_ > delays::fetchBufferWords / delays::instructionWords - group) return;
  askPending_ = true;
  at(std::max({askFree_, roomTime_, now_}), Kind::FetchAsk, 0, fetchGeneration_);
}

// Bursts of whole instructions that end at multiples of the burst length, and at the end of a loop's body while it is to be repeated.
void CycleModel::fetchAsk(uint64_t now, uint32_t generation) {
  if (generation != fetchGeneration_) return;
  askPending_ = false;
  if (endReached_) return;
  const bool repeats = wrapsLeft_ != 0 && loopEnd_ <= codeSize_;
  const uint32_t end = repeats ? loopEnd_ : codeSize_;
  uint64_t group = std::max<uint64_t>(1, core_.axiBurstBeats / delays::instructionWords);
  uint64_t address = baseWords_[0] / delays::instructionWords + nextAsk_;
  auto count = static_cast<uint32_t>(std::min<uint64_t>(group - address % group, end - nextAsk_));
  auto beats = static_cast<uint32_t>(count * delays::instructionWords);
  SharedReadPort::Read read = weightPorts_[0].read(now + delays::addressRegister, beats);
  result_.dramRead += uint64_t{8} * beats;
  for (uint32_t k = 0; k < count; ++k) arrivals_.push_back(read.data.last - delays::instructionWords * (count - 1 - k));
  outstanding_ += count;
  nextAsk_ += count;
  if (repeats && nextAsk_ == end) {
    nextAsk_ = loopFirst_;
    --wrapsLeft_;
  }
  askFree_ = std::max(read.taken, now + delays::fetchAskSpacing);
  assemble();
  tryAsk();
}

// A LOOP: what was read beyond it is dropped, and the reads follow its body from then on.
void CycleModel::jump(uint64_t now, uint32_t position, const isa::Loop& loop) {
  loopFirst_ = steps_.index(position) + 1;
  loopEnd_ = loopFirst_ + loop.body;
  wrapsLeft_ = loop.count - 1;
  nextAsk_ = loopFirst_;
  ++fetchGeneration_;
  arrivals_.clear();
  outstanding_ = 0;
  askPending_ = false;
  askFree_ = std::max(askFree_, now + delays::fetchAskSpacing);
  roomTime_ = now;
  previousLeft_ = true;
  leftTime_ = now;
  tryAsk();
}

// One word a cycle goes from the buffer to the assembly register; the last word of an instruction waits until the one before has left.
void CycleModel::assemble() {
  if (!previousLeft_ || arrivals_.empty()) return;
  uint32_t index = assembledCount_++;
  uint64_t time = std::max(arrivals_.front() + 1, leftTime_);
  arrivals_.pop_front();
  if (index > 0) time = std::max(time, assembledTime_ + delays::instructionWords);
  assembledTime_ = time;
  if (--outstanding_ + std::max<uint64_t>(1, core_.axiBurstBeats / delays::instructionWords) ==
      delays::fetchBufferWords / delays::instructionWords)
    roomTime_ = time + 1;
  previousLeft_ = false;
  at(time + delays::fetchCheck, Kind::Dispatch, 0, index);
  tryAsk();
}

void CycleModel::dispatch(uint64_t now, uint32_t index) {
  if (index >= steps_.size()) fault(isa::Fault::FetchEnd, isa::Engine::Ctrl, index);
  const Step& step = steps_.step(index);
  if (actions_.fetchError(steps_.index(index))) fault(isa::Fault::AxiRead, isa::Engine::Ctrl, index);
  if (steps_.fault(index) != isa::Fault::None) fault(steps_.fault(index), step.engine, index);
  if (const auto* loop = std::get_if<isa::Loop>(&step.instruction)) {
    jump(now, index, *loop);
    if (index + 1 == steps_.size()) at(now + 1, Kind::Dispatch, 0, index + 1);
    return;
  }
  if (step.engine == isa::Engine::Ctrl) {
    endReached_ = true;
    endTime_ = now;
    return;
  }
  auto e = static_cast<uint32_t>(step.engine);
  Engine& engine = engines_[e];
  if (engine.fifo.size() >= core_.queueDepth) {
    engine.blockedDispatch = true;
    return;
  }
  if (!engine.head && engine.fifo.empty() && engine.inFlight == 0) engine.occupiedFrom = now + 1;
  engine.fifo.push_back({index, now + 1});
  at(now + 1, Kind::LoadHead, e);
  previousLeft_ = true;
  leftTime_ = now;
  if (index + 1 == steps_.size()) at(now + 1, Kind::Dispatch, 0, index + 1);
  assemble();
}

// Queues and semaphores --------------------------------------------------------------------------------------------------------

void CycleModel::loadHead(uint64_t now, uint32_t e) {
  Engine& engine = engines_[e];
  if (engine.head || engine.fifo.empty() || engine.fifo.front().visible > now || engine.headFree > now) return;
  engine.head = engine.fifo.front().index;
  engine.fifo.pop_front();
  engine.granted = false;
  engine.requestTime = now + 1;
  at(now + 1, Kind::Grant);
  if (engine.blockedDispatch) {
    engine.blockedDispatch = false;
    at(now + 1 + delays::roomRegister, Kind::Dispatch, 0, assembledCount_ - 1);
  }
}

uint32_t CycleModel::missing(uint32_t index) const {
  const uint32_t waits = steps_.step(index).waitMask;
  uint32_t mask = 0;
  for (uint32_t s = 1; s < counts_.size(); ++s) {
    if ((waits >> s & 1) != 0 && counts_[s] == 0) mask |= 1u << s;
  }
  return mask;
}

// One engine is granted at a time, round robin; a post is seen by the decisions of its own cycle.
void CycleModel::grant(uint64_t now) {
  if (anyGrant_ && now < lastGrant_ + delays::grantSpacing) {
    if (now > lastGrant_) at(lastGrant_ + delays::grantSpacing, Kind::Grant);
    return;
  }
  constexpr uint32_t count = kStore - kLoad + 1;
  for (uint32_t k = 1; k <= count; ++k) {
    uint32_t e = kLoad + (lastGranted_ - kLoad + k) % count;
    Engine& engine = engines_[e];
    if (!engine.head || engine.granted || engine.requestTime > now || missing(*engine.head) != 0) continue;
    const uint32_t waits = steps_.step(*engine.head).waitMask;
    for (uint32_t s = 1; s < counts_.size(); ++s) counts_[s] -= waits >> s & 1;
    engine.granted = true;
    engine.stats.wait += now - engine.requestTime;
    anyGrant_ = true;
    lastGrant_ = now;
    lastGranted_ = e;
    at(now + delays::grantToCommand, Kind::Command, e);
    at(now + delays::grantSpacing, Kind::Grant);
    return;
  }
}

void CycleModel::post(uint64_t now, uint32_t e, uint32_t index) {
  --pendingPosts_;
  const uint32_t posts = steps_.step(index).postMask;
  for (uint32_t s = 1; s < counts_.size(); ++s) {
    if ((posts >> s & 1) == 0) continue;
    if (counts_[s] == isa::semaphoreMax) fault(isa::Fault::Semaphore, static_cast<isa::Engine>(e), index);
    ++counts_[s];
  }
  grant(now);
}

// Engines ----------------------------------------------------------------------------------------------------------------------

void CycleModel::command(uint64_t now, uint32_t e) {
  Engine& engine = engines_[e];
  if (!engine.head || !engine.granted) return;
  const isa::Instruction instruction = steps_.instruction(*engine.head);
  if (!engine.prepared) engine.prepared = now + (preparesRows(instruction) ? delays::loadPrepare : 0);
  uint32_t limit = e == kConv ? delays::convInFlight : delays::dmaInFlight;
  if (!engine.ready || engine.inFlight >= limit || overlapsOpenWload(instruction)) {
    engine.commandWaits = true;
    return;
  }
  if (uint64_t from = std::max(*engine.ready, *engine.prepared); from > now) {
    at(from, Kind::Command, e);
    return;
  }
  uint32_t index = *engine.head;
  // Registers are set when the engine has drained; until then the instruction stays at the head of the queue.
  if (e == kConv && !std::holds_alternative<isa::Conv>(instruction) && conv_.drained() > now) {
    at(conv_.drained(), Kind::Command, e);
    return;
  }
  engine.commandWaits = false;
  engine.prepared.reset();
  engine.head.reset();
  ++engine.inFlight;
  started_[index] = now;
  isa::Fault cause = actions_.execute(instruction);
  if (cause != isa::Fault::None) fault(cause, steps_.step(index).engine, index);
  begin(now, e, index, instruction);
  engine.headFree = now + delays::headLeaves;
  at(engine.headFree, Kind::LoadHead, e);
}

void CycleModel::begin(uint64_t now, uint32_t e, uint32_t index, const isa::Instruction& instruction) {
  Engine& engine = engines_[e];
  result_.dramRead += dramBytes(instruction, false);
  result_.dramWritten += dramBytes(instruction, true);
  auto* load = std::get_if<isa::Load>(&instruction);
  auto* fold = std::get_if<isa::LoadFold>(&instruction);
  if (load || fold) {
    if (load) {
      beats_[e] += dramRows(*load).beats();
      load_.accept(now, index, dramRows(*load), baseWords_[load->seg]);
    } else {
      beats_[e] += uint64_t{isa::foldedBlocks(*fold)} * fold->n1 * fold->n0;
      load_.accept(now, index, dramRows(*fold), baseWords_[fold->seg], FoldTiming(*fold));
    }
    while (!load_.idle()) {
      ReadEngineTiming::Progress progress = load_.step(loadPort_);
      if (progress.completed) at(progress.completion, Kind::Complete, e, *progress.completed);
    }
    engine.ready = load_.commandReady();
  } else if (auto* wload = std::get_if<isa::Wload>(&instruction)) {
    // The core counts cycles in which any port brings a word.
    beats_[e] += (dramRows(*wload).beats() + weightPorts_.size() - 1) / weightPorts_.size();
    wloadsOpen_.push_back(*wload);
    wload_.accept(now, index, dramRows(*wload), baseWords_[wload->seg]);
    engine.ready = wload_.commandReady();
    if (!weightBurstPending_) at(wload_.nextBurst(), Kind::WeightBurst);
    weightBurstPending_ = true;
  } else if (auto* store = std::get_if<isa::Store>(&instruction)) {
    beats_[e] += dramRows(*store).beats();
    WriteEngineTiming::Result timing = store_.accept(now, dramRows(*store), baseWords_[store->seg]);
    engine.ready = timing.commandReady;
    at(timing.completion, Kind::Complete, e, index);
  } else {
    ConvTiming::Result timing{};
    if (auto* conv = std::get_if<isa::Conv>(&instruction)) {
      timing = conv_.convolve(now, geo_, epi_, *conv);
    } else {
      uint32_t rowSteps = 0;
      if (auto* geo = std::get_if<isa::ConvGeo>(&instruction)) {
        geo_ = *geo;
        rowSteps = std::max(geo->sy, geo->dy) >> geo->up;
      }
      if (auto* epi = std::get_if<isa::ConvEpi>(&instruction)) epi_ = *epi;
      timing = std::holds_alternative<isa::ConvTable>(instruction) ? conv_.setTable(now) : conv_.setRegisters(now, rowSteps);
    }
    result_.macCycles += timing.beats;
    engine.stats.stall += timing.stall;
    engine.ready = timing.commandReady;
    at(timing.completion, Kind::Complete, e, index);
  }
}

// The ports bring words in any order, so the core does not begin it.
bool CycleModel::overlapsOpenWload(const isa::Instruction& instruction) const {
  auto* next = std::get_if<isa::Wload>(&instruction);
  if (next == nullptr) return false;
  return std::any_of(wloadsOpen_.begin(), wloadsOpen_.end(),
                     [&](const isa::Wload& open) { return next->wb < open.wb + open.n && open.wb < next->wb + next->n; });
}

// Bursts of WLOAD and of the fetch unit share a port, so they are placed one by one in the order of time.
void CycleModel::weightBurst(uint64_t now) {
  uint64_t next = wload_.nextBurst();
  if (next > now) {
    at(next, Kind::WeightBurst);
    return;
  }
  ReadEngineTiming::Progress progress = wload_.step(weightPorts_);
  if (progress.completed) at(progress.completion, Kind::Complete, kWload, *progress.completed);
  weightBurstPending_ = !wload_.idle();
  if (weightBurstPending_) at(std::max(wload_.nextBurst(), now + 1), Kind::WeightBurst);
  Engine& engine = engines_[kWload];
  engine.ready = wload_.commandReady();
  if (engine.commandWaits) command(now, kWload);
}

void CycleModel::complete(uint64_t now, uint32_t e, uint32_t index) {
  Engine& engine = engines_[e];
  --engine.inFlight;
  const bool overlapped = e == kWload && engine.head && overlapsOpenWload(steps_.instruction(*engine.head));
  if (e == kWload) wloadsOpen_.pop_front();
  ++completedCount_;
  // An engine is busy until its completion has left it.
  engine.stats.busy += now + 1 - std::max(started_[index], engine.busyUntil);
  engine.busyUntil = now + 1;
  if (!engine.head && engine.fifo.empty() && engine.inFlight == 0) engine.occupied += now + 1 - engine.occupiedFrom;
  // Completions of all engines pass one register, one a cycle.
  uint64_t retire = std::max(now + delays::doneRegister, nextRetire_);
  nextRetire_ = retire + 1;
  lastRetire_ = retire + delays::postRegister;
  actions_.completed(steps_.index(index), started_[index], lastRetire_);
  if (steps_.step(index).postMask != 0) {
    ++pendingPosts_;
    at(lastRetire_ + 1, Kind::Post, e, index);
  }
  if (engine.commandWaits) at(now + 1 + (overlapped ? delays::overlapRegister : 0), Kind::Command, e);
}

bool CycleModel::allIdle() const {
  if (pendingPosts_ != 0) return false;
  for (const Engine& engine : engines_) {
    if (engine.head || !engine.fifo.empty() || engine.inFlight != 0 || engine.blockedDispatch) return false;
  }
  return true;
}

// Nothing can happen any more: the watchdog names the first engine that waits and a semaphore that it lacks.
void CycleModel::deadlock() const {
  for (uint32_t e = kLoad; e <= kStore; ++e) {
    const Engine& engine = engines_[e];
    if (!engine.head || engine.granted) continue;
    uint32_t mask = missing(*engine.head);
    unsigned semaphore = 0;
    while (mask != 0 && (mask >> semaphore & 1) == 0) ++semaphore;
    fault(isa::Fault::Watchdog, static_cast<isa::Engine>(e), *engine.head, semaphore);
  }
  fault(isa::Fault::Watchdog, isa::Engine::Ctrl, assembledCount_ == 0 ? 0 : assembledCount_ - 1);
}

}  // namespace agc::runtime
