// Runs a program on a device and on the naive machine and compares whole segments.
#pragma once

#include <gtest/gtest.h>

#include "agc/runtime/device.h"
#include "naive_machine.h"
#include "random_conv.h"

namespace agc::runtime::test {

/// `runs` inputs in a row on one loaded program; every output segment must equal the naive machine's, bytes that no STORE writes
/// included.
inline ::testing::AssertionResult matchesNaive(Device& device, const isa::CoreConfig& core, const RandomProgram& program, int runs,
                                               uint64_t seed) {
  device.load(program.file, program.segments);
  for (int run = 0; run < runs; ++run) {
    NaiveMachine naive(core);
    naive.dram[1] = program.file.constants;
    for (const SegmentSpec& spec : program.segments) {
      if (spec.index == 3) fillSegment(device, 3, spec.bytes, seed + static_cast<uint64_t>(run));
      const uint8_t* data = device.segment(spec.index);
      naive.dram[static_cast<size_t>(spec.index)].assign(data, data + spec.bytes);
    }
    naive.run(program.file.code);
    try {
      device.run();
    } catch (const Error& error) {
      return ::testing::AssertionFailure() << error.what() << "\n" << program.text;
    }
    for (const SegmentSpec& spec : program.segments) {
      const uint8_t* data = device.segment(spec.index);
      const auto& expected = naive.dram[static_cast<size_t>(spec.index)];
      for (uint64_t i = 0; i < spec.bytes; ++i) {
        if (data[i] == expected[i]) continue;
        return ::testing::AssertionFailure() << "run " << run << ", segment " << spec.index << ", byte " << i << ": " << int{data[i]}
                                             << " instead of " << int{expected[i]} << "\n" << program.text;
      }
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace agc::runtime::test
