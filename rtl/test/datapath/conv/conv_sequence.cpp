#include "conv_sequence.h"

#include "agc/isa/info.h"
#include "agc/isa/parameter.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace agc::bench {

std::string Sequence::text() const {
  std::string result;
  for (size_t k = 0; k < items.size(); k++) {
    result += std::to_string(k) + ": " + isa::print(items[k].instruction);
    if (items[k].waitFor >= 0) result += "  # after " + std::to_string(items[k].waitFor);
    result += "\n";
  }
  return result;
}

WeightAllocator::WeightAllocator(ConvMachine &machine, Random &random)
    : machine_(machine), random_(random), use_(machine.wb.size(), Use::Free) {
  bool extreme = random.chance(10);
  for (auto &word : machine.wb)
    for (uint64_t &lane : word) {
      lane = 0;
      for (unsigned c = 0; c < 8; c++) {
        int64_t weight = extreme ? (random.chance(50) ? 127 : -127) : random.in(-127, 127);
        lane |= static_cast<uint64_t>(static_cast<uint8_t>(weight)) << (8 * c);
      }
    }
}

bool WeightAllocator::claim(const isa::ConvGeo &geo, const isa::Conv &conv) {
  uint64_t taps = uint64_t{geo.icb} * geo.kh * geo.kw;
  std::vector<Use> use = use_;
  for (size_t j = 0; j < conv.ocb; j++) {
    size_t first = conv.wb + j * geo.w_pitch;
    if (first + taps >= use.size() || use[first] == Use::Weights) return false;
    use[first] = Use::Parameters;
    for (size_t k = first + 1; k <= first + taps; k++) {
      if (use[k] == Use::Parameters) return false;
      use[k] = Use::Weights;
    }
  }
  for (size_t k = 0; k < use.size(); k++)
    if (use[k] == Use::Parameters && use_[k] == Use::Free) drawParameters(k, taps);
  use_ = use;
  return true;
}

void WeightAllocator::claimTable(uint32_t address) {
  for (size_t k = address; k < address + 4; k++)
    if (use_.at(k) == Use::Free) use_[k] = Use::Weights;
}

void WeightAllocator::drawParameters(size_t address, uint64_t taps) {
  // An accumulator is of the order of 73 * 73 * sqrt(8 * taps); results should rarely hit the clamp.
  int32_t one = 1 << (isa::parameterMWidth - 2);
  int64_t shift = std::lround(std::log2(5400.0 * std::sqrt(8.0 * static_cast<double>(taps)) / 64)) + isa::parameterMWidth - 2;
  for (uint64_t &lane : machine_.wb[address]) {
    isa::Parameter p;
    p.bias = random_.chance(85) ? random_.s(-20000, 20000) : random_.s(INT32_MIN, INT32_MAX);
    p.m = random_.chance(20) ? one : random_.s(one, 2 * one - 1);  // a power of two makes ties
    if (random_.chance(5)) p.m = random_.s(0, 3);
    p.sh = static_cast<uint32_t>(random_.chance(85) ? random_.in(shift - 1, shift + 2) : random_.in(0, 63));
    lane = p.pack();
  }
}

namespace {

unsigned fieldWidth(const isa::Instruction &instruction, const std::string &name) {
  for (const isa::FieldInfo &field : isa::infoOf(instruction).fields)
    if (field.name == name) return field.width;
  throw std::logic_error("no field " + name);
}

/// Words of a [planes][rows][columns] region relative to its base; pitches count modulo 2^20.
struct Extent {
  int64_t first = 0, last = 0;
};

Extent extent(uint32_t planes, uint32_t planePitch, uint32_t rows, uint32_t pitch, uint32_t columns) {
  int64_t plane = planePitch >= 1u << 19 ? int64_t{planePitch} - (1 << 20) : planePitch;
  int64_t reach = plane * (planes - 1);
  return {std::min<int64_t>(0, reach), std::max<int64_t>(0, reach) + int64_t{pitch} * (rows - 1) + columns - 1};
}

class Builder {
public:
  Builder(const isa::CoreConfig &core, ConvMachine &machine, Random &random, const SequenceOptions &options)
      : core_(core), machine_(machine), r_(random), options_(options), weights_(machine, random), words_(core.scratchpadWords()) {
    sequence_.freeWords = 4 * core.banks;
    sequence_.freeStart = r_.u(0, words_ - sequence_.freeWords);
  }

  Sequence make() {
    // The weight buffer may be full before all groups are there.
    for (unsigned group = 0, attempt = 0; group < options_.groups && (group == 0 || attempt < 100); attempt++) {
      setUp(group == 0 || r_.chance(50), group == 0 || r_.chance(60));
      if (addGroup()) group++;
    }
    if (options_.fault != isa::Fault::None) addFault();
    return std::move(sequence_);
  }

private:
  // New register values; they are emitted with the first CONV that can use them.
  void setUp(bool newGeometry, bool newEpilogue) {
    geo_ = issuedGeo_;
    epi_ = issuedEpi_;
    emitGeo_ = newGeometry;
    emitEpi_ = newEpilogue || !newGeometry;
    if (emitGeo_) drawGeometry();
    if (emitEpi_) drawEpilogue();
    maxOcb_ = r_.chance(90) ? r_.u(1, 6) : r_.u(7, 24);
    maxRows_ = r_.chance(25) ? 1 : r_.chance(93) ? r_.u(1, 9) : r_.u(100, 400);
    maxColumns_ = r_.chance(15) ? r_.u(1, 2) : r_.chance(93) ? r_.u(1, 5 * core_.pixels) : r_.u(100, 400);
    if (emitGeo_) drawPitches();
  }

  void drawGeometry() {
    geo_ = {};
    geo_.kh = r_.chance(60) ? (r_.chance(50) ? 1 : 3) : (r_.chance(90) ? r_.u(1, 7) : r_.u(8, 15));
    geo_.kw = r_.chance(60) ? geo_.kh : (r_.chance(90) ? r_.u(1, 7) : r_.u(8, 15));
    geo_.up = r_.chance(20);
    geo_.sy = r_.chance(50) ? 1 : (r_.chance(90) ? r_.u(1, 4) : r_.u(1, 7));
    geo_.sx = geo_.up ? 1 : (r_.chance(60) ? geo_.sy : (r_.chance(90) ? r_.u(1, 4) : r_.u(1, 7)));
    geo_.dy = r_.chance(70) ? 1 : (r_.chance(85) ? r_.u(1, 4) : r_.u(5, 15));
    geo_.dx = r_.chance(70) ? 1 : (r_.chance(85) ? r_.u(1, 4) : r_.u(5, 15));
    geo_.split = !geo_.up && r_.chance(25);
    if (geo_.split) geo_.sx = r_.chance(70) ? 2 : 2 * r_.u(1, 3);
    geo_.block = !geo_.up && r_.chance(30);
    if (geo_.block) geo_.sx = geo_.split ? 2 : 1;
    if (geo_.block && r_.chance(70)) geo_.sy = r_.chance(60) ? 1 : 2;
    geo_.out_split = r_.chance(20);
    geo_.out_step = !geo_.out_split && r_.chance(25) ? r_.u(1, 7) : 0;
    geo_.grp = r_.chance(20);
    geo_.icb = r_.chance(85) ? r_.u(1, 6) : r_.u(7, 40);
    geo_.pad = r_.s(-128, 127);
    uint32_t taps = geo_.icb * geo_.kh * geo_.kw;
    geo_.w_pitch = r_.chance(10) ? 0 : 1 + taps + (r_.chance(70) ? 0 : r_.u(1, 5));
  }

  void drawPitches() {
    uint32_t span = (maxColumns_ - 1) * geo_.sx + (geo_.kw - 1) * geo_.dx + 1;
    uint32_t rows = (maxRows_ - 1) * geo_.sy + (geo_.kh - 1) * geo_.dy + 1;
    geo_.in_pitch = span / (geo_.up ? 2 : 1) + r_.u(0, 3);
    geo_.in_half = (span + 1) / 2 + (r_.chance(60) ? 0 : r_.u(0, 5));
    if (r_.chance(8)) geo_.in_half = r_.u(0, 60);  // odd columns anywhere
    if (r_.chance(8)) geo_.in_pitch = r_.u(0, 60);
    // The two rows of a block lie in different banks. Strides that no pitch can serve (sy = 4 for 8 pixels and banks) go without.
    for (unsigned tries = 0; geo_.block && !blockFits(); tries++) {
      geo_.in_pitch++;
      if (tries == core_.banks) geo_.block = 0;
    }
    geo_.in_cpitch = r_.chance(10) ? r_.u(0, 200) : geo_.in_pitch * (rows / (geo_.up ? 2 : 1) + 1) + r_.u(0, 4);
    if (r_.chance(8)) geo_.in_cpitch = ((1 << 20) - geo_.in_cpitch) % (1 << 20);
    geo_.out_pitch = maxColumns_ + (r_.chance(60) ? 0 : r_.u(1, 7));
    if (r_.chance(4)) geo_.out_pitch = r_.u(0, maxColumns_);
    geo_.out_half = (maxColumns_ + 1) / 2 + (r_.chance(60) ? 0 : r_.u(0, 7));
    if (geo_.out_step) geo_.out_pitch = stepWords(maxColumns_) + (r_.chance(60) ? 0 : r_.u(1, 7));
    if (geo_.out_split) geo_.out_pitch = geo_.out_half + maxColumns_ / 2 + (r_.chance(60) ? 0 : r_.u(1, 7));
    if (r_.chance(8)) geo_.out_half = r_.u(0, 60);
    geo_.out_cpitch = geo_.out_pitch * maxRows_ + (r_.chance(60) ? 0 : r_.u(1, 9));
    if (r_.chance(6)) geo_.out_cpitch = ((1 << 20) - geo_.out_cpitch) % (1 << 20);
    inPlace_ = r_.chance(60);
    inPlace_ = inPlace_ && !geo_.out_split && !geo_.out_step;
    geo_.res_pitch = inPlace_ ? geo_.out_pitch : maxColumns_ + r_.u(0, 5);
    if (!inPlace_ && r_.chance(15)) geo_.res_pitch = 0;  // one row for all
    geo_.res_cpitch = inPlace_ ? geo_.out_cpitch : geo_.res_pitch * maxRows_ + r_.u(0, 9);
  }

  uint32_t stepWords(uint32_t columns) const { return (columns - 1) * (geo_.out_step + 1) + 1; }

  bool blockFits() const { return geo_.sy * geo_.in_pitch % core_.banks == core_.pixels / 2; }

  /// Columns from the first to one past the last word of a row.
  static uint32_t columnWords(uint32_t columns, bool split, uint32_t half) {
    if (!split) return columns;
    return std::max((columns + 1) / 2, columns / 2 ? half + columns / 2 : 0);
  }

  void drawEpilogue() {
    auto bounds = [&](int32_t &lo, int32_t &hi) {
      lo = r_.chance(60) ? -128 : r_.s(-128, 20);
      hi = r_.chance(60) ? 127 : r_.s(lo, 127);
    };
    epi_ = {};
    epi_.res = r_.chance(40);
    epi_.part_in = r_.chance(25);
    epi_.part_out = r_.chance(20);
    epi_.z1 = r_.s(-128, 127);
    bounds(epi_.lo1, epi_.hi1);
    epi_.zr = r_.s(-128, 127);
    epi_.zo = r_.s(-128, 127);
    bounds(epi_.lo, epi_.hi);
    static const unsigned bits = fieldWidth(isa::ConvEpi{}, "a");
    const int32_t one = 1 << (bits - 1);
    auto multiplier = [&] { return r_.chance(80) ? r_.s(one / 4, one - 1) : r_.chance(20) ? -one : r_.s(-one, one - 1); };
    epi_.a = multiplier();
    epi_.b = multiplier();
    epi_.op = r_.chance(40) ? 0 : r_.u(1, 3);
    epi_.table = r_.chance(50) ? 0 : r_.u(1, 2);
    epi_.res_still = r_.chance(30);
    epi_.zq = r_.chance(50) ? epi_.z1 : r_.s(-128, 127);
    epi_.sh2 = r_.chance(85) ? bits - 3 + r_.u(0, 3) + (epi_.op == 1 ? 8 : 0) : r_.u(0, 63);
  }

  bool addGroup() {
    unsigned wanted = r_.u(1, options_.convsPerGroup), added = 0;
    for (unsigned attempt = 0; attempt < 12 * wanted && added < wanted; attempt++) {
      isa::Conv conv;
      if (!drawConv(conv)) continue;
      Footprint footprint = machine_.footprint(geo_, epi_, conv);
      if (footprint.fault != isa::Fault::None || !allowed(footprint) || !weights_.claim(geo_, conv)) continue;
      emitSetUp();
      emitConv(conv, footprint);
      added++;
    }
    return added > 0;
  }

  bool drawConv(isa::Conv &conv) {
    conv.ocb = r_.chance(50) ? maxOcb_ : r_.u(1, maxOcb_);
    conv.oh = r_.chance(50) ? maxRows_ : r_.u(1, maxRows_);
    conv.ow = r_.chance(50) ? maxColumns_ : r_.u(1, maxColumns_);
    uint64_t previous = 0;
    if (formulaCycles(geo_, epi_, conv, core_.pixels, core_.banks, previous) > options_.beatsPerConv) return false;

    auto inputSize = [&](uint32_t out, uint32_t stride, uint32_t kernel, uint32_t dilation) {
      uint32_t span = ((out - 1) * stride + (kernel - 1) * dilation + 1) / (geo_.up ? 2 : 1);
      return std::max<uint32_t>(1, r_.u(span - std::min(span / 2, kernel), span + 2));
    };
    conv.in_h = inputSize(conv.oh, geo_.sy, geo_.kh, geo_.dy);
    conv.in_w = inputSize(conv.ow, geo_.sx, geo_.kw, geo_.dx);
    conv.off_y = r_.chance(94) ? r_.s(-static_cast<int>(geo_.kh), 3) : r_.s(-128, 127);
    conv.off_x = r_.chance(94) ? r_.s(-static_cast<int>(geo_.kw), 3) : r_.s(-128, 127);

    uint32_t planes = geo_.grp ? conv.ocb * geo_.icb : geo_.icb;
    Extent output = extent(conv.ocb, geo_.out_cpitch, conv.oh, geo_.out_pitch, geo_.out_step ? stepWords(conv.ow) : columnWords(conv.ow, geo_.out_split, geo_.out_half));
    Extent residual = extent(conv.ocb, geo_.res_cpitch, conv.oh, geo_.res_pitch, epi_.res_still ? 1 : conv.ow);
    int64_t partials = 4 * int64_t{conv.ocb} * conv.oh * conv.ow;
    if (!place(extent(planes, geo_.in_cpitch, conv.in_h, geo_.in_pitch, columnWords(conv.in_w, geo_.split, geo_.in_half)), conv.in)) return false;
    if (epi_.part_out) conv.out = r_.u(0, (1 << 20) - 1);
    else if (!place(output, conv.out)) return false;
    if (!epi_.res || epi_.part_out) conv.res = r_.u(0, (1 << 20) - 1);
    else if (inPlace_ && !epi_.res_still) conv.res = conv.out;
    else if (!place(residual, conv.res)) return false;
    // Sums that the CONV in front of this one has just written, now and then.
    if (!epi_.part_in && !epi_.part_out) conv.part = r_.u(0, (1 << 20) - 1);
    else if (lastPart_ >= 0 && r_.chance(50)) conv.part = static_cast<uint32_t>(lastPart_);
    else if (!place({0, partials - 1}, conv.part)) return false;
    // Likewise residuals that it has just written.
    if (epi_.res && !epi_.part_out && lastOut_ >= 0 && r_.chance(40)) {
      conv.res = static_cast<uint32_t>(lastOut_);
      if (inPlace_ && !epi_.res_still) conv.out = conv.res;
    }

    int64_t weightWords = int64_t{conv.ocb - 1} * geo_.w_pitch + 1 + int64_t{geo_.icb} * geo_.kh * geo_.kw;
    if (weightWords > core_.weightWords) return false;
    int64_t room = core_.weightWords - weightWords;
    if (lastWeights_ >= 0 && r_.chance(40)) conv.wb = static_cast<uint32_t>(std::min(lastWeights_, room));
    else conv.wb = r_.chance(10) ? static_cast<uint32_t>(room) : r_.u(0, room);
    return true;
  }

  // At the borders of the scratchpad more often than chance would have it.
  bool place(Extent words, uint32_t &base) {
    int64_t lo = -words.first, hi = int64_t{words_} - 1 - words.last;
    if (lo > hi) return false;
    base = static_cast<uint32_t>(r_.chance(10) ? lo : r_.chance(10) ? hi : r_.in(lo, hi));
    return true;
  }

  bool isFree(uint32_t address) const { return address - sequence_.freeStart < sequence_.freeWords; }

  // What docs/machine.md leaves undefined within one CONV, and the words of the other clients.
  bool allowed(const Footprint &footprint) {
    std::vector<uint8_t> writes(words_), reads(words_);
    bool twice = false, inPlace = false;
    for (uint32_t address : footprint.writes) {
      if (isFree(address)) return false;
      twice |= writes[address] != 0;
      writes[address] = 1;
    }
    for (uint32_t address : footprint.inputs)
      if (writes[address] || isFree(address)) return false;
    for (size_t k = 0; k < footprint.drainReads.size(); k++) {
      uint32_t address = footprint.drainReads[k];
      if (isFree(address)) return false;
      inPlace |= writes[address] != 0;
    }
    if (!inPlace) return true;
    // Then each word is read exactly where it is written, once.
    return !twice && footprint.drainReads == footprint.writes;
  }

  void emit(const isa::Instruction &instruction) {
    Item item;
    item.instruction = instruction;
    isa::Header &header = isa::header(item.instruction);
    for (auto &semaphore : header.wait) semaphore = static_cast<uint8_t>(r_.u(0, 31));
    for (auto &semaphore : header.post) semaphore = static_cast<uint8_t>(r_.u(0, 31));
    header.layer = static_cast<uint16_t>(r_.u(0, 65535));
    item.bits = isa::encode(item.instruction);
    sequence_.items.push_back(std::move(item));
  }

  void emitSetUp() {
    const bool emitTable = (emitEpi_ && epi_.table && (!tableIsSet_ || r_.chance(50))) || (emitGeo_ && r_.chance(10));
    const bool tableFirst = emitTable && r_.chance(50);
    if (tableFirst) this->emitTable();
    if (emitGeo_) emit(geo_);
    if (emitEpi_) emit(epi_);
    if (emitTable && !tableFirst) this->emitTable();
    if (emitGeo_ || emitEpi_) inFlight_.clear();
    if (emitGeo_ || emitEpi_) lastPart_ = -1;
    if (emitGeo_) lastOut_ = -1;
    emitGeo_ = emitEpi_ = false;
    issuedGeo_ = geo_;
    issuedEpi_ = epi_;
  }

  /// From whatever the weight buffer holds.
  void emitTable() {
    isa::ConvTable instruction;
    instruction.wb = r_.chance(10) ? core_.weightWords - 4 : r_.u(0, core_.weightWords - 4);
    weights_.claimTable(instruction.wb);
    machine_.setTable(instruction);
    emit(instruction);
    tableIsSet_ = true;
  }

  void emitConv(const isa::Conv &conv, const Footprint &footprint) {
    emit(conv);
    Item &item = sequence_.items.back();
    std::vector<uint8_t> reads(words_);
    for (uint32_t address : footprint.inputs) reads[address] = 1;
    for (const auto &[index, writes] : inFlight_)
      for (uint32_t address : writes)
        if (reads[address]) item.waitFor = index;
    inFlight_.emplace_back(static_cast<int>(sequence_.items.size()) - 1, footprint.writes);
    item.macBeats = macBeats(geo_, conv, core_.pixels);
    item.writes = machine_.run(geo_, epi_, conv);
    lastPart_ = epi_.part_out ? int64_t{conv.part} : -1;
    lastOut_ = epi_.part_out ? -1 : int64_t{conv.out};
    lastWeights_ = conv.wb;
  }

  // One address of an otherwise good CONV is moved beyond its memory.
  void addFault() {
    if (options_.fault == isa::Fault::WbRange && r_.chance(25)) {
      isa::ConvTable beyond;
      beyond.wb = core_.weightWords - (r_.chance(50) ? 3 : r_.u(0, 3));
      emit(beyond);
      sequence_.items.back().fault = options_.fault;
      sequence_.endsInFault = true;
      return;
    }
    for (unsigned attempt = 0;; attempt++) {
      if (attempt == 20000) throw std::runtime_error("no CONV with the wanted fault fits");
      if (attempt % 20 == 19) setUp(true, true);
      isa::Conv conv;
      if (!drawConv(conv)) continue;
      Footprint good = machine_.footprint(geo_, epi_, conv);
      if (good.fault != isa::Fault::None || !allowed(good) || !weights_.claim(geo_, conv)) continue;
      moveBeyond(conv, good);
      Footprint bad = machine_.footprint(geo_, epi_, conv);
      if (bad.fault != options_.fault || !allowed(bad)) continue;
      emitSetUp();
      emitConv(conv, bad);
      sequence_.items.back().fault = bad.fault;
      sequence_.endsInFault = true;
      return;
    }
  }

  // Often by one word only: comparisons that are off by one show there.
  void moveBeyond(isa::Conv &conv, const Footprint &good) {
    bool byOne = r_.chance(50);
    if (options_.fault == isa::Fault::WbRange) {
      uint32_t taps = geo_.icb * geo_.kh * geo_.kw;
      if (byOne) conv.wb = core_.weightWords - (conv.ocb - 1) * geo_.w_pitch - taps;
      else conv.wb = r_.chance(50) ? core_.weightWords - r_.u(1, taps) : r_.u(core_.weightWords, 65535);
      return;
    }
    uint32_t beyond = r_.chance(60) ? words_ - r_.u(1, 40) : r_.u(words_, (1 << 20) - 1);
    auto move = [&](uint32_t &base, const std::vector<uint32_t> &words) {
      if (byOne && !words.empty()) base += words_ - *std::max_element(words.begin(), words.end());
      else base = beyond;
    };
    switch (r_.u(0, 2)) {
    case 0: move(conv.in, good.inputs); break;
    case 1: move(epi_.part_out ? conv.part : conv.out, good.writes); break;
    default: move(epi_.part_in ? conv.part : conv.res, good.drainReads);
    }
  }

  const isa::CoreConfig &core_;
  ConvMachine &machine_;
  Random &r_;
  const SequenceOptions &options_;
  WeightAllocator weights_;
  uint32_t words_;
  Sequence sequence_;
  isa::ConvGeo geo_, issuedGeo_;
  isa::ConvEpi epi_, issuedEpi_;
  bool emitGeo_ = false, emitEpi_ = false, inPlace_ = false, tableIsSet_ = false;
  uint32_t maxOcb_ = 1, maxRows_ = 1, maxColumns_ = 1;
  int64_t lastPart_ = -1, lastOut_ = -1, lastWeights_ = -1;
  std::vector<std::pair<int, std::vector<uint32_t>>> inFlight_;  // since the last set-up instruction
};

} // namespace

Sequence randomSequence(const isa::CoreConfig &core, ConvMachine &machine, Random &random, const SequenceOptions &options) {
  return Builder(core, machine, random, options).make();
}

} // namespace agc::bench
