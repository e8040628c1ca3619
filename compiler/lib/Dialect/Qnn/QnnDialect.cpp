#include "agcc/Dialect/Qnn/QnnOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSwitch.h"

#include "agcc/Dialect/Qnn/QnnDialect.cpp.inc"

namespace agc::qnn {

void QnnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "agcc/Dialect/Qnn/QnnOps.cpp.inc"
      >();
}

// The attributes that tie arguments and results to the ONNX graph's border are the same on both sides.
static mlir::LogicalResult verifyBorderAttribute(mlir::Operation *op, mlir::NamedAttribute attr) {
  auto text = llvm::dyn_cast<mlir::StringAttr>(attr.getValue());
  if (attr.getName() == QnnDialect::kNameAttr) {
    if (!text || text.getValue().empty())
      return op->emitOpError("needs a non-empty string as '") << QnnDialect::kNameAttr << "'";
    return mlir::success();
  }
  if (attr.getName() == QnnDialect::kBorderAttr) {
    bool known = text && llvm::StringSwitch<bool>(text.getValue()).Cases("float32", "int8", "uint8", true).Default(false);
    if (!known)
      return op->emitOpError("needs \"float32\", \"int8\" or \"uint8\" as '") << QnnDialect::kBorderAttr << "'";
    return mlir::success();
  }
  return op->emitOpError("has the attribute '") << attr.getName().getValue() << "', which the qnn dialect does not know";
}

mlir::LogicalResult QnnDialect::verifyRegionArgAttribute(mlir::Operation *op, unsigned, unsigned, mlir::NamedAttribute attr) {
  return verifyBorderAttribute(op, attr);
}

mlir::LogicalResult QnnDialect::verifyRegionResultAttribute(mlir::Operation *op, unsigned, unsigned,
                                                            mlir::NamedAttribute attr) {
  return verifyBorderAttribute(op, attr);
}

} // namespace agc::qnn
