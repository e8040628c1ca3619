#include "random_loop.h"

#include <algorithm>

#include "agc/isa/instruction.h"
#include "agc/isa/parameter.h"

namespace agc::runtime::test {

namespace {

// Semaphores. A copy buffer's LOAD waits for the STORE before, the weight slot's WLOAD for the CONV before; a loop is primed for both.
constexpr uint8_t kCopied = 1, kBufferFree = 2, kWeights = 3, kWeightsFree = 4, kReady = 5, kComputed = 6, kStored = 7, kBegun = 8;

constexpr uint32_t kCopyWords = 40;   // a copy buffer, at the start of the scratchpad
constexpr uint32_t kSlots = 8;        // maps in each of the areas of inputs, residuals and outputs behind it; and blocks of weights
constexpr uint32_t kMapWords = 6;
constexpr uint32_t kBlockWords = 2;   // a 1x1 block of 8 channels: parameter and weights
constexpr uint32_t kAreaWords = kSlots * kMapWords;
constexpr uint32_t kBlockDram = 8 * kBlockWords;

class LoopProgram {
 public:
  LoopProgram(const isa::CoreConfig& core, uint64_t seed, unsigned loops) : core_(core), engine_(seed), loops_(loops) {}

  RandomProgram make() {
    for (uint32_t block = 0; block < 2 * kSlots; ++block) constants();
    // All blocks of weights but the changing one, and the maps.
    isa::Wload weights = wload(0, kSlots * kBlockWords, 0);
    weights.h.post[0] = kWeights;
    add(weights);
    isa::Load maps = load(kAreaWords, 3);
    in_ = 3 * kAreaWords;
    maps.sp = kCopyWords;
    maps.h.post[0] = kReady;
    add(maps);
    registers();
    isa::Conv first = conv(0, 0, 0, 0);
    first.h.wait = {kWeights, kReady, 0, 0};
    first.h.post[0] = kBegun;
    add(first);
    isa::Store prime = store(1);
    prime.sp = kCopyWords;  // the input map, which nothing writes
    prime.h.wait[0] = kBegun;
    prime.h.post = {kBufferFree, kStored, 0, 0};
    add(prime);
    isa::Conv again = first;
    again.h.wait = {kStored, 0, 0, 0};
    again.h.post[0] = kWeightsFree;
    add(again);
    while (loops_--) emitLoop();
    // What is left over is taken: the copy buffer's, and the weights that the last loop loaded.
    isa::Wload last = wload(kBlockDram, kBlockWords, (kSlots + 1) * kBlockWords);
    last.h.wait[0] = kWeightsFree;
    last.h.post[0] = kWeights;
    add(last);
    isa::Load drained = load(1, 1);
    drained.h.wait[0] = kBufferFree;
    drained.h.post[0] = kReady;
    add(drained);
    isa::Conv end = conv(1, 1, 1, kSlots);
    end.h.wait = {kWeights, kReady, 0, 0};
    end.h.post[0] = kComputed;
    add(end);
    storeMaps();
    add(isa::End{});
    program_.file.coreHash = core_.hash;
    program_.file.manifestJson = "{}";
    program_.segments = {{3, 8 * uint64_t{in_ + 1}}, {4, 8 * uint64_t{out_ + 1}}};
    return std::move(program_);
  }

 private:
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  int32_t between(int32_t lo, int32_t hi) { return lo + static_cast<int32_t>(below(static_cast<uint32_t>(hi - lo + 1))); }

  void add(const isa::Instruction& instruction) {
    program_.file.code.push_back(isa::encode(instruction));
    program_.text += isa::print(instruction) + "\n";
  }

  isa::Load load(uint32_t words, uint32_t rows) {
    isa::Load i;
    i.seg = 3;
    i.n0 = words;
    i.n1 = rows;
    i.s1 = words;
    i.d1 = words;
    return i;
  }

  isa::Store store(uint32_t words) {
    isa::Store i;
    i.seg = 4;
    i.n0 = words;
    i.dram = out_;
    out_ += words;
    return i;
  }

  isa::Wload wload(uint32_t dram, uint32_t words, uint32_t wb) {
    isa::Wload i;
    i.seg = 1;
    i.dram = dram;
    i.n = words;
    i.wb = wb;
    return i;
  }

  /// Map `in` and residual `res` with block `weights` to map `out`.
  isa::Conv conv(uint32_t in, uint32_t res, uint32_t out, uint32_t weights) {
    isa::Conv i;
    i.in = kCopyWords + in * kMapWords;
    i.res = kCopyWords + kAreaWords + res * kMapWords;
    i.out = kCopyWords + 2 * kAreaWords + out * kMapWords;
    i.wb = static_cast<decltype(i.wb)>(weights * kBlockWords);
    i.in_h = i.oh = 2;
    i.in_w = i.ow = kMapWords / 2;
    return i;
  }

  void registers() {
    isa::ConvGeo geo;
    geo.in_pitch = geo.out_pitch = geo.res_pitch = kMapWords / 2;
    geo.in_cpitch = geo.out_cpitch = geo.res_cpitch = kMapWords;
    geo.w_pitch = kBlockWords;
    add(geo);
    isa::ConvEpi epi;
    epi.lo1 = epi.lo = -128;
    epi.hi1 = epi.hi = 127;
    epi.res = 1;
    epi.a = between(1 << 20, (1 << 21) - 1);
    epi.b = between(1 << 20, (1 << 21) - 1);
    epi.sh2 = 21;
    add(epi);
  }

  /// A start and an increment that stay in 0 .. slots-1 for `count` iterations.
  std::pair<uint32_t, int32_t> walk(uint32_t slots, uint32_t count) {
    const int32_t reach = static_cast<int32_t>((slots - 1) / (count - 1));
    const int32_t step = between(-reach, reach), way = step * static_cast<int32_t>(count - 1);
    return {static_cast<uint32_t>(std::max(0, -way)), step};
  }

  void emitLoop() {
    isa::Loop loop;
    loop.count = 2 + below(below(3) == 0 ? 30 : kSlots - 1);
    const uint32_t count = loop.count, copies = 1 + below(below(3) == 0 ? 12 : 3);
    const auto [in, dIn] = walk(kSlots, count);
    const auto [res, dRes] = walk(kSlots, count);
    const auto [out, dOut] = walk(kSlots, count);
    // The weights that the loop loads, or one of the blocks that lie there.
    const bool fresh = below(2) == 0;
    const auto [block, dBlock] = fresh ? std::pair<uint32_t, int32_t>(kSlots, 0) : walk(kSlots, count);
    const auto [constants, dConstants] = walk(2 * kSlots, count);
    loop.d_in = dIn * static_cast<int32_t>(kMapWords);
    loop.d_res = dRes * static_cast<int32_t>(kMapWords);
    loop.d_out = dOut * static_cast<int32_t>(kMapWords);
    loop.d_wb = static_cast<decltype(loop.d_wb)>(dBlock * static_cast<int32_t>(kBlockWords));
    loop.d_wload = dConstants * static_cast<int32_t>(kBlockDram);
    loop.d_load = between(-9, 9);
    const uint32_t area = copies * (kCopyWords + 3);  // of the outputs, for one iteration; upwards or downwards
    const bool down = below(2) == 0;
    loop.d_store = down ? -static_cast<int32_t>(area) : static_cast<int32_t>(area);

    std::vector<isa::Instruction> body;
    uint32_t farthest = 0;
    for (uint32_t k = 0; k < copies; ++k) {
      isa::Load i = load(1 + below(kCopyWords), 1);
      i.dram = 9 * count + below(50);
      farthest = std::max(farthest, i.dram + 9 * count + i.n0);
      i.h.wait[0] = kBufferFree;
      i.h.post[0] = kCopied;
      isa::Store o;
      o.seg = 4;
      o.n0 = i.n0;
      o.dram = out_ + (down ? (count - 1) * area : 0) + k * (kCopyWords + 3);
      o.h.wait[0] = kCopied;
      o.h.post[0] = kBufferFree;
      body.push_back(i);
      body.push_back(o);
    }
    in_ = std::max(in_, farthest);
    out_ += count * area;
    isa::Wload w = wload(constants * kBlockDram, kBlockWords, kSlots * kBlockWords);
    w.h.wait[0] = kWeightsFree;
    w.h.post[0] = kWeights;
    isa::Conv c = conv(in, res, out, block);
    c.h.wait[0] = kWeights;
    c.h.post[0] = kWeightsFree;
    // Between the copies, in this order.
    const uint32_t first = below(static_cast<uint32_t>(body.size()) + 1);
    body.insert(body.begin() + first, w);
    body.insert(body.begin() + first + 1 + below(static_cast<uint32_t>(body.size()) - first), c);
    loop.body = static_cast<uint32_t>(body.size());
    add(loop);
    for (isa::Instruction& i : body) {
      isa::header(i).layer = static_cast<uint16_t>(1 + loops_);
      add(i);
    }
  }

  void storeMaps() {
    isa::Store maps = store(kAreaWords);
    maps.sp = kCopyWords + 2 * kAreaWords;
    maps.h.wait[0] = kComputed;
    add(maps);
  }

  void constants() {
    std::vector<uint8_t>& bytes = program_.file.constants;
    for (uint32_t o = 0; o < 8; ++o) {
      isa::Parameter parameter;
      parameter.bias = between(-3000, 3000);
      parameter.m = between(1 << 23, (1 << 24) - 1);
      parameter.sh = 30;
      const uint64_t lane = parameter.pack();
      for (uint32_t b = 0; b < 8; ++b) bytes.push_back(static_cast<uint8_t>(lane >> (8 * b)));
    }
    for (uint32_t i = 0; i < 64; ++i) bytes.push_back(static_cast<uint8_t>(between(-127, 127)));
  }

  const isa::CoreConfig& core_;
  std::mt19937_64 engine_;
  unsigned loops_;
  uint32_t in_ = 0, out_ = 0;
  RandomProgram program_;
};

}  // namespace

RandomProgram randomLoopProgram(const isa::CoreConfig& core, uint64_t seed, unsigned loops) { return LoopProgram(core, seed, loops).make(); }

}  // namespace agc::runtime::test
