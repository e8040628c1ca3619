#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

namespace agc::isa {
namespace {

const NameInfo* find(List<NameInfo> list, uint32_t number) {
  for (const NameInfo& item : list)
    if (item.number == number) return &item;
  return nullptr;
}

const char* nameOr(const NameInfo* item) { return item ? item->name : "?"; }
const char* docOr(const NameInfo* item) { return item ? item->doc : "?"; }

}  // namespace

const InstructionInfo* findInstruction(uint8_t opcode) {
  for (const InstructionInfo& info : instructions())
    if (static_cast<uint8_t>(info.opcode) == opcode) return &info;
  return nullptr;
}

const char* name(Engine engine) { return nameOr(find(engines(), static_cast<uint32_t>(engine))); }
const char* name(Fault fault) { return nameOr(find(faults(), static_cast<uint32_t>(fault))); }
const char* doc(Engine engine) { return docOr(find(engines(), static_cast<uint32_t>(engine))); }
const char* doc(Fault fault) { return docOr(find(faults(), static_cast<uint32_t>(fault))); }

const char* name(Opcode opcode) {
  const InstructionInfo* info = findInstruction(static_cast<uint8_t>(opcode));
  return info ? info->mnemonic : "?";
}

Opcode opcodeOf(const Instruction& instruction) { return infoOf(instruction).opcode; }
Engine engineOf(const Instruction& instruction) { return infoOf(instruction).engine; }

Header& header(Instruction& instruction) {
  return std::visit([](auto& i) -> Header& { return i.h; }, instruction);
}

const Header& header(const Instruction& instruction) {
  return std::visit([](const auto& i) -> const Header& { return i.h; }, instruction);
}

}  // namespace agc::isa
