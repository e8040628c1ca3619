// Every dialect that the compiler's IR uses.
#pragma once

#include "agcc/Dialect/Ovl/OvlOps.h"
#include "agcc/Dialect/Qnn/QnnOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectRegistry.h"

namespace agc {

inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<qnn::QnnDialect, ovl::OvlDialect, mlir::quant::QuantizationDialect, mlir::func::FuncDialect>();
}

} // namespace agc
