// The ovl dialect and its ops; see OvlDialect.td and OvlOps.td.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

#include "agcc/Dialect/Ovl/OvlDialect.h.inc"
#include "agcc/Dialect/Ovl/OvlEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "agcc/Dialect/Ovl/OvlTypes.h.inc"

#define GET_OP_CLASSES
#include "agcc/Dialect/Ovl/OvlOps.h.inc"
