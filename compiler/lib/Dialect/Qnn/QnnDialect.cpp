#include "agcc/Dialect/Qnn/QnnOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
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
static mlir::LogicalResult verifyBorderAttribute(mlir::Operation *op, mlir::Type type, mlir::NamedAttribute attr) {
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
  if (attr.getName() == QnnDialect::kShapeAttr) {
    auto shape = llvm::dyn_cast<mlir::DenseI64ArrayAttr>(attr.getValue());
    auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
    bool fits = shape && tensor && tensor.getRank() == 4 && shape.size() >= 2 && shape.size() <= 4 && shape[0] >= 1;
    if (fits) {  // dimensions that are not named are 1
      fits = shape[1] == tensor.getDimSize(1) && (shape.size() == 4 ? shape[2] : 1) == tensor.getDimSize(2) &&
             (shape.size() > 2 ? shape[shape.size() - 1] : 1) == tensor.getDimSize(3);
    }
    if (!fits)
      return op->emitOpError("needs N, C, H, W or N, C, W or N, C of the type ") << type << " as '" << QnnDialect::kShapeAttr << "'";
    return mlir::success();
  }
  return op->emitOpError("has the attribute '") << attr.getName().getValue() << "', which the qnn dialect does not know";
}

// The type of argument or result `index`; of other ops than functions, none.
static mlir::Type borderType(mlir::Operation *op, unsigned index, bool argument) {
  auto function = llvm::dyn_cast<mlir::FunctionOpInterface>(op);
  llvm::ArrayRef<mlir::Type> types = !function  ? llvm::ArrayRef<mlir::Type>()
                                     : argument ? function.getArgumentTypes()
                                                : function.getResultTypes();
  return index < types.size() ? types[index] : mlir::Type();
}

mlir::LogicalResult QnnDialect::verifyRegionArgAttribute(mlir::Operation *op, unsigned, unsigned index, mlir::NamedAttribute attr) {
  return verifyBorderAttribute(op, borderType(op, index, true), attr);
}

mlir::LogicalResult QnnDialect::verifyRegionResultAttribute(mlir::Operation *op, unsigned, unsigned index,
                                                            mlir::NamedAttribute attr) {
  return verifyBorderAttribute(op, borderType(op, index, false), attr);
}

} // namespace agc::qnn
