// Coordinates of a convolution tile and the question whether any address leaves the scratchpad.
#pragma once

#include <algorithm>
#include <cstdint>

#include "agc/isa/isa_gen.h"
#include "on_chip.h"

namespace agc::runtime {

/// Range of the input coordinates inside the rectangle that a CONV touches along one axis; empty when last < first.
struct TouchedRange {
  int64_t first = 0, last = -1;
  bool empty() const { return last < first; }
};

/// Input coordinate before the inside test, of output position `position` and kernel tap `tap`.
inline int64_t inputCoordinate(int64_t position, int64_t tap, int64_t stride, int64_t dilation, int64_t offset, bool up) {
  int64_t coordinate = position * stride + tap * dilation + offset;
  return up ? coordinate >> 1 : coordinate;
}

/// Words from a row's column 0 to `column` when the columns lie apart by parity.
inline int64_t splitColumn(int64_t column, int64_t half) { return (column >> 1) + (column & 1) * half; }

/// Words from a row's column 0 to the last word of the columns `first` to `last`.
inline int64_t lastWord(int64_t first, int64_t last, bool split, int64_t half) {
  if (!split) return last;
  return std::max(splitColumn(last, half), splitColumn(std::max(first, last - 1), half));
}

/// Words from an output row's column 0 to `column`.
inline int64_t outputColumn(const isa::ConvGeo& geo, int64_t column) {
  return geo.out_split ? splitColumn(column, geo.out_half) : column * (int64_t{geo.out_step} + 1);
}

/// The pixels of a CONV in the order in which they are computed and drained.
struct PixelOrder {
  uint32_t oh, ow;
  uint32_t rows;     ///< of a micro-tile
  uint32_t columns;  ///< of a micro-tile

  PixelOrder(const isa::ConvGeo& geo, const isa::Conv& conv, uint32_t pixels)
      : oh(conv.oh), ow(conv.ow), rows(geo.block ? 2 : 1), columns(std::max(1u, geo.block ? pixels / 2 : pixels)) {}

  /// Pixels of an output block in front of the pixel (y, x).
  uint64_t before(uint32_t y, uint32_t x) const {
    uint32_t top = y / rows * rows, left = x / columns * columns;
    uint64_t height = std::min(rows, oh - top), width = std::min(columns, ow - left);
    return uint64_t{top} * ow + left * height + (y - top) * width + (x - left);
  }
};

inline TouchedRange touchedRange(uint32_t positions, uint32_t taps, uint32_t stride, uint32_t dilation, int32_t offset, bool up,
                                 uint32_t size) {
  TouchedRange range;
  bool any = false;
  for (uint32_t position = 0; position < positions; ++position) {
    for (uint32_t tap = 0; tap < taps; ++tap) {
      int64_t c = inputCoordinate(position, tap, stride, dilation, offset, up);
      if (c < 0 || c >= static_cast<int64_t>(size)) continue;
      if (!any) range = {c, c};
      any = true;
      range.first = std::min(range.first, c);
      range.last = std::max(range.last, c);
    }
  }
  return range;
}

/// Largest scratchpad address of a CONV before it is taken modulo 2^20, or one beyond it: of columns that lie apart by parity, those in
/// the gaps of stride and dilation count too.
struct ConvReach {
  uint64_t scratchpad = 0;
  TouchedRange rows, columns;
};

inline ConvReach convReach(const isa::ConvGeo& geo, const isa::ConvEpi& epi, const isa::Conv& conv) {
  ConvReach reach;
  reach.rows = touchedRange(conv.oh, geo.kh, geo.sy, geo.dy, conv.off_y, geo.up != 0, conv.in_h);
  reach.columns = touchedRange(conv.ow, geo.kw, geo.sx, geo.dx, conv.off_x, geo.up != 0, conv.in_w);
  uint64_t blocks = conv.ocb;
  if (!reach.rows.empty() && !reach.columns.empty()) {
    uint64_t planes = geo.grp ? blocks * geo.icb : geo.icb;
    reach.scratchpad = conv.in + (planes - 1) * geo.in_cpitch + static_cast<uint64_t>(reach.rows.last) * geo.in_pitch +
                       static_cast<uint64_t>(lastWord(reach.columns.first, reach.columns.last, geo.split != 0, geo.in_half));
  }
  auto planeEnd = [&](uint64_t start, uint64_t pitch, uint64_t planePitch, int64_t lastOfRow) {
    return start + (blocks - 1) * planePitch + (conv.oh - uint64_t{1}) * pitch + static_cast<uint64_t>(lastOfRow);
  };
  const int64_t last = conv.ow - int64_t{1};
  if (epi.part_in || epi.part_out) reach.scratchpad = std::max(reach.scratchpad, conv.part + 4 * blocks * conv.oh * conv.ow - 1);
  if (!epi.part_out) {
    reach.scratchpad = std::max(reach.scratchpad, planeEnd(conv.out, geo.out_pitch, geo.out_cpitch,
                                                           geo.out_split ? lastWord(0, last, true, geo.out_half) : outputColumn(geo, last)));
    if (epi.res) reach.scratchpad = std::max(reach.scratchpad, planeEnd(conv.res, geo.res_pitch, geo.res_cpitch, epi.res_still ? 0 : last));
  }
  return reach;
}

/// Weight-buffer address of an output block's parameter word: modulo 2^16.
inline uint32_t weightBlock(const isa::ConvGeo& geo, const isa::Conv& conv, uint32_t block) {
  return (conv.wb + block * geo.w_pitch) & kWeightAddressMask;
}

/// Whether every word of every output block is in the weight buffer. (The buffer is smaller than 2^16 words, so a block that wraps is not.)
inline bool weightsInRange(const isa::ConvGeo& geo, const isa::Conv& conv, uint32_t weightWords) {
  for (uint32_t j = 0; j < conv.ocb; ++j) {
    if (uint64_t{weightBlock(geo, conv, j)} + uint64_t{geo.icb} * geo.kh * geo.kw >= weightWords) return false;
  }
  return true;
}

}  // namespace agc::runtime
