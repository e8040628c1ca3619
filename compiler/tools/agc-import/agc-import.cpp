// The front end alone: an ONNX file as MLIR text, as imported or in canonical form. For tests and for looking at models;
// agcc is the tool for users.
#include "agcc/Dialect/Qnn/Transforms/Passes.h"
#include "agcc/Import/OnnxImporter.h"
#include "agcc/Import/OpsPage.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>

namespace cl = llvm::cl;

static cl::OptionCategory category("agc-import options");
static cl::opt<std::string> inputPath(cl::Positional, cl::desc("model.onnx"), cl::cat(category));
static cl::opt<bool> opsPage("ops-page", cl::desc("print docs/ops.md, the table of supported ops, and nothing else"), cl::cat(category));
static cl::list<std::string> shapes("shape", cl::desc("dimensions of an input, NAME=DxDxDxD"), cl::cat(category));
static cl::opt<bool> keepIntermediates("keep-intermediates", cl::desc("every quantized tensor becomes an output"), cl::cat(category));
static cl::opt<bool> canonical("canonical", cl::desc("run the qnn passes too"), cl::cat(category));
static cl::opt<bool> locations("locations", cl::desc("print node names as locations"), cl::cat(category));

static int fail(const std::vector<std::string> &problems) {
  for (const std::string &problem : problems)
    llvm::errs() << "error: " << problem << '\n';
  return 1;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "ONNX to the qnn dialect\n");
  if (opsPage) {
    std::vector<std::string> missing;
    llvm::outs() << agc::opsPage(missing);
    for (std::string &op : missing)
      op = op + " has a handler or a row of the table and not both";
    return missing.empty() ? 0 : fail(missing);
  }
  if (inputPath.empty())
    return fail({"no model is given; usage: agc-import model.onnx"});
  agc::ImportOptions options;
  options.folder = std::filesystem::absolute(inputPath.getValue()).parent_path().string();
  options.keepIntermediates = keepIntermediates;
  for (llvm::StringRef shape : shapes) {
    auto [name, dims] = shape.rsplit('=');
    options.shapes[name.str()] = agc::parseShape(dims);
    if (options.shapes[name.str()].empty())
      return fail({"--shape " + shape.str() + " is not NAME=DxDxDxD with dimensions above zero"});
  }
  auto buffer = llvm::MemoryBuffer::getFile(inputPath);
  if (!buffer)
    return fail({"cannot read " + inputPath + ": " + buffer.getError().message()});
  mlir::MLIRContext context;
  context.disableMultithreading();
  std::vector<std::string> problems;
  mlir::OwningOpRef<mlir::ModuleOp> module = agc::importOnnx((*buffer)->getBuffer(), options, context, problems);
  if (!module || (canonical && !agc::qnn::lowerToCanonical(*module, problems)))
    return fail(problems);
  mlir::OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo(true, false);
  module->print(llvm::outs(), flags);
  return 0;
}
