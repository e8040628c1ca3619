// The manifest of a program: what its tensors, segments and layers are called and where they lie (docs/machine.md, prog.bin).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agc/isa/core_config.h"

namespace agc::runtime {

/// Element types of graph borders.
enum class ElementType : uint8_t { Float32, Int8, Uint8 };

/// "float32", "int8", "uint8".
const char* elementTypeName(ElementType type);
/// Bytes of one element.
size_t elementBytes(ElementType type);

/// How a border tensor is held on the device. An uint8 value q is stored as the byte q - 128.
struct Quantization {
  ElementType type = ElementType::Int8;  ///< Int8 or Uint8
  float scale = 1.0f;                    ///< finite, above 0
  int32_t zeroPoint = 0;                 ///< in the range of `type`
};

/// A graph input or output and its place in DRAM, in layout C8: [N][ceil(C/8)][H][W][8] bytes.
struct TensorInfo {
  std::string name;             ///< the ONNX graph's, verbatim
  std::vector<uint64_t> shape;  ///< as the graph has it; rank 1 to 4: C, NC, NCW, NCHW
  ElementType dtype = ElementType::Float32;
  int segment = 0;
  uint64_t offset = 0;  ///< bytes from the segment's start, multiple of 8
  uint64_t bytes = 0;   ///< of the C8 layout
  Quantization quant;

  uint64_t elements() const;
};

/// A border tensor's shape as batch, channels and plane.
struct PlaneShape {
  uint64_t batch = 1, channels = 1, height = 1, width = 1;
  uint64_t channelBlocks() const { return (channels + 7) / 8; }
  uint64_t c8Bytes() const { return batch * channelBlocks() * height * width * 8; }
};
/// Dimensions that a shape of lower rank lacks are 1.
PlaneShape planeShape(const std::vector<uint64_t>& shape);

/// "1x96x16x16"
std::string shapeText(const std::vector<uint64_t>& shape);

struct SegmentInfo {
  int index = 0;
  std::string name;
  uint64_t bytes = 0;  ///< multiple of 8
};

/// One row of the statistics. Fused graph nodes share a layer.
struct LayerInfo {
  uint32_t index = 0;  ///< `layer` field of the instructions
  std::vector<std::string> names, ops;
  uint64_t macs = 0;
  uint64_t predictedCycles = 0;
};

struct Manifest {
  std::string generator;
  std::string core;
  isa::CoreConfig coreConfig;
  uint64_t macs = 0;
  uint64_t dramBytesCompulsory = 0;
  std::vector<SegmentInfo> segments;  ///< ascending index
  std::vector<TensorInfo> inputs, outputs;
  std::vector<LayerInfo> layers;

  /// Null when there is no such segment, layer.
  const SegmentInfo* segment(int index) const;
  const LayerInfo* layer(uint32_t index) const;
};

/// Parses and checks a manifest: types, ranges, unique names, shapes against bytes, tensors inside their segments and apart from
/// each other, core configuration against `coreHash`. Throws agc::Error with one sentence.
Manifest parseManifest(const std::string& json, uint32_t coreHash);

}  // namespace agc::runtime
