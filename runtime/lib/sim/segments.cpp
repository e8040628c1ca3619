#include "segments.h"

#include <cstdio>
#include <cstring>
#include <new>

#include "agc/isa/error.h"

namespace agc::runtime {

namespace {

constexpr uint64_t kFirstAddress = 0x00100000;
constexpr uint64_t kAddressEnd = uint64_t{1} << 32;
constexpr uint64_t kGap = 4096;

}  // namespace

void checkCore(const isa::ProgramFile& program, const isa::CoreConfig& core) {
  if (program.coreHash == core.hash) return;
  char text[256];
  std::snprintf(text, sizeof text, "the program is for a core with configuration hash %08x, this device is core '%.40s' with %08x: compile it for this core",
                static_cast<unsigned>(program.coreHash), core.name.c_str(), static_cast<unsigned>(core.hash));
  throw Error(text);
}

void Segments::build(const isa::ProgramFile& program, const std::vector<SegmentSpec>& specs, bool scatter, RandomSource& random) {
  std::array<uint64_t, kSegments> bytes{};
  bytes[0] = program.code.size() * sizeof(isa::Word);
  bytes[1] = program.constants.size();
  for (const SegmentSpec& spec : specs) {
    if (spec.index < 1 || spec.index >= kSegments) {
      throw Error("segment " + std::to_string(spec.index) + " cannot be given: segments 1 to 7 can, 0 is the program's code");
    }
    uint64_t& size = bytes[static_cast<size_t>(spec.index)];
    if (size != 0 && size != spec.bytes) {
      throw Error("segment " + std::to_string(spec.index) + " is given twice or differs from the program's constants: " +
                  std::to_string(size) + " and " + std::to_string(spec.bytes) + " bytes");
    }
    size = spec.bytes;
  }

  std::array<Segment, kSegments> built;
  uint64_t address = kFirstAddress;
  for (size_t i = 0; i < built.size(); ++i) {
    if (bytes[i] == 0) continue;
    if (bytes[i] > kAddressEnd) throw Error("segment " + std::to_string(i) + " of " + std::to_string(bytes[i]) + " bytes exceeds the 32-bit address space");
    Segment& segment = built[i];
    segment.bytes = (bytes[i] + 7) / 8 * 8;
    address += kGap + (scatter ? 64 * random.below(kGap / 64) : 0);
    segment.base = static_cast<uint32_t>(address);
    address = (address + segment.bytes + kGap - 1) / kGap * kGap;
    if (address >= kAddressEnd) throw Error("the segments together exceed the 32-bit address space");
    try {
      segment.data.resize(segment.bytes);
    } catch (const std::bad_alloc&) {
      throw Error("not enough memory for segment " + std::to_string(i) + " of " + std::to_string(segment.bytes) + " bytes");
    }
    random.fill(segment.data.data(), segment.data.size());
  }
  if (!program.code.empty()) std::memcpy(built[0].data.data(), program.code.data(), bytes[0]);
  if (!program.constants.empty()) std::memcpy(built[1].data.data(), program.constants.data(), program.constants.size());
  segments_ = std::move(built);
}

uint8_t* Segments::host(int index) {
  if (index < 0 || index >= kSegments) return nullptr;
  Segment& segment = segments_[static_cast<size_t>(index)];
  return segment.bytes == 0 ? nullptr : segment.data.data();
}

}  // namespace agc::runtime
