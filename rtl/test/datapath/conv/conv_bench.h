// Drives the verilated bench top: sequences, traffic of other clients, checks on every cycle. Model is the verilated class.
#pragma once

#include "conv_machine.h"
#include "conv_sequence.h"

#include "verilated.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace agc::bench {

/// Percentages per cycle.
struct Disturbance {
  int commandGap = 0;  ///< no instruction is offered
  int traffic = 0;     ///< each of the four other clients has a request
  int blockWrites = 0, blockReads = 0;
};

/// What a sequence took.
struct Measured {
  uint64_t firstBeat = 0, lastDone = 0;  ///< cycle numbers
  uint64_t macBeats = 0, stalls = 0, progress = 0;
  std::vector<uint64_t> done;  ///< cycle of each item's pulse
};

/// Something that the engine did and should not have done.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Model> class ConvBench {
public:
  ConvBench(const isa::CoreConfig &core, uint64_t seed)
      : machine(core.scratchpadWords(), core.weightWords, core.pixels), core_(core), random_(seed ^ 0x5eed) {
    context_ = std::make_unique<VerilatedContext>();
    context_->randReset(2);
    context_->randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
    top = std::make_unique<Model>(context_.get());
    top->rst_ni = 0;
    idle();
    for (int k = 0; k < 4; k++) tick();
    top->rst_ni = 1;
    tick();
    fillScratchpad();
  }
  ~ConvBench() { top->final(); }

  /// Random contents for scratchpad and model.
  void fillScratchpad() {
    for (uint64_t &word : machine.sp) word = random_.word();
    // A range with small numbers, where sums do not overflow.
    for (size_t k = 0; k < machine.sp.size() / 4; k++) machine.sp[k] &= 0x0000ffff0000ffffu;
    for (uint32_t next = 0; next < machine.sp.size();) {
      for (unsigned x : {0u, 2u, 3u})
        if (!(top->x_valid_i >> x & 1) && next < machine.sp.size()) request(x, true, next, machine.sp[next]), next++;
      tick();
      release();
    }
    while (top->x_valid_i) {
      tick();
      release();
    }
  }

  /// Compares the whole scratchpad with the model.
  void compareScratchpad() {
    std::vector<uint32_t> asked[4];
    size_t answered[4] = {};
    for (uint32_t next = 0, left = static_cast<uint32_t>(machine.sp.size()); left;) {
      for (unsigned x : {1u, 2u, 3u})
        if (!(top->x_valid_i >> x & 1) && next < machine.sp.size()) {
          asked[x].push_back(next);
          request(x, false, next++, 0);
        }
      tick();
      release();
      for (unsigned x : {1u, 2u, 3u})
        if (top->x_rvalid_o >> x & 1) {
          uint32_t address = asked[x].at(answered[x]++);
          if (readData(x) != machine.sp[address])
            throw Failure("scratchpad word " + std::to_string(address) + " is " + hex(readData(x)) + ", expected " + hex(machine.sp[address]));
          left--;
        }
    }
  }

  void writeWeights() {
    for (size_t k = 0; k < machine.wb.size(); k++)
      for (unsigned lane = 0; lane < 8; lane++) {
        top->w_en_i = 1;
        top->w_addr_i = static_cast<uint16_t>(k);
        top->w_lane_i = static_cast<uint8_t>(lane);
        top->w_data_i = machine.wb[k][lane];
        tick();
      }
    top->w_en_i = 0;
  }

  /// Runs a sequence whose expectations `machine` already contains. haltAt: cycle of the run in which halt_i rises, for good (0: never).
  /// Behind a fault or a halt the engine is cleared, and what it has written is taken over into the model.
  Measured run(const Sequence &sequence, const Disturbance &disturbance, const std::vector<uint64_t> &before, uint64_t haltAt = 0) {
    start(sequence, disturbance);
    uint64_t begin = cycle_, lastMove = cycle_;
    while (done_ < sequence.items.size()) {
      offer();
      disturb();
      if (haltAt && cycle_ - begin == haltAt) {
        freeze(before);
        return measured_;
      }
      size_t moved = done_ + accepted_ + written_ + measured_.macBeats;
      tick();
      check();
      if (faulted_) {
        checkFault();
        freeze(before);
        return measured_;
      }
      if (moved != done_ + accepted_ + written_ + measured_.macBeats) lastMove = cycle_;
      if (cycle_ - lastMove > 3000) fail("no progress for 3000 cycles");
    }
    if (sequence.endsInFault) fail("the fault was not noticed");
    settle();
    return measured_;
  }

private:
  std::unique_ptr<VerilatedContext> context_;  // outlives the model

public:
  std::unique_ptr<Model> top;
  ConvMachine machine;

private:
  static std::string hex(uint64_t value) {
    char text[20];
    snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
  }

  void idle() {
    top->clear_i = top->halt_i = top->cmd_valid_i = 0;
    top->x_valid_i = top->x_we_i = 0;
    top->w_en_i = top->w_lane_i = 0;
    top->w_addr_i = 0;
    top->w_data_i = 0;
    top->write_block_i = top->read_block_i = 0;
  }

  // Outputs are sampled in front of the clock edge: they belong to the inputs of this cycle.
  void tick() {
    top->clk_i = 0;
    top->eval();
    seen_.cmdReady = top->cmd_valid_i && top->cmd_ready_o;
    seen_.done = top->done_o;
    seen_.fault = top->fault_valid_o;
    seen_.cause = top->fault_cause_o;
    seen_.busy = top->busy_o;
    seen_.mac = top->mac_beat_o;
    seen_.stall = top->stall_o;
    seen_.progress = top->progress_o;
    seen_.write = top->wr_taken_o;
    seen_.address = top->wr_addr_o;
    seen_.data = top->wr_data_o;
    seen_.xReady = top->x_valid_i & top->x_ready_o;
    seen_.xValid = top->x_rvalid_o;
    top->clk_i = 1;
    top->eval();
    cycle_++;
  }

  void request(unsigned x, bool write, uint32_t address, uint64_t data) {
    top->x_valid_i |= 1u << x;
    top->x_we_i = static_cast<uint8_t>((top->x_we_i & ~(1u << x)) | unsigned{write} << x);
    top->x_addr_i[x] = address;
    top->x_wdata_i[2 * x] = static_cast<uint32_t>(data);
    top->x_wdata_i[2 * x + 1] = static_cast<uint32_t>(data >> 32);
  }
  void release() { top->x_valid_i &= ~seen_.xReady; }
  uint64_t readData(unsigned x) const { return top->x_rdata_o[2 * x] | static_cast<uint64_t>(top->x_rdata_o[2 * x + 1]) << 32; }

  [[noreturn]] void fail(const std::string &what) const {
    throw Failure(what + " (cycle " + std::to_string(cycle_) + ", " + std::to_string(accepted_) + " accepted, " + std::to_string(done_) +
                  " done)\n" + sequence_->text());
  }

  void start(const Sequence &sequence, const Disturbance &disturbance) {
    sequence_ = &sequence;
    disturbance_ = disturbance;
    accepted_ = done_ = written_ = 0;
    faulted_ = false;
    measured_ = {};
    expected_.clear();
    writesUpTo_.clear();
    for (size_t k = 0; k < sequence.items.size(); k++) {
      for (size_t n = 0; n < sequence.items[k].writes.size(); n++) expected_.push_back({sequence.items[k].writes[n], k, n});
      writesUpTo_.push_back(expected_.size());
    }
  }

  void offer() {
    if (accepted_ == sequence_->items.size()) {
      top->cmd_valid_i = 0;
      return;
    }
    const Item &item = sequence_->items[accepted_];
    bool may = item.waitFor < 0 || done_ > static_cast<size_t>(item.waitFor);
    // A request that was made stays. As the queue does it, a command stands still for a cycle before it is offered.
    if (top->cmd_valid_i) return;
    const bool stood = shown_ == accepted_;
    shown_ = accepted_;
    for (unsigned k = 0; k < 8; k++) {
      uint32_t word = 0;
      for (unsigned b = 0; b < 4; b++) word |= uint32_t{item.bits[4 * k + b]} << (8 * b);
      top->cmd_i[k] = word;
    }
    if (stood && may && !random_.chance(disturbance_.commandGap)) top->cmd_valid_i = 1;
  }

  // Other clients work in words that the sequence does not touch.
  void disturb() {
    top->write_block_i = random_.chance(disturbance_.blockWrites);
    top->read_block_i = random_.chance(disturbance_.blockReads);
    for (unsigned x = 0; x < 4; x++) {
      if (top->x_valid_i >> x & 1 || !random_.chance(disturbance_.traffic)) continue;
      bool write = x == 0 || (x != 1 && random_.chance(50));
      request(x, write, sequence_->freeStart + random_.u(0, sequence_->freeWords - 1), random_.word());
    }
  }

  // Port B of a bank executes in the order of the grants, so the model can follow at the grant.
  void follow() {
    for (unsigned x = 0; x < 4; x++) {
      if (seen_.xReady >> x & 1) {
        uint32_t address = top->x_addr_i[x];
        if (top->x_we_i >> x & 1) machine.sp[address] = top->x_wdata_i[2 * x] | static_cast<uint64_t>(top->x_wdata_i[2 * x + 1]) << 32;
        else reads_[x].push_back(machine.sp[address]);
      }
      if (top->x_rvalid_o >> x & 1) {
        if (reads_[x].empty()) fail("read data for a client that did not ask");
        if (reads_[x].front() != readData(x)) fail("another client reads " + hex(readData(x)) + ", expected " + hex(reads_[x].front()));
        reads_[x].erase(reads_[x].begin());
      }
    }
    release();
  }

  void check() {
    follow();
    if (seen_.cmdReady) {
      accepted_++;
      top->cmd_valid_i = 0;
    }
    if (seen_.mac) {
      if (measured_.macBeats == 0) measured_.firstBeat = cycle_;
      measured_.macBeats++;
    }
    measured_.stalls += seen_.stall;
    measured_.progress += seen_.progress;
    if (seen_.write) checkWrite();
    if (seen_.done) {
      if (done_ == accepted_) fail("done without an instruction");
      if (sequence_->items[done_].fault != isa::Fault::None) fail("the faulting instruction is reported as complete");
      if (written_ < writesUpTo_[done_])
        fail("instruction " + std::to_string(done_) + " is done with " + std::to_string(writesUpTo_[done_] - written_) + " words unwritten");
      done_++;
      measured_.done.push_back(cycle_);
      measured_.lastDone = cycle_;
    }
    if (!seen_.busy && done_ < accepted_ && accepted_ > 0 && !seen_.cmdReady && !seen_.done) fail("not busy with an instruction under way");
    if (seen_.fault) faulted_ = true;
  }

  void checkWrite() {
    if (written_ == expected_.size()) fail("a write to " + std::to_string(seen_.address) + " too many");
    const ExpectedWrite &want = expected_[written_];
    if (want.write.address != seen_.address || want.write.data != seen_.data)
      fail("write " + std::to_string(want.index) + " of instruction " + std::to_string(want.item) + ": word " + std::to_string(seen_.address) +
           " = " + hex(seen_.data) + ", expected word " + std::to_string(want.write.address) + " = " + hex(want.write.data));
    if (want.item >= accepted_) fail("a write of an instruction that was not given");
    written_++;
  }

  void checkFault() const {
    const Item &last = sequence_->items.back();
    if (last.fault == isa::Fault::None) fail("a fault (" + std::to_string(seen_.cause) + ") in a good sequence");
    if (accepted_ != sequence_->items.size()) fail("a fault in front of the faulting instruction");
    if (seen_.cause != static_cast<unsigned>(last.fault)) fail("fault cause " + std::to_string(seen_.cause));
  }

  // Halted, the engine may finish the word that it writes, and then keeps still; cleared, it is as after reset. What it wrote was right, but
  // it may have written less than expected: the model starts from `before` again.
  void freeze(const std::vector<uint64_t> &before) {
    top->halt_i = 1;
    top->cmd_valid_i = 0;
    top->write_block_i = top->read_block_i = 0;
    size_t doneThen = 0;
    for (int k = 0; k < 120; k++) {
      tick();
      check();
      if (k == 60) doneThen = done_ + written_ + measured_.macBeats;
    }
    if (doneThen != done_ + written_ + measured_.macBeats) fail("a halted engine goes on");
    top->clear_i = 1;
    for (int k = 0; k < 4; k++) {
      tick();
      follow();
    }
    top->clear_i = top->halt_i = 0;
    tick();
    follow();
    if (seen_.busy || seen_.fault || seen_.done) fail("the cleared engine is busy, done or in fault");
    drainClients();
    std::vector<uint64_t> after = before;
    for (size_t k = 0; k < written_; k++) after[expected_[k].write.address] = expected_[k].write.data;
    for (uint32_t k = sequence_->freeStart; k < sequence_->freeStart + sequence_->freeWords; k++) after[k] = machine.sp[k];
    machine.sp = after;
  }

  void drainClients() {
    for (int k = 0; k < 12 || top->x_valid_i; k++) {
      tick();
      follow();
    }
  }

  void settle() {
    top->write_block_i = top->read_block_i = 0;
    uint64_t beats = 0, convs = 0;
    for (const Item &item : sequence_->items) {
      beats += item.macBeats;
      convs += item.macBeats != 0;
    }
    for (int k = 0; k < 12 || top->x_valid_i; k++) {
      tick();
      check();
    }
    if (written_ != expected_.size()) fail("words missing at the end");
    if (measured_.macBeats != beats) fail(std::to_string(measured_.macBeats) + " multiplier beats, expected " + std::to_string(beats));
    if (measured_.progress < convs) fail("less progress pulses than CONVs");
    if (seen_.busy) fail("busy at the end");
  }

  struct ExpectedWrite {
    Write write;
    size_t item, index;
  };
  struct Seen {
    bool cmdReady, done, fault, busy, mac, stall, progress, write;
    uint32_t cause, address;
    uint64_t data;
    uint8_t xReady, xValid;
  };

  const isa::CoreConfig &core_;
  Random random_;
  const Sequence *sequence_ = nullptr;
  Disturbance disturbance_;
  Seen seen_{};
  Measured measured_;
  std::vector<ExpectedWrite> expected_;
  std::vector<size_t> writesUpTo_;
  std::vector<uint64_t> reads_[4];
  size_t accepted_ = 0, done_ = 0, written_ = 0;
  size_t shown_ = SIZE_MAX;  // item on cmd_i
  bool faulted_ = false;
  uint64_t cycle_ = 0;
};

} // namespace agc::bench
