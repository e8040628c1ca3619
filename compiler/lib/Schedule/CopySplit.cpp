#include "CopySplit.h"

#include <algorithm>

namespace agc::schedule {

namespace {
constexpr int64_t maxRow = 8191;     // n0, n1: 13 bits
constexpr int64_t maxPlanes = 1023;  // n2: 10 bits
}  // namespace

Copy regionCopy(const Tensor &tensor, Range y, Range x, Range blocks) {
  Copy copy;
  copy.dram.offset = (blocks.begin * tensor.height + y.begin) * tensor.width + x.begin;
  copy.n0 = x.size();
  copy.n1 = y.size();
  copy.n2 = blocks.size();
  copy.d1 = tensor.width;
  copy.d2 = tensor.height * tensor.width;
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
