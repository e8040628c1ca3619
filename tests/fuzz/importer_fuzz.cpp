// The front end as agcc runs it: ONNX bytes to canonical qnn. Whatever the bytes are, it ends with a module or with sentences.
#include <memory>

#include "agcc/Dialect/Qnn/Transforms/Passes.h"
#include "agcc/Import/OnnxImporter.h"
#include "fuzz.h"

namespace {

/// A fresh context now and then: types and attributes stay in it for good.
mlir::MLIRContext &context() {
  static std::unique_ptr<mlir::MLIRContext> current;
  static int uses = 0;
  if (!current || ++uses % 64 == 0) {
    current.reset();
    current = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
    // Sentences are looked at, not printed; anything else that a pass says goes nowhere.
    current->getDiagEngine().registerHandler([](mlir::Diagnostic &) { return mlir::success(); });
  }
  return *current;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  agc::ImportOptions options;
  options.keepIntermediates = size % 2;
  std::vector<std::string> problems;
  auto module = agc::importOnnx(llvm::StringRef(reinterpret_cast<const char *>(data), size), options, context(), problems);
  FUZZ_REQUIRE(bool(module) == problems.empty());
  if (module) FUZZ_REQUIRE(agc::qnn::lowerToCanonical(*module, problems) == problems.empty());
  for (const std::string &sentence : problems) FUZZ_REQUIRE(!sentence.empty() && sentence.find('\n') == std::string::npos);
  return 0;
}
