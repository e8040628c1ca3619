#include "CopySplit.h"

#include <algorithm>

namespace agc::schedule {

namespace {
constexpr int64_t maxRow = 8191;     // n0, n1: 13 bits
constexpr int64_t maxPlanes = 1023;  // n2: 10 bits
}  // namespace

int64_t wordOf(const Tensor &tensor, const Tensor &place, int64_t block, int64_t y, int64_t x) {
  if (&tensor == &place) return (block * tensor.height + y) * tensor.width + x;
  return ((tensor.plane + block) * place.height + tensor.row + y) * place.width + tensor.column + x;
}

Copy regionCopy(const Tensor &tensor, const Tensor &place, Range y, Range x, Range blocks) {
  Copy copy;
  copy.dram.offset = wordOf(tensor, place, blocks.begin, y.begin, x.begin);
  copy.n0 = x.size();
  copy.n1 = y.size();
  copy.n2 = blocks.size();
  copy.d1 = place.width;
  copy.d2 = place.height * place.width;
  return copy;
}

std::vector<Copy> splitCopy(Copy copy) {
  // Parity is counted from the beginning of each row.
  if (!copy.split && copy.n1 > 1 && copy.s1 == copy.n0 && copy.d1 == copy.n0 && copy.n0 * copy.n1 <= maxRow) {
    copy.n0 *= copy.n1;
    copy.n1 = 1;
  }
  if (!copy.split && copy.n1 == 1 && copy.n2 > 1 && copy.s2 == copy.n0 && copy.d2 == copy.n0 && copy.n0 * copy.n2 <= maxRow) {
    copy.n0 *= copy.n2;
    copy.n2 = 1;
  }
  if (copy.n1 == 1) copy.d1 = copy.s1 = 0;
  if (copy.n2 == 1) copy.d2 = copy.s2 = 0;
  std::vector<Copy> pieces;
  for (int64_t plane = 0; plane < copy.n2; plane += maxPlanes) {
    Copy piece = copy;
    piece.n2 = std::min(maxPlanes, copy.n2 - plane);
    piece.dram.offset += plane * copy.d2;
    piece.sp.offset += plane * copy.s2;
    pieces.push_back(piece);
  }
  return pieces;
}

}  // namespace agc::schedule
