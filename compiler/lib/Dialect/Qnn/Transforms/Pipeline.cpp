#include "agcc/Dialect/Qnn/QnnUtils.h"
#include "agcc/Dialect/Qnn/Sentences.h"
#include "agcc/Dialect/Qnn/Transforms/Passes.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

namespace agc::qnn {

void buildCanonicalizationPipeline(mlir::OpPassManager &manager) {
  mlir::OpPassManager &functions = manager.nest<mlir::func::FuncOp>();
  functions.addPass(createQnnFoldQdq());
  functions.addPass(createQnnFuse());
  functions.addPass(createQnnLegalize());
  functions.addPass(createQnnVerifyCanonical());
}

bool lowerToCanonical(mlir::ModuleOp module, std::vector<std::string> &problems) {
  size_t before = problems.size();
  mlir::ScopedDiagnosticHandler handler(module.getContext(), [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      problems.push_back(diagnostic.str());
    return mlir::success();
  });
  mlir::PassManager manager(module.getContext());
  buildCanonicalizationPipeline(manager);
  bool succeeded = mlir::succeeded(manager.run(module));
  if (!succeeded && problems.size() == before)
    problems.push_back("the quantized graph can not be brought into canonical form");
  keepOnOneLine(problems, before);
  return succeeded;
}

} // namespace agc::qnn
