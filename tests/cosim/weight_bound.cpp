#include "weight_bound.h"

#include <algorithm>
#include <random>

#include "agc/isa/instruction.h"

namespace agc::runtime::test {

namespace {

// Semaphores. Slots 0 and 1 of the weight buffer and of the output have one each.
constexpr uint8_t kInput = 1, kWeights = 3, kFree = 5, kComputed = 7, kStored = 9;

}  // namespace

RandomProgram weightBoundProgram(const isa::CoreConfig& core, uint64_t seed, bool loads) {
  std::mt19937_64 engine(seed);
  const uint32_t kernel = engine() % 2 == 0 ? 1 : 3, rows = 1 + static_cast<uint32_t>(engine() % 2), width = core.pixels;
  const uint32_t inRows = rows + kernel - 1, inWidth = width + kernel - 1;
  // Two blocks fill at least half of the weight buffer, and the input at most half of the scratchpad.
  const uint32_t most = (core.weightWords / 2 - 1) / (kernel * kernel);
  uint32_t icb = most / 2 + static_cast<uint32_t>(engine() % (most - most / 2 + 1));
  icb = std::min({icb, 511u, core.scratchpadWords() / 2 / (inRows * inWidth)});
  const uint32_t weights = 1 + icb * kernel * kernel, inWords = icb * inRows * inWidth, outWords = rows * width;
  const uint32_t blocks = 100000 * (core.axiPorts - 1) / (8 * weights) + 2, stored = 7;  // of which DRAM holds a few

  RandomProgram program;
  auto add = [&](const isa::Instruction& instruction) {
    program.file.code.push_back(isa::encode(instruction));
    program.text += isa::print(instruction) + "\n";
  };
  auto load = [&](uint32_t words, uint32_t sp, uint8_t post) {
    isa::Load i;
    i.seg = 3;
    i.n0 = words;
    i.sp = sp;
    i.h.post[0] = post;
    add(i);
  };
  auto wload = [&](uint32_t block) {
    isa::Wload i;
    i.seg = 1;
    i.dram = block % stored * weights * 8;
    i.n = weights;
    i.wb = block % 2 * weights;
    if (block >= 2) i.h.wait[0] = static_cast<uint8_t>(kFree + block % 2);
    i.h.post[0] = static_cast<uint8_t>(kWeights + block % 2);
    add(i);
  };

  load(inWords, 0, kInput);
  wload(0);
  isa::ConvGeo geo;
  geo.kh = geo.kw = kernel;
  geo.sy = geo.sx = 1;
  geo.icb = icb;
  geo.in_pitch = inWidth;
  geo.in_cpitch = inRows * inWidth;
  geo.out_pitch = width;
  geo.out_cpitch = outWords;
  geo.w_pitch = weights;
  add(geo);
  isa::ConvEpi epi;
  epi.lo1 = -128;
  epi.hi1 = 127;
  epi.z1 = 3;
  epi.zq = 3;
  add(epi);
  for (uint32_t block = 0; block < blocks; ++block) {
    if (block + 1 < blocks) wload(block + 1);
    const auto slot = static_cast<uint8_t>(block % 2);
    isa::Conv conv;
    conv.in_h = inRows;
    conv.in_w = inWidth;
    conv.oh = rows;
    conv.ow = width;
    conv.ocb = 1;
    conv.wb = slot * weights;
    conv.out = inWords + slot * outWords;
    conv.h.wait[0] = static_cast<uint8_t>(kWeights + slot);
    if (block == 0) conv.h.wait[1] = kInput;
    if (block >= 2) conv.h.wait[2] = static_cast<uint8_t>(kStored + slot);
    conv.h.post[0] = static_cast<uint8_t>(kComputed + slot);
    if (block + 2 < blocks) conv.h.post[1] = static_cast<uint8_t>(kFree + slot);
    add(conv);
    isa::Store store;
    store.seg = 4;
    store.dram = block * outWords;
    store.n0 = outWords;
    store.sp = conv.out;
    store.h.wait[0] = static_cast<uint8_t>(kComputed + slot);
    if (block + 2 < blocks) store.h.post[0] = static_cast<uint8_t>(kStored + slot);
    add(store);
    // Into the free half of the scratchpad; nobody looks at it, and port 0 is busy half of the time at most.
    if (loads && block % 3 == 0) load(std::min(inWords, 4 * weights) - 2 * outWords, inWords + 2 * outWords, 0);
  }
  add(isa::End{});

  program.file.constants.resize(size_t{64} * stored * weights);
  for (uint8_t& byte : program.file.constants) byte = static_cast<uint8_t>(static_cast<int>(engine() % 255) - 127);
  for (uint32_t block = 0; block < stored; ++block) {
    for (size_t o = 0; o < 8; ++o) {
      uint64_t lane = (engine() % 4000) | (uint64_t{1 << 23} + engine() % (1 << 23)) << 32 | uint64_t{32} << 57;
      for (size_t b = 0; b < 8; ++b) program.file.constants[64 * size_t{block} * weights + 8 * o + b] = static_cast<uint8_t>(lane >> (8 * b));
    }
  }
  program.file.coreHash = core.hash;
  program.file.manifestJson = "{}";
  program.segments = {{3, uint64_t{8} * inWords}, {4, uint64_t{8} * outWords * blocks}};
  return program;
}

}  // namespace agc::runtime::test
