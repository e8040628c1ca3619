#include "agc/runtime/device.h"
#include "sim_device.h"
#ifdef AGC_HAVE_VERILATOR
#include "verilator_device.h"
#endif

namespace agc::runtime {

std::unique_ptr<Device> makeDevice(const std::string& backend, const isa::CoreConfig& core, const DeviceOptions& options) {
  if (backend == "sim") return makeSimDevice(core, options);
  if (backend == "verilator") {
#ifdef AGC_HAVE_VERILATOR
    return makeVerilatorDevice(core, options);
#else
    throw Error("this build has no Verilator backend: install verilator, configure again and build the target agc_verilator");
#endif
  }
  if (backend == "zynq") throw Error("no Zynq device here: this build drives the simulators only, use --backend sim or verilator");
  throw Error("unknown backend '" + backend + "': use sim, verilator or zynq");
}

}  // namespace agc::runtime
