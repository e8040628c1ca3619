// From the bytes of an ONNX file to the qnn dialect.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace agc {

struct ImportOptions {
  // Dimensions of graph inputs, NCHW as the graph has them, by name. Required where the graph leaves one open, allowed to
  // replace fixed ones.
  std::map<std::string, std::vector<int64_t>> shapes;
  // The folder of the model's file: tensors may be stored in files in it. Empty: such tensors are refused.
  std::string folder;
  // Every quantized feature map becomes a graph output under the ONNX name of the QuantizeLinear's result.
  bool keepIntermediates = false;
};

// A module with one function `@main` of qnn ops as the file has them: float ops between qnn.quantize and qnn.dequantize.
// Each op's location is the ONNX node name. Everything that is wrong with the model is appended to `problems`, one sentence
// each; the result is null then. Never throws, whatever `bytes` holds.
mlir::OwningOpRef<mlir::ModuleOp> importOnnx(llvm::StringRef bytes, const ImportOptions &options, mlir::MLIRContext &context,
                                             std::vector<std::string> &problems);

// The op types that the importer knows, sorted.
std::vector<std::string> supportedOnnxOps();

// "1x96x16x16" as dimensions; empty when it is not that.
std::vector<int64_t> parseShape(llvm::StringRef text);

} // namespace agc
