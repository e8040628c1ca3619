#include "View.h"

#include <algorithm>
#include <numeric>

namespace agc::import {

int64_t View::count() const { return std::accumulate(dims.begin(), dims.end(), int64_t(1), std::multiplies<int64_t>()); }

std::vector<int64_t> View::strides() const {
  std::vector<int64_t> result(dims.size(), 1);
  for (size_t dim = dims.size(); dim-- > 1;)
    result[dim - 1] = result[dim] * dims[dim];
  return result;
}

View View::reshaped(llvm::ArrayRef<int64_t> shape) const {
  View result = *this;
  result.dims = shape.vec();
  return result;
}

View View::transposed(llvm::ArrayRef<int64_t> permutation) const {
  std::vector<int64_t> stride = strides();
  // Exchanging dimensions of one element moves nothing.
  std::vector<int64_t> order;
  for (int64_t dim : permutation)
    if (dims[dim] > 1)
      order.push_back(dim);
  View result = *this;
  IndexStep step;
  for (size_t dim = 0; dim < dims.size(); ++dim) {
    result.dims[dim] = dims[permutation[dim]];
    std::vector<int64_t> places(result.dims[dim]);
    for (size_t index = 0; index < places.size(); ++index)
      places[index] = index * stride[permutation[dim]];
    step.places.push_back(std::move(places));
  }
  step.shape = result.dims;
  if (!std::is_sorted(order.begin(), order.end()))
    result.steps.push_back(std::move(step));
  return result;
}

View View::picked(int64_t axis, llvm::ArrayRef<int64_t> indices) const {
  std::vector<int64_t> stride = strides(), all(dims[axis]);
  std::iota(all.begin(), all.end(), 0);
  if (indices == llvm::ArrayRef<int64_t>(all))
    return *this;
  View result = *this;
  result.dims[axis] = indices.size();
  IndexStep step;
  step.shape = result.dims;
  for (size_t dim = 0; dim < dims.size(); ++dim) {
    std::vector<int64_t> places(result.dims[dim]);
    for (size_t index = 0; index < places.size(); ++index)
      places[index] = (static_cast<int64_t>(dim) == axis ? indices[index] : static_cast<int64_t>(index)) * stride[dim];
    step.places.push_back(std::move(places));
  }
  result.steps.push_back(std::move(step));
  return result;
}

int64_t View::locate(int64_t index) const {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    int64_t place = 0;
    for (size_t dim = step->shape.size(); dim-- > 0;) {
      place += step->places[dim][index % step->shape[dim]];
      index /= step->shape[dim];
    }
    index = place;
  }
  return index;
}

bool Selection::moves(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to) const {
  if (from != to || strides != std::vector<int64_t>{1, 1} || phases != std::vector<int64_t>{1, 1})
    return true;
  for (size_t channel = 0; channel < channels.size(); ++channel)
    if (channels[channel] != static_cast<int64_t>(channel) || rows[channel] != 0 || columns[channel] != 0)
      return true;
  return false;
}

namespace {

struct Place {
  int64_t channel, row, column;
};

// Tries one number of phases.
class Matcher {
public:
  Matcher(const View &view, llvm::ArrayRef<int64_t> map, llvm::ArrayRef<int64_t> shape) : view(view), map(map), shape(shape) {}

  std::optional<Selection> match(int64_t phasesY, int64_t phasesX) const {
    Selection result;
    result.phases = {phasesY, phasesX};
    Place origin = place(0, 0, 0);
    if (shape[2] > phasesY)
      result.strides[0] = place(0, phasesY, 0).row - origin.row;
    if (shape[3] > phasesX)
      result.strides[1] = place(0, 0, phasesX).column - origin.column;
    if (result.strides[0] < 1 || result.strides[1] < 1)
      return std::nullopt;
    for (int64_t i = 0; i < phasesY; ++i)
      for (int64_t j = 0; j < phasesX; ++j)
        for (int64_t channel = 0; channel < shape[1]; ++channel) {
          Place first = place(channel, i, j);
          if (!follows(result, channel, i, j, first))
            return std::nullopt;
          result.channels.push_back(first.channel);
          result.rows.push_back(first.row);
          result.columns.push_back(first.column);
        }
    return result;
  }

private:
  Place place(int64_t channel, int64_t row, int64_t column) const {
    int64_t index = view.locate((channel * shape[2] + row) * shape[3] + column);
    return {index / (map[2] * map[3]), index / map[3] % map[2], index % map[3]};
  }

  // Whether every pixel of a channel and phase lies where the first one and the strides say.
  bool follows(const Selection &selection, int64_t channel, int64_t i, int64_t j, Place first) const {
    for (int64_t y = i, row = first.row; y < shape[2]; y += selection.phases[0], row += selection.strides[0])
      for (int64_t x = j, column = first.column; x < shape[3]; x += selection.phases[1], column += selection.strides[1]) {
        Place here = place(channel, y, x);
        if (here.channel != first.channel || here.row != row || here.column != column)
          return false;
      }
    return true;
  }

  const View &view;
  llvm::ArrayRef<int64_t> map, shape;
};

} // namespace

std::optional<Selection> selectionOf(const View &view, llvm::ArrayRef<int64_t> map, llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t kMaxPhases = 8;  // per axis: CONV_GEO.out_step
  Matcher matcher(view, map, shape);
  // Wrong guesses are found out at the first pixels.
  for (int64_t area = 1; area <= kMaxPhases * kMaxPhases; ++area)
    for (int64_t phasesY = 1; phasesY <= kMaxPhases; ++phasesY) {
      int64_t phasesX = area / phasesY;
      if (phasesX * phasesY != area || phasesX > kMaxPhases || shape[2] % phasesY != 0 || shape[3] % phasesX != 0)
        continue;
      if (std::optional<Selection> found = matcher.match(phasesY, phasesX))
        return found;
    }
  return std::nullopt;
}

} // namespace agc::import
