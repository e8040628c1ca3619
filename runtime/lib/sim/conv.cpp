#include "conv.h"

#include <algorithm>
#include <cstring>

#include "aligned_buffer.h"
#include "conv_geometry.h"
#include "conv_kernel.h"
#include "input_cache.h"
#include "winograd.h"

namespace agc::runtime {

namespace {

// Beyond this the gathered input would not pay; only programs with absurd shapes get there.
constexpr uint64_t kGatherLimit = uint64_t{256} << 20;

// Memory that a CONV works in, kept from one to the next: fresh pages cost as much as the arithmetic on them.
struct ConvBuffers {
  AlignedBuffer<int16_t> input, weights;
  AlignedBuffer<const int16_t*> tapRows;
  AlignedBuffer<int32_t> acc;
  AlignedBuffer<int8_t> q, still;
  Winograd winograd;
  InputCache inputCache;  ///< of what is in `input` and `winograd`
};

// One CONV by rows: the input of all taps is gathered once as 16-bit rows in which padding, stride windows and upsampling along x
// are laid out, so that the inner loop only adds products. Rows outside the rectangle share one row of padding. Winograd where that suits.
class ConvByRows {
 public:
  ConvByRows(OnChip& chip, const isa::Conv& conv, const ConvReach& reach)
      : chip_(chip), conv_(conv), geo_(chip.geometry), epi_(chip.epilogue), kernels_(convKernels()), order_(geo_, conv, chip.pixels), rows_(reach.rows), touchedColumns_(reach.columns),
        taps_(size_t{geo_.icb} * geo_.kh * geo_.kw), winograd_(Winograd::suits(geo_, conv)),
        columns_((conv.ow - size_t{1}) * geo_.sx + (geo_.kw - size_t{1}) * geo_.dx + 1),
        rowElements_(8 * (winograd_ ? Winograd::rowPixels(conv.ow) : columns_)),
        rowCount_(rows_.empty() || reach.columns.empty() ? 0 : static_cast<size_t>(rows_.last - rows_.first + 1)),
        planeStride_(oddLines(rowElements_)), rowStride_(planeStride_ * geo_.icb) {}

  uint64_t gatherBytes() const { return 2 * (uint64_t{rowStride_} * rowCount_ + rowElements_); }

  void run() {
    thread_local ConvBuffers buffers;
    input_ = buffers.input.reserve(rowStride_ * rowCount_ + rowElements_);
    padRow_ = input_ + rowStride_ * rowCount_;
    std::fill_n(padRow_, rowElements_, static_cast<int16_t>(geo_.pad));
    weights_ = buffers.weights.reserve(64 * taps_);
    tapRows_ = buffers.tapRows.reserve(taps_);
    acc_ = buffers.acc.reserve(size_t{8} * conv_.ow);
    stillRow_ = epi_.res && epi_.res_still ? buffers.still.reserve(size_t{8} * conv_.ow) : nullptr;
    q_ = buffers.q.reserve(size_t{8} * conv_.ow);
    Winograd& winograd = buffers.winograd;
    if (winograd_) winograd.begin(kernels_, geo_.icb, conv_.oh, conv_.ow);
    if (epi_.res) residual_.set(epi_);

    uint64_t partial = conv_.part;
    for (uint32_t j = 0; j < conv_.ocb; ++j) {
      if ((j == 0 || geo_.grp) && !sameInput(buffers.inputCache, geo_.grp ? j * geo_.icb : 0)) {
        gather(geo_.grp ? j * geo_.icb : 0);
        if (winograd_) setWinogradInput(winograd);
      }
      buffers.inputCache.complete();
      requant_.set(parameterWord(j), epi_.z1, epi_.lo1, epi_.hi1);
      // Two output blocks at a time where both read the same input.
      size_t pairBlock = winograd_ && !geo_.grp ? j % 2 : 0;
      if (winograd_ && pairBlock == 0) accumulateWinograd(winograd, j, !geo_.grp && j + 1 < conv_.ocb ? 2 : 1);
      if (!winograd_) kernels_.widenWeights(parameterWord(j) + kWeightWordBytes, taps_, weights_);
      for (uint32_t y = 0; y < conv_.oh; ++y) {
        if (!winograd_) {
          setTapRows(y);
          kernels_.accumulateRow(tapRows_, taps_, weights_, size_t{8} * geo_.sx, conv_.ow, acc_);
        }
        finishRow(j, y, partial, winograd_ ? winograd.row(pairBlock, y) : acc_);
      }
      partial += uint64_t{4} * conv_.oh * conv_.ow;
    }
  }

 private:
  // Calls f(column 0 of the row in the scratchpad, plane, row) for all rows that taps touch.
  template <typename F>
  void forInputRows(uint32_t firstPlane, F f) const {
    for (size_t i = 0; i < geo_.icb; ++i) {
      for (size_t r = 0; r < rowCount_; ++r) {
        f(chip_.scratchpad.data() + conv_.in + (firstPlane + i) * size_t{geo_.in_cpitch} + (static_cast<size_t>(rows_.first) + r) * geo_.in_pitch, i, r);
      }
    }
  }

  bool sameInput(InputCache& cache, uint32_t firstPlane) const {
    size_t words = rowCount_ == 0 ? 0 : static_cast<size_t>(touchedColumns_.last - touchedColumns_.first + 1);
    cache.begin(geo_, conv_, geo_.icb * rowCount_ * words);
    forInputRows(firstPlane, [&](const uint64_t* source, size_t, size_t) {
      if (!geo_.split) {
        cache.row(source + touchedColumns_.first, words);
        return;
      }
      // Even and odd columns are a run of words each.
      for (int64_t parity = 0; parity < 2 && words > 0; ++parity) {
        int64_t first = touchedColumns_.first + ((touchedColumns_.first ^ parity) & 1);
        if (first <= touchedColumns_.last)
          cache.row(source + splitColumn(first, geo_.in_half), static_cast<size_t>((touchedColumns_.last - first) / 2 + 1));
      }
    });
    return cache.same();
  }

  void gather(uint32_t firstPlane) {
    forInputRows(firstPlane, [&](const uint64_t* source, size_t i, size_t r) { layOutRow(source, input_ + rowStride_ * r + planeStride_ * i); });
  }

  // One row of the rectangle as all columns of the tile see it: padding, the part inside, padding.
  void layOutRow(const uint64_t* source, int16_t* target) const {
    auto columns = static_cast<int64_t>(columns_);
    // No more than what taps touch: a column that strides skip may lie beyond the scratchpad.
    int up = geo_.up ? 1 : 0;
    int64_t first = std::clamp<int64_t>(touchedColumns_.first * (1 << up) - conv_.off_x, 0, columns);
    int64_t end = std::clamp<int64_t>((touchedColumns_.last + 1) * (1 << up) - conv_.off_x, first, columns);
    std::memcpy(target, padRow_, 16 * static_cast<size_t>(first));
    if (geo_.up || geo_.split) {
      for (int64_t x = first; x < end; ++x) {
        int64_t h = x + conv_.off_x;
        kernels_.widenPixels(source + (geo_.split ? splitColumn(h, geo_.in_half) : h >> 1), 1, target + 8 * x);
      }
    } else if (end > first) {
      kernels_.widenPixels(source + first + conv_.off_x, static_cast<size_t>(end - first), target + 8 * first);
    }
    std::memcpy(target + 8 * end, padRow_, 2 * rowElements_ - 16 * static_cast<size_t>(end));
  }

  // The row that output row `y` multiplies with tap row `ky`; the row of padding where that is outside the rectangle.
  const int16_t* inputRow(size_t plane, uint32_t y, uint32_t ky) const {
    int64_t v = inputCoordinate(y, ky, geo_.sy, geo_.dy, conv_.off_y, geo_.up != 0);
    bool inside = rowCount_ > 0 && v >= rows_.first && v <= rows_.last;
    return inside ? input_ + rowStride_ * static_cast<size_t>(v - rows_.first) + planeStride_ * plane : padRow_;
  }

  void setTapRows(uint32_t y) {
    size_t k = 0;
    for (size_t i = 0; i < geo_.icb; ++i) {
      for (uint32_t ky = 0; ky < geo_.kh; ++ky) {
        const int16_t* row = inputRow(i, y, ky);
        for (uint32_t kx = 0; kx < geo_.kw; ++kx) tapRows_[k++] = row + size_t{8} * kx * geo_.dx;
      }
    }
  }

  void setWinogradInput(Winograd& winograd) const {
    for (size_t tileRow = 0; tileRow < winograd.tileRows(); ++tileRow) {
      auto y = static_cast<uint32_t>(2 * tileRow);
      for (size_t i = 0; i < geo_.icb; ++i) {
        // Of an odd number of rows the last tile's second one is computed, from anything, and dropped.
        const int16_t* rows[4] = {inputRow(i, y, 0), inputRow(i, y, 1), inputRow(i, y, 2), inputRow(i, y, 3)};
        winograd.setInput(i, tileRow, rows);
      }
    }
  }

  const uint8_t* parameterWord(uint32_t j) const { return &chip_.weights[kWeightWordBytes * weightBlock(geo_, conv_, j)]; }

  void accumulateWinograd(Winograd& winograd, uint32_t j, uint32_t blocks) const {
    for (uint32_t b = 0; b < blocks; ++b) {
      kernels_.widenWeights(parameterWord(j + b) + kWeightWordBytes, taps_, weights_);
      winograd.setWeights(b, weights_);
    }
    winograd.accumulate(blocks);
  }

  // Partial sums of a row: `f(words, first, count)` for the neighbouring pixels whose words are neighbours.
  template <typename F>
  void forPartials(uint32_t y, uint64_t partial, F f) {
    uint32_t step = order_.rows == 1 ? conv_.ow : order_.columns;
    for (uint32_t x = 0; x < conv_.ow; x += step)
      f(chip_.scratchpad.data() + partial + 4 * order_.before(y, x), size_t{x}, size_t{std::min(step, conv_.ow - x)});
  }

  // `partial`: address of the output block's partial sums.
  void finishRow(uint32_t j, uint32_t y, uint64_t partial, int32_t* acc) {
    size_t pixels = conv_.ow;
    uint64_t* sp = chip_.scratchpad.data();
    if (epi_.part_in) {
      forPartials(y, partial, [&](const uint64_t* words, size_t first, size_t count) {
        const auto* sums = reinterpret_cast<const uint8_t*>(words);
        for (size_t n = 0; n < 8 * count; ++n) {
          uint32_t sum;
          std::memcpy(&sum, sums + 4 * n, 4);
          acc[8 * first + n] = static_cast<int32_t>(static_cast<uint32_t>(acc[8 * first + n]) + sum);
        }
      });
    }
    if (epi_.part_out) {
      forPartials(y, partial, [&](uint64_t* words, size_t first, size_t count) { std::memcpy(words, &acc[8 * first], 32 * count); });
      return;
    }
    kernels_.requantizeRow(acc, pixels, requant_, q_);
    if (epi_.table == kTableFirst) translate(chip_.table, q_, 8 * pixels);
    if (epi_.res) {
      const uint64_t* words = sp + conv_.res + size_t{j} * geo_.res_cpitch + size_t{y} * geo_.res_pitch;
      const auto* bytes = reinterpret_cast<const int8_t*>(words);
      if (stillRow_ != nullptr) {
        for (size_t x = 0; x < pixels; ++x) std::memcpy(stillRow_ + 8 * x, words, 8);
        bytes = stillRow_;
      }
      kernels_.combineRow(q_, bytes, pixels, residual_);
    }
    if (epi_.table == kTableLast) translate(chip_.table, q_, 8 * pixels);
    uint64_t* out = sp + conv_.out + size_t{j} * geo_.out_cpitch + size_t{y} * geo_.out_pitch;
    if (!geo_.out_split && geo_.out_step == 0) {
      std::memcpy(out, q_, 8 * pixels);
      return;
    }
    for (size_t x = 0; x < pixels; ++x) std::memcpy(out + outputColumn(geo_, static_cast<int64_t>(x)), &q_[8 * x], 8);
  }

  OnChip& chip_;
  const isa::Conv& conv_;
  const isa::ConvGeo& geo_;
  const isa::ConvEpi& epi_;
  const ConvKernels& kernels_;
  PixelOrder order_;
  TouchedRange rows_, touchedColumns_;
  size_t taps_;
  bool winograd_;
  size_t columns_;      ///< of the input that the tile sees, padding included
  size_t rowElements_;  ///< of a gathered row, with what Winograd's last tile wants beyond the columns
  size_t rowCount_;
  size_t planeStride_;  ///< elements; the planes of a row are neighbours
  size_t rowStride_;
  int16_t *input_ = nullptr, *padRow_ = nullptr, *weights_ = nullptr;
  const int16_t** tapRows_ = nullptr;
  int32_t* acc_ = nullptr;
  int8_t* q_ = nullptr;
  int8_t* stillRow_ = nullptr;  ///< a row's one residual word, once for each pixel; null where the residual advances
  RequantLanes requant_;
  ResidualLanes residual_;
};

}  // namespace

isa::Fault runConvTable(OnChip& chip, const isa::ConvTable& instruction) {
  constexpr uint32_t words = 4;
  if (uint64_t{instruction.wb} + words > chip.weightWords()) return isa::Fault::WbRange;
  static_assert(sizeof chip.table == words * kWeightWordBytes);
  std::memcpy(chip.table.data(), &chip.weights[kWeightWordBytes * instruction.wb], sizeof chip.table);
  return isa::Fault::None;
}

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
