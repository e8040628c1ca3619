// Container, loader, verifier, and the simulator for what the verifier accepts. The verifier's promise is the test: an accepted
// program neither faults nor hangs, and its outputs depend neither on timing nor on what the memories held before.
#include <cstring>

#include "agc/isa/access.h"
#include "agc/isa/error.h"
#include "agc/isa/loops.h"
#include "agc/runtime/device.h"
#include "agc/runtime/verifier.h"
#include "fuzz.h"

using namespace agc::runtime;
namespace isa = agc::isa;

namespace {

// Bounds on one run, so that many fit into a minute: instructions as they run, multiplications per lane, bytes of DRAM.
constexpr uint64_t kMostInstructions = 1 << 14, kMostBeats = 1 << 21, kMostDram = 1 << 24;

bool isSmall(const Program& program) {
  uint64_t dram = 0;
  for (const SegmentInfo& s : program.manifest.segments) dram += s.bytes;
  if (dram > kMostDram) return false;
  uint64_t beats = 0;
  isa::ConvState state;
  for (const isa::RunningInstruction& step : isa::expandLoops(program.code)) {
    state.apply(step.instruction);
    if (const auto* conv = std::get_if<isa::Conv>(&step.instruction); conv && state.geo)
      beats += uint64_t{conv->oh} * conv->ow * conv->ocb * state.geo->icb * state.geo->kh * state.geo->kw;
  }
  return beats <= kMostBeats;
}

/// The bytes of all outputs.
std::vector<uint8_t> run(const Program& program, const char* memory, uint64_t seed) {
  DeviceOptions options;
  options.memory = memory;
  options.seed = seed;
  const auto device = makeDevice("sim", program.manifest.coreConfig, options);
  device->load(program.file, program.hostSegments());
  for (const TensorInfo& t : program.manifest.inputs)
    for (uint64_t n = 0; n < t.bytes; ++n) device->segment(t.segment)[t.offset + n] = uint8_t(37 * n + 11);
  device->run();
  std::vector<uint8_t> outputs;
  for (const TensorInfo& t : program.manifest.outputs) {
    const uint8_t* data = device->segment(t.segment) + t.offset;
    outputs.insert(outputs.end(), data, data + t.bytes);
  }
  return outputs;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Program program;
  try {
    const isa::ProgramFile file = isa::read(data, size);
    const std::vector<uint8_t> again = isa::write(file);
    FUZZ_REQUIRE(isa::read(again.data(), again.size()).code == file.code);
    program = Program::fromBytes(data, size);
  } catch (const agc::Error& e) {
    FUZZ_REQUIRE(*e.what());
    return 0;
  }
  const isa::LoopOrder order(program.code.size(), [&](size_t index) { return &program.code[index]; });
  if (order.size() > kMostInstructions) return 0;
  VerifierLimits limits;
  limits.wordAccesses = 1 << 21;
  limits.dramWords = 1 << 18;
  limits.findings = 3;
  if (!verify(program, limits).empty() || !isSmall(program)) return 0;
  FUZZ_REQUIRE(run(program, "ddr3-z7020", 1) == run(program, "stress", 2));
  return 0;
}
