#include "agc/isa/info.h"
#include "agc/runtime/device.h"

namespace agc::runtime {

std::string describeFault(isa::Fault cause, isa::Engine engine, uint32_t index, uint16_t layer, unsigned semaphore,
                          const std::vector<isa::Word>& code) {
  std::string sentence = std::string("the core stopped with fault ") + isa::name(cause) + " of engine " + isa::name(engine) +
                         " at instruction " + std::to_string(index);
  if (index < code.size()) {
    std::string error;
    if (auto instruction = isa::decode(code[index], &error)) sentence += " (" + isa::print(*instruction) + ")";
    else sentence += " (" + error + ")";
  }
  sentence += ", layer " + std::to_string(layer);
  if (semaphore != 0) sentence += ", which waits for semaphore " + std::to_string(semaphore);
  return sentence + ": " + isa::doc(cause);
}

}  // namespace agc::runtime
