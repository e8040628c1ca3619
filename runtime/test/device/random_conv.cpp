#include "random_conv.h"

#include <algorithm>

#include "agc/isa/instruction.h"

namespace agc::runtime::test {

namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  /// Uniform in lo .. hi.
  int64_t in(int64_t lo, int64_t hi) { return lo + static_cast<int64_t>(engine_() % static_cast<uint64_t>(hi - lo + 1)); }
  uint32_t u(int64_t lo, int64_t hi) { return static_cast<uint32_t>(in(lo, hi)); }
  int32_t s(int64_t lo, int64_t hi) { return static_cast<int32_t>(in(lo, hi)); }
  bool chance(int percent) { return in(0, 99) < percent; }

 private:
  std::mt19937_64 engine_;
};

/// A [planes][rows][columns] region with pitches, in words.
struct Region {
  uint32_t planes, rows, columns, pitch, planePitch, start;
  uint32_t words() const { return (planes - 1) * planePitch + (rows - 1) * pitch + columns; }
};

constexpr uint32_t kTableWords = 4;

class ConvProgram {
 public:
  ConvProgram(const isa::CoreConfig& core, uint64_t seed, unsigned scale) : core_(core), random_(seed), scale_(scale) {}

  RandomProgram make() {
    while (!choose()) {
    }
    emit();
    return std::move(program_);
  }

 private:
  // Draws a convolution; false when it does not fit the core.
  bool choose() {
    Random& r = random_;
    geo_ = {};
    epi_ = {};
    conv_ = {};
    geo_.kh = r.chance(60) ? (r.chance(50) ? 1 : 3) : r.u(1, 7);
    geo_.kw = r.chance(60) ? geo_.kh : r.u(1, 7);
    geo_.up = r.chance(20);
    geo_.sy = r.chance(60) ? 1 : r.u(1, 4);
    geo_.sx = geo_.up ? 1 : (r.chance(60) ? geo_.sy : r.u(1, 4));
    geo_.dy = r.chance(75) ? 1 : r.u(1, 4);
    geo_.dx = r.chance(75) ? 1 : r.u(1, 4);
    geo_.split = !geo_.up && r.chance(20);
    if (geo_.split) geo_.sx = r.chance(75) ? 2 : 4;
    geo_.block = !geo_.up && r.chance(25);
    if (geo_.block) geo_.sx = geo_.split ? 2 : 1;
    if (geo_.block && r.chance(75)) geo_.sy = geo_.sx;
    geo_.out_split = r.chance(20);
    geo_.grp = r.chance(20);
    geo_.icb = r.u(1, 5);
    geo_.pad = r.s(-128, 127);
    conv_.ocb = r.u(1, 5);
    conv_.oh = r.u(1, 6 * scale_);
    conv_.ow = r.u(1, 14 * scale_);
    uint32_t span = (conv_.oh - 1) * geo_.sy + (geo_.kh - 1) * geo_.dy + 1;
    conv_.in_h = std::max<int64_t>(1, r.in(span / (geo_.up ? 2 : 1) - std::min(span / 2, geo_.kh), span / (geo_.up ? 2 : 1) + 2));
    span = (conv_.ow - 1) * geo_.sx + (geo_.kw - 1) * geo_.dx + 1;
    conv_.in_w = std::max<int64_t>(1, r.in(span / (geo_.up ? 2 : 1) - std::min(span / 2, geo_.kw), span / (geo_.up ? 2 : 1) + 2));
    conv_.off_y = r.s(-static_cast<int>(geo_.kh), 3);
    conv_.off_x = r.s(-static_cast<int>(geo_.kw), 3);
    epi_.res = r.chance(35);
    epi_.part_in = r.chance(25);
    epi_.part_out = r.chance(20);
    vector_ = r.chance(70);
    if (vector_) chooseVector();

    uint32_t taps = geo_.icb * geo_.kh * geo_.kw;
    geo_.w_pitch = 1 + taps + (r.chance(70) ? 0 : r.u(1, 5));
    weightWords_ = (conv_.ocb - 1) * geo_.w_pitch + 1 + taps;
    if (weightWords_ > core_.weightWords) return false;
    conv_.wb = r.u(0, core_.weightWords - weightWords_);

    input_ = region(geo_.grp ? conv_.ocb * geo_.icb : geo_.icb, conv_.in_h, splitWords(geo_.split, conv_.in_w, geo_.in_half));
    if (geo_.block && !fitBlock()) return false;
    output_ = region(conv_.ocb, conv_.oh, geo_.out_step ? (conv_.ow - 1) * (geo_.out_step + 1) + 1 : splitWords(geo_.out_split, conv_.ow, geo_.out_half));
    // A residual that stays is one of each row, or of the whole plane.
    const bool ofPlane = epi_.res_still && r.chance(50);
    residual_ = region(conv_.ocb, ofPlane ? 1 : conv_.oh, epi_.res_still ? 1 : conv_.ow);
    if (ofPlane) residual_.pitch = 0;
    inPlace_ = r.chance(40) && !geo_.out_split && !geo_.out_step && !epi_.res_still;
    if (inPlace_) residual_ = output_;
    partialWords_ = 4 * conv_.ocb * conv_.oh * conv_.ow;
    if (!place()) return false;
    chooseEpilogue(taps);
    return true;
  }

  /// The fields that make the epilogue a vector unit; the table's place so that it need not lie apart from the weights.
  void chooseVector() {
    Random& r = random_;
    geo_.out_step = !geo_.out_split && r.chance(30) ? r.u(1, 7) : 0;
    epi_.res = r.chance(70);
    epi_.op = r.u(0, 3);
    epi_.table = r.u(0, 2);
    epi_.res_still = r.chance(30);
    tableAt_ = r.u(0, core_.weightWords - kTableWords);
  }

  Region region(uint32_t planes, uint32_t rows, uint32_t columns) {
    uint32_t pitch = random_.chance(50) ? columns : columns + random_.u(0, 7);
    return {planes, rows, columns, pitch, rows * pitch + (random_.chance(50) ? 0 : random_.u(0, 9)), 0};
  }

  /// Words of a row of `columns`. With `split`, draws the place of the odd ones, `half`.
  uint32_t splitWords(bool split, uint32_t columns, uint32_t& half) {
    if (!split) return columns;
    half = (columns + 1) / 2 + (random_.chance(60) ? 0 : random_.u(0, 5));
    return columns == 1 ? 1 : half + columns / 2;
  }

  /// Widens the input's pitch until both rows of a pixel block lie in different banks; false where no pitch does that.
  bool fitBlock() {
    for (uint32_t tries = 0; tries < core_.banks; ++tries) {
      if (geo_.sy * input_.pitch % core_.banks == core_.pixels / 2) return true;
      ++input_.pitch;
      input_.planePitch += input_.rows;
    }
    return false;
  }

  bool place() {
    uint32_t next = random_.u(0, 20);
    auto put = [&](uint32_t words) {
      uint32_t start = next;
      next += words + random_.u(0, 6);
      return start;
    };
    input_.start = put(input_.words());
    if (!epi_.part_out) output_.start = put(output_.words());
    if (epi_.res && !epi_.part_out) residual_.start = inPlace_ ? output_.start : put(residual_.words());
    if (epi_.part_in || epi_.part_out) partial_ = put(partialWords_);
    return next <= core_.scratchpadWords();
  }

  void chooseEpilogue(uint32_t taps) {
    Random& r = random_;
    auto pair = [&](int32_t& lo, int32_t& hi) {
      lo = r.chance(60) ? -128 : r.s(-128, 20);
      hi = r.chance(60) ? 127 : r.s(lo, 127);
    };
    epi_.z1 = r.s(-128, 127);
    pair(epi_.lo1, epi_.hi1);
    epi_.zr = r.s(-128, 127);
    epi_.zo = r.s(-128, 127);
    pair(epi_.lo, epi_.hi);
    epi_.a = r.chance(80) ? r.s(1 << 19, (1 << 21) - 1) : r.s(-(1 << 21), (1 << 21) - 1);
    epi_.b = r.chance(80) ? r.s(1 << 19, (1 << 21) - 1) : r.s(-(1 << 21), (1 << 21) - 1);
    epi_.sh2 = r.chance(85) ? r.u(15, 18) : r.u(0, 63);
    epi_.zq = epi_.z1;
    if (vector_) {
      if (epi_.table == 1 || r.chance(40)) epi_.zq = r.s(-128, 127);
      if (epi_.op == 1) epi_.b = 0;
      if (epi_.op != 0) epi_.sh2 = r.chance(85) ? (epi_.op == 1 ? r.u(24, 30) : r.u(19, 22)) : r.u(0, 63);
    }
    shift_ = 16 + 5;  // of a product with one tap of eight channels
    while ((1u << (2 * (shift_ - 21))) < taps) ++shift_;
  }

  void parameters() {
    Random& r = random_;
    std::vector<uint8_t>& constants = program_.file.constants;
    constants.resize(64 * (size_t{weightWords_} + (epi_.table ? kTableWords : 0)));
    for (uint8_t& byte : constants) {
      byte = static_cast<uint8_t>(r.in(-127, 127));
    }
    for (size_t j = 0; j < conv_.ocb; ++j) {
      for (size_t o = 0; o < 8; ++o) {
        int64_t bias = r.chance(90) ? r.in(-4000, 4000) : r.in(INT32_MIN / 2, INT32_MAX / 2);
        int64_t m = r.chance(5) ? 0 : r.in(1 << 23, (1 << 24) - 1);
        // A small power of two as multiplier makes ties frequent.
        if (r.chance(15)) m = 1 << 16;
        int64_t shift = r.chance(92) ? r.in(shift_ - 1, shift_ + 3) : r.in(0, 63);
        uint64_t lane = static_cast<uint32_t>(bias) | static_cast<uint64_t>(m) << 32 | static_cast<uint64_t>(shift) << 50;
        for (size_t b = 0; b < 8; ++b) constants[64 * (j * geo_.w_pitch) + 8 * o + b] = static_cast<uint8_t>(lane >> (8 * b));
      }
    }
  }

  void add(const isa::Instruction& instruction) {
    program_.file.code.push_back(isa::encode(instruction));
    program_.text += isa::print(instruction) + "\n";
  }

  // A copy between a segment, where the region is dense or has pitches of its own, and the scratchpad.
  template <typename Copy>
  Copy copy(uint32_t segment, uint32_t& cursor, const Region& region) {
    Copy i;
    i.seg = segment;
    i.dram = cursor;
    i.n0 = region.columns;
    i.n1 = region.rows;
    i.n2 = region.planes;
    i.d1 = region.columns + (random_.chance(70) ? 0 : random_.u(0, 5));
    i.d2 = i.d1 * region.rows + (random_.chance(70) ? 0 : random_.u(0, 5));
    i.sp = region.start;
    i.s1 = region.pitch;
    i.s2 = region.planePitch;
    cursor += (region.planes - 1) * i.d2 + (region.rows - 1) * i.d1 + region.columns + random_.u(0, 9);
    return i;
  }

  // Partial sums as rows that fit the counters of a copy.
  Region partialRegion() const {
    uint32_t rows = conv_.ocb * conv_.oh;
    return {1, rows, 4 * conv_.ow, 4 * conv_.ow, 0, partial_};
  }

  void emit() {
    uint32_t in = random_.u(0, 9), out = random_.u(0, 9);
    isa::Load load = copy<isa::Load>(3, in, input_);
    load.h.post[0] = 1;
    add(load);
    bool second = (epi_.res && !epi_.part_out) || epi_.part_in;
    if (epi_.part_in) {
      isa::Load partial = copy<isa::Load>(3, in, partialRegion());
      if (!(epi_.res && !epi_.part_out)) partial.h.post[0] = 2;
      add(partial);
    }
    if (epi_.res && !epi_.part_out) {
      isa::Load residual = copy<isa::Load>(3, in, residual_);
      residual.h.post[0] = 2;
      add(residual);
    }
    isa::Wload wload;
    wload.seg = 1;
    if (epi_.table) emitTable(wload);
    wload.n = weightWords_;
    wload.wb = conv_.wb;
    wload.h.post[0] = 3;
    add(wload);

    geo_.in_pitch = input_.pitch;
    geo_.in_cpitch = input_.planePitch;
    geo_.out_pitch = output_.pitch;
    geo_.out_cpitch = output_.planePitch;
    geo_.res_pitch = residual_.pitch;
    geo_.res_cpitch = residual_.planePitch;
    add(geo_);
    add(epi_);
    if (epi_.table && !earlyTable_) add(table_);
    conv_.in = input_.start;
    conv_.out = output_.start;
    conv_.res = residual_.start;
    conv_.part = partial_;
    emitConv(second);

    parameters();
    if (epi_.part_out) {
      isa::Store partial = copy<isa::Store>(4, out, partialRegion());
      partial.h.wait[0] = 4;
      add(partial);
    } else {
      // Halves apart: what lies between them was never written.
      Region part = output_;
      if (geo_.out_step) {
        storeSteps(out);
        add(isa::End{});
        finish(in, out);
        return;
      }
      if (geo_.out_split) part.columns = (conv_.ow + 1) / 2;
      isa::Store store = copy<isa::Store>(4, out, part);
      store.h.wait[0] = 4;
      add(store);
      if (geo_.out_split && conv_.ow > 1) {
        part.start += geo_.out_half;
        part.columns = conv_.ow / 2;
        add(copy<isa::Store>(4, out, part));
      }
    }
    add(isa::End{});
    finish(in, out);
  }

  void finish(uint32_t in, uint32_t out) {
    program_.file.coreHash = core_.hash;
    program_.file.manifestJson = "{}";
    program_.segments = {{3, 8 * uint64_t{in + 1}}, {4, 8 * uint64_t{out + 1}}};
  }

  /// The table's WLOAD and CONV_TABLE. Where its words are the weights' too, `weights` has to wait until it is read.
  void emitTable(isa::Wload& weights) {
    isa::Wload load;
    load.seg = 1;
    load.dram = 8 * weightWords_;
    load.n = kTableWords;
    load.wb = tableAt_;
    load.h.post[0] = 5;
    add(load);
    table_.wb = tableAt_;
    table_.h.wait[0] = 5;
    earlyTable_ = tableAt_ < conv_.wb + weightWords_ && conv_.wb < tableAt_ + kTableWords;
    if (!earlyTable_) return;
    table_.h.post[0] = 6;
    weights.h.wait[0] = 6;
    add(table_);
  }

  /// Words apart: each row of each block is a plane of rows of one word.
  void storeSteps(uint32_t& out) {
    for (uint32_t j = 0; j < conv_.ocb; ++j) {
      isa::Store store = copy<isa::Store>(4, out, {conv_.oh, conv_.ow, 1, geo_.out_step + 1, output_.pitch, output_.start + j * output_.planePitch});
      if (j == 0) store.h.wait[0] = 4;
      add(store);
    }
  }

  // In one instruction, or split behind a row (without partial sums, whose order belongs to one instruction).
  void emitConv(bool second) {
    isa::Conv first = conv_;
    first.h.layer = 1;
    first.h.wait = {1, 3, static_cast<uint8_t>(second ? 2 : 0), 0};
    bool partials = epi_.part_in || epi_.part_out;
    uint32_t rows = partials || conv_.oh == 1 || !random_.chance(50) ? conv_.oh : random_.u(1, conv_.oh - 1);
    int64_t offset = conv_.off_y + static_cast<int64_t>(rows) * geo_.sy;
    if (rows < conv_.oh && offset <= 127) {
      first.oh = rows;
      add(first);
      isa::Conv rest = conv_;
      rest.h.layer = 2;
      rest.oh = conv_.oh - rows;
      rest.off_y = static_cast<int32_t>(offset);
      rest.out = conv_.out + rows * geo_.out_pitch;
      rest.res = conv_.res + rows * geo_.res_pitch;
      rest.h.post[0] = 4;
      add(rest);
    } else {
      first.h.post[0] = 4;
      add(first);
    }
  }

  const isa::CoreConfig& core_;
  Random random_;
  unsigned scale_;
  bool vector_ = false;  ///< with the fields that make the epilogue a vector unit
  isa::ConvGeo geo_;
  isa::ConvEpi epi_;
  isa::Conv conv_;
  Region input_{}, output_{}, residual_{};
  bool inPlace_ = false;
  isa::ConvTable table_;
  uint32_t tableAt_ = 0;
  bool earlyTable_ = false;  ///< read before the weights come
  uint32_t partial_ = 0, partialWords_ = 0, weightWords_ = 0;
  int64_t shift_ = 0;
  RandomProgram program_;
};

}  // namespace

RandomProgram randomConvProgram(const isa::CoreConfig& core, uint64_t seed, unsigned scale) { return ConvProgram(core, seed, scale).make(); }

namespace {

/// A LOAD_FOLD into `words` words from `base` on and the STORE of what it wrote.
template <typename Add>
void addFold(Random& r, uint8_t side, uint32_t base, uint32_t words, int round, int rounds, uint32_t& in, uint32_t& out, Add add) {
  isa::LoadFold fold;
  uint32_t sp;
  do {
    fold.c = r.u(1, 4);
    fold.kw = r.u(1, 15);
    fold.sx = r.u(0, 2) == 0 ? r.u(1, 7) : r.u(1, 2);
    fold.left = r.u(0, 1) == 0 ? (fold.kw - 1) / 2 : r.u(0, 15);
    fold.w = r.u(1, 60);
    fold.n0 = r.u(0, 3) == 0 ? r.u(1, 40) : (fold.w + fold.sx - 1) / fold.sx;
    fold.n1 = r.u(1, 6);
    fold.s1 = fold.n0 + r.u(0, 6);
    fold.s2 = fold.s1 * fold.n1 + r.u(0, 6);
    sp = r.u(0, 30);
  } while (sp + fold.s2 * ((fold.kw * fold.c + 7) / 8) > words);
  fold.seg = 3;
  fold.pad = r.s(-128, 127);
  fold.dram = in + r.u(0, 20);
  fold.d1 = fold.w + r.u(0, 9);
  fold.sp = base + sp;
  fold.h.post[0] = static_cast<uint8_t>(1 + side);
  if (round >= 2) fold.h.wait[0] = static_cast<uint8_t>(3 + side);
  in = fold.dram + fold.d1 * fold.n1;
  isa::Store store;
  store.seg = 4;
  store.n0 = fold.n0;
  store.n1 = fold.n1;
  store.n2 = (fold.kw * fold.c + 7) / 8;
  store.sp = fold.sp;
  store.s1 = fold.s1;
  store.s2 = fold.s2;
  store.dram = out + r.u(0, 20);
  store.d1 = store.n0 + r.u(0, 9);
  store.d2 = store.d1 * store.n1 + r.u(0, 9);
  store.h.wait[0] = static_cast<uint8_t>(1 + side);
  if (round + 2 < rounds) store.h.post[0] = static_cast<uint8_t>(3 + side);
  out = store.dram + store.d2 * store.n2;
  add(fold);
  add(store);
}

}  // namespace

RandomProgram randomCopyProgram(const isa::CoreConfig& core, uint64_t seed) {
  Random r(seed);
  RandomProgram program;
  auto add = [&](const isa::Instruction& instruction) {
    program.file.code.push_back(isa::encode(instruction));
    program.text += isa::print(instruction) + "\n";
  };
  uint32_t half = core.scratchpadWords() / 2;
  uint32_t in = 0, out = 0;
  // Two halves of the scratchpad in turn: a LOAD into one waits until the STORE out of it is complete (semaphores 3 and 4).
  int rounds = r.s(1, 6);
  for (int round = 0; round < rounds; ++round) {
    auto side = static_cast<uint8_t>(round % 2);
    const int kind = r.s(0, 2);
    if (kind == 2) {
      addFold(r, side, side * half, half, round, rounds, in, out, add);
      continue;
    }
    isa::Load load;
    load.split = kind == 1;
    uint32_t sp;
    do {
      load.n0 = r.u(1, 40);
      load.n1 = r.u(1, 9);
      load.n2 = r.u(1, 4);
      if (load.split) load.half = (load.n0 + 1) / 2 + r.u(0, 6);
      load.s1 = std::max(load.n0, load.half + load.n0 / 2) + r.u(0, 6);
      load.s2 = load.s1 * load.n1 + r.u(0, 6);
      sp = r.u(0, 30);
    } while (sp + load.s2 * load.n2 > half);
    load.seg = 3;
    load.dram = in + r.u(0, 20);
    load.d1 = load.n0 + r.u(0, 9);
    load.d2 = load.d1 * load.n1 + r.u(0, 9);
    load.sp = side * half + sp;
    load.h.post[0] = static_cast<uint8_t>(1 + side);
    if (round >= 2) load.h.wait[0] = static_cast<uint8_t>(3 + side);
    in = load.dram + load.d2 * load.n2;
    isa::Store store;
    store.seg = 4;
    store.n0 = load.n0;
    store.n1 = load.n1;
    store.n2 = load.n2;
    store.sp = load.sp;
    store.s1 = load.s1;
    store.s2 = load.s2;
    store.dram = out + r.u(0, 20);
    store.d1 = store.n0 + r.u(0, 9);
    store.d2 = store.d1 * store.n1 + r.u(0, 9);
    store.h.wait[0] = static_cast<uint8_t>(1 + side);
    out = store.dram + store.d2 * store.n2;
    add(load);
    if (load.split && load.n0 > 1) {
      // Even columns, then odd ones behind them: what lies between was never written.
      isa::Store even = store;
      even.n0 = (load.n0 + 1) / 2;
      add(even);
      store.h.wait[0] = 0;
      store.n0 = load.n0 / 2;
      store.sp = load.sp + load.half;
      store.dram += even.n0;
    }
    if (round + 2 < rounds) store.h.post[0] = static_cast<uint8_t>(3 + side);
    add(store);
  }
  add(isa::End{});
  program.file.coreHash = core.hash;
  program.file.manifestJson = "{}";
  program.segments = {{3, 8 * uint64_t{in + 1}}, {4, 8 * uint64_t{out + 1}}};
  return program;
}

RandomProgram randomLoadProgram(const isa::CoreConfig& core, uint64_t seed, unsigned count) {
  RandomProgram program;
  for (uint64_t k = 0; program.file.code.size() < count; ++k) {
    RandomProgram copies = randomCopyProgram(core, 1000 * seed + k);
    for (const isa::Word& word : copies.file.code) {
      isa::Instruction instruction = *isa::decode(word);
      if (isa::engineOf(instruction) != isa::Engine::Load || program.file.code.size() >= count) continue;
      isa::header(instruction) = {};
      program.file.code.push_back(isa::encode(instruction));
      program.text += isa::print(instruction) + "\n";
    }
    if (program.segments.empty()) program.segments = {copies.segments[0]};
    program.segments[0].bytes = std::max(program.segments[0].bytes, copies.segments[0].bytes);
  }
  program.file.code.push_back(isa::encode(isa::End{}));
  program.file.coreHash = core.hash;
  program.file.manifestJson = "{}";
  return program;
}

void fillSegment(Device& device, int segment, uint64_t bytes, uint64_t seed) {
  std::mt19937_64 engine(seed);
  uint8_t* data = device.segment(segment);
  for (uint64_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(engine() >> 13);
}

}  // namespace agc::runtime::test
