// Runs any of the compiler's passes on MLIR text.
#include "agcc/InitAllDialects.h"
#include "agcc/InitAllPasses.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  agc::registerAllDialects(registry);
  agc::registerAllPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "agcc optimizer driver\n", registry));
}
