#include "tiled_layer.h"

#include <algorithm>
#include <random>

#include "agc/isa/instruction.h"

namespace agc::runtime::test {

namespace {

// Semaphores. Slots 0 and 1 of the input and output rings have one each.
constexpr uint8_t kLoaded = 1, kInputFree = 3, kComputed = 5, kStored = 7, kWeights = 9;

}  // namespace

RandomProgram tiledLayerProgram(const isa::CoreConfig& core, uint64_t seed, unsigned bands) {
  std::mt19937_64 engine(seed);
  auto pick = [&](std::initializer_list<uint32_t> choices) { return *(choices.begin() + engine() % choices.size()); };

  // Halve what is too large for the core until two slots of input and output and the weights fit.
  uint32_t kernel = pick({1, 3, 3, 5}), stride = pick({1, 1, 2}), icb = pick({2, 4, 8, 12}), ocb = pick({1, 2, 4, 8}), width = pick({16, 24, 36, 64}), rows = pick({2, 4, 8});
  bool split = stride == 2 && pick({0, 1}) != 0, block = (stride == 1 || split) && pick({0, 1}) != 0, outSplit = pick({0, 0, 1}) != 0;
  uint32_t inRows, inWidth, inPitch, inWords, outWords, weights;
  for (;;) {
    inRows = (rows - 1) * stride + kernel;
    inWidth = (width - 1) * stride + kernel;
    inPitch = (inWidth + 7) / 8 * 8 + 4;  // rows start in banks 0 and 4 in turn
    while (block && stride * inPitch % core.banks != core.pixels / 2) ++inPitch;
    inWords = icb * inRows * inPitch;
    outWords = ocb * rows * width;
    weights = 1 + icb * kernel * kernel;
    if (2 * (inWords + outWords) <= core.scratchpadWords() && ocb * weights <= core.weightWords) break;
    if (ocb * weights > core.weightWords && ocb > 1) ocb /= 2;
    else if (rows > 2) rows /= 2;
    else if (icb > 1) icb /= 2;
    else width = std::max(4u, width / 2);
  }
  // A drain that writes in every cycle and jumps from bank to bank takes cycles from the STORE beside it, which the cycle model leaves out.
  if (icb * kernel * kernel < 2 * core.pixels) outSplit = false;
  uint32_t tileRows = block ? 2 : 1, tileWidth = core.pixels / tileRows;
  uint64_t tiles = uint64_t{ocb} * (rows / tileRows) * ((width + tileWidth - 1) / tileWidth);
  uint64_t phases = block ? 1 : ((core.pixels - 1) * (split ? 1 : stride) + 1 + core.banks - 1) / core.banks;
  uint64_t bandCycles = tiles * std::max<uint64_t>(uint64_t{icb} * kernel * kernel * phases, core.pixels);
  if (bands == 0) bands = static_cast<unsigned>(110000 / bandCycles + 2);

  RandomProgram program;
  auto add = [&](const isa::Instruction& instruction) {
    program.file.code.push_back(isa::encode(instruction));
    program.text += isa::print(instruction) + "\n";
  };

  // The image: bands overlap by the halo, so `bands` of them need this many rows.
  uint32_t imageRows = rows * stride * (bands - 1) + inRows, outRows = rows * bands;
  auto load = [&](unsigned band) {
    isa::Load i;
    i.seg = 3;
    i.dram = band * rows * stride * inWidth;
    i.n0 = inWidth;
    i.n1 = inRows;
    i.n2 = icb;
    i.d1 = inWidth;
    i.d2 = imageRows * inWidth;
    i.sp = band % 2 * inWords;
    i.s1 = inPitch;
    i.s2 = inRows * inPitch;
    i.h.post[0] = static_cast<uint8_t>(kLoaded + band % 2);
    if (band >= 2) i.h.wait[0] = static_cast<uint8_t>(kInputFree + band % 2);
    i.h.layer = 1;
    add(i);
  };

  isa::Wload wload;
  wload.seg = 1;
  wload.n = ocb * weights;
  wload.h.post[0] = kWeights;
  wload.h.layer = 1;
  add(wload);
  load(0);
  isa::ConvGeo geo;
  geo.kh = geo.kw = kernel;
  geo.sy = geo.sx = stride;
  geo.icb = icb;
  geo.in_pitch = inPitch;
  geo.in_cpitch = inRows * inPitch;
  geo.out_pitch = width;
  geo.out_cpitch = rows * width;
  geo.w_pitch = weights;
  geo.split = split;
  geo.in_half = (inWidth + 1) / 2;
  geo.block = block;
  geo.out_split = outSplit;
  geo.out_half = (width + 1) / 2;
  geo.h.layer = 1;
  add(geo);
  isa::ConvEpi epi;
  epi.lo1 = -128;
  epi.hi1 = 127;
  epi.z1 = -4;
  epi.zq = -4;
  epi.h.layer = 1;
  add(epi);
  for (unsigned band = 0; band < bands; ++band) {
    auto slot = static_cast<uint8_t>(band % 2);
    if (band + 1 < bands) load(band + 1);
    isa::Conv conv;
    conv.in = slot * inWords;
    conv.in_h = inRows;
    conv.in_w = inWidth;
    conv.oh = rows;
    conv.ow = width;
    conv.ocb = ocb;
    conv.out = 2 * inWords + slot * outWords;
    conv.h.wait[0] = static_cast<uint8_t>(kLoaded + slot);
    if (band == 0) conv.h.wait[1] = kWeights;
    if (band >= 2) conv.h.wait[2] = static_cast<uint8_t>(kStored + slot);
    conv.h.post[0] = static_cast<uint8_t>(kComputed + slot);
    if (band + 2 < bands) conv.h.post[1] = static_cast<uint8_t>(kInputFree + slot);
    conv.h.layer = 1;
    add(conv);
    isa::Store store;
    store.seg = 4;
    store.dram = band * rows * width;
    store.n0 = rows * width;
    store.n1 = ocb;
    store.n2 = 1;
    store.d1 = outRows * width;
    store.sp = conv.out;
    store.s1 = rows * width;
    store.h.wait[0] = static_cast<uint8_t>(kComputed + slot);
    if (band + 2 < bands) store.h.post[0] = static_cast<uint8_t>(kStored + slot);
    store.h.layer = 1;
    add(store);
  }
  add(isa::End{});

  std::vector<uint8_t>& constants = program.file.constants;
  constants.resize(64 * size_t{ocb} * weights);
  for (uint8_t& byte : constants) byte = static_cast<uint8_t>(static_cast<int>(engine() % 255) - 127);
  for (size_t j = 0; j < ocb; ++j) {
    for (size_t o = 0; o < 8; ++o) {
      uint64_t lane = (engine() % 4000) | (uint64_t{1 << 23} + engine() % (1 << 23)) << 32 | uint64_t{32} << 57;
      for (size_t b = 0; b < 8; ++b) constants[64 * j * weights + 8 * o + b] = static_cast<uint8_t>(lane >> (8 * b));
    }
  }
  program.file.coreHash = core.hash;
  program.file.manifestJson = "{}";
  program.segments = {{3, uint64_t{8} * icb * imageRows * inWidth}, {4, uint64_t{8} * ocb * outRows * width}};
  return program;
}

}  // namespace agc::runtime::test
