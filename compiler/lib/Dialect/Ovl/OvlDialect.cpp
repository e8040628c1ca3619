#include "agcc/Dialect/Ovl/OvlOps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/DialectImplementation.h"

#include "agcc/Dialect/Ovl/OvlDialect.cpp.inc"
#include "agcc/Dialect/Ovl/OvlEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "agcc/Dialect/Ovl/OvlTypes.cpp.inc"

namespace agc::ovl {

void OvlDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "agcc/Dialect/Ovl/OvlTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "agcc/Dialect/Ovl/OvlOps.cpp.inc"
      >();
}

}  // namespace agc::ovl
