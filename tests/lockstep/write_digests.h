// For each engine, a digest of what its n-th instruction wrote.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "agc/runtime/program.h"
#include "machine_observer.h"

namespace agc::runtime::test {

class WriteDigests final : public MachineObserver {
 public:
  /// What follows is written by a run of `program`. One that the verifier accepts: the number of words that its instructions write tells
  /// them apart.
  void begin(const Program& program);

  void wrote(isa::Engine engine, isa::Memory memory, int segment, uint64_t word, uint64_t value) override;
  void finished(const std::vector<uint64_t>& scratchpad, const std::vector<uint64_t>& weights) override;

  /// The difference that comes first in the program, to the other machine's run of the same program, as a sentence; empty: none. `mine`, `theirs`: names of
  /// the machines.
  std::string differenceTo(const WriteDigests& other, const std::string& mine, const std::string& theirs) const;
  /// Digests taken so far.
  uint64_t digests() const;

 private:
  struct Writer {  ///< an instruction that writes something
    size_t position;  ///< as the program runs
    uint32_t index;   ///< in the code
    uint32_t iteration;
    uint64_t words;
  };
  struct Write {
    uint64_t address, value;
  };
  struct Stream {
    std::vector<Writer> writers;
    std::vector<uint64_t> digests;
    std::vector<Write> open;  ///< of the instruction that is being written
    uint64_t surplus = 0;     ///< words behind the last instruction's
  };

  static uint64_t digest(std::vector<Write>& writes);

  const Program* program_ = nullptr;
  std::array<Stream, kEngines> streams_;
  std::vector<uint64_t> scratchpad_, weights_;
};

}  // namespace agc::runtime::test
