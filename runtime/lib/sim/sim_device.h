// The simulator: exact results, cycles from the cycle model.
#pragma once

#include <memory>

#include "agc/runtime/device.h"

namespace agc::runtime {

std::unique_ptr<Device> makeSimDevice(const isa::CoreConfig& core, const DeviceOptions& options);

}  // namespace agc::runtime
