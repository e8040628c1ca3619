// How an ONNX tensor of any rank lies in the feature map that holds its elements. Reshapes, transpositions and slices only change
// this; a map is moved when an op needs it as it is in the file.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace agc::import {

// Element (i0, i1, ...) of `shape` is element places[0][i0] + places[1][i1] + ... of the tensor before, counted in order.
struct IndexStep {
  std::vector<int64_t> shape;
  std::vector<std::vector<int64_t>> places;
};

class View {
public:
  // All elements of a map in order, as a tensor of `shape`.
  explicit View(llvm::ArrayRef<int64_t> shape) : dims(shape.vec()) {}

  llvm::ArrayRef<int64_t> shape() const { return dims; }
  int64_t count() const;
  // Whether the elements are those of the map, in order.
  bool inOrder() const { return steps.empty(); }

  // `shape` has as many elements.
  View reshaped(llvm::ArrayRef<int64_t> shape) const;
  View transposed(llvm::ArrayRef<int64_t> permutation) const;
  // Along `axis` the elements `indices` only, in this order; each is in range.
  View picked(int64_t axis, llvm::ArrayRef<int64_t> indices) const;

  // Where in the map element `index` lies, both counted in order.
  int64_t locate(int64_t index) const;

private:
  std::vector<int64_t> strides() const;

  std::vector<int64_t> dims;
  std::vector<IndexStep> steps;  // from the map to the tensor
};

// A move of channels and pixels that a convolution with one weight of 1 per output channel makes: channel o of pixel
// (y*phases[0] + i, x*phases[1] + j) of the result is channel channels[k] of pixel (y*strides[0] + rows[k], x*strides[1] + columns[k]) of
// the map, k = (i*phases[1] + j)*O + o.
struct Selection {
  std::vector<int64_t> channels, rows, columns;
  std::vector<int64_t> strides = {1, 1}, phases = {1, 1};
  bool moves(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to) const;
};

// `view` of a map 1xCxHxW, as a map `shape` = [1, C, H, W], as such a move; nothing when it is none.
std::optional<Selection> selectionOf(const View &view, llvm::ArrayRef<int64_t> map, llvm::ArrayRef<int64_t> shape);

} // namespace agc::import
