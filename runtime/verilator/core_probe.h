// Reads the signals of probes.vlt from a Verilated agc_core of the small configuration.
#pragma once

#include <cstdint>
#include <vector>

#include "machine_observer.h"

namespace agc::runtime {

/// For models without probes.
struct NoProbe {
  static constexpr bool present = false;
  template <typename Top>
  static void writes(const Top&, MachineObserver&) {}
  template <typename Top>
  static void memories(const Top&, std::vector<uint64_t>&, std::vector<uint64_t>&) {}
};

/// For models of the core `tiny` that were made with probes.vlt.
struct TinyProbe {
  static constexpr bool present = true;

  /// What goes into the on-chip memories at the next clock edge.
  template <typename Top>
  static void writes(const Top& top, MachineObserver& observer) {
    const auto& r = *top.rootp;
    // Clients of port B: 1 writes of CONV, 2 of LOAD.
    const unsigned granted = r.agc_core__DOT__b_valid & r.agc_core__DOT__b_ready;
    if ((granted & 2u) != 0) observer.wrote(isa::Engine::Conv, isa::Memory::Scratchpad, 0, bits(r.agc_core__DOT__b_addr, 20, 20), wide(r.agc_core__DOT__b_wdata, 1));
    if ((granted & 4u) != 0) observer.wrote(isa::Engine::Load, isa::Memory::Scratchpad, 0, bits(r.agc_core__DOT__b_addr, 40, 20), wide(r.agc_core__DOT__b_wdata, 2));
    for (unsigned lane = 0; lane < 8; ++lane) {
      if ((r.agc_core__DOT__wb_en >> lane & 1u) == 0) continue;
      const uint64_t word = r.agc_core__DOT__wb_addr >> (8 * lane) & 0xff;
      observer.wrote(isa::Engine::Wload, isa::Memory::WeightBuffer, 0, 8 * word + lane, wide(r.agc_core__DOT__wb_data, lane));
    }
  }

  template <typename Top>
  static void memories(const Top& top, std::vector<uint64_t>& scratchpad, std::vector<uint64_t>& weights) {
    const auto& r = *top.rootp;
    scratchpad.resize(8 * 512);
    weights.resize(8 * 256);
#define AGC_PART(n)                                                                                                                     \
  for (unsigned k = 0; k < 512; ++k) scratchpad[8 * k + (n)] = r.agc_core__DOT__u_scratchpad__DOT__gen_bank__BRA__##n##__KET____DOT__u_bank__DOT__mem[k]; \
  for (unsigned k = 0; k < 256; ++k) weights[8 * k + (n)] = r.agc_core__DOT__u_wbuf__DOT__gen_lane__BRA__##n##__KET____DOT__gen_ram__BRA__0__KET____DOT__mem[k];
    AGC_PART(0) AGC_PART(1) AGC_PART(2) AGC_PART(3) AGC_PART(4) AGC_PART(5) AGC_PART(6) AGC_PART(7)
#undef AGC_PART
  }

 private:
  template <typename Port>
  static uint64_t bits(const Port& port, unsigned lsb, unsigned width) {
    uint64_t value = 0;
    for (unsigned b = 0; b < width; ++b) value |= uint64_t{port.at((lsb + b) / 32) >> ((lsb + b) % 32) & 1u} << b;
    return value;
  }
  /// 64 bits at a multiple of 64.
  template <typename Port>
  static uint64_t wide(const Port& port, unsigned index) {
    return port.at(2 * index) | uint64_t{port.at(2 * index + 1)} << 32;
  }
};

}  // namespace agc::runtime
