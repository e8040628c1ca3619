#include <cstdlib>
#include <cstring>

#include "agc/isa/instruction.h"

// Text: what parses is printed and parsed to the same. Words: what decodes is encoded to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string line(reinterpret_cast<const char*>(data), size), error;
  if (auto instruction = agc::isa::parse(line, &error)) {
    if (agc::isa::parse(agc::isa::print(*instruction)) != instruction) std::abort();
    if (agc::isa::decode(agc::isa::encode(*instruction)) != instruction) std::abort();
  } else if (error.empty()) {
    std::abort();
  }
  agc::isa::Word word{};
  std::memcpy(word.data(), data, size < word.size() ? size : word.size());
  if (auto instruction = agc::isa::decode(word, &error))
    if (agc::isa::encode(*instruction) != word) std::abort();
  return 0;
}
