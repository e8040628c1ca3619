// The Verilog core under Verilator: exact cycles, driven through its registers as a host drives the real one.
#pragma once

#include <memory>

#include "agc/runtime/device.h"

namespace agc::runtime {

/// Throws Error when the core's model is not in this build, with the target that makes one.
std::unique_ptr<Device> makeVerilatorDevice(const isa::CoreConfig& core, const DeviceOptions& options);

}  // namespace agc::runtime
