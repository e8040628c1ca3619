#include "agcc/Emit/Assembly.h"

#include <algorithm>
#include <cstring>

#include "agc/isa/error.h"
#include "agcc/Dialect/Ovl/Instruction.h"
#include "agcc/Emit/RollLoops.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace agc::emit {

namespace {

constexpr int64_t maxDramBytes = int64_t{1} << 30;  // a Zynq-7000 addresses at most 1 GiB

int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

std::vector<std::string> strings(DictionaryAttr dict, StringRef key) {
  std::vector<std::string> texts;
  if (auto array = dict.getAs<ArrayAttr>(key))
    for (auto text : array.getAsRange<StringAttr>()) texts.push_back(text.str());
  return texts;
}

LayerRow layerRow(DictionaryAttr dict) {
  LayerRow row;
  row.names = strings(dict, "names");
  row.ops = strings(dict, "ops");
  if (auto macs = dict.getAs<IntegerAttr>("macs")) row.macs = macs.getInt();
  if (auto tile = dict.getAs<DenseI64ArrayAttr>("tile")) row.tile = tile.asArrayRef().vec();
  if (auto fused = dict.getAs<ArrayAttr>("fused"))
    for (auto layer : fused.getAsRange<DictionaryAttr>()) row.fused.push_back(layerRow(layer));
  return row;
}

BorderTensor borderTensor(DictionaryAttr dict) {
  BorderTensor tensor;
  auto name = dict.getAs<StringAttr>("name");
  auto border = dict.getAs<StringAttr>("border");
  auto shape = dict.getAs<DenseI64ArrayAttr>("shape");
  auto scale = dict.getAs<FloatAttr>("scale");
  auto zero = dict.getAs<IntegerAttr>("zero_point");
  if (!name || !border || !shape || !scale || !zero)
    throw Error("a border tensor of the program lacks name, border, shape, scale or zero_point");
  tensor.name = name.str();
  tensor.border = border.str();
  tensor.shape = shape.asArrayRef().vec();
  tensor.scale = scale.getValueAsDouble();
  tensor.zeroPoint = zero.getInt();
  return tensor;
}

void copyConstants(ovl::BufferOp buffer, std::vector<uint8_t> &constants) {
  const int64_t begin = *buffer.getAddress() * 8;
  if (int64_t(constants.size()) < begin + buffer.getWords() * 8) constants.resize(size_t(aligned(begin + buffer.getWords() * 8)));
  auto data = buffer.getData();
  if (!data) throw Error("the program's constants have no data");
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(*data)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || int64_t(blob->getData().size()) != buffer.getWords() * 8) throw Error("the data of the program's constants is missing");
    std::memcpy(constants.data() + begin, blob->getData().data(), blob->getData().size());
  } else if (auto dense = dyn_cast<DenseIntElementsAttr>(*data)) {
    uint8_t *out = constants.data() + begin;
    for (int8_t value : dense.getValues<int8_t>()) *out++ = uint8_t(value);
  } else {
    throw Error("the data of the program's constants is neither dense nor a resource");
  }
}

}  // namespace

Assembly assemble(ovl::ProgramOp program) {
  Assembly result;
  std::string problem;
  const auto core = ovl::coreOf(program, problem);
  if (!core) throw Error(problem);
  result.core = *core;
  for (auto dict : program.getInputs().getAsRange<DictionaryAttr>()) result.inputs.push_back(borderTensor(dict));
  for (auto dict : program.getOutputs().getAsRange<DictionaryAttr>()) result.outputs.push_back(borderTensor(dict));
  for (auto dict : program.getLayers().getAsRange<DictionaryAttr>()) result.layers.push_back(layerRow(dict));
  for (Operation &op : *program.getBody().begin()) {
    if (auto buffer = dyn_cast<ovl::BufferOp>(op)) {
      if (!buffer.getAddress()) throw Error("a buffer of the program has no address; run ovl-allocate first");
      const int segment = ovl::segmentOf(buffer.getMemory());
      if (segment == 0) continue;
      const int64_t begin = *buffer.getAddress() * 8, bytes = buffer.getWords() * 8;
      result.segmentBytes[segment] = std::max(result.segmentBytes[segment], aligned(begin + bytes));
      if (segment == 1) copyConstants(buffer, result.constants);
      if (segment == 3 || segment == 4) {
        auto &list = segment == 3 ? result.inputs : result.outputs;
        const int64_t index = *buffer.getBorder();
        if (index < 0 || index >= int64_t(list.size())) throw Error("a border buffer names tensor " + std::to_string(index) + ", which is not there");
        list[size_t(index)].offset = begin;
        list[size_t(index)].bytes = bytes;
      }
    } else if (ovl::isInstruction(&op)) {
      result.running.push_back(ovl::toInstruction(&op));
    }
  }
  if (result.running.empty() || !std::holds_alternative<isa::End>(result.running.back())) throw Error("the program does not end with ovl.end");
  result.code = rollLoops(result.running);
  result.segmentBytes[0] = int64_t(result.code.size()) * isa::instructionBytes;
  int64_t total = 0;
  for (int64_t bytes : result.segmentBytes) total += bytes;
  if (total > maxDramBytes)
    throw Error("the program needs " + std::to_string(total >> 20) + " MiB of DRAM, more than the 1 GiB that a device has; use smaller --shape dimensions");
  result.compulsoryBytes = program.getCompulsoryBytes() + result.segmentBytes[0];
  return result;
}

}  // namespace agc::emit
