#include "write_digests.h"

#include <algorithm>

#include "agc/isa/info.h"
#include "agc/isa/loops.h"

namespace agc::runtime::test {

namespace {

uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0xff51afd7ed558ccdu;
  return hash ^ hash >> 32;
}

std::string firstWord(const char* memory, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  if (a.size() != b.size()) return std::string(memory) + ": sizes differ";
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return std::string(memory) + ": word " + std::to_string(i) + " of 8 bytes differs at the end";
  }
  return "";
}

}  // namespace

void WriteDigests::begin(const Program& program) {
  program_ = &program;
  streams_ = {};
  scratchpad_.clear();
  weights_.clear();
  const isa::LoopOrder order(program.code.size(), [&](size_t index) { return &program.code[index]; });
  isa::ConvState state;
  std::vector<isa::Region> regions;
  for (size_t position = 0; position < order.size(); ++position) {
    const isa::LoopOrder::Place place = order.place(position);
    const isa::Instruction instruction =
        place.loop ? isa::inIteration(*place.loop, place.iteration, program.code[place.index]) : program.code[place.index];
    state.apply(instruction);
    regions.clear();
    isa::appendRegions(instruction, state, regions);
    uint64_t words = 0;
    for (const isa::Region& r : regions) {
      if (r.write) words += r.words() * (r.memory == isa::Memory::WeightBuffer ? 8 : 1);
    }
    if (words != 0) streams_[static_cast<size_t>(isa::engineOf(instruction))].writers.push_back({position, place.index, place.iteration, words});
  }
}

void WriteDigests::wrote(isa::Engine engine, isa::Memory memory, int segment, uint64_t word, uint64_t value) {
  if (program_ == nullptr) return;
  Stream& stream = streams_[static_cast<size_t>(engine)];
  if (stream.digests.size() == stream.writers.size()) {
    ++stream.surplus;
    return;
  }
  stream.open.push_back({word | static_cast<uint64_t>(segment) << 48 | static_cast<uint64_t>(memory) << 56, value});
  if (stream.open.size() < stream.writers[stream.digests.size()].words) return;
  stream.digests.push_back(digest(stream.open));
  stream.open.clear();
}

void WriteDigests::finished(const std::vector<uint64_t>& scratchpad, const std::vector<uint64_t>& weights) {
  scratchpad_ = scratchpad;
  weights_ = weights;
}

/// Of the last value of each word, in any order of the words.
uint64_t WriteDigests::digest(std::vector<Write>& writes) {
  std::stable_sort(writes.begin(), writes.end(), [](const Write& a, const Write& b) { return a.address < b.address; });
  uint64_t hash = 0;
  for (size_t i = 0; i < writes.size(); ++i) {
    if (i + 1 < writes.size() && writes[i + 1].address == writes[i].address) continue;
    hash = mix(mix(hash, writes[i].address), writes[i].value);
  }
  return hash;
}

std::string WriteDigests::differenceTo(const WriteDigests& other, const std::string& mine, const std::string& theirs) const {
  // The earliest of those that differ: what the others read may come from it.
  const Writer* first = nullptr;
  for (size_t e = 0; e < streams_.size(); ++e) {
    const Stream &a = streams_[e], &b = other.streams_[e];
    for (size_t n = 0; n < std::min(a.digests.size(), b.digests.size()); ++n) {
      if (a.digests[n] == b.digests[n]) continue;
      if (first == nullptr || a.writers[n].position < first->position) first = &a.writers[n];
      break;
    }
  }
  if (first != nullptr) {
    return mine + " and " + theirs + " wrote different bytes in " + program_->describe(first->index) + ", iteration " +
           std::to_string(first->iteration + 1);
  }
  for (size_t e = 0; e < streams_.size(); ++e) {
    const Stream &a = streams_[e], &b = other.streams_[e];
    for (const auto& [stream, machine] : {std::pair(&a, &mine), std::pair(&b, &theirs)}) {
      if (stream->digests.size() == a.writers.size() && stream->surplus == 0) continue;
      return std::string(isa::name(static_cast<isa::Engine>(e))) + ": " + *machine + " completed " + std::to_string(stream->digests.size()) +
             " of " + std::to_string(a.writers.size()) + " writing instructions and wrote " +
             std::to_string(stream->open.size() + stream->surplus) + " words more";
    }
  }
  std::string found = firstWord("scratchpad", scratchpad_, other.scratchpad_);
  if (found.empty()) found = firstWord("weight buffer", weights_, other.weights_);
  return found;
}

uint64_t WriteDigests::digests() const {
  uint64_t sum = 0;
  for (const Stream& stream : streams_) sum += stream.digests.size();
  return sum;
}

}  // namespace agc::runtime::test
