#include <cstdio>

#include "agc/isa/core_config.h"
#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/isa/program_file.h"

int main() {
  agc::isa::CoreConfig core = agc::isa::CoreConfig::builtin(agc::isa::CoreConfig::builtinNames().front());
  agc::isa::ProgramFile program;
  program.manifestJson = "{}";
  program.code = {agc::isa::encode(agc::isa::End{})};
  program.coreHash = core.hash;
  std::vector<uint8_t> file = agc::isa::write(program);
  bool same = agc::isa::read(file.data(), file.size()).code == program.code;
  std::puts(same ? "works" : "fails");
  return same ? 0 : 1;
}
