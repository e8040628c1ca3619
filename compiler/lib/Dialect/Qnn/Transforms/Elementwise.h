// ONNX ops on single numbers, in float32 as ONNX Runtime computes them.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace agc::qnn {

// `kind` and `parameters` as in qnn.unary. Nothing for a kind that is not known.
std::optional<float> evaluateUnary(llvm::StringRef kind, llvm::ArrayRef<float> parameters, float x);
// `kind` as in qnn.binary.
std::optional<float> evaluateBinary(llvm::StringRef kind, float a, float b);

} // namespace agc::qnn
