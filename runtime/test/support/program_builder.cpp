#include "program_builder.h"

#include <stdexcept>

#include "agc/isa/assembler.h"
#include "agc/isa/parameter.h"

#include <nlohmann/json.hpp>

namespace agc::runtime::test {
namespace {

using nlohmann::json;

json tensorJson(const TensorInfo& t) {
  return {{"name", t.name},
          {"shape", t.shape},
          {"dtype", elementTypeName(t.dtype)},
          {"segment", t.segment},
          {"offset", t.offset},
          {"bytes", t.bytes},
          {"layout", "C8"},
          {"quant", {{"type", elementTypeName(t.quant.type)}, {"scale", double(t.quant.scale)}, {"zero_point", t.quant.zeroPoint}}}};
}

/// Places a tensor behind those that are there.
uint32_t place(std::vector<TensorInfo>& tensors, int segment, const std::string& name, std::vector<uint64_t> shape) {
  TensorInfo t;
  t.name = name;
  t.shape = std::move(shape);
  t.dtype = ElementType::Int8;
  t.segment = segment;
  t.offset = tensors.empty() ? 0 : tensors.back().offset + tensors.back().bytes;
  t.bytes = planeShape(t.shape).c8Bytes();
  tensors.push_back(t);
  return uint32_t(t.offset / 8);
}

/// Whatever a test builds goes through text and back.
void checkText(const std::vector<isa::Instruction>& code) {
  std::string text;
  for (const isa::Instruction& instruction : code) text += isa::print(instruction) + "\n";
  const isa::AssembledCode again = isa::assemble(text);
  if (again.problemCount || again.code != code)
    throw std::logic_error("the program's text is not the program: " + (again.problems.empty() ? text : again.problems[0].sentence));
}

uint64_t end(const std::vector<TensorInfo>& tensors) { return tensors.empty() ? 0 : tensors.back().offset + tensors.back().bytes; }

}  // namespace

ProgramBuilder::ProgramBuilder(const std::string& core) : core_(isa::CoreConfig::load(core)) {}

uint32_t ProgramBuilder::input(const std::string& name, std::vector<uint64_t> shape) { return place(inputs, kInputs, name, std::move(shape)); }

uint32_t ProgramBuilder::output(const std::string& name, std::vector<uint64_t> shape) { return place(outputs, kOutputs, name, std::move(shape)); }

uint32_t ProgramBuilder::workspace(uint32_t words) {
  const uint64_t start = workspaceBytes_;
  workspaceBytes_ += uint64_t{8} * words;
  return uint32_t(start / 8);
}

isa::Parameter unitParameter() {
  constexpr uint32_t shift = isa::parameterMWidth - 2;
  isa::Parameter p;
  p.m = int32_t{1} << shift;
  p.sh = shift;
  return p;
}

uint32_t ProgramBuilder::parameter(const std::vector<isa::Parameter>& lanes) {
  const size_t start = constants.size();
  constants.resize(start + 64);
  for (size_t o = 0; o < lanes.size() && o < 8; ++o)
    for (size_t b = 0; b < 8; ++b) constants[start + 8 * o + b] = uint8_t(lanes[o].pack() >> (8 * b));
  return uint32_t(start / 8);
}

uint32_t ProgramBuilder::weights(const std::vector<int8_t>& bytes) {
  const size_t start = constants.size();
  for (int8_t w : bytes) constants.push_back(uint8_t(w));
  constants.resize((constants.size() + 63) / 64 * 64);
  return uint32_t(start / 8);
}

ProgramBuilder& ProgramBuilder::add(const isa::Instruction& instruction) {
  code.push_back(instruction);
  return *this;
}

std::string ProgramBuilder::manifestJson() const {
  json segments = json::array();
  auto segment = [&](int index, const char* name, uint64_t bytes) {
    if (bytes) segments.push_back({{"index", index}, {"name", name}, {"bytes", bytes}});
  };
  segment(kCode, "code", code.size() * sizeof(isa::Word));
  segment(kConstants, "constants", constants.size());
  segment(kWorkspace, "workspace", workspaceBytes_);
  segment(kInputs, "inputs", test::end(inputs));
  segment(kOutputs, "outputs", test::end(outputs));
  json ins = json::array(), outs = json::array(), rows = json::array();
  uint64_t macs = 0;
  for (const TensorInfo& t : inputs) ins.push_back(tensorJson(t));
  for (const TensorInfo& t : outputs) outs.push_back(tensorJson(t));
  for (const LayerInfo& l : layers) {
    rows.push_back({{"index", l.index}, {"names", l.names}, {"ops", l.ops}, {"macs", l.macs}, {"predicted_cycles", l.predictedCycles}});
    macs += l.macs;
  }
  return json{{"generator", "program builder"}, {"core", core_.name}, {"core_config", json::parse(core_.json)},
              {"macs", macs}, {"dram_bytes_compulsory", test::end(inputs) + test::end(outputs)},
              {"segments", segments}, {"inputs", ins}, {"outputs", outs}, {"layers", rows}}
      .dump();
}

isa::ProgramFile ProgramBuilder::file() const {
  isa::ProgramFile f;
  f.manifestJson = manifestJson();
  f.constants = constants;
  f.coreHash = core_.hash;
  for (const isa::Instruction& instruction : code) f.code.push_back(isa::encode(instruction));
  if (!code.empty()) checkText(code);
  return f;
}

Program ProgramBuilder::program() const {
  const std::vector<uint8_t> file = bytes();
  return Program::fromBytes(file.data(), file.size());
}

isa::Load load(uint32_t segment, uint32_t dram, uint32_t sp, uint32_t words) {
  isa::Load i;
  i.seg = segment;
  i.dram = dram;
  i.sp = sp;
  i.n0 = words;
  return i;
}

isa::Store store(uint32_t segment, uint32_t dram, uint32_t sp, uint32_t words) {
  isa::Store i;
  i.seg = segment;
  i.dram = dram;
  i.sp = sp;
  i.n0 = words;
  return i;
}

isa::Wload wload(uint32_t dram, uint32_t wb, uint32_t words) {
  isa::Wload i;
  i.seg = kConstants;
  i.dram = dram;
  i.wb = wb;
  i.n = words;
  return i;
}

ProgramBuilder copyProgram(const std::string& core, uint32_t words) {
  ProgramBuilder b(core);
  b.layers = {{1, {"copy"}, {"Identity"}, 0, 0}};
  const uint32_t x = b.input("x", {1, 8, 1, words}), y = b.output("y", {1, 8, 1, words});
  b.add(with(load(kInputs, x, 0, words), {}, {1}, 1)).add(with(store(kOutputs, y, 0, words), {1}, {}, 1)).end();
  return b;
}

ProgramBuilder convProgram(const std::string& core) {
  constexpr uint32_t rows = 4, columns = 6, output = 64, taps = 9;
  ProgramBuilder b(core);
  b.layers = {{1, {"/conv"}, {"Conv"}, uint64_t{rows} * columns * 8 * 8 * taps, 0}};
  const uint32_t x = b.input("x", {1, 8, rows, columns}), y = b.output("y", {1, 8, rows, columns});
  const uint32_t w = b.parameter(std::vector<isa::Parameter>(8, unitParameter()));
  std::vector<int8_t> weights(taps * 64);
  for (size_t o = 0; o < 8; ++o) weights[4 * 64 + 8 * o + o] = 1;
  b.weights(weights);

  isa::ConvGeo geo;
  geo.kh = geo.kw = 3;
  geo.in_pitch = geo.out_pitch = columns;
  geo.in_cpitch = geo.out_cpitch = rows * columns;
  geo.w_pitch = 1 + taps;
  isa::ConvEpi epi;
  epi.lo1 = -128;
  epi.hi1 = 127;
  isa::Conv conv;
  conv.in_h = conv.oh = rows;
  conv.in_w = conv.ow = columns;
  conv.off_y = conv.off_x = -1;
  conv.out = output;
  b.add(with(load(kInputs, x, 0, rows * columns), {}, {1}, 1));
  b.add(with(wload(w, 0, 1 + taps), {}, {2}, 1));
  b.add(with(geo, {}, {}, 1)).add(with(epi, {}, {}, 1));
  b.add(with(conv, {1, 2}, {3}, 1));
  b.add(with(store(kOutputs, y, output, rows * columns), {3}, {}, 1)).end();
  return b;
}

}  // namespace agc::runtime::test
