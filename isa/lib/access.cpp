#include "agc/isa/access.h"

#include <algorithm>

namespace agc::isa {
namespace {

/// `count` coordinates `first, first + step, ...`.
struct Progression {
  int64_t first;
  int64_t count;
  int64_t step;
  int64_t last() const { return first + (count - 1) * step; }
};

/// One axis (rows or columns) of a convolution.
struct Axis {
  int64_t outputs;  ///< output coordinates 0 .. outputs-1
  int64_t stride, taps, dilation, offset;
  int64_t limit;  ///< input coordinates 0 .. limit-1 exist
  bool up;
};

/// Of `found`, all with step `stride`, the coordinates 0 .. limit-1, as disjoint progressions.
std::vector<Progression> united(const std::vector<Progression>& wanted, int64_t stride, int64_t limit) {
  std::vector<Progression> found;
  for (const Progression& p : wanted) {
    const int64_t skip = p.first < 0 ? (-p.first + stride - 1) / stride : 0;
    const int64_t last = limit - 1 < p.first ? -1 : std::min(p.count - 1, (limit - 1 - p.first) / stride);
    if (skip <= last) found.push_back({p.first + skip * stride, last - skip + 1, stride});
  }

  // Progressions of one residue class that touch or overlap become one.
  std::sort(found.begin(), found.end(), [&](const Progression& a, const Progression& b) {
    const int64_t ra = a.first % stride, rb = b.first % stride;
    return ra != rb ? ra < rb : a.first < b.first;
  });
  std::vector<Progression> merged;
  for (const Progression& next : found) {
    if (!merged.empty()) {
      Progression& open = merged.back();
      if (open.first % stride == next.first % stride && next.first <= open.last() + stride) {
        open.count = (std::max(open.last(), next.last()) - open.first) / stride + 1;
        continue;
      }
    }
    merged.push_back(next);
  }
  if (merged.empty()) return merged;

  // Classes that together leave no gap are one interval.
  int64_t low = merged.front().first, high = merged.front().last(), total = 0;
  for (const Progression& p : merged) {
    low = std::min(low, p.first);
    high = std::max(high, p.last());
    total += p.count;
  }
  if (total == high - low + 1) return {{low, total, 1}};
  return merged;
}

/// The existing input coordinates that some output of the axis needs.
std::vector<Progression> neededCoordinates(const Axis& axis) {
  std::vector<Progression> wanted;
  for (int64_t k = 0; k < axis.taps; ++k) {
    const int64_t tap = k * axis.dilation + axis.offset;
    if (!axis.up) {
      wanted.push_back({tap, axis.outputs, axis.stride});
    } else {
      // (y*stride + tap) >> 1 is again a progression when y runs over the even, or the odd, outputs.
      wanted.push_back({tap >> 1, (axis.outputs + 1) / 2, axis.stride});
      wanted.push_back({(axis.stride + tap) >> 1, axis.outputs / 2, axis.stride});
    }
  }
  return united(wanted, axis.stride, axis.limit);
}

/// The same of columns that lie apart by parity, in halves: column 2k + parity is k. Not for `up`.
std::vector<Progression> neededHalves(const Axis& axis, int64_t parity) {
  // With an odd stride the even and the odd outputs are two progressions of twice the stride. (The machine has no such CONV, but the
  // regions of one are asked for before it is refused.)
  const int64_t interleave = axis.stride % 2 == 0 ? 1 : 2, half = axis.stride * interleave / 2;
  std::vector<Progression> wanted;
  for (int64_t first = 0; first < interleave; ++first)
    for (int64_t k = 0; k < axis.taps; ++k) {
      const int64_t tap = first * axis.stride + k * axis.dilation + axis.offset;
      if ((tap & 1) == parity) wanted.push_back({tap >> 1, (axis.outputs + interleave - 1 - first) / interleave, half});
    }
  return united(wanted, half, (axis.limit + 1 - parity) / 2);
}

/// Joins dimensions that continue each other without a gap.
Region merged(Region r) {
  if (r.runs == 1 || (r.runPitch == r.runWords)) {
    r.runWords *= r.runs;
    r.runs = 1;
    r.runPitch = 0;
  }
  if (r.runs == 1 && (r.rows == 1 || r.rowPitch == r.runWords)) {
    r.runWords *= r.rows;
    r.rows = 1;
    r.rowPitch = 0;
  }
  if (r.runs == 1 && r.rows == 1 && (r.planes == 1 || r.planePitch == r.runWords)) {
    r.runWords *= r.planes;
    r.planes = 1;
    r.planePitch = 0;
  }
  return r;
}

Region scratchpad(AccessPath path, bool write, uint64_t start) {
  Region r;
  r.path = path;
  r.write = write;
  r.start = start;
  return r;
}

void appendInput(const Conv& c, const ConvGeo& g, std::vector<Region>& regions) {
  const auto rows = neededCoordinates({c.oh, g.sy, g.kh, g.dy, c.off_y, c.in_h, g.up != 0});
  const Axis across{c.ow, g.sx, g.kw, g.dx, c.off_x, c.in_w, g.up != 0};
  std::vector<Progression> columns;  // words of a row
  if (g.split && !g.up) {
    for (const int64_t parity : {0, 1})
      for (Progression& x : neededHalves(across, parity)) {
        x.first += parity * int64_t{g.in_half};
        columns.push_back(x);
      }
  } else {
    columns = neededCoordinates(across);
  }
  for (const Progression& y : rows)
    for (const Progression& x : columns) {
      Region r = scratchpad(AccessPath::ConvInput, false, uint64_t{c.in} + uint64_t(y.first) * g.in_pitch + uint64_t(x.first));
      if (x.step == 1) {
        r.runWords = uint64_t(x.count);
      } else {
        r.runs = uint64_t(x.count);
        r.runPitch = uint64_t(x.step);
      }
      r.rows = uint64_t(y.count);
      r.rowPitch = uint64_t(y.step) * g.in_pitch;
      r.planes = uint64_t{g.icb} * (g.grp ? c.ocb : 1);
      r.planePitch = g.in_cpitch;
      regions.push_back(merged(r));
    }
}

void appendConv(const Conv& c, const ConvGeo& g, const ConvEpi& e, std::vector<Region>& regions) {
  appendInput(c, g, regions);

  Region weights = scratchpad(AccessPath::ConvWeights, false, c.wb);
  weights.memory = Memory::WeightBuffer;
  weights.runWords = 1 + uint64_t{g.icb} * g.kh * g.kw;
  weights.rows = c.ocb;
  weights.rowPitch = g.w_pitch;
  regions.push_back(merged(weights));

  // Residual and output: ocb planes of oh rows of `words` words, `step` apart.
  auto map = [&](AccessPath path, bool write, uint64_t start, uint64_t words, uint64_t pitch, uint64_t planePitch, uint64_t step = 1) {
    Region r = scratchpad(path, write, start);
    (step == 1 ? r.runWords : r.runs) = words;
    r.runPitch = step == 1 ? 0 : step;
    r.rows = c.oh;
    r.rowPitch = pitch;
    r.planes = c.ocb;
    r.planePitch = planePitch;
    regions.push_back(merged(r));
  };
  auto partials = [&](AccessPath path, bool write) {
    Region r = scratchpad(path, write, c.part);
    r.runWords = uint64_t{4} * c.ocb * c.oh * c.ow;
    regions.push_back(r);
  };
  if (e.part_in) partials(AccessPath::ConvPartialIn, false);
  if (e.part_out) {
    partials(AccessPath::ConvPartialOut, true);
    return;
  }
  if (e.res) map(AccessPath::ConvResidual, false, c.res, e.res_still ? 1 : c.ow, g.res_pitch, g.res_cpitch);
  const uint64_t even = (uint64_t{c.ow} + 1) / 2;
  if (!g.out_split && g.out_step) {
    map(AccessPath::ConvOutput, true, c.out, c.ow, g.out_pitch, g.out_cpitch, uint64_t{g.out_step} + 1);
    return;
  }
  if (!g.out_split || (c.ow > 1 && g.out_half == even)) {  // then the halves follow each other
    map(AccessPath::ConvOutput, true, c.out, c.ow, g.out_pitch, g.out_cpitch);
    return;
  }
  map(AccessPath::ConvOutput, true, c.out, even, g.out_pitch, g.out_cpitch);
  if (c.ow > 1) map(AccessPath::ConvOutput, true, uint64_t{c.out} + g.out_half, c.ow / 2, g.out_pitch, g.out_cpitch);
}

void appendTable(const ConvTable& table, std::vector<Region>& regions) {
  Region words = scratchpad(AccessPath::ConvWeights, false, table.wb);
  words.memory = Memory::WeightBuffer;
  words.runWords = tableWords;
  regions.push_back(words);
}

/// The two sides of a LOAD or STORE, which have the same fields.
template <typename Copy>
Region scratchpadSide(const Copy& c, bool write) {
  Region sp = scratchpad(AccessPath::Dma, write, c.sp);
  sp.runWords = c.n0;
  sp.rows = c.n1;
  sp.rowPitch = c.s1;
  sp.planes = c.n2;
  sp.planePitch = c.s2;
  return sp;
}

template <typename Copy>
Region dramSide(const Copy& c, bool write) {
  Region dram = scratchpadSide(c, write);
  dram.memory = Memory::Dram;
  dram.segment = uint8_t(c.seg);
  dram.start = c.dram;
  dram.rowPitch = c.d1;
  dram.planePitch = c.d2;
  return dram;
}

void appendLoad(const Load& load, std::vector<Region>& regions) {
  regions.push_back(merged(dramSide(load, false)));
  Region sp = scratchpadSide(load, true);
  if (!load.split) {
    regions.push_back(merged(sp));
    return;
  }
  // Even columns, then odd ones.
  Region odd = sp;
  sp.runWords = (load.n0 + uint64_t{1}) / 2;
  regions.push_back(merged(sp));
  if (load.n0 == 1) return;
  odd.start += load.half;
  odd.runWords = load.n0 / 2;
  regions.push_back(merged(odd));
}

void appendLoadFold(const LoadFold& fold, std::vector<Region>& regions) {
  Region dram;
  dram.memory = Memory::Dram;
  dram.segment = uint8_t(fold.seg);
  dram.start = fold.dram;
  dram.runWords = fold.w;
  dram.rows = fold.n1;
  dram.rowPitch = fold.d1;
  regions.push_back(merged(dram));
  Region sp = scratchpad(AccessPath::Dma, true, fold.sp);
  sp.runWords = fold.n0;
  sp.rows = fold.n1;
  sp.rowPitch = fold.s1;
  sp.planes = foldedBlocks(fold);
  sp.planePitch = fold.s2;
  regions.push_back(merged(sp));
}

void appendStore(const Store& store, std::vector<Region>& regions) {
  regions.push_back(merged(scratchpadSide(store, false)));
  regions.push_back(merged(dramSide(store, true)));
}

void appendWload(const Wload& w, std::vector<Region>& regions) {
  Region dram;
  dram.memory = Memory::Dram;
  dram.segment = uint8_t(w.seg);
  dram.start = w.dram;
  dram.runWords = uint64_t{8} * w.n;
  regions.push_back(dram);
  Region buffer;
  buffer.memory = Memory::WeightBuffer;
  buffer.write = true;
  buffer.start = w.wb;
  buffer.runWords = w.n;
  regions.push_back(buffer);
}

}  // namespace

uint64_t Region::end() const {
  return start + (planes - 1) * planePitch + (rows - 1) * rowPitch + (runs - 1) * runPitch + runWords;
}

void ConvState::apply(const Instruction& instruction) {
  if (const auto* g = std::get_if<ConvGeo>(&instruction)) geo = *g;
  if (const auto* e = std::get_if<ConvEpi>(&instruction)) epi = *e;
  if (const auto* t = std::get_if<ConvTable>(&instruction)) table = *t;
}

void appendRegions(const Instruction& instruction, const ConvState& state, std::vector<Region>& regions) {
  if (const auto* load = std::get_if<Load>(&instruction)) appendLoad(*load, regions);
  if (const auto* fold = std::get_if<LoadFold>(&instruction)) appendLoadFold(*fold, regions);
  if (const auto* store = std::get_if<Store>(&instruction)) appendStore(*store, regions);
  if (const auto* wload = std::get_if<Wload>(&instruction)) appendWload(*wload, regions);
  if (const auto* table = std::get_if<ConvTable>(&instruction)) appendTable(*table, regions);
  if (const auto* conv = std::get_if<Conv>(&instruction)) appendConv(*conv, *state.geo, *state.epi, regions);
}

}  // namespace agc::isa
