// One lane of a parameter word: what requantizes one output channel.
#pragma once

#include <cstdint>

#include "agc/isa/isa_gen.h"

namespace agc::isa {

/// (acc + bias) * m / 2^sh. Positions and widths of the fields come from isa.json.
struct Parameter {
  int32_t bias = 0;
  int32_t m = 0;    ///< signed `parameterMWidth` bits; programs hold 0 .. 2^(parameterMWidth-1) - 1
  uint32_t sh = 0;  ///< 0 .. 2^parameterShWidth - 1

  /// The lane; bits that do not fit their field are dropped.
  uint64_t pack() const {
    return static_cast<uint64_t>(static_cast<uint32_t>(bias)) << parameterBiasLsb |
           (static_cast<uint64_t>(static_cast<uint32_t>(m)) & ((uint64_t{1} << parameterMWidth) - 1)) << parameterMLsb |
           (static_cast<uint64_t>(sh) & ((uint64_t{1} << parameterShWidth) - 1)) << parameterShLsb;
  }

  static Parameter unpack(uint64_t lane) {
    Parameter p;
    p.bias = static_cast<int32_t>(static_cast<uint32_t>(lane >> parameterBiasLsb));
    p.m = static_cast<int32_t>(static_cast<int64_t>(lane << (64 - parameterMLsb - parameterMWidth)) >> (64 - parameterMWidth));
    p.sh = static_cast<uint32_t>(lane >> parameterShLsb & ((uint64_t{1} << parameterShWidth) - 1));
    return p;
  }

  /// What a program may hold: m not negative, nothing outside the fields.
  static bool isValid(uint64_t lane) { return unpack(lane).m >= 0 && unpack(lane).pack() == lane; }
};

}  // namespace agc::isa
