#include "field_draw.h"

#include <algorithm>
#include <functional>

namespace agc::runtime::test {

namespace {

using Draw = std::function<int64_t(const isa::CoreConfig&, Rng&)>;

/// One of the values, each as often as it is named.
Draw oneOf(std::vector<int64_t> values) {
  return [values](const isa::CoreConfig&, Rng& rng) { return values[rng() % values.size()]; };
}
Draw range(int64_t low, int64_t high) {
  return [=](const isa::CoreConfig&, Rng& rng) { return between(rng, low, high); };
}
Draw flag(int percent) {
  return [=](const isa::CoreConfig&, Rng& rng) { return chance(rng, percent) ? 1 : 0; };
}
/// Mostly `low` .. `high`, now and then up to `rare`.
Draw mostly(int64_t low, int64_t high, int64_t rare, int percent = 5) {
  return [=](const isa::CoreConfig&, Rng& rng) { return between(rng, low, chance(rng, percent) ? rare : high); };
}
int64_t anyScratchpad(const isa::CoreConfig& core, Rng& rng) { return between(rng, 0, core.scratchpadWords() - 1); }
int64_t anyWeights(const isa::CoreConfig& core, Rng& rng) { return between(rng, 0, core.weightWords - 1); }

/// Ranges by "MNEMONIC.field", or ".field" for all instructions that have it.
const std::map<std::string, Draw>& hints() {
  static const std::map<std::string, Draw> table = {
      {".sp", anyScratchpad}, {".in", anyScratchpad}, {".out", anyScratchpad}, {".res", anyScratchpad}, {".part", anyScratchpad},
      {".wb", anyWeights}, {".dram", mostly(0, 1500, 4000)}, {".n0", mostly(1, 20, 200)}, {".n1", oneOf({1, 1, 1, 2, 3, 4, 7})},
      {".n2", oneOf({1, 1, 1, 1, 2, 3, 4, 5})}, {".d1", mostly(0, 60, 300)}, {".d2", mostly(0, 200, 900)}, {".s1", mostly(0, 40, 200)},
      {".s2", mostly(0, 150, 900)}, {".n", mostly(1, 8, 40)}, {".half", mostly(0, 30, 200)}, {".split", flag(25)},
      {".seg", oneOf({1, 2, 2, 3, 3, 3, 4})}, {"WLOAD.seg", oneOf({1})}, {"STORE.seg", oneOf({2, 4})},
      {"LOAD_FOLD.n0", mostly(1, 14, 60)}, {"LOAD_FOLD.w", mostly(1, 24, 90)}, {"LOAD_FOLD.kw", oneOf({1, 2, 3, 3, 5, 7, 9, 11, 15})},
      {".kh", oneOf({1, 1, 1, 1, 2, 3, 3, 4, 5, 7, 11})}, {".kw", oneOf({1, 1, 1, 1, 2, 3, 3, 4, 5, 7, 11})},
      {".sy", oneOf({1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7})}, {".sx", oneOf({1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7})},
      {"LOAD_FOLD.sx", oneOf({1, 2, 3, 4, 5, 6, 7})}, {".dy", mostly(1, 1, 15, 25)}, {".dx", mostly(1, 1, 15, 25)}, {".up", flag(20)}, {".grp", flag(20)},
      {".block", flag(25)}, {".out_split", flag(20)}, {".icb", oneOf({1, 1, 1, 2, 2, 3, 4, 6})}, {".in_pitch", mostly(0, 20, 64)},
      {".in_cpitch", mostly(0, 120, 600)}, {".out_pitch", mostly(0, 24, 80)}, {".out_cpitch", mostly(0, 150, 700)},
      {".res_pitch", mostly(0, 24, 80)}, {".res_cpitch", mostly(0, 150, 700)}, {".w_pitch", mostly(0, 40, 80)},
      {".in_half", mostly(0, 12, 60)}, {".out_half", mostly(0, 12, 60)}, {".in_h", mostly(1, 9, 40)}, {".in_w", mostly(1, 14, 60)},
      {".off_y", mostly(-6, 4, 127)}, {".off_x", mostly(-6, 4, 127)}, {".oh", oneOf({1, 1, 2, 3, 4, 5, 6})}, {".ow", mostly(1, 14, 40)},
      {".ocb", oneOf({1, 1, 1, 2, 2, 3, 5})}, {"CONV_EPI.res", flag(40)}, {".part_in", flag(20)}, {".part_out", flag(20)},
      {".lo1", oneOf({-128, -128, -100, -20, 0, 3})}, {".hi1", oneOf({127, 127, 90, 40, 0, -1})}, {".lo", oneOf({-128, -128, -100, -20, 0, 3})},
      {".hi", oneOf({127, 127, 90, 40, 0, -1})}, {".sh2", mostly(18, 24, 63, 10)}, {".b", [](const isa::CoreConfig&, Rng& rng) {
         return chance(rng, 30) ? 0 : between(rng, -(1 << 21), (1 << 21) - 1); }},
      {".a", range(-(1 << 21), (1 << 21) - 1)}, {"LOOP.body", range(2, 8)}, {"LOOP.count", mostly(2, 6, 60)},
      {"LOOP.d_load", range(-20, 20)}, {"LOOP.d_store", range(-40, 40)}, {"LOOP.d_wload", range(-16, 16)}, {"LOOP.d_in", range(-20, 20)},
      {"LOOP.d_out", range(-40, 40)}, {"LOOP.d_res", range(-20, 20)}, {"LOOP.d_wb", range(-3, 3)},
  };
  return table;
}

int64_t general(const isa::FieldInfo& field, Rng& rng) {
  if (field.width <= 3 || (field.isSigned && field.width <= 8)) return between(rng, field.min, field.max);
  if (chance(rng, 40)) return std::clamp<int64_t>(0, field.min, field.max);
  const int64_t low = field.isSigned ? std::max<int64_t>(field.min, -8) : field.min;
  return chance(rng, 70) ? between(rng, low, std::min(field.max, low + 16)) : between(rng, field.min, field.max);
}

}  // namespace

void drawFields(isa::Instruction& instruction, const isa::CoreConfig& core, Rng& rng) {
  const isa::InstructionInfo& info = isa::infoOf(instruction);
  for (size_t f = 0; f < info.fields.size(); ++f) {
    const isa::FieldInfo& field = info.fields[f];
    auto hint = hints().find(std::string(info.mnemonic) + "." + field.name);
    if (hint == hints().end()) hint = hints().find(std::string(".") + field.name);
    const int64_t value = hint == hints().end() ? general(field, rng) : hint->second(core, rng);
    isa::setField(instruction, f, std::clamp(value, field.min, field.max));
  }
}

void FieldStatistics::count(const isa::Instruction& instruction) {
  instructions_.insert(instruction.index());
  for (size_t f = 0; f < isa::infoOf(instruction).fields.size(); ++f) {
    std::set<int64_t>& values = values_[{instruction.index(), f}];
    if (values.size() < kKept) values.insert(isa::getField(instruction, f));
  }
}

std::vector<std::string> FieldStatistics::neverDrawn(size_t distinct, const std::set<std::string>& ruled) const {
  std::vector<std::string> found;
  for (size_t i = 0; i < isa::instructions().size(); ++i) {
    const isa::InstructionInfo& info = isa::instructions()[i];
    if (instructions_.count(i) == 0) {
      found.push_back(std::string(info.mnemonic) + ": never");
      continue;
    }
    for (size_t f = 0; f < info.fields.size(); ++f) {
      const isa::FieldInfo& field = info.fields[f];
      const std::set<int64_t>& values = values_.at({i, f});
      if (ruled.count(std::string(info.mnemonic) + "." + field.name) != 0) continue;
      const auto legal = static_cast<size_t>(field.max - field.min + 1);
      if (values.size() >= std::min(distinct, legal) && (field.width > 3 || values.size() == legal)) continue;
      std::string text = std::string(info.mnemonic) + "." + field.name + ": only";
      for (int64_t value : values) text += " " + std::to_string(value);
      found.push_back(text);
    }
  }
  return found;
}

}  // namespace agc::runtime::test
