// Real factors as the machine's integers; docs/machine.md, section Numerics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace agc::qnn {

// multiplier / 2^shift, multiplier 0 or in 2^23 .. 2^24-1, shift in 0..63.
struct Factor {
  int32_t multiplier = 0;
  int32_t shift = 0;
};

// `real` rounded once, to nearest. Nothing, and the reason in `why`, when it does not fit.
std::optional<Factor> toFactor(double real, std::string &why);

// (x * a + r * b) / 2^shift, the larger of a and b in 2^20 .. 2^21-1.
struct AddFactors {
  int32_t a = 0, b = 0;
  int32_t shift = 0;
};
std::optional<AddFactors> toAddFactors(double realA, double realB, std::string &why);

// ONNX QuantizeLinear of one value to int8, in float32. Infinities saturate.
int64_t quantizeValue(float value, double scale, int64_t zeroPoint);

} // namespace agc::qnn
