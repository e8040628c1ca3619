// Regions of feature maps, as the scheduler asks for them. All ranges are half open.
#pragma once

#include <algorithm>
#include <cstdint>

namespace agc {

// A box of a feature map: rows [y0, y1), columns [x0, x1), blocks of eight channels [b0, b1).
struct Tile {
  int64_t y0 = 0, y1 = 0;
  int64_t x0 = 0, x1 = 0;
  int64_t b0 = 0, b1 = 0;

  int64_t rows() const { return y1 - y0; }
  int64_t columns() const { return x1 - x0; }
  int64_t blocks() const { return b1 - b0; }
  bool empty() const { return y0 >= y1 || x0 >= x1 || b0 >= b1; }
  // What lies inside a map of `height` x `width`; may be empty (a window that is padding only).
  Tile clipped(int64_t height, int64_t width) const {
    Tile tile = *this;
    tile.y0 = std::clamp<int64_t>(y0, 0, height);
    tile.y1 = std::clamp<int64_t>(y1, 0, height);
    tile.x0 = std::clamp<int64_t>(x0, 0, width);
    tile.x1 = std::clamp<int64_t>(x1, 0, width);
    return tile;
  }
  bool operator==(const Tile &other) const {
    return y0 == other.y0 && y1 == other.y1 && x0 == other.x0 && x1 == other.x1 && b0 == other.b0 && b1 == other.b1;
  }
};

// What a region of the output needs of one operand.
struct OperandTile {
  // Before clipping: rows and columns below zero or beyond the map are padding.
  Tile stored;
  // Where the first tap of the first output pixel reads, in the coordinates of the reader, which are `scale` times the
  // stored ones (2 when the operand is read through nearest upsampling, else 1).
  int64_t firstRow = 0, firstColumn = 0;
  int64_t scale = 1;

  // The machine's off_y / off_x for an operand of which the rows from `top`, the columns from `left` are held.
  int64_t offsetY(int64_t top) const { return firstRow - scale * top; }
  int64_t offsetX(int64_t left) const { return firstColumn - scale * left; }
};

} // namespace agc
