#include "naive_machine.h"

#include <algorithm>
#include <stdexcept>

namespace agc::runtime::test {

namespace {

// Exact for any value: division towards minus infinity, then the rule of the remainder.
__int128 rhe(__int128 v, unsigned s) {
  __int128 divisor = static_cast<__int128>(1) << s;
  __int128 quotient = v / divisor, remainder = v % divisor;
  if (remainder < 0) {
    quotient -= 1;
    remainder += divisor;
  }
  if (2 * remainder > divisor || (2 * remainder == divisor && quotient % 2 != 0)) quotient += 1;
  return quotient;
}

int64_t clamp(__int128 v, int64_t lo, int64_t hi) { return static_cast<int64_t>(v < lo ? lo : v > hi ? hi : v); }

uint64_t littleEndian(const uint8_t* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

void NaiveMachine::run(const std::vector<isa::Word>& code) {
  for (size_t at = 0; at < code.size(); ++at) {
    auto instruction = isa::decode(code[at]);
    if (!instruction) throw std::runtime_error("undecodable instruction");
    if (std::holds_alternative<isa::End>(*instruction)) return;
    if (auto* loop = std::get_if<isa::Loop>(&*instruction)) {
      for (int64_t k = 0; k < loop->count; ++k)
        for (size_t i = 1; i <= loop->body; ++i) one(stepped(*loop, k, isa::decode(code.at(at + i)).value()));
      at += loop->body;
    } else {
      one(*instruction);
    }
  }
  throw std::runtime_error("no END");
}

void NaiveMachine::one(const isa::Instruction& instruction) {
  if (auto* i = std::get_if<isa::Load>(&instruction)) load(*i);
  if (auto* i = std::get_if<isa::LoadFold>(&instruction)) loadFold(*i);
  if (auto* i = std::get_if<isa::Wload>(&instruction)) wload(*i);
  if (auto* i = std::get_if<isa::Store>(&instruction)) store(*i);
  if (auto* i = std::get_if<isa::ConvGeo>(&instruction)) geo_ = *i;
  if (auto* i = std::get_if<isa::ConvEpi>(&instruction)) epi_ = *i;
  if (auto* i = std::get_if<isa::ConvTable>(&instruction))
    for (size_t k = 0; k < 256; ++k) table_[k] = wb.at(i->wb + k / 64)[k % 64];
  if (auto* i = std::get_if<isa::Conv>(&instruction)) conv(*i);
}

isa::Instruction NaiveMachine::stepped(const isa::Loop& loop, int64_t k, isa::Instruction instruction) {
  auto modulo = [](int64_t value, int64_t size) { return static_cast<uint32_t>((value % size + size) % size); };
  constexpr int64_t dram = int64_t{1} << 32, scratchpad = 1 << 20, weights = 1 << 16;
  if (auto* i = std::get_if<isa::Load>(&instruction)) i->dram = modulo(i->dram + k * loop.d_load, dram);
  if (auto* i = std::get_if<isa::LoadFold>(&instruction)) i->dram = modulo(i->dram + k * loop.d_load, dram);
  if (auto* i = std::get_if<isa::Wload>(&instruction)) i->dram = modulo(i->dram + k * loop.d_wload, dram);
  if (auto* i = std::get_if<isa::Store>(&instruction)) i->dram = modulo(i->dram + k * loop.d_store, dram);
  if (auto* i = std::get_if<isa::Conv>(&instruction)) {
    i->in = modulo(i->in + k * loop.d_in, scratchpad);
    i->out = modulo(i->out + k * loop.d_out, scratchpad);
    i->res = modulo(i->res + k * loop.d_res, scratchpad);
    i->wb = modulo(i->wb + k * loop.d_wb, weights);
  }
  return instruction;
}

NaiveMachine::Lanes& NaiveMachine::word(int64_t address) {
  return sp.at(static_cast<size_t>(address % (1 << 20)));
}

void NaiveMachine::load(const isa::Load& i) {
  for (int64_t p = 0; p < i.n2; ++p)
    for (int64_t r = 0; r < i.n1; ++r)
      for (int64_t c = 0; c < i.n0; ++c)
        for (int64_t b = 0; b < 8; ++b)
          word(i.sp + p * i.s2 + r * i.s1 + (i.split ? (c >> 1) + (c & 1) * i.half : c))[static_cast<size_t>(b)] =
              dram[i.seg].at(static_cast<size_t>(8 * (i.dram + p * i.d2 + r * i.d1 + c) + b));
}

void NaiveMachine::loadFold(const isa::LoadFold& i) {
  for (int64_t r = 0; r < i.n1; ++r)
    for (int64_t x = 0; x < i.n0; ++x)
      for (int64_t f = 0; f < (i.kw * i.c + 7) / 8; ++f)
        for (int64_t b = 0; b < 8; ++b) {
          const int64_t lane = 8 * f + b, h = x * i.sx + lane / i.c - i.left;
          const bool exists = lane < i.kw * i.c && 0 <= h && h < i.w;
          word(i.sp + f * i.s2 + r * i.s1 + x)[static_cast<size_t>(b)] =
              exists ? dram[i.seg].at(static_cast<size_t>(8 * (i.dram + r * i.d1 + h) + lane % i.c)) : static_cast<uint8_t>(i.pad);
        }
}

void NaiveMachine::store(const isa::Store& i) {
  for (int64_t p = 0; p < i.n2; ++p)
    for (int64_t r = 0; r < i.n1; ++r)
      for (int64_t c = 0; c < i.n0; ++c)
        for (int64_t b = 0; b < 8; ++b)
          dram[i.seg].at(static_cast<size_t>(8 * (i.dram + p * i.d2 + r * i.d1 + c) + b)) =
              word(i.sp + p * i.s2 + r * i.s1 + c)[static_cast<size_t>(b)];
}

void NaiveMachine::wload(const isa::Wload& i) {
  for (size_t k = 0; k < i.n; ++k)
    for (size_t b = 0; b < 64; ++b) wb.at(i.wb + k)[b] = dram[i.seg].at(8 * (size_t{i.dram} + 8 * k) + b);
}

void NaiveMachine::conv(const isa::Conv& t) {
  const int64_t rows = geo_.block ? 2 : 1, columns = pixels_ / rows;
  int64_t n = 0;
  for (int64_t j = 0; j < t.ocb; ++j)
    for (int64_t top = 0; top < t.oh; top += rows)
      for (int64_t left = 0; left < t.ow; left += columns)
        for (int64_t y = top; y < std::min<int64_t>(top + rows, t.oh); ++y)
          for (int64_t x = left; x < std::min<int64_t>(left + columns, t.ow); ++x) pixel(t, j, y, x, n++);
}

void NaiveMachine::pixel(const isa::Conv& t, int64_t j, int64_t y, int64_t x, int64_t n) {
  const auto& parameters = wb.at(static_cast<size_t>(t.wb + j * geo_.w_pitch));
  std::array<int32_t, 8> acc{};
  for (int64_t i = 0; i < geo_.icb; ++i)
    for (int64_t ky = 0; ky < geo_.kh; ++ky)
      for (int64_t kx = 0; kx < geo_.kw; ++kx) {
        int64_t v = y * geo_.sy + ky * geo_.dy + t.off_y;
        int64_t h = x * geo_.sx + kx * geo_.dx + t.off_x;
        if (geo_.up) {
          v = v >> 1;
          h = h >> 1;
        }
        int64_t plane = (geo_.grp ? j * geo_.icb : 0) + i;
        int64_t column = geo_.split ? (h >> 1) + (h & 1) * geo_.in_half : h;
        Lanes a;
        if (0 <= v && v < t.in_h && 0 <= h && h < t.in_w) a = word(t.in + plane * geo_.in_cpitch + v * geo_.in_pitch + column);
        else a.fill(static_cast<uint8_t>(geo_.pad));
        const auto& w = wb.at(static_cast<size_t>(t.wb + j * geo_.w_pitch + 1 + (i * geo_.kh + ky) * geo_.kw + kx));
        for (size_t o = 0; o < 8; ++o)
          for (size_t c = 0; c < 8; ++c)
            acc[o] = static_cast<int32_t>(static_cast<uint32_t>(acc[o]) +
                                          static_cast<uint32_t>(static_cast<int8_t>(a[c]) * static_cast<int8_t>(w[8 * o + c])));
      }
  if (epi_.part_in) {
    for (int64_t o = 0; o < 8; ++o) {
      uint64_t sum = littleEndian(&word(t.part + 4 * n + o / 2)[static_cast<size_t>(4 * (o % 2))], 4);
      auto lane = static_cast<size_t>(o);
      acc[lane] = static_cast<int32_t>(static_cast<uint32_t>(acc[lane]) + static_cast<uint32_t>(sum));
    }
  }
  if (epi_.part_out) {
    for (int64_t o = 0; o < 8; ++o)
      for (int64_t b = 0; b < 4; ++b)
        word(t.part + 4 * n + o / 2)[static_cast<size_t>(4 * (o % 2) + b)] =
            static_cast<uint8_t>(static_cast<uint32_t>(acc[static_cast<size_t>(o)]) >> (8 * b));
    return;
  }
  Lanes out;
  for (size_t o = 0; o < 8; ++o) {
    uint64_t p = littleEndian(&parameters[8 * o], 8);
    auto bias = static_cast<uint32_t>(p);
    int64_t m = static_cast<int64_t>(p << 7) >> 39;  // bits 56:32, signed
    auto sh = static_cast<unsigned>(p >> 57 & 63);
    auto sum = static_cast<int32_t>(static_cast<uint32_t>(acc[o]) + bias);
    int64_t q = clamp(rhe(static_cast<__int128>(sum) * m, sh) + epi_.z1, epi_.lo1, epi_.hi1);
    auto translated = [&](int64_t v) { return static_cast<int8_t>(table_[static_cast<size_t>(v + 128)]); };
    if (epi_.table == 1) q = translated(q);
    if (epi_.res) {
      int64_t r = static_cast<int8_t>(word(t.res + j * geo_.res_cpitch + y * geo_.res_pitch + (epi_.res_still ? 0 : x))[o]);
      __int128 first = static_cast<__int128>(q - epi_.zq) * epi_.a, second = static_cast<__int128>(r - epi_.zr) * epi_.b;
      __int128 s = epi_.op == 0 ? first + second : epi_.op == 1 ? first * (r - epi_.zr) : epi_.op == 2 ? std::max(first, second) : std::min(first, second);
      q = clamp(rhe(s, epi_.sh2) + epi_.zo, epi_.lo, epi_.hi);
    }
    if (epi_.table == 2) q = translated(q);
    out[o] = static_cast<uint8_t>(q);
  }
  int64_t column = geo_.out_split ? (x >> 1) + (x & 1) * geo_.out_half : x * (int64_t{geo_.out_step} + 1);
  word(t.out + j * geo_.out_cpitch + y * geo_.out_pitch + column) = out;
}

}  // namespace agc::runtime::test
