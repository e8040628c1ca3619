#include "agcc/Dialect/Qnn/Transforms/Numerics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace agc::qnn {

static constexpr int kBits = 24;     // of a multiplier, whose top bit is set
static constexpr int kAddBits = 21;  // of the larger factor of an add
static constexpr int kMaxShift = 63;

static std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

static std::optional<Factor> normalize(double real, int bits, std::string &why) {
  if (real == 0)
    return Factor{0, 0};
  if (!std::isfinite(real) || real < 0) {
    why = "the factor " + decimal(real) + " is not a positive number";
    return std::nullopt;
  }
  int exponent = 0;
  double multiplier = std::nearbyint(std::ldexp(std::frexp(real, &exponent), bits));
  if (multiplier == 1 << bits) {  // rounded up to the next power of two
    multiplier /= 2;
    ++exponent;
  }
  int shift = bits - exponent;
  if (shift < 0 || shift > kMaxShift) {
    why = "the factor " + decimal(real) + (shift < 0 ? " is 2^" + std::to_string(bits) + " or more" : " is below 2^-" + std::to_string(kMaxShift - bits + 1));
    return std::nullopt;
  }
  return Factor{static_cast<int32_t>(multiplier), shift};
}

std::optional<Factor> toFactor(double real, std::string &why) { return normalize(real, kBits, why); }

std::optional<AddFactors> toAddFactors(double realA, double realB, std::string &why) {
  std::optional<Factor> larger = normalize(std::max(realA, realB), kAddBits, why);
  if (!larger)
    return std::nullopt;
  auto scaled = [&](double real) { return static_cast<int32_t>(std::nearbyint(std::ldexp(real, larger->shift))); };
  return AddFactors{scaled(realA), scaled(realB), larger->shift};
}

int64_t quantizeValue(float value, double scale, int64_t zeroPoint) {
  float steps = std::nearbyint(value / static_cast<float>(scale)) + static_cast<float>(zeroPoint);
  return static_cast<int64_t>(std::clamp(steps, -128.0f, 127.0f));
}

} // namespace agc::qnn
