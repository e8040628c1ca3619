#include "Elementwise.h"

#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <cmath>

namespace agc::qnn {

// Each function is evaluated in double precision and rounded once, which is as near to any library's float32 as can be had.
using Function = double (*)(double x, llvm::ArrayRef<float> p);

static double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
static double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

static const llvm::StringMap<Function> &functions() {
  static const llvm::StringMap<Function> table = {
      {"Abs", [](double x, llvm::ArrayRef<float>) { return std::fabs(x); }},
      {"Acos", [](double x, llvm::ArrayRef<float>) { return std::acos(x); }},
      {"Acosh", [](double x, llvm::ArrayRef<float>) { return std::acosh(x); }},
      {"Asin", [](double x, llvm::ArrayRef<float>) { return std::asin(x); }},
      {"Asinh", [](double x, llvm::ArrayRef<float>) { return std::asinh(x); }},
      {"Atan", [](double x, llvm::ArrayRef<float>) { return std::atan(x); }},
      {"Atanh", [](double x, llvm::ArrayRef<float>) { return std::atanh(x); }},
      {"Ceil", [](double x, llvm::ArrayRef<float>) { return std::ceil(x); }},
      {"Celu", [](double x, llvm::ArrayRef<float> p) { return std::max(0.0, x) + std::min(0.0, p[0] * std::expm1(x / p[0])); }},
      {"Cos", [](double x, llvm::ArrayRef<float>) { return std::cos(x); }},
      {"Cosh", [](double x, llvm::ArrayRef<float>) { return std::cosh(x); }},
      {"Elu", [](double x, llvm::ArrayRef<float> p) { return x >= 0 ? x : p[0] * std::expm1(x); }},
      {"Erf", [](double x, llvm::ArrayRef<float>) { return std::erf(x); }},
      {"Exp", [](double x, llvm::ArrayRef<float>) { return std::exp(x); }},
      {"Floor", [](double x, llvm::ArrayRef<float>) { return std::floor(x); }},
      {"Gelu",
       [](double x, llvm::ArrayRef<float> p) {
         return p[0] != 0 ? 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))) : 0.5 * x * (1 + std::erf(x / M_SQRT2));
       }},
      {"HardSigmoid", [](double x, llvm::ArrayRef<float> p) { return std::clamp(p[0] * x + p[1], 0.0, 1.0); }},
      {"HardSwish", [](double x, llvm::ArrayRef<float>) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
      {"LeakyRelu", [](double x, llvm::ArrayRef<float> p) { return x >= 0 ? x : p[0] * x; }},
      {"Log", [](double x, llvm::ArrayRef<float>) { return std::log(x); }},
      {"Mish", [](double x, llvm::ArrayRef<float>) { return x * std::tanh(softplus(x)); }},
      {"Neg", [](double x, llvm::ArrayRef<float>) { return -x; }},
      {"Reciprocal", [](double x, llvm::ArrayRef<float>) { return 1 / x; }},
      {"Round", [](double x, llvm::ArrayRef<float>) { return std::nearbyint(x); }},
      {"Selu", [](double x, llvm::ArrayRef<float> p) { return p[1] * (x > 0 ? x : p[0] * std::expm1(x)); }},
      {"Shrink", [](double x, llvm::ArrayRef<float> p) { return x < -p[0] ? x + p[1] : x > p[0] ? x - p[1] : 0.0; }},
      {"Sigmoid", [](double x, llvm::ArrayRef<float>) { return sigmoid(x); }},
      {"Sign", [](double x, llvm::ArrayRef<float>) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }},
      {"Sin", [](double x, llvm::ArrayRef<float>) { return std::sin(x); }},
      {"Sinh", [](double x, llvm::ArrayRef<float>) { return std::sinh(x); }},
      {"Softplus", [](double x, llvm::ArrayRef<float>) { return softplus(x); }},
      {"Softsign", [](double x, llvm::ArrayRef<float>) { return x / (1 + std::fabs(x)); }},
      {"Sqrt", [](double x, llvm::ArrayRef<float>) { return std::sqrt(x); }},
      {"Swish", [](double x, llvm::ArrayRef<float> p) { return x * sigmoid(p[0] * x); }},
      {"Tan", [](double x, llvm::ArrayRef<float>) { return std::tan(x); }},
      {"Tanh", [](double x, llvm::ArrayRef<float>) { return std::tanh(x); }},
      {"ThresholdedRelu", [](double x, llvm::ArrayRef<float> p) { return x > p[0] ? x : 0.0; }},
  };
  return table;
}

std::optional<float> evaluateUnary(llvm::StringRef kind, llvm::ArrayRef<float> parameters, float x) {
  static const llvm::StringMap<size_t> counts = {{"Celu", 1}, {"Elu", 1}, {"Gelu", 1}, {"HardSigmoid", 2}, {"LeakyRelu", 1},
                                                 {"Selu", 2}, {"Shrink", 2}, {"Swish", 1}, {"ThresholdedRelu", 1}};
  auto found = functions().find(kind);
  if (found == functions().end() || parameters.size() != counts.lookup(kind))
    return std::nullopt;
  return static_cast<float>(found->second(x, parameters));
}

std::optional<float> evaluateBinary(llvm::StringRef kind, float a, float b) {
  if (kind == "Add")
    return a + b;
  if (kind == "Sub")
    return a - b;
  if (kind == "Mul")
    return a * b;
  if (kind == "Div")
    return a / b;
  if (kind == "Max")
    return std::max(a, b);
  if (kind == "Min")
    return std::min(a, b);
  if (kind == "Pow")
    return static_cast<float>(std::pow(static_cast<double>(a), static_cast<double>(b)));
  if (kind == "PRelu")
    return a >= 0 ? a : a * b;
  return std::nullopt;
}

} // namespace agc::qnn
