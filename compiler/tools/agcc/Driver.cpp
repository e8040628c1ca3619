#include "Driver.h"

#include <filesystem>
#include <memory>

#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agcc/Dialect/Ovl/OvlPasses.h"
#include "agcc/Dialect/Qnn/Sentences.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"
#include "agcc/Emit/Assembly.h"
#include "agcc/Emit/OutputFile.h"
#include "agcc/Emit/Prediction.h"
#include "agcc/Emit/ProgramBin.h"
#include "agcc/Emit/Report.h"
#include "agcc/Import/OnnxImporter.h"
#include "agcc/Schedule/Passes.h"
#include "agcc_version.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

namespace agc {

namespace {

constexpr uint64_t maxModelBytes = uint64_t{2} << 30;  // protobuf's own limit

std::string printed(mlir::Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // Megabytes of weights help no reader; agc-opt prints them.
  op->print(stream, mlir::OpPrintingFlags().elideLargeElementsAttrs(64).elideLargeResourceString(256));
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

/// Runs the back end's passes; diagnostics become problems.
bool lower(mlir::ModuleOp module, const isa::CoreConfig &core, std::vector<std::string> &problems) {
  const size_t before = problems.size();
  mlir::ScopedDiagnosticHandler handler(module.getContext(), [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error) problems.push_back(diagnostic.str());
    return mlir::success();
  });
  mlir::PassManager manager(module.getContext());
  schedule::ConvertQnnToOvlOptions options;
  options.core = core.json;
  manager.addPass(schedule::createConvertQnnToOvl(options));
  manager.addNestedPass<ovl::ProgramOp>(ovl::createOvlAllocate());
  manager.addNestedPass<ovl::ProgramOp>(ovl::createOvlRepeatImages());
  manager.addNestedPass<ovl::ProgramOp>(ovl::createOvlInsertSemaphores());
  const bool succeeded = mlir::succeeded(manager.run(module));
  if (!succeeded && problems.size() == before) problems.push_back("the model cannot be scheduled, for no reason that a pass named");
  qnn::keepOnOneLine(problems, before);
  return succeeded;
}

bool isJson(const std::string &path) { return std::filesystem::path(path).extension() == ".json"; }

}  // namespace

void compile(const Options &options, std::vector<std::string> &problems, std::vector<std::string> &notes) {
  const isa::CoreConfig core = isa::CoreConfig::load(options.core);
  if (!options.calibration.empty()) {
    if (!std::filesystem::exists(options.calibration)) throw Error("cannot open " + options.calibration + ": there is no such file");
    notes.push_back("--calibration is not used: no op of this version needs sample inputs");
  }
  if (std::filesystem::is_directory(options.model)) throw Error("cannot read " + options.model + ": it is a folder");
  auto buffer = llvm::MemoryBuffer::getFile(options.model, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) throw Error("cannot read " + options.model + ": " + buffer.getError().message());
  if ((*buffer)->getBufferSize() >= maxModelBytes) throw Error(options.model + " is larger than the 2 GiB that an ONNX file can have");

  mlir::DialectRegistry registry;
  registry.insert<qnn::QnnDialect, ovl::OvlDialect, mlir::func::FuncDialect, mlir::quant::QuantizationDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  ImportOptions import;
  import.shapes = options.shapes;
  import.folder = std::filesystem::absolute(options.model).parent_path().string();
  import.keepIntermediates = options.keepIntermediates;
  auto module = importOnnx((*buffer)->getBuffer(), import, context, problems);
  if (!module || !problems.empty() || !qnn::lowerToCanonical(*module, problems)) return;

  std::vector<std::unique_ptr<emit::OutputFile>> files;
  auto write = [&](const std::string &path, std::string_view content) {
    files.push_back(std::make_unique<emit::OutputFile>(path.empty() ? "-" : path, content));
  };
  std::string qnnText;
  if (options.emit == Options::Emit::Qnn) {
    qnnText = printed(*module);
    write(options.output, qnnText);
  }
  if (options.emit != Options::Emit::Qnn || !options.report.empty()) {
    if (!lower(*module, core, problems)) return;
    auto program = *module->getBody()->getOps<ovl::ProgramOp>().begin();
    if (options.emit == Options::Emit::Ovl) write(options.output, printed(*module));
    const emit::Assembly assembly = emit::assemble(program);
    const emit::Prediction prediction = emit::predict(assembly);
    const std::vector<uint8_t> bytes = emit::programBin(assembly, prediction, std::string("agcc ") + agccVersion);
    if (options.emit == Options::Emit::Asm) write(options.output, emit::assemblyText(assembly));
    if (options.emit == Options::Emit::Bin)
      write(options.output, std::string_view(reinterpret_cast<const char *>(bytes.data()), bytes.size()));
    if (!options.report.empty()) {
      const std::string model = std::filesystem::path(options.model).filename().string();
      write(options.report, isJson(options.report) ? emit::reportJson(assembly, prediction, model, int64_t(bytes.size()))
                                                   : emit::reportText(assembly, prediction, model, int64_t(bytes.size())));
    }
  }
  for (auto &file : files) file->publish();
}

}  // namespace agc
