// Writes small programs for tests that drive the tools from outside.
//
//   agc-test-programs FOLDER [CORE.json]
//                               copy.bin, conv.bin (core tiny), conv_z7020.bin, image.bin (1x3x4x8 float32 to the same),
//                               race.bin (refused by the verifier);
//                               with a core file, custom.bin: copy.bin for that core
#include <cstdio>
#include <string>

#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "program_builder.h"

namespace agc::runtime::test {
namespace {

/// A picture copied through the device: quantized to uint8 by 1/255, so nothing is lost.
ProgramBuilder imageProgram() {
  ProgramBuilder b;
  b.layers = {{1, {"copy"}, {"Identity"}, 0, 0}};
  b.input("picture", {1, 3, 4, 8});
  b.output("picture_out", {1, 3, 4, 8});
  for (auto* t : {&b.inputs[0], &b.outputs[0]}) {
    t->dtype = ElementType::Float32;
    t->quant = {ElementType::Uint8, 1.0f / 255.0f, 0};
  }
  b.add(with(load(kInputs, 0, 0, 32), {}, {1}, 1)).add(with(store(kOutputs, 0, 0, 32), {1}, {}, 1)).end();
  return b;
}

ProgramBuilder racingProgram() {
  ProgramBuilder b = copyProgram();
  isa::header(b.code[0]).post = {};
  isa::header(b.code[1]).wait = {};
  return b;
}

void writeAll(const std::string& folder, const std::string& customCore) {
  auto write = [&](const char* name, const ProgramBuilder& b) {
    const auto bytes = b.bytes();
    AtomicFile f(folder + "/" + name);
    f.write(bytes.data(), bytes.size());
    f.commit();
  };
  write("copy.bin", copyProgram());
  write("conv.bin", convProgram("tiny"));
  write("conv_z7020.bin", convProgram("z7020"));
  write("image.bin", imageProgram());
  write("race.bin", racingProgram());
  if (!customCore.empty()) write("custom.bin", copyProgram(customCore));
}

}  // namespace
}  // namespace agc::runtime::test

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs("usage: agc-test-programs FOLDER [CORE.json]\n", stderr);
    return 1;
  }
  try {
    agc::runtime::test::writeAll(argv[1], argc > 2 ? argv[2] : "");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "agc-test-programs: %s\n", e.what());
    return 1;
  }
  return 0;
}
