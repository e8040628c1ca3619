#include "hostile.h"

#include <algorithm>
#include <random>
#include <string>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

namespace agc::runtime::test {

namespace {

using Engine = std::mt19937_64;

// Fields that multiply the work stay small; of the others `smallPercent` are small, so that some programs do run.
void randomize(isa::Instruction& instruction, Engine& engine, unsigned smallPercent) {
  isa::List<isa::FieldInfo> fields = isa::infoOf(instruction).fields;
  for (size_t f = 0; f < fields.size(); ++f) {
    const isa::FieldInfo& field = fields[f];
    std::string name = field.name;
    bool isCount = name == "n0" || name == "n1" || name == "n2" || name == "n" || name == "oh" || name == "ow" || name == "ocb" || name == "icb" ||
                   name == "kh" || name == "kw";
    uint64_t draw = engine();
    auto range = static_cast<uint64_t>(field.max - field.min) + 1;
    if (isCount) range = std::min<uint64_t>(range, 12);
    else if (!field.isSigned && draw % 100 < smallPercent) range = std::min<uint64_t>(range, 64);
    isa::setField(instruction, f, field.min + static_cast<int64_t>(engine() % range));
  }
}

isa::ProgramFile wrap(const isa::CoreConfig& core, const std::vector<isa::Instruction>& instructions) {
  isa::ProgramFile file;
  for (const isa::Instruction& instruction : instructions) file.code.push_back(isa::encode(instruction));
  file.constants.assign(4096, 0);
  file.manifestJson = "{}";
  file.coreHash = core.hash;
  return file;
}

}  // namespace

isa::ProgramFile hostileProgram(const isa::CoreConfig& core, uint64_t seed, unsigned count) {
  Engine engine(seed);
  std::vector<isa::Instruction> program;
  for (unsigned i = 0; i < count; ++i) {
    isa::Instruction instruction = isa::makeInstruction(1 + engine() % (isa::instructions().size() - 1));
    randomize(instruction, engine, 60);
    isa::Header& header = isa::header(instruction);
    for (size_t k = 0; k < 4 && isa::infoOf(instruction).takesSemaphores; ++k) {
      if (engine() % 16 == 0) header.wait[k] = static_cast<uint8_t>(engine() % 4);
      if (engine() % 4 == 0) header.post[k] = static_cast<uint8_t>(engine() % 4);
    }
    header.layer = static_cast<uint16_t>(engine());
    program.push_back(instruction);
  }
  program.push_back(isa::End{});
  return wrap(core, program);
}

isa::ProgramFile hostileConvolution(const isa::CoreConfig& core, uint64_t seed) {
  Engine engine(seed);
  isa::Instruction geo = isa::ConvGeo{}, epi = isa::ConvEpi{}, table = isa::ConvTable{}, conv = isa::Conv{};
  for (isa::Instruction* instruction : {&geo, &epi, &table, &conv}) randomize(*instruction, engine, 92);
  auto& g = std::get<isa::ConvGeo>(geo);
  // What the verifier refuses has no meaning that could agree.
  if (g.up != 0) g.sx = 1, g.split = g.block = 0;
  if (g.block != 0) g.sx = g.split != 0 ? 2 : 1;
  if (g.split != 0) g.sx = g.sx < 2 ? 2 : g.sx & ~1u;
  if (g.sy * g.in_pitch % core.banks != core.pixels / 2) g.in_pitch = core.pixels / 2;
  if (g.sy * g.in_pitch % core.banks != core.pixels / 2) g.block = 0;
  if (g.out_split != 0) g.out_step = 0;
  // Near the end of the memories, where one word more or less decides.
  auto& c = std::get<isa::Conv>(conv);
  auto near = [&](uint32_t size, uint32_t mask) { return (size + static_cast<uint32_t>(engine() % 600) - 500) & mask; };
  if (engine() % 2 == 0) c.in = near(core.scratchpadWords(), 0xfffff);
  if (engine() % 2 == 0) c.out = near(core.scratchpadWords(), 0xfffff);
  if (engine() % 4 == 0) c.in = near(1 << 20, 0xfffff);  // wraps to the beginning
  if (engine() % 2 == 0) c.wb = near(core.weightWords, 0xffff);
  if (engine() % 4 != 0) return wrap(core, {geo, epi, conv, isa::End{}});
  std::get<isa::ConvTable>(table).wb = core.weightWords - static_cast<uint32_t>(engine() % 8);
  return wrap(core, {geo, epi, table, conv, isa::End{}});
}

}  // namespace agc::runtime::test
