#include "axi_memory.h"

#include <cstring>

namespace agc::runtime {

namespace {

// Odds of the stress profile, in percent.
constexpr uint32_t kAddressStall = 30;
constexpr uint32_t kDataStall = 30;
constexpr uint32_t kLongDelay = 5;
constexpr uint64_t kShortDelay = 40, kLongestDelay = 400;

}  // namespace

AxiMemoryPort::AxiMemoryPort(Segments& segments, const std::vector<DramError>& errors, const MemoryProfile& profile, uint32_t burstBeats,
                             SharedBandwidth& bandwidth, uint64_t seed, MachineObserver* observer)
    : segments_(segments), errors_(errors), profile_(profile), burstBeats_(burstBeats), bandwidth_(bandwidth), random_(seed), observer_(observer) {}

const AxiInputs& AxiMemoryPort::drive(uint64_t cycle) {
  bool stress = profile_.randomStalls;
  inputs_.arReady = !reads_.full() && !(stress && stalls(kAddressStall));
  inputs_.awReady = !writes_.full() && !(stress && stalls(kAddressStall));

  inputs_.rValid = false;
  if (!reads_.empty()) {
    Burst& burst = reads_.front();
    inputs_.rValid = rHeld_ || (burst.ready <= cycle && bandwidth_.allows() && !(stress && stalls(kDataStall)));
    if (inputs_.rValid) {
      inputs_.rLast = burst.left == 1;
      inputs_.rError = burst.error && (burst.data == nullptr || isError(burst.address, 1));
      inputs_.rData = 0;
      if (burst.data != nullptr) std::memcpy(&inputs_.rData, burst.data, 8);
      if (!rHeld_) bandwidth_.spend();
      rHeld_ = true;
    }
  }
  inputs_.wReady = !writes_.empty() && !responses_.full() && bandwidth_.allows() && !(stress && stalls(kDataStall));

  inputs_.bValid = false;
  if (!responses_.empty()) {
    Response& response = responses_.front();
    inputs_.bValid = bHeld_ || (response.ready <= cycle && !(stress && stalls(kDataStall)));
    inputs_.bError = response.error;
    bHeld_ = inputs_.bValid;
  }
  return inputs_;
}

bool AxiMemoryPort::sample(uint64_t cycle, const AxiOutputs& core) {
  bool moved = false;
  if (inputs_.rValid && core.rReady) {
    Burst& burst = reads_.front();
    rHeld_ = false;
    ++readBeats_;
    if (burst.data != nullptr) burst.data += 8;
    burst.address += 8;
    if (--burst.left == 0) reads_.pop();
    moved = true;
  }
  if (inputs_.bValid && core.bReady) {
    bHeld_ = false;
    responses_.pop();
    moved = true;
  }
  if (inputs_.wReady && core.wValid) {
    Burst& burst = writes_.front();
    bandwidth_.spend();
    ++writeBeats_;
    if (burst.data != nullptr && !(burst.error && isError(burst.address, 1))) {
      if (core.wStrobe == 0xff) {
        std::memcpy(burst.data, &core.wData, 8);
      } else {
        for (int lane = 0; lane < 8; ++lane) {
          if ((core.wStrobe >> lane & 1) != 0) burst.data[lane] = static_cast<uint8_t>(core.wData >> (8 * lane));
        }
      }
    }
    if (burst.data != nullptr && observer_ != nullptr) {
      observer_->wrote(isa::Engine::Store, isa::Memory::Dram, burst.segment, (burst.address - segments_[burst.segment].base) / 8, core.wData);
    }
    if (burst.data != nullptr) burst.data += 8;
    burst.address += 8;
    --burst.left;
    if (core.wLast != (burst.left == 0) && breach_.empty()) breach_ = "WLAST on the wrong beat";
    if (burst.left == 0) {
      responses_.push({cycle + profile_.writeLatency, burst.error});
      writes_.pop();
    }
    moved = true;
  }
  if (inputs_.arReady && core.arValid) {
    Burst burst = open(core.arAddress, core.arLength, "read");
    burst.ready = cycle + profile_.readLatency;
    if (profile_.randomStalls) burst.ready += random_.below(stalls(kLongDelay) ? kLongestDelay : kShortDelay);
    reads_.push(burst);
    moved = true;
  }
  if (inputs_.awReady && core.awValid) {
    writes_.push(open(core.awAddress, core.awLength, "write"));
    moved = true;
  }
  return moved;
}

AxiMemoryPort::Burst AxiMemoryPort::open(uint32_t address, uint32_t length, const char* channel) {
  Burst burst;
  burst.left = length + 1;
  burst.address = address;
  uint64_t bytes = 8 * uint64_t{burst.left};
  if (breach_.empty()) {
    if (address % 8 != 0) breach_ = std::string("a ") + channel + " address that is no multiple of 8";
    if (burst.left > burstBeats_) breach_ = std::string("a ") + channel + " burst that is too long";
    if (address / 128 != (address + bytes - 1) / 128) breach_ = std::string("a ") + channel + " burst across a 128-byte boundary";
  }
  for (int i = 0; i < kSegments; ++i) {
    Segments::Segment& segment = segments_[i];
    if (address < segment.base || address + bytes > segment.base + segment.bytes) continue;
    burst.data = segment.data.data() + (address - segment.base);
    burst.segment = i;
    if (!errors_.empty()) burst.error = isError(address, burst.left);
    return burst;
  }
  burst.error = true;
  if (breach_.empty()) breach_ = std::string("a ") + channel + " at address " + std::to_string(address) + " outside of all segments";
  return burst;
}

bool AxiMemoryPort::isError(uint32_t address, uint32_t beats) const {
  for (const DramError& error : errors_) {
    const Segments::Segment& segment = segments_[error.segment];
    uint64_t begin = segment.base + error.offset;
    if (segment.bytes != 0 && address < begin + error.bytes && begin < address + 8 * uint64_t{beats}) return true;
  }
  return false;
}

}  // namespace agc::runtime
