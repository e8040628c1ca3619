// The qnn dialect and its ops; see QnnDialect.td and QnnOps.td.
#pragma once

#include "agcc/Interfaces/RegionOpInterface.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/QuantOps.h"
#include "mlir/Dialect/Quant/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <string>
#include <vector>

#include "agcc/Dialect/Qnn/QnnDialect.h.inc"

#define GET_OP_CLASSES
#include "agcc/Dialect/Qnn/QnnOps.h.inc"
