#include "random_chain.h"

#include <algorithm>

#include "agc/isa/instruction.h"
#include "agc/isa/parameter.h"

namespace agc::runtime::test {

namespace {

// Semaphores. Stores of a map wait for its layer's last CONV; a CONV that writes over a stored map waits for the store.
constexpr uint32_t kTableWords = 4;
constexpr uint8_t kLoaded = 1, kWeights = 2, kComputed = 3, kStored = 4, kWeightsFree = 5;

class ChainProgram {
 public:
  ChainProgram(const isa::CoreConfig& core, uint64_t seed, unsigned layers) : core_(core), engine_(seed), layers_(layers) {}

  RandomProgram make() {
    height_ = 1 + below(6);
    width_ = 1 + below(3 * core_.pixels);
    blocks_ = 1 + below(4);
    // Three maps in turn, and partial sums of one.
    while (7 * blocks_ * height_ * width_ > core_.scratchpadWords() || blocks_ * (1 + 9 * blocks_) + kTableWords > core_.weightWords) {
      if (blocks_ > 1) --blocks_;
      else --width_;
    }
    mapWords_ = blocks_ * height_ * width_;
    isa::Load load;
    load.seg = 3;
    load.n0 = width_;
    load.n1 = height_;
    load.n2 = blocks_;
    load.d1 = load.s1 = width_;
    load.d2 = load.s2 = width_ * height_;
    load.sp = map(0);
    load.h.post[0] = kLoaded;
    add(load);
    for (unsigned layer = 0; layer < layers_; ++layer) emitLayer(layer);
    add(isa::End{});
    program_.file.coreHash = core_.hash;
    program_.file.manifestJson = "{}";
    program_.segments = {{3, 8 * uint64_t{mapWords_}}, {4, 8 * uint64_t{mapWords_} * layers_}};
    return std::move(program_);
  }

 private:
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  int32_t between(int32_t lo, int32_t hi) { return lo + static_cast<int32_t>(below(static_cast<uint32_t>(hi - lo + 1))); }
  uint32_t map(unsigned index) const { return index % 3 * mapWords_; }
  uint32_t partial() const { return 3 * mapWords_; }

  void add(isa::Instruction instruction) {
    isa::header(instruction).layer = static_cast<uint16_t>(layer_);
    program_.file.code.push_back(isa::encode(instruction));
    program_.text += isa::print(instruction) + "\n";
  }

  void emitLayer(unsigned layer) {
    layer_ = layer;
    uint32_t kernel = below(2) == 0 ? 1 : 3;
    uint32_t taps = blocks_ * kernel * kernel;
    bool residual = layer > 0 && below(3) == 0;
    bool split = blocks_ > 1 && below(3) == 0;
    uint32_t dilation = kernel == 3 && below(3) == 0 ? 2 : 1;

    isa::Wload wload;
    wload.seg = 1;
    wload.dram = static_cast<uint32_t>(program_.file.constants.size() / 8);
    const uint32_t weightWords = blocks_ * (1 + taps);
    table_ = below(3) == 0;
    wload.n = weightWords + (table_ ? kTableWords : 0);
    wload.h.post[0] = kWeights;
    // The buffer holds one layer: the one before must have used it.
    if (layer > 0) wload.h.wait[0] = kWeightsFree;
    add(wload);
    constants(taps);
    if (table_) {
      // Behind it nothing on this engine has to wait for the weights any more.
      isa::ConvTable table;
      table.wb = weightWords;
      table.h.wait[0] = kWeights;
      add(table);
    }

    isa::ConvGeo geo;
    geo.kh = geo.kw = kernel;
    geo.dy = geo.dx = dilation;
    geo.icb = blocks_;
    geo.in_pitch = geo.out_pitch = geo.res_pitch = width_;
    geo.in_cpitch = geo.out_cpitch = geo.res_cpitch = width_ * height_;
    geo.w_pitch = 1 + taps;
    geo.pad = between(-20, 20);
    isa::ConvEpi epi;
    epi.z1 = epi.zq = between(-40, 40);
    epi.table = table_ ? 1 + below(2) : 0;
    if (epi.table == 1) epi.zq = between(-128, 127);
    epi.lo1 = epi.lo = -128;
    epi.hi1 = epi.hi = 127;
    epi.res = residual;
    epi.zr = between(-40, 40);
    epi.zo = between(-40, 40);
    epi.a = between(1 << 20, (1 << 21) - 1);
    epi.b = between(1 << 20, (1 << 21) - 1);
    epi.sh2 = 21;
    epi.op = residual ? below(4) : 0;
    if (epi.op == 1) {
      epi.b = 0;
      epi.sh2 = 28;
    }

    isa::Conv conv;
    conv.in = map(layer);
    conv.in_h = conv.oh = height_;
    conv.in_w = conv.ow = width_;
    conv.off_y = conv.off_x = -static_cast<int32_t>((kernel - 1) / 2 * dilation);
    conv.ocb = blocks_;
    conv.out = map(layer + 1);
    // The input, the map before it, or in place of the output, where an older map is.
    conv.res = map(layer + (layer < 2 ? 2 * below(2) : below(3)));
    conv.part = partial();
    epi.res_still = residual && conv.res != conv.out && below(3) == 0;

    if (split) {
      // The first blocks into partial sums, the rest on top of them. Weights are laid out by block, so a part is a range of words behind
      // the parameter word only for the first part; the second one begins later and its parameter word is read in vain.
      uint32_t first = 1 + below(blocks_ - 1);
      isa::ConvGeo part = geo;
      part.icb = first;
      add(part);
      isa::ConvEpi out = epi;
      out.part_out = 1;
      add(out);
      isa::Conv sums = conv;
      begin(sums, layer);
      add(sums);
      part.icb = blocks_ - first;
      add(part);
      isa::ConvEpi in = epi;
      in.part_out = 1;
      in.part_in = 1;
      add(in);
      isa::Conv rest = conv;
      rest.in = conv.in + first * geo.in_cpitch;
      rest.wb = conv.wb + first * kernel * kernel;
      add(rest);
      // A last pass over a 1x1 kernel of the first block, with the epilogue.
      geo.icb = 1;
      geo.kh = geo.kw = 1;
      conv.off_y = conv.off_x = 0;
      epi.part_in = 1;
      add(geo);
      add(epi);
      finish(conv, layer, true);
    } else {
      add(geo);
      add(epi);
      begin(conv, layer);
      finish(conv, layer, false);
    }
    emitStore(layer);
  }

  // Waits of a layer's first CONV. CONV_GEO in front of it orders it behind everything of the layers before.
  void begin(isa::Conv& conv, unsigned layer) {
    conv.h.wait[0] = table_ ? 0 : kWeights;
    conv.h.wait[1] = layer == 0 ? kLoaded : 0;
  }

  // The map that the layer writes was stored two layers ago at the latest, when it was an output.
  void finish(isa::Conv conv, unsigned layer, bool begun) {
    if (!begun) begin(conv, layer);
    if (layer >= 3) conv.h.wait[2] = kStored;
    conv.h.post = {kComputed, static_cast<uint8_t>(layer + 1 < layers_ ? kWeightsFree : 0), 0, 0};
    add(conv);
  }

  void emitStore(unsigned layer) {
    isa::Store store;
    store.seg = 4;
    store.dram = layer * mapWords_;
    store.n0 = width_;
    store.n1 = height_;
    store.n2 = blocks_;
    store.d1 = store.s1 = width_;
    store.d2 = store.s2 = width_ * height_;
    store.sp = map(layer + 1);
    store.h.wait[0] = kComputed;
    if (layer + 3 < layers_) store.h.post[0] = kStored;
    add(store);
  }

  void constants(uint32_t taps) {
    std::vector<uint8_t>& bytes = program_.file.constants;
    uint32_t shift = 23 + 7;
    while ((1u << (2 * (shift - 30))) < taps) ++shift;
    for (uint32_t j = 0; j < blocks_; ++j) {
      for (uint32_t o = 0; o < 8; ++o) {
        isa::Parameter parameter;
        parameter.bias = between(-3000, 3000);
        parameter.m = between(1 << 23, (1 << 24) - 1);
        parameter.sh = shift;
        uint64_t lane = parameter.pack();
        for (uint32_t b = 0; b < 8; ++b) bytes.push_back(static_cast<uint8_t>(lane >> (8 * b)));
      }
      for (uint32_t i = 0; i < 64 * taps; ++i) bytes.push_back(static_cast<uint8_t>(between(-127, 127)));
    }
    for (uint32_t i = 0; table_ && i < 64 * kTableWords; ++i) bytes.push_back(static_cast<uint8_t>(between(-128, 127)));
  }

  const isa::CoreConfig& core_;
  std::mt19937_64 engine_;
  unsigned layers_, layer_ = 0;
  bool table_ = false;  ///< the layer has one
  uint32_t height_ = 1, width_ = 1, blocks_ = 1, mapWords_ = 0;
  RandomProgram program_;
};

}  // namespace

RandomProgram randomChainProgram(const isa::CoreConfig& core, uint64_t seed, unsigned layers) {
  return ChainProgram(core, seed, layers).make();
}

}  // namespace agc::runtime::test
