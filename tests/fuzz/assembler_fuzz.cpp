// The assembler, and the codec of single instructions on the input's first 32 bytes.
#include <cstring>

#include "agc/isa/assembler.h"
#include "agc/isa/instruction.h"
#include "fuzz.h"

using namespace agc::isa;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const AssembledCode result = assemble(text);
  FUZZ_REQUIRE(result.problemCount >= result.problems.size() && result.problems.empty() == (result.problemCount == 0));
  for (const SourceProblem& p : result.problems) FUZZ_REQUIRE(p.line >= 1 && p.line <= size + 1 && p.column >= 1 && p.column <= size + 1 && !p.sentence.empty());
  if (result.problems.empty()) {
    std::string again;
    for (const Instruction& instruction : result.code) {
      FUZZ_REQUIRE(decode(encode(instruction)) == instruction);
      again += print(instruction) + "\n";
    }
    FUZZ_REQUIRE(assemble(again).code == result.code);
  }

  std::string error;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (auto instruction = parse(line, &error))
    FUZZ_REQUIRE(parse(print(*instruction)) == instruction);
  else
    FUZZ_REQUIRE(!error.empty());
  Word word{};
  std::memcpy(word.data(), data, std::min(size, word.size()));
  if (auto instruction = decode(word, &error)) FUZZ_REQUIRE(encode(*instruction) == word && check(word) == Fault::None);
  return 0;
}
