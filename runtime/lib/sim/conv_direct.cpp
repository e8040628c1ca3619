// A CONV pixel by pixel with every address computed modulo 2^20 and checked: the path for programs whose addresses wrap or fault.
#include <algorithm>
#include <cstring>

#include "conv.h"
#include "conv_geometry.h"
#include "conv_kernel.h"

namespace agc::runtime {

namespace {

class DirectConv {
 public:
  DirectConv(OnChip& chip, const isa::Conv& conv) : chip_(chip), conv_(conv), geo_(chip.geometry), epi_(chip.epilogue) {}

  isa::Fault run() {
    residual_.set(epi_);
    const PixelOrder order(geo_, conv_, chip_.pixels);
    uint64_t n = 0;
    for (uint64_t j = 0; j < conv_.ocb; ++j) {
      uint64_t wb = weightBlock(geo_, conv_, static_cast<uint32_t>(j));
      requant_.set(&chip_.weights[kWeightWordBytes * wb], epi_.z1, epi_.lo1, epi_.hi1);
      for (uint32_t top = 0; top < conv_.oh; top += order.rows) {
        for (uint32_t left = 0; left < conv_.ow; left += order.columns) {
          for (uint32_t y = top; y < std::min(top + order.rows, order.oh); ++y) {
            for (uint32_t x = left; x < std::min(left + order.columns, order.ow); ++x, ++n) {
              if (!pixel(j, y, x, n, wb + 1)) return isa::Fault::SpRange;
            }
          }
        }
      }
    }
    return isa::Fault::None;
  }

 private:
  /// Null when the address is a fault.
  uint64_t* word(uint64_t address) {
    address &= kScratchpadAddressMask;
    return address < chip_.scratchpad.size() ? &chip_.scratchpad[address] : nullptr;
  }

  /// False when an address is a fault, as in drain().
  bool pixel(uint64_t j, uint64_t y, uint64_t x, uint64_t n, uint64_t weightWord) {
    uint32_t acc[8] = {};
    for (uint64_t i = 0; i < geo_.icb; ++i) {
      uint64_t plane = (geo_.grp ? j * geo_.icb : 0) + i;
      for (uint32_t ky = 0; ky < geo_.kh; ++ky) {
        int64_t v = inputCoordinate(static_cast<int64_t>(y), ky, geo_.sy, geo_.dy, conv_.off_y, geo_.up != 0);
        for (uint32_t kx = 0; kx < geo_.kw; ++kx, ++weightWord) {
          int64_t h = inputCoordinate(static_cast<int64_t>(x), kx, geo_.sx, geo_.dx, conv_.off_x, geo_.up != 0);
          int8_t in[8];
          std::memset(in, geo_.pad, 8);
          if (v >= 0 && v < static_cast<int64_t>(conv_.in_h) && h >= 0 && h < static_cast<int64_t>(conv_.in_w)) {
            const int64_t column = geo_.split ? splitColumn(h, geo_.in_half) : h;
            const uint64_t* source = word(conv_.in + plane * geo_.in_cpitch + static_cast<uint64_t>(v) * geo_.in_pitch + static_cast<uint64_t>(column));
            if (source == nullptr) return false;
            std::memcpy(in, source, 8);
          }
          const uint8_t* weights = &chip_.weights[kWeightWordBytes * weightWord];
          for (int o = 0; o < 8; ++o) {
            for (int c = 0; c < 8; ++c) acc[o] += static_cast<uint32_t>(in[c] * static_cast<int8_t>(weights[8 * o + c]));
          }
        }
      }
    }
    return drain(acc, j, y, x, n);
  }

  bool drain(uint32_t* acc, uint64_t j, uint64_t y, uint64_t x, uint64_t n) {
    if (epi_.part_in || epi_.part_out) {
      for (uint64_t t = 0; t < 4; ++t) {
        uint64_t* sums = word(conv_.part + 4 * n + t);
        if (sums == nullptr) return false;
        if (epi_.part_in) {
          acc[2 * t] += static_cast<uint32_t>(*sums);
          acc[2 * t + 1] += static_cast<uint32_t>(*sums >> 32);
        }
        if (epi_.part_out) *sums = acc[2 * t] | static_cast<uint64_t>(acc[2 * t + 1]) << 32;
      }
      if (epi_.part_out) return true;
    }
    const ConvKernels& kernels = portableConvKernels();
    int32_t sums[8];
    int8_t q[8];
    std::memcpy(sums, acc, sizeof sums);
    kernels.requantizeRow(sums, 1, requant_, q);
    if (epi_.table == kTableFirst) translate(chip_.table, q, 8);
    if (epi_.res) {
      const uint64_t* r = word(conv_.res + j * geo_.res_cpitch + y * geo_.res_pitch + (epi_.res_still ? 0 : x));
      if (r == nullptr) return false;
      int8_t residual[8];
      std::memcpy(residual, r, 8);
      kernels.combineRow(q, residual, 1, residual_);
    }
    if (epi_.table == kTableLast) translate(chip_.table, q, 8);
    uint64_t* out = word(conv_.out + j * geo_.out_cpitch + y * geo_.out_pitch + static_cast<uint64_t>(outputColumn(geo_, static_cast<int64_t>(x))));
    if (out == nullptr) return false;
    std::memcpy(out, q, 8);
    return true;
  }

  OnChip& chip_;
  const isa::Conv& conv_;
  const isa::ConvGeo& geo_;
  const isa::ConvEpi& epi_;
  RequantLanes requant_;
  ResidualLanes residual_;
};

}  // namespace

isa::Fault runConvDirect(OnChip& chip, const isa::Conv& conv) {
  if (!weightsInRange(chip.geometry, conv, chip.weightWords())) return isa::Fault::WbRange;
  return DirectConv(chip, conv).run();
}

}  // namespace agc::runtime
