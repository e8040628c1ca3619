// The back end alone: canonical qnn as MLIR text to a program. For tests that draw graphs which no ONNX file is needed for;
// agcc is the tool for users.
#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"
#include "agcc/Emit/Assembly.h"
#include "agcc/Emit/OutputFile.h"
#include "agcc/Emit/Prediction.h"
#include "agcc/Emit/ProgramBin.h"
#include "agcc/Emit/Report.h"
#include "agcc/Schedule/Passes.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

namespace cl = llvm::cl;

static cl::OptionCategory category("agc-emit options");
static cl::opt<std::string> inputPath(cl::Positional, cl::desc("canonical.mlir"), cl::Required, cl::cat(category));
static cl::opt<std::string> outputPath("o", cl::desc("program to write"), cl::Required, cl::cat(category));
static cl::opt<std::string> coreName("core", cl::desc("z7020, tiny, or a core file"), cl::init("z7020"), cl::cat(category));
static cl::opt<std::string> reportPath("report", cl::desc("table of layers, JSON"), cl::cat(category));

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "canonical qnn to prog.bin\n");
  mlir::DialectRegistry registry;
  registry.insert<agc::qnn::QnnDialect, agc::ovl::OvlDialect, mlir::func::FuncDialect, mlir::quant::QuantizationDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(inputPath, &context);
  if (!module)
    return 1;
  try {
    agc::schedule::ConvertQnnToOvlOptions options;
    options.core = agc::isa::CoreConfig::load(coreName).json;
    mlir::PassManager manager(&context);
    manager.addNestedPass<mlir::func::FuncOp>(agc::qnn::createQnnVerifyCanonical());
    manager.addPass(agc::schedule::createConvertQnnToOvl(options));
    manager.addNestedPass<agc::ovl::ProgramOp>(agc::ovl::createOvlAllocate());
    manager.addNestedPass<agc::ovl::ProgramOp>(agc::ovl::createOvlInsertSemaphores());
    if (mlir::failed(manager.run(*module)))
      return 1;
    const agc::emit::Assembly assembly = agc::emit::assemble(*module->getBody()->getOps<agc::ovl::ProgramOp>().begin());
    const agc::emit::Prediction prediction = agc::emit::predict(assembly);
    const std::vector<uint8_t> bytes = agc::emit::programBin(assembly, prediction, "agc-emit");
    agc::emit::OutputFile(outputPath, std::string_view(reinterpret_cast<const char *>(bytes.data()), bytes.size())).publish();
    if (!reportPath.empty())
      agc::emit::OutputFile(reportPath, agc::emit::reportJson(assembly, prediction, inputPath, int64_t(bytes.size()))).publish();
  } catch (const agc::Error &error) {
    llvm::errs() << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
