#include "conv.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "conv_geometry.h"
#include "conv_kernel.h"

namespace agc::runtime {

namespace {

// Beyond this the gathered input would not pay; only programs with absurd shapes get there.
constexpr uint64_t kGatherLimit = uint64_t{256} << 20;

// One CONV by rows: the input of all taps is gathered once as 16-bit rows in which padding, stride windows and upsampling along x
// are laid out, so that the inner loop only adds products. Rows outside the rectangle share one row of padding.
class ConvByRows {
 public:
  ConvByRows(OnChip& chip, const isa::Conv& conv, const ConvReach& reach)
      : chip_(chip), conv_(conv), geo_(chip.geometry), epi_(chip.epilogue), kernels_(convKernels()), order_(geo_, conv, chip.pixels), rows_(reach.rows),
        taps_(size_t{geo_.icb} * geo_.kh * geo_.kw),
        rowElements_(8 * ((conv.ow - size_t{1}) * geo_.sx + (geo_.kw - size_t{1}) * geo_.dx + 1)),
        rowCount_(rows_.empty() || reach.columns.empty() ? 0 : static_cast<size_t>(rows_.last - rows_.first + 1)) {}

  uint64_t gatherBytes() const { return 2 * rowElements_ * (uint64_t{geo_.icb} * rowCount_ + 1); }

  void run() {
    input_.resize(rowElements_ * (size_t{geo_.icb} * rowCount_ + 1));
    padRow_ = input_.data() + rowElements_ * size_t{geo_.icb} * rowCount_;
    for (size_t i = 0; i < rowElements_; ++i) padRow_[i] = static_cast<int16_t>(geo_.pad);
    weights_.resize(64 * taps_);
    tapRows_.resize(taps_);
    acc_.resize(size_t{8} * conv_.ow);
    q_.resize(size_t{8} * conv_.ow);
    if (epi_.res) residual_.setResidual(epi_);

    uint64_t partial = conv_.part;
    for (uint32_t j = 0; j < conv_.ocb; ++j) {
      if (j == 0 || geo_.grp) gather(geo_.grp ? j * geo_.icb : 0);
      const uint8_t* parameters = &chip_.weights[kWeightWordBytes * weightBlock(geo_, conv_, j)];
      requant_.set(parameters, epi_.z1, epi_.lo1, epi_.hi1);
      expandWeights(parameters + kWeightWordBytes);
      for (uint32_t y = 0; y < conv_.oh; ++y) {
        setTapRows(y);
        kernels_.accumulateRow(tapRows_.data(), taps_, weights_.data(), size_t{8} * geo_.sx, conv_.ow, acc_.data());
        finishRow(j, y, partial);
      }
      partial += uint64_t{4} * conv_.oh * conv_.ow;
    }
  }

 private:
  struct Residual : ResidualLanes {
    void setResidual(const isa::ConvEpi& e) { set(e.z1, e.zr, e.a, e.b, e.sh2, e.zo, e.lo, e.hi); }
  };

  void gather(uint32_t firstPlane) {
    size_t columns = rowElements_ / 8;
    for (size_t i = 0; i < geo_.icb; ++i) {
      for (size_t r = 0; r < rowCount_; ++r) {
        const uint64_t* source = chip_.scratchpad.data() + conv_.in + (firstPlane + i) * size_t{geo_.in_cpitch} +
                                 (static_cast<size_t>(rows_.first) + r) * geo_.in_pitch;
        int16_t* target = input_.data() + rowElements_ * (i * rowCount_ + r);
        for (size_t x = 0; x < columns; ++x, target += 8) {
          int64_t h = static_cast<int64_t>(x) + conv_.off_x;
          if (geo_.up) h >>= 1;
          if (h < 0 || h >= static_cast<int64_t>(conv_.in_w)) {
            std::memcpy(target, padRow_, 16);
            continue;
          }
          int8_t lanes[8];
          std::memcpy(lanes, source + (geo_.split ? splitColumn(h, geo_.in_half) : h), 8);
          for (int c = 0; c < 8; ++c) target[c] = lanes[c];
        }
      }
    }
  }

  // From byte 8*o + c of a weight word to the order of the kernels: channel pairs, then outputs.
  void expandWeights(const uint8_t* words) {
    int16_t* target = weights_.data();
    for (size_t k = 0; k < taps_; ++k, words += kWeightWordBytes) {
      for (size_t pair = 0; pair < 4; ++pair) {
        for (size_t o = 0; o < 8; ++o, target += 2) {
          target[0] = static_cast<int8_t>(words[8 * o + 2 * pair]);
          target[1] = static_cast<int8_t>(words[8 * o + 2 * pair + 1]);
        }
      }
    }
  }

  void setTapRows(uint32_t y) {
    size_t k = 0;
    for (size_t i = 0; i < geo_.icb; ++i) {
      for (uint32_t ky = 0; ky < geo_.kh; ++ky) {
        int64_t v = inputCoordinate(y, ky, geo_.sy, geo_.dy, conv_.off_y, geo_.up != 0);
        bool inside = rowCount_ > 0 && v >= 0 && v < static_cast<int64_t>(conv_.in_h);
        const int16_t* row = inside ? input_.data() + rowElements_ * (i * rowCount_ + static_cast<size_t>(v - rows_.first)) : padRow_;
        for (uint32_t kx = 0; kx < geo_.kw; ++kx) tapRows_[k++] = row + size_t{8} * kx * geo_.dx;
      }
    }
  }

  // Partial sums of a row: `f(words, first, count)` for the neighbouring pixels whose words are neighbours.
  template <typename F>
  void forPartials(uint32_t y, uint64_t partial, F f) {
    uint32_t step = order_.rows == 1 ? conv_.ow : order_.columns;
    for (uint32_t x = 0; x < conv_.ow; x += step)
      f(chip_.scratchpad.data() + partial + 4 * order_.before(y, x), size_t{x}, size_t{std::min(step, conv_.ow - x)});
  }

  // `partial`: address of the output block's partial sums.
  void finishRow(uint32_t j, uint32_t y, uint64_t partial) {
    size_t pixels = conv_.ow;
    uint64_t* sp = chip_.scratchpad.data();
    if (epi_.part_in) {
      forPartials(y, partial, [&](const uint64_t* words, size_t first, size_t count) {
        const auto* sums = reinterpret_cast<const uint8_t*>(words);
        for (size_t n = 0; n < 8 * count; ++n) {
          uint32_t sum;
          std::memcpy(&sum, sums + 4 * n, 4);
          acc_[8 * first + n] = static_cast<int32_t>(static_cast<uint32_t>(acc_[8 * first + n]) + sum);
        }
      });
    }
    if (epi_.part_out) {
      forPartials(y, partial, [&](uint64_t* words, size_t first, size_t count) { std::memcpy(words, &acc_[8 * first], 32 * count); });
      return;
    }
    kernels_.requantizeRow(acc_.data(), pixels, requant_, q_.data());
    if (epi_.res) {
      const uint64_t* words = sp + conv_.res + size_t{j} * geo_.res_cpitch + size_t{y} * geo_.res_pitch;
      kernels_.addResidualRow(q_.data(), reinterpret_cast<const int8_t*>(words), pixels, residual_);
    }
    uint64_t* out = sp + conv_.out + size_t{j} * geo_.out_cpitch + size_t{y} * geo_.out_pitch;
    if (!geo_.out_split) {
      std::memcpy(out, q_.data(), 8 * pixels);
      return;
    }
    for (size_t x = 0; x < pixels; ++x) std::memcpy(out + splitColumn(static_cast<int64_t>(x), geo_.out_half), &q_[8 * x], 8);
  }

  OnChip& chip_;
  const isa::Conv& conv_;
  const isa::ConvGeo& geo_;
  const isa::ConvEpi& epi_;
  const ConvKernels& kernels_;
  PixelOrder order_;
  TouchedRange rows_;
  size_t taps_;
  size_t rowElements_;
  size_t rowCount_;
  int16_t* padRow_ = nullptr;
  std::vector<int16_t> input_;
  std::vector<int16_t> weights_;
  std::vector<const int16_t*> tapRows_;
  std::vector<int32_t> acc_;
  std::vector<int8_t> q_;
  RequantLanes requant_;
  Residual residual_;
};

}  // namespace

isa::Fault runConv(OnChip& chip, const isa::Conv& conv) {
  ConvReach reach = convReach(chip.geometry, chip.epilogue, conv);
  if (!weightsInRange(chip.geometry, conv, chip.weightWords())) return isa::Fault::WbRange;
  // Addresses that wrap are legal where they wrap into the scratchpad.
  if (reach.scratchpad >= chip.scratchpadWords()) return runConvDirect(chip, conv);
  ConvByRows rows(chip, conv, reach);
  if (rows.gatherBytes() > kGatherLimit) return runConvDirect(chip, conv);
  rows.run();
  return isa::Fault::None;
}

}  // namespace agc::runtime
