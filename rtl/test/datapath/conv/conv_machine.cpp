#include "conv_machine.h"

#include "agc/isa/parameter.h"

#include <algorithm>
#include <unordered_set>

namespace agc::bench {
namespace {

constexpr int64_t addressSpace = 1 << 20;

struct OutOfRange {
  isa::Fault cause;
};

uint32_t wrap(int64_t address) { return static_cast<uint32_t>(address & (addressSpace - 1)); }

uint32_t existing(int64_t address, size_t words) {
  if (wrap(address) >= words) throw OutOfRange{isa::Fault::SpRange};
  return wrap(address);
}

size_t weightAddress(int64_t address, size_t words) {
  if (address >= static_cast<int64_t>(words)) throw OutOfRange{isa::Fault::WbRange};
  return static_cast<size_t>(address);
}

// Division towards minus infinity, then the rule for the remainder.
__int128 rhe(__int128 value, unsigned shift) {
  __int128 divisor = static_cast<__int128>(1) << shift;
  __int128 quotient = value / divisor, remainder = value % divisor;
  if (remainder < 0) {
    quotient -= 1;
    remainder += divisor;
  }
  if (2 * remainder > divisor || (2 * remainder == divisor && quotient % 2 != 0)) quotient += 1;
  return quotient;
}

int64_t clamp(__int128 value, int64_t lo, int64_t hi) { return static_cast<int64_t>(value < lo ? lo : value > hi ? hi : value); }

int8_t byteOf(uint64_t word, unsigned lane) { return static_cast<int8_t>(word >> (8 * lane)); }

__int128 secondStage(const isa::ConvEpi &epi, int64_t d, int64_t e) {
  const __int128 first = static_cast<__int128>(d) * epi.a, second = static_cast<__int128>(e) * epi.b;
  switch (epi.op) {
  case 0: return first + second;
  case 1: return first * e;
  case 2: return std::max(first, second);
  default: return std::min(first, second);
  }
}

// Address of the activation of one tap, -1 in the padding.
int64_t tapAddress(const isa::ConvGeo &geo, const isa::Conv &conv, int64_t j, int64_t y, int64_t x, int64_t i, int64_t ky, int64_t kx) {
  int64_t v = y * geo.sy + ky * geo.dy + conv.off_y, h = x * geo.sx + kx * geo.dx + conv.off_x;
  if (geo.up) {
    v >>= 1;
    h >>= 1;
  }
  if (v < 0 || v >= conv.in_h || h < 0 || h >= conv.in_w) return -1;
  int64_t plane = (geo.grp ? j * geo.icb : 0) + i;
  return wrap(conv.in + plane * geo.in_cpitch + v * geo.in_pitch + (geo.split ? (h >> 1) + (h & 1) * geo.in_half : h));
}

int64_t outAddress(const isa::ConvGeo &geo, const isa::Conv &conv, int64_t j, int64_t y, int64_t x) {
  return conv.out + j * geo.out_cpitch + y * geo.out_pitch + (geo.out_split ? (x >> 1) + (x & 1) * geo.out_half : x * (int64_t{geo.out_step} + 1));
}

int64_t weightIndex(const isa::ConvGeo &geo, const isa::Conv &conv, int64_t j, int64_t i, int64_t ky, int64_t kx) {
  return int64_t{conv.wb} + j * geo.w_pitch + 1 + (i * geo.kh + ky) * geo.kw + kx;
}

} // namespace

std::vector<std::vector<std::pair<uint32_t, uint32_t>>> pixelBlocks(const isa::ConvGeo &geo, const isa::Conv &conv, uint32_t pixels) {
  const uint32_t rows = geo.block ? 2 : 1, columns = pixels / rows;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> blocks;
  for (uint32_t top = 0; top < conv.oh; top += rows)
    for (uint32_t left = 0; left < conv.ow; left += columns) {
      blocks.emplace_back();
      for (uint32_t y = top; y < std::min(top + rows, conv.oh); y++)
        for (uint32_t x = left; x < std::min(left + columns, conv.ow); x++) blocks.back().emplace_back(y, x);
    }
  return blocks;
}

Footprint ConvMachine::footprint(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv) const {
  Footprint result;
  std::unordered_set<uint32_t> inputs;
  const auto blocks = pixelBlocks(geo, conv, pixels_);
  try {
    int64_t n = 0;
    for (int64_t j = 0; j < conv.ocb; j++) {
      weightAddress(int64_t{conv.wb} + j * geo.w_pitch, wb.size());
      for (const auto &block : blocks) {
        for (auto [y, x] : block) {
          for (int64_t i = 0; i < geo.icb; i++)
            for (int64_t ky = 0; ky < geo.kh; ky++)
              for (int64_t kx = 0; kx < geo.kw; kx++) {
                weightAddress(weightIndex(geo, conv, j, i, ky, kx), wb.size());
                int64_t address = tapAddress(geo, conv, j, y, x, i, ky, kx);
                if (address >= 0) inputs.insert(existing(address, sp.size()));
              }
          int64_t part = conv.part + 4 * n++;
          for (int64_t t = 0; t < 4; t++) {
            if (epi.part_in) result.drainReads.push_back(existing(part + t, sp.size()));
            if (epi.part_out) result.writes.push_back(existing(part + t, sp.size()));
          }
          if (epi.part_out) continue;
          if (epi.res) result.drainReads.push_back(existing(conv.res + j * geo.res_cpitch + y * geo.res_pitch + (epi.res_still ? 0 : x), sp.size()));
          result.writes.push_back(existing(outAddress(geo, conv, j, y, x), sp.size()));
        }
      }
    }
  } catch (const OutOfRange &out) {
    result.fault = out.cause;
  }
  result.inputs.assign(inputs.begin(), inputs.end());
  return result;
}

std::vector<Write> ConvMachine::run(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv) {
  std::vector<Write> writes;
  auto store = [&](uint32_t address, uint64_t data) {
    sp[address] = data;
    writes.push_back({address, data});
  };
  const auto blocks = pixelBlocks(geo, conv, pixels_);
  uint64_t padWord = 0x0101010101010101u * static_cast<uint8_t>(geo.pad);
  try {
    int64_t n = 0;
    for (int64_t j = 0; j < conv.ocb; j++) {
      const auto &parameters = wb[weightAddress(int64_t{conv.wb} + j * geo.w_pitch, wb.size())];
      for (const auto &block : blocks) {
        for (auto [y, x] : block) {
          std::array<uint32_t, 8> acc{};
          int64_t part = conv.part + 4 * n++;
          for (int64_t i = 0; i < geo.icb; i++)
            for (int64_t ky = 0; ky < geo.kh; ky++)
              for (int64_t kx = 0; kx < geo.kw; kx++) {
                const auto &w = wb[weightAddress(weightIndex(geo, conv, j, i, ky, kx), wb.size())];
                int64_t address = tapAddress(geo, conv, j, y, x, i, ky, kx);
                uint64_t a = address >= 0 ? sp[existing(address, sp.size())] : padWord;
                for (unsigned o = 0; o < 8; o++)
                  for (unsigned c = 0; c < 8; c++) acc[o] += static_cast<uint32_t>(byteOf(a, c) * byteOf(w[o], c));
              }
          for (unsigned t = 0; epi.part_in && t < 4; t++) {
            uint64_t sums = sp[existing(part + t, sp.size())];
            acc[2 * t] += static_cast<uint32_t>(sums);
            acc[2 * t + 1] += static_cast<uint32_t>(sums >> 32);
          }
          if (epi.part_out) {
            for (unsigned t = 0; t < 4; t++)
              store(existing(part + t, sp.size()), acc[2 * t] | static_cast<uint64_t>(acc[2 * t + 1]) << 32);
            continue;
          }
          uint64_t residual = epi.res ? sp[existing(conv.res + j * geo.res_cpitch + y * geo.res_pitch + (epi.res_still ? 0 : x), sp.size())] : 0;
          uint64_t result = 0;
          for (unsigned o = 0; o < 8; o++) {
            isa::Parameter p = isa::Parameter::unpack(parameters[o]);
            auto sum = static_cast<int32_t>(acc[o] + static_cast<uint32_t>(p.bias));
            int64_t q = clamp(rhe(static_cast<__int128>(sum) * p.m, p.sh) + epi.z1, epi.lo1, epi.hi1);
            if (epi.table == 1) q = table[static_cast<size_t>(q + 128)];
            if (epi.res) q = clamp(rhe(secondStage(epi, q - epi.zq, byteOf(residual, o) - epi.zr), epi.sh2) + epi.zo, epi.lo, epi.hi);
            if (epi.table == 2) q = table[static_cast<size_t>(q + 128)];
            result |= static_cast<uint64_t>(static_cast<uint8_t>(q)) << (8 * o);
          }
          store(existing(outAddress(geo, conv, j, y, x), sp.size()), result);
        }
      }
    }
  } catch (const OutOfRange &) {
    // What follows is not executed.
  }
  return writes;
}

bool ConvMachine::setTable(const isa::ConvTable &instruction) {
  if (uint64_t{instruction.wb} + 3 >= wb.size()) return false;
  for (size_t k = 0; k < table.size(); k++) table[k] = byteOf(wb[instruction.wb + k / 64][k % 64 / 8], k % 8);
  return true;
}

uint64_t formulaCycles(const isa::ConvGeo &geo, const isa::ConvEpi &epi, const isa::Conv &conv, uint32_t pixels, uint32_t banks,
                       uint64_t &previousDrain) {
  uint64_t phases = geo.up || geo.block ? 1 : ((pixels - 1) * (geo.split ? geo.sx / 2 : geo.sx) + 1 + banks - 1) / banks;
  uint64_t beats = uint64_t{geo.icb} * geo.kh * geo.kw * phases, total = 0;
  uint64_t perPixel = epi.part_in && epi.res && !epi.part_out ? 5 : epi.part_in || epi.part_out ? 4 : 1;
  const auto blocks = pixelBlocks(geo, conv, pixels);
  for (uint32_t j = 0; j < conv.ocb; j++) {
    uint64_t parameters = 1;
    for (const auto &block : blocks) {
      total += std::max(beats + parameters, previousDrain);
      previousDrain = perPixel * block.size();
      parameters = 0;
    }
  }
  return total;
}

uint64_t macBeats(const isa::ConvGeo &geo, const isa::Conv &conv, uint32_t pixels) {
  return uint64_t{geo.icb} * geo.kh * geo.kw * conv.ocb * pixelBlocks(geo, conv, pixels).size();
}

} // namespace agc::bench
