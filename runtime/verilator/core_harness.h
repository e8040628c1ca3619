// CoreModel over a class that Verilator made of agc_core; the same text for every configuration and for the traced variants.
#pragma once

#include <unistd.h>
#include <verilated.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <type_traits>

#include "agc/isa/error.h"
#include "core_model.h"
#include "core_probe.h"

namespace agc::runtime {

/// Bits lsb .. lsb+width-1 of a port that is a plain integer or an array of 32-bit words; width at most 64.
template <typename Port>
inline uint64_t portBits(const Port& port, unsigned lsb, unsigned width) {
  uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  if constexpr (std::is_integral_v<Port>) {
    return static_cast<uint64_t>(port) >> lsb & mask;
  } else {
    unsigned word = lsb / 32, shift = lsb % 32;
    uint64_t value = static_cast<uint64_t>(port.at(word)) >> shift;
    if (shift + width > 32) value |= static_cast<uint64_t>(port.at(word + 1)) << (32 - shift);
    if (shift != 0 && shift + width > 64) value |= static_cast<uint64_t>(port.at(word + 2)) << (64 - shift);
    return value & mask;
  }
}

/// Sets 64 bits of such a port at a multiple of 64.
template <typename Port>
inline void setPort64(Port& port, unsigned index, uint64_t value) {
  if constexpr (std::is_integral_v<Port>) {
    port = static_cast<Port>(value);
  } else {
    port.at(2 * index) = static_cast<uint32_t>(value);
    port.at(2 * index + 1) = static_cast<uint32_t>(value >> 32);
  }
}

/// Waveforms: nothing for a model without them.
template <typename Top, typename Trace>
class WaveformOf {
 public:
  void open(VerilatedContext& context, Top& top, const std::string& path) {
    if (path.empty()) return;
    // The writer of waveforms says nothing about a file that it cannot create.
    std::FILE* probe = std::fopen(path.c_str(), "wb");
    if (probe == nullptr) throw Error("cannot write the waveform '" + path + "': " + std::strerror(errno));
    std::fclose(probe);
    context.traceEverOn(true);
    trace_ = std::make_unique<Trace>();
    top.trace(trace_.get(), 99);
    trace_->open(path.c_str());
    if (!trace_->isOpen()) throw Error("cannot write the waveform '" + path + "'");
  }
  void dump(uint64_t time) {
    if (trace_) trace_->dump(time);
  }
  ~WaveformOf() {
    if (trace_) trace_->close();
  }

 private:
  std::unique_ptr<Trace> trace_;
};

template <typename Top>
class WaveformOf<Top, void> {
 public:
  void open(VerilatedContext&, Top&, const std::string&) {}
  void dump(uint64_t) {}
};

template <typename Top, typename Trace, typename Probe>
class CoreHarness final : public CoreModel {
 public:
  CoreHarness(CoreMemory& memory, const CoreModelOptions& options) : memory_(memory) {
    context_ = std::make_unique<VerilatedContext>();
    // Registers and memories without reset start with random contents. Seed 0 would mean "from the clock".
    context_->randReset(2);
    context_->randSeed(static_cast<int>(options.seed % 0x7ffffffe) + 1);
    top_ = std::make_unique<Top>(context_.get());
    waveform_.open(*context_, *top_, options.tracePath);
    top_->clk_i = 0;
    top_->rst_ni = 0;
    top_->s_axil_awvalid_i = top_->s_axil_wvalid_i = top_->s_axil_bready_i = 0;
    top_->s_axil_arvalid_i = top_->s_axil_rready_i = 0;
    clock(8);
    top_->rst_ni = 1;
    clock(2);
  }

  ~CoreHarness() override { top_->final(); }

  uint64_t cycle() const override { return cycle_; }

  void clock(uint64_t cycles) override {
    for (uint64_t i = 0; i < cycles; ++i) tick();
  }

  void writeRegister(uint32_t address, uint32_t value) override {
    top_->s_axil_awaddr_i = static_cast<uint16_t>(address);
    top_->s_axil_wdata_i = value;
    top_->s_axil_wstrb_i = 15;
    top_->s_axil_awvalid_i = top_->s_axil_wvalid_i = top_->s_axil_bready_i = 1;
    bool done = false;
    for (int patience = 0; !done; ++patience) {
      if (patience == kRegisterPatience) throw Error("the Verilog model does not answer a register write");
      settle();
      bool address = top_->s_axil_awvalid_i && top_->s_axil_awready_o, data = top_->s_axil_wvalid_i && top_->s_axil_wready_o;
      done = top_->s_axil_bvalid_o;
      edge();
      if (address) top_->s_axil_awvalid_i = 0;
      if (data) top_->s_axil_wvalid_i = 0;
    }
    top_->s_axil_bready_i = 0;
  }

  uint32_t readRegister(uint32_t address) override {
    top_->s_axil_araddr_i = static_cast<uint16_t>(address);
    top_->s_axil_arvalid_i = top_->s_axil_rready_i = 1;
    uint32_t value = 0;
    bool done = false;
    for (int patience = 0; !done; ++patience) {
      if (patience == kRegisterPatience) throw Error("the Verilog model does not answer a register read");
      settle();
      bool taken = top_->s_axil_arvalid_i && top_->s_axil_arready_o;
      done = top_->s_axil_rvalid_o;
      if (done) value = top_->s_axil_rdata_o;
      edge();
      if (taken) top_->s_axil_arvalid_i = 0;
    }
    top_->s_axil_rready_i = 0;
    return value;
  }

  void runToInterrupt(uint64_t patience, std::vector<CoreEvent>& events) override {
    events_ = &events;
    lastActivity_ = cycle_;
    uint64_t begin = cycle_, nextProgress = cycle_ + kProgressCycles;
    bool terminal = isatty(STDERR_FILENO) != 0, shown = false;
    while (!top_->irq_o) {
      tick();
      if (cycle_ < nextProgress) continue;
      nextProgress += kProgressCycles;
      if (terminal) {
        std::fprintf(stderr, "\rverilator: %.1f million cycles", static_cast<double>(cycle_ - begin) / 1e6);
        shown = true;
      }
      if (cycle_ - lastActivity_ > patience) break;
    }
    if (shown) std::fputs("\r\033[K", stderr);
    events_ = nullptr;
    if (!top_->irq_o) throw Error("the Verilog model hangs: nothing moved for " + std::to_string(cycle_ - lastActivity_) + " cycles");
  }

  void observe(MachineObserver& observer) override {
    if (!Probe::present) throw Error("this Verilog model has no probes for an observer");
    observer_ = &observer;
  }

  void showMemories() override {
    std::vector<uint64_t> scratchpad, weights;
    Probe::memories(*top_, scratchpad, weights);
    observer_->finished(scratchpad, weights);
  }

 private:
  static constexpr int kRegisterPatience = 1000;
  static constexpr uint64_t kProgressCycles = 500000;

  void tick() {
    settle();
    edge();
  }

  // Inputs of this cycle go in, combinational outputs settle.
  void settle() {
    memory_.bandwidth.nextCycle();
    unsigned arReady = 0, rValid = 0, rLast = 0, rResponse = 0, awReady = 0, wReady = 0, bValid = 0, bResponse = 0;
    // The order in which the ports get the memory's bandwidth: port 0, then the others, another one first in each cycle.
    const unsigned others = static_cast<unsigned>(memory_.ports.size()) - 1;
    for (unsigned k = 0; k < memory_.ports.size(); ++k) {
      unsigned p = k == 0 ? 0 : 1 + static_cast<unsigned>(cycle_ + k) % others;
      const AxiInputs& in = memory_.ports[p].drive(cycle_);
      arReady |= unsigned{in.arReady} << p;
      rValid |= unsigned{in.rValid} << p;
      rLast |= unsigned{in.rLast} << p;
      rResponse |= (in.rError ? 2u : 0u) << (2 * p);
      awReady |= unsigned{in.awReady} << p;
      wReady |= unsigned{in.wReady} << p;
      bValid |= unsigned{in.bValid} << p;
      bResponse |= (in.bError ? 2u : 0u) << (2 * p);
      setPort64(top_->m_axi_rdata_i, p, in.rData);
    }
    top_->m_axi_arready_i = static_cast<uint8_t>(arReady);
    top_->m_axi_rvalid_i = static_cast<uint8_t>(rValid);
    top_->m_axi_rlast_i = static_cast<uint8_t>(rLast);
    top_->m_axi_rresp_i = static_cast<uint8_t>(rResponse);
    top_->m_axi_awready_i = static_cast<uint8_t>(awReady);
    top_->m_axi_wready_i = static_cast<uint8_t>(wReady);
    top_->m_axi_bvalid_i = static_cast<uint8_t>(bValid);
    top_->m_axi_bresp_i = static_cast<uint8_t>(bResponse);
    top_->clk_i = 0;
    top_->eval();
    waveform_.dump(2 * cycle_);
  }

  // Transfers of this cycle are taken, then the clock rises.
  void edge() {
    for (unsigned p = 0; p < memory_.ports.size(); ++p) {
      AxiOutputs out;
      out.arValid = portBits(top_->m_axi_arvalid_o, p, 1) != 0;
      out.rReady = portBits(top_->m_axi_rready_o, p, 1) != 0;
      out.awValid = portBits(top_->m_axi_awvalid_o, p, 1) != 0;
      out.wValid = portBits(top_->m_axi_wvalid_o, p, 1) != 0;
      out.bReady = portBits(top_->m_axi_bready_o, p, 1) != 0;
      out.wLast = portBits(top_->m_axi_wlast_o, p, 1) != 0;
      out.arAddress = static_cast<uint32_t>(portBits(top_->m_axi_araddr_o, 32 * p, 32));
      out.arLength = static_cast<uint32_t>(portBits(top_->m_axi_arlen_o, 4 * p, 4));
      out.awAddress = static_cast<uint32_t>(portBits(top_->m_axi_awaddr_o, 32 * p, 32));
      out.awLength = static_cast<uint32_t>(portBits(top_->m_axi_awlen_o, 4 * p, 4));
      out.wData = portBits(top_->m_axi_wdata_o, 64 * p, 64);
      out.wStrobe = static_cast<uint8_t>(portBits(top_->m_axi_wstrb_o, 8 * p, 8));
      if (memory_.ports[p].sample(cycle_, out)) lastActivity_ = cycle_;
    }
    if (Probe::present && observer_ != nullptr) Probe::writes(*top_, *observer_);
    if ((top_->evt_start_o | top_->evt_done_o) != 0) takeEvents();
    top_->clk_i = 1;
    top_->eval();
    waveform_.dump(2 * cycle_ + 1);
    ++cycle_;
  }

  void takeEvents() {
    lastActivity_ = cycle_;
    if (events_ == nullptr) return;
    for (unsigned e = 0; e < kEngines; ++e) {
      if ((top_->evt_start_o >> e & 1) != 0) {
        events_->push_back({cycle_, static_cast<uint32_t>(portBits(top_->evt_start_index_o, 24 * e, 24)),
                            static_cast<uint16_t>(portBits(top_->evt_start_layer_o, 16 * e, 16)), static_cast<uint8_t>(e), false});
      }
      if ((top_->evt_done_o >> e & 1) != 0) {
        events_->push_back({cycle_, static_cast<uint32_t>(portBits(top_->evt_index_o, 24 * e, 24)),
                            static_cast<uint16_t>(portBits(top_->evt_layer_o, 16 * e, 16)), static_cast<uint8_t>(e), true});
      }
    }
  }

  CoreMemory& memory_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Top> top_;
  WaveformOf<Top, Trace> waveform_;
  std::vector<CoreEvent>* events_ = nullptr;
  MachineObserver* observer_ = nullptr;
  uint64_t cycle_ = 0;
  uint64_t lastActivity_ = 0;
};

}  // namespace agc::runtime
