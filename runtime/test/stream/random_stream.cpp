#include "random_stream.h"

#include <algorithm>
#include <stdexcept>

#include "agc/isa/access.h"
#include "agc/isa/loops.h"
#include "agc/isa/parameter.h"
#include "agc/runtime/verifier.h"
#include "semaphore_linker.h"

namespace agc::runtime::test {

namespace {

constexpr uint32_t kConstantWords = 160;  // of 64 bytes
constexpr uint64_t kWorkspace = 2048, kInputs = 3072;
constexpr size_t kLoad = 0, kWload = 1, kConv = 2, kStore = 3;
// Bounds on one instruction, so that the mix stays a mix.
constexpr uint64_t kMostCopied = 600, kMostBeats = 700, kMostPixels = 200;

class Stream {
 public:
  Stream(const isa::CoreConfig& core, const StreamOptions& options, FieldStatistics* statistics)
      : core_(core), options_(options), statistics_(statistics), rng_(options.seed * 0x9e3779b97f4a7c15u + 1), spWords_(core.scratchpadWords()) {
    segments_ = {0, uint64_t{8} * kConstantWords, kWorkspace, kInputs, kOutputs + spWords_, 0, 0, 0};
    for (int n = 0; n < 6; ++n) layers_.push_back(static_cast<uint16_t>(between(rng_, 1 + 10000 * n, 10000 * (n + 1))));
    makeConstants();
  }

  StreamProgram make() {
    SemaphoreLinker linker(core_, segments_, rng_);
    linker_ = &linker;
    prologue();
    while (running_ < options_.instructions) {
      const int64_t kind = between(rng_, 0, 99);
      if (kind < 30) addCopy<isa::Load>();
      else if (kind < 40) addCopy<isa::LoadFold>();
      else if (kind < 50) addCopy<isa::Wload>();
      else if (kind < 68) addCopy<isa::Store>();
      else if (kind < 72) addLoop();
      else addConv();
    }
    if (options_.dump) dump();
    StreamProgram result;
    result.program = wrap(linker.code());
    result.running = running_ + 1;
    return result;
  }

 private:
  static constexpr uint64_t kOutputs = 2048;

  template <typename T>
  T drawn() {
    isa::Instruction instruction = T{};
    drawFields(instruction, core_, rng_);
    isa::header(instruction).layer = chance(rng_, 20) ? 0 : layers_[rng_() % layers_.size()];
    return std::get<T>(instruction);
  }

  void count(const isa::Instruction& instruction) {
    if (statistics_) statistics_->count(instruction);
    ++running_;
  }

  void add(const isa::Instruction& instruction) {
    state_.apply(instruction);
    loaded(instruction);
    linker_->add(instruction, state_);
    count(instruction);
  }

  /// Regions lie inside memories and segments, off the words that idle instructions use, and read nothing but what is written.
  bool inside(const isa::Instruction& instruction, const isa::ConvState& state) {
    regions_.clear();
    isa::appendRegions(instruction, state, regions_);
    for (const isa::Region& r : regions_) {
      uint64_t size = 0;
      switch (r.memory) {
        case isa::Memory::Scratchpad: size = spWords_ - 2; break;
        case isa::Memory::WeightBuffer: size = core_.weightWords - 1; break;
        case isa::Memory::Dram:
          size = segments_[r.segment];
          if (r.write && r.segment != 2 && r.segment != 4) return false;
          if (!r.write && r.segment == 4) size = spWords_ > kOutputs ? kOutputs : spWords_;
          if (r.segment == 2) size -= 1;
          break;
      }
      if (r.end() > size) return false;
    }
    return true;
  }

  template <typename T>
  T drawCopy() {
    for (;;) {
      T copy = drawn<T>();
      if (!inside(copy, state_)) continue;
      uint64_t words = 0;
      for (const isa::Region& r : regions_) words += r.words();
      if (words <= kMostCopied) return copy;
    }
  }

  template <typename T>
  void addCopy() {
    add(drawCopy<T>());
  }

  // ---- convolutions

  /// Registers in any order; often those that a CONV needs are left as they are.
  std::vector<isa::Instruction> drawRegisters() {
    std::vector<isa::Instruction> registers;
    for (size_t i = 0; i < isa::instructions().size(); ++i) {
      const isa::InstructionInfo& info = isa::instructions()[i];
      if (info.engine != isa::Engine::Conv || info.opcode == isa::Opcode::Conv) continue;
      if (state_.geo && state_.epi && !chance(rng_, 60)) continue;
      isa::Instruction instruction = isa::makeInstruction(i);
      do drawFields(instruction, core_, rng_);
      while (!inside(instruction, state_));
      if (auto* geo = std::get_if<isa::ConvGeo>(&instruction)) repair(*geo);
      isa::header(instruction).layer = layers_[rng_() % layers_.size()];
      registers.push_back(instruction);
    }
    std::shuffle(registers.begin(), registers.end(), rng_);
    return registers;
  }

  /// Makes true what fields drawn one by one hardly ever are together.
  void repair(isa::ConvGeo& geo) {
    if (geo.up) geo.sx = 1, geo.split = geo.block = 0;
    if (geo.block) geo.sx = geo.split ? 2 : 1;
    if (geo.split && geo.sx % 2 != 0) geo.sx = 2;
    for (int n = 0; geo.block && n < 50 && geo.sy * geo.in_pitch % core_.banks != core_.pixels / 2; ++n) {
      geo.in_pitch = static_cast<uint32_t>(between(rng_, 1, 40));
      if (chance(rng_, 30)) geo.sy = 1;
    }
    const uint32_t block = 1 + geo.icb * geo.kh * geo.kw;
    if (chance(rng_, 50)) geo.w_pitch = block;
  }

  isa::Conv drawConv(const isa::ConvState& state) {
    isa::Conv conv = drawn<isa::Conv>();
    if (state.epi->res && chance(rng_, 40)) conv.res = conv.out;
    return conv;
  }

  bool smallEnough(const isa::Conv& conv, const isa::ConvGeo& geo) const {
    const uint64_t pixels = uint64_t{conv.ocb} * conv.oh * conv.ow;
    return pixels <= kMostPixels && pixels * geo.icb * geo.kh * geo.kw <= kMostBeats * core_.pixels;
  }

  /// Keeps account of what the weight buffer holds.
  void loaded(const isa::Instruction& instruction) {
    if (const auto* wload = std::get_if<isa::Wload>(&instruction)) {
      weightSource_.resize(core_.weightWords);
      for (uint32_t k = 0; k < wload->n; ++k) weightSource_[wload->wb + k] = wload->dram + 8 * k;
    }
  }

  /// WLOADs that leave the weight buffer as it is now.
  void appendWeights(std::vector<isa::Instruction>& code) const {
    for (uint32_t first = 0, next; first < weightSource_.size(); first = next) {
      for (next = first + 1; next < weightSource_.size() && weightSource_[next] == weightSource_[next - 1] + 8;) ++next;
      isa::Wload wload;
      wload.seg = 1;
      wload.wb = first;
      wload.n = next - first;
      wload.dram = weightSource_[first];
      code.push_back(wload);
    }
  }

  /// The verifier says so, for the CONV behind its registers on memories that are written.
  bool acceptable(const std::vector<isa::Instruction>& registers, const isa::ConvState& state, const isa::Conv& conv) {
    if (!smallEnough(conv, *state.geo) || !inside(conv, state)) return false;
    std::vector<isa::Instruction> code;
    isa::Load load = wholeScratchpad();
    load.h.post[0] = 1;
    code.push_back(load);
    appendWeights(code);
    isa::header(code.back()).post[0] = 2;
    const size_t first = code.size();
    code.insert(code.end(), registers_.begin(), registers_.end());
    code.insert(code.end(), registers.begin(), registers.end());
    for (size_t n = first; n < code.size(); ++n) isa::header(code[n]).wait = isa::header(code[n]).post = {};
    isa::header(code[first]).wait = {1, 2, 0, 0};
    isa::Conv alone = conv;
    alone.h.wait = alone.h.post = {};
    code.push_back(alone);
    return verify(wrap(code)).empty();
  }

  void addConv() {
    for (;;) {
      const std::vector<isa::Instruction> registers = drawRegisters();
      isa::ConvState state = state_;
      for (const isa::Instruction& i : registers) state.apply(i);
      int found = 0;
      const int wanted = static_cast<int>(between(rng_, 1, 4));
      for (int tries = 0; tries < 25 && found < wanted; ++tries) {
        const isa::Conv conv = drawConv(state);
        if (!acceptable(registers, state, conv)) continue;
        if (found++ == 0) take(registers);
        add(conv);
      }
      if (found) return;
    }
  }

  void take(const std::vector<isa::Instruction>& registers) {
    for (const isa::Instruction& i : registers) {
      add(i);
      keep(i);
    }
  }

  /// The newest of each kind, in order.
  void keep(const isa::Instruction& instruction) {
    registers_.erase(std::remove_if(registers_.begin(), registers_.end(), [&](const auto& r) { return r.index() == instruction.index(); }),
                     registers_.end());
    registers_.push_back(instruction);
  }

  // ---- loops

  std::array<isa::Instruction, SemaphoreLinker::kEngines> idle() {
    isa::Load load;
    load.seg = 3;
    load.sp = spWords_ - 1;
    isa::Wload wload;
    wload.seg = 1;
    wload.wb = core_.weightWords - 1;
    isa::Store store;
    store.seg = 2;
    store.sp = spWords_ - 2;
    store.dram = kWorkspace - 1;
    // Registers once more, those that come from no memory.
    const auto registers = std::find_if(registers_.rbegin(), registers_.rend(), [&](const isa::Instruction& i) { return inside(i, state_) && regions_.empty(); });
    return {load, wload, *registers, store};
  }

  /// Everything before is complete when anything behind it starts.
  void barrier() {
    auto gates = idle();
    std::shuffle(gates.begin(), gates.end(), rng_);
    linker_->addBehindAll(gates[0], state_);
    ++running_;
    for (size_t g = 1; g < gates.size(); ++g) {
      linker_->addBehindAll(gates[g], state_);
      ++running_;
    }
  }

  void addLoop() {
    isa::Loop loop = drawn<isa::Loop>();
    const isa::ConvState before = state_;
    const auto registersBefore = registers_;
    std::vector<isa::Instruction> body;
    for (int tries = 0; body.size() < loop.body; ++tries) {
      if (tries > 200) return;
      isa::Instruction next;
      switch (between(rng_, 0, 9)) {
        case 0: case 1: next = drawCopy<isa::Load>(); break;
        case 2: next = drawCopy<isa::LoadFold>(); break;
        case 3: next = drawCopy<isa::Wload>(); break;
        case 4: case 5: next = drawCopy<isa::Store>(); break;
        case 6: next = registers_[rng_() % registers_.size()]; break;
        default: {
          const isa::Conv conv = drawConv(state_);
          if (loop.count > 8 || !acceptable({}, state_, conv)) continue;
          next = conv;
        }
      }
      // Addresses that wander must stay inside.
      bool good = true;
      for (uint32_t k = 1; k < loop.count && good; ++k) good = inside(isa::inIteration(loop, k, next), state_);
      if (good) body.push_back(next);
    }
    // A CONV must be one that the verifier takes in all iterations, with the weights and registers of its time.
    const auto weightsBefore = weightSource_;
    bool good = true;
    for (uint32_t k = 0; k < loop.count && good; ++k) {
      for (const isa::Instruction& i : body) {
        const isa::Instruction stepped = isa::inIteration(loop, k, i);
        state_.apply(stepped);
        loaded(stepped);
        if (isa::engineOf(i) == isa::Engine::Conv && !std::holds_alternative<isa::Conv>(i)) keep(i);
        if (const auto* conv = std::get_if<isa::Conv>(&stepped); conv && good) good = acceptable({}, state_, *conv);
      }
    }
    if (!good) {
      state_ = before;
      registers_ = registersBefore;
      weightSource_ = weightsBefore;
      return;
    }
    barrier();
    linker_->addLoop(loop, body, before, idle());
    running_ += 1 + 2 * SemaphoreLinker::kEngines;
    count(loop);
    for (const isa::Instruction& i : body) {
      count(i);
      running_ += loop.count - 1;
    }
    --running_;
    barrier();
  }

  // ---- frame

  isa::Load wholeScratchpad() const {
    isa::Load load;
    load.seg = 3;
    load.n0 = 256;
    load.n1 = spWords_ / 256;
    load.s1 = 256;
    load.d1 = static_cast<uint32_t>((kInputs - 256) / (load.n1 - 1 ? load.n1 - 1 : 1));
    return load;
  }

  isa::Wload wholeWeights() const {
    isa::Wload wload;
    wload.seg = 1;
    wload.n = kConstantWords;
    return wload;
  }

  void prologue() {
    add(wholeScratchpad());
    for (uint32_t wb = 0; wb < core_.weightWords; wb += kConstantWords) {
      isa::Wload wload = wholeWeights();
      wload.wb = wb;
      wload.n = std::min(kConstantWords, core_.weightWords - wb);
      add(wload);
    }
    for (const uint32_t segment : {2u, 4u}) {
      isa::Store store;
      store.seg = segment;
      store.n0 = 256;
      store.n1 = static_cast<uint32_t>((segment == 2 ? kWorkspace : kOutputs) / 256);
      store.d1 = store.s1 = 256;
      if (store.n1 * 256 > spWords_) store.s1 = 0;
      add(store);
    }
    // Registers before the first loop, which need a CONV that goes with them.
    addConv();
  }

  void dump() {
    isa::Store store;
    store.seg = 4;
    store.n0 = 256;
    store.n1 = spWords_ / 256;
    store.d1 = store.s1 = 256;
    store.dram = kOutputs;
    add(store);
  }

  /// Half of the words may be parameters as well as weights, with scales that leave something of a convolution; the others are weights.
  void makeConstants() {
    for (uint32_t word = 0; word < kConstantWords; ++word) {
      const bool parameter = chance(rng_, 60);
      for (uint32_t o = 0; o < 8; ++o) {
        isa::Parameter lane;
        lane.bias = static_cast<int32_t>(between(rng_, -40000, 40000));
        lane.m = static_cast<int32_t>(between(rng_, chance(rng_, 5) ? 0 : 1 << 23, (1 << 24) - 1));
        lane.sh = static_cast<uint32_t>(chance(rng_, 10) ? between(rng_, 0, 63) : between(rng_, 28, 37));
        const uint64_t packed = parameter ? lane.pack() : rng_();
        for (uint32_t b = 0; b < 8; ++b) {
          auto byte = static_cast<uint8_t>(packed >> (8 * b));
          // -128 is no weight; the bit below does not turn one kind of lane into another.
          constants_.push_back(byte == 0x80 ? 0x40 : byte);
        }
      }
    }
  }

  Program wrap(const std::vector<isa::Instruction>& code) const {
    Program program;
    program.code = code;
    program.code.push_back(isa::End{});
    for (const isa::Instruction& i : program.code) program.file.code.push_back(isa::encode(i));
    program.file.constants = constants_;
    program.file.manifestJson = "{}";
    program.file.coreHash = core_.hash;
    Manifest& manifest = program.manifest;
    manifest.core = core_.name;
    manifest.coreConfig = core_;
    for (const int index : {2, 3, 4}) manifest.segments.push_back({index, "", 8 * segments_[static_cast<size_t>(index)]});
    TensorInfo input;
    input.name = "x";
    input.segment = 3;
    input.bytes = 8 * kInputs;
    manifest.inputs.push_back(input);
    for (const uint16_t layer : layers_) manifest.layers.push_back({layer, {}, {}, 0, 0});
    return program;
  }

  const isa::CoreConfig& core_;
  StreamOptions options_;
  FieldStatistics* statistics_;
  Rng rng_;
  uint32_t spWords_;
  std::array<uint64_t, 8> segments_{};
  std::vector<uint16_t> layers_;
  std::vector<uint8_t> constants_;
  SemaphoreLinker* linker_ = nullptr;
  isa::ConvState state_;
  std::vector<isa::Instruction> registers_;
  std::vector<uint32_t> weightSource_;  ///< by weight-buffer word: 8-byte word of the constants
  std::vector<isa::Region> regions_;
  uint64_t running_ = 0;
};

}  // namespace

StreamProgram randomStream(const isa::CoreConfig& core, const StreamOptions& options, FieldStatistics* statistics) {
  return Stream(core, options, statistics).make();
}

}  // namespace agc::runtime::test
