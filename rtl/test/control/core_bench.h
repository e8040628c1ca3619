// The whole core with its memory, driven like a host drives it. Model is the verilated class.
#pragma once

#include "agc/isa/instruction.h"
#include "agc/isa/isa_gen.h"
#include "axi_model.h"

#include "verilated.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace agc::bench {

/// Segments of the bench, all in one memory. Segment 7 stays without a window.
struct Layout {
  static constexpr uint32_t code = 0x00040, constants = 0x10000, workspace = 0x20000, input = 0x40040, output = 0x80000;
  static constexpr uint32_t codeBytes = 0x8000, constantBytes = 0x10000, workspaceBytes = 0x20000, inputBytes = 0x20000,
                            outputBytes = 0x20000;
  static constexpr uint32_t total = 0xa0000;
};

struct Event {
  unsigned engine;
  uint32_t index;
  uint16_t layer;
};

struct Fault {
  unsigned cause, engine, sem, index, layer;
};

template <class Model> class CoreBench {
  std::unique_ptr<VerilatedContext> context_;  // outlives the model

public:
  explicit CoreBench(uint64_t seed, AxiTiming timing = {})
      : dram(Layout::total, seed), writes(dram, timing, seed + 3) {
    for (unsigned p = 0; p < ports; p++) reads.emplace_back(dram, timing, seed + 1 + (p > 1 ? 2 + p : p));
    context_ = std::make_unique<VerilatedContext>();
    context_->randReset(2);
    context_->randSeed(int(seed & 0x7fffffff));
    core = std::make_unique<Model>(context_.get());
    dram.readable = {{Layout::code, Layout::code + Layout::codeBytes},
                     {Layout::constants, Layout::constants + Layout::constantBytes},
                     {Layout::workspace, Layout::workspace + Layout::workspaceBytes},
                     {Layout::input, Layout::input + Layout::inputBytes}};
    dram.writable = {{Layout::workspace, Layout::workspace + Layout::workspaceBytes},
                     {Layout::output, Layout::output + Layout::outputBytes}};
    core->rst_ni = 0;
    core->s_axil_awvalid_i = core->s_axil_wvalid_i = core->s_axil_arvalid_i = 0;
    core->s_axil_bready_i = core->s_axil_rready_i = 1;
    for (int k = 0; k < 4; k++) cycle();
    core->rst_ni = 1;
    cycle();
    setSegment(0, Layout::code, Layout::codeBytes);
    setSegment(1, Layout::constants, Layout::constantBytes);
    setSegment(2, Layout::workspace, Layout::workspaceBytes);
    setSegment(3, Layout::input, Layout::inputBytes);
    setSegment(4, Layout::output, Layout::outputBytes);
    write(isa::reg::IrqEnable, 3);
    write(isa::reg::Watchdog, 20000);
  }

  void setSegment(unsigned index, uint32_t base, uint32_t bytes) {
    write(isa::reg::SegBase + 8 * index, base);
    write(isa::reg::SegBytes + 8 * index, bytes);
  }

  void setTiming(AxiTiming timing) {
    for (auto &port : reads) port.setTiming(timing);
    writes.setTiming(timing);
  }

  void cycle() {
    unsigned arready = 0, rvalid = 0, rlast = 0, rresp = 0;
    for (unsigned p = 0; p < ports; p++) {
      auto r = reads[p].drive();
      arready |= unsigned(r.arready) << p;
      rvalid |= unsigned(r.rvalid) << p;
      rlast |= unsigned(r.rlast) << p;
      rresp |= r.rresp << 2 * p;
      setWord(core->m_axi_rdata_i, p, r.rdata);
    }
    auto w = writes.drive();
    core->clk_i = 0;
    core->m_axi_arready_i = uint8_t(arready);
    core->m_axi_rvalid_i = uint8_t(rvalid);
    core->m_axi_rlast_i = uint8_t(rlast);
    core->m_axi_rresp_i = uint8_t(rresp);
    core->m_axi_awready_i = w.awready;
    core->m_axi_wready_i = w.wready;
    core->m_axi_bvalid_i = w.bvalid;
    core->m_axi_bresp_i = uint8_t(w.bresp);
    core->eval();
    // Before the first clock edges of the reset the outputs are random.
    if (core->rst_ni) sample();
    core->clk_i = 1;
    core->eval();
    cycles++;
  }

  void write(uint32_t address, uint32_t value) {
    core->s_axil_awvalid_i = core->s_axil_wvalid_i = 1;
    core->s_axil_awaddr_i = uint16_t(address);
    core->s_axil_wdata_i = value;
    core->s_axil_wstrb_i = 15;
    core->s_axil_bready_i = 1;
    cycle();
    core->s_axil_awvalid_i = core->s_axil_wvalid_i = 0;
    for (int k = 0; !core->s_axil_bvalid_o; k++) {
      if (k > 20) throw std::runtime_error("register write was not answered");
      cycle();
    }
    cycle();
  }

  uint32_t read(uint32_t address) {
    core->s_axil_arvalid_i = 1;
    core->s_axil_araddr_i = uint16_t(address);
    core->s_axil_rready_i = 1;
    cycle();
    core->s_axil_arvalid_i = 0;
    for (int k = 0; !core->s_axil_rvalid_o; k++) {
      if (k > 20) throw std::runtime_error("register read was not answered");
      cycle();
    }
    uint32_t value = core->s_axil_rdata_o;
    cycle();
    return value;
  }

  /// Places a program in segment 0 and rings the doorbell.
  void start(const std::vector<isa::Instruction> &program) {
    std::vector<isa::Word> words;
    for (auto &instruction : program) words.push_back(isa::encode(instruction));
    startWords(words);
  }

  void startWords(const std::vector<isa::Word> &words) {
    for (size_t k = 0; k < words.size(); k++) std::memcpy(&dram.bytes[Layout::code + 32 * k], words[k].data(), 32);
    write(isa::reg::ProgCount, uint32_t(words.size()));
    starts.clear();
    dones.clear();
    write(isa::reg::Ctrl, 1);
  }

  /// Waits for the interrupt; false when it does not come.
  bool finish(uint64_t limit = 400000) {
    for (uint64_t k = 0; k < limit && !core->irq_o; k++) cycle();
    return core->irq_o;
  }

  /// Runs a program and expects its end. Clears the interrupt.
  bool run(const std::vector<isa::Instruction> &program, uint64_t limit = 400000) {
    start(program);
    bool came = finish(limit);
    uint32_t irq = read(isa::reg::IrqStatus);
    write(isa::reg::IrqStatus, irq);
    return came && irq == 1 && read(isa::reg::Status) == 2;
  }

  Fault fault() {
    uint32_t value = read(isa::reg::Fault);
    return {value & 255, value >> 8 & 15, value >> 16 & 31, read(isa::reg::FaultIndex), read(isa::reg::FaultLayer)};
  }

  /// Words read on all ports.
  uint64_t readBeats() const {
    uint64_t beats = 0;
    for (auto &port : reads) beats += port.beats;
    return beats;
  }

  bool idle() const {
    for (auto &port : reads) {
      if (!port.idle()) return false;
    }
    return writes.idle();
  }

  /// CTRL.reset; false when it does not end.
  bool reset() {
    write(isa::reg::Ctrl, 2);
    for (int k = 0; k < 5000; k++) {
      if (!(read(isa::reg::Status) & 1)) return read(isa::reg::Status) == 0 && !core->irq_o;
    }
    return false;
  }

  Dram dram;
  static constexpr unsigned ports = AXI_PORTS;
  std::vector<AxiReadPort> reads;
  AxiWritePort writes;
  std::unique_ptr<Model> core;
  std::vector<Event> starts, dones;
  uint64_t cycles = 0;

private:
  void sample() {
    for (unsigned p = 0; p < ports; p++) {
      reads[p].sample(core->m_axi_arvalid_o >> p & 1, field(core->m_axi_araddr_o, 32 * p, 32), core->m_axi_arlen_o >> 4 * p & 15,
                      core->m_axi_rready_o >> p & 1);
    }
    writes.sample(core->m_axi_awvalid_o & 1, field(core->m_axi_awaddr_o, 0, 32), core->m_axi_awlen_o & 15, core->m_axi_wvalid_o & 1,
                  core->m_axi_wdata_o[0] | uint64_t(core->m_axi_wdata_o[1]) << 32, core->m_axi_wstrb_o & 255, core->m_axi_wlast_o & 1,
                  core->m_axi_bready_o & 1);
    if (core->m_axi_awvalid_o >> 1 || core->m_axi_wvalid_o >> 1) dram.problem("a port other than 0 writes");
    for (unsigned e = 0; e < 7; e++) {
      if (core->evt_start_o >> e & 1) starts.push_back(event(e, core->evt_start_index_o, core->evt_start_layer_o));
      if (core->evt_done_o >> e & 1) dones.push_back(event(e, core->evt_index_o, core->evt_layer_o));
    }
  }

  template <class Words> static void setWord(Words &words, unsigned index, uint64_t value) {
    words[2 * index] = uint32_t(value);
    words[2 * index + 1] = uint32_t(value >> 32);
  }

  template <class Indices, class Layers> static Event event(unsigned engine, const Indices &indices, const Layers &layers) {
    return {engine, field(indices, engine * 24, 24), uint16_t(field(layers, engine * 16, 16))};
  }

  /// Bits of a port that is an integer or an array of 32-bit words; width at most 32.
  template <class Words> static uint32_t field(const Words &words, unsigned lsb, unsigned width) {
    const uint64_t mask = (uint64_t(1) << width) - 1;
    if constexpr (std::is_integral_v<Words>) {
      return uint32_t(uint64_t(words) >> lsb & mask);
    } else {
      uint64_t pair = words[lsb / 32];
      if (lsb % 32 + width > 32) pair |= uint64_t(words[lsb / 32 + 1]) << 32;
      return uint32_t(pair >> lsb % 32 & mask);
    }
  }
};

} // namespace agc::bench
