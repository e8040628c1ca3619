#include "field_check.h"

#include <algorithm>

#include "agc/isa/access.h"

namespace agc::runtime {
namespace {

using isa::Memory;
using isa::Region;

constexpr uint32_t kMul = 1;  // of CONV_EPI.op

enum Segment : int { Code = 0, Constants = 1, Workspace = 2, Inputs = 3, Outputs = 4 };

class FieldCheck {
 public:
  FieldCheck(const Program& program, const RunningCode& running, Findings& findings)
      : program_(program), running_(running), findings_(findings) {}

  void run() {
    for (size_t i = 0; i < running_.size() && !findings_.full(); ++i) {
      position_ = i;
      const isa::Instruction instruction = running_.instruction(i);
      checkLayer(isa::header(instruction));
      state_.apply(instruction);
      if (std::holds_alternative<isa::End>(instruction)) checkEnd(isa::header(instruction));
      if (const auto* g = std::get_if<isa::ConvGeo>(&instruction)) checkGeo(*g);
      if (const auto* e = std::get_if<isa::ConvEpi>(&instruction)) checkEpi(*e);
      if (std::holds_alternative<isa::Conv>(instruction) && !checkConvState()) continue;
      if (const auto* c = std::get_if<isa::Conv>(&instruction)) checkAliases(*c);
      regions_.clear();
      isa::appendRegions(instruction, state_, regions_);
      for (const Region& r : regions_) checkRegion(r, std::holds_alternative<isa::Wload>(instruction));
    }
    if (program_.code.empty() || !std::holds_alternative<isa::End>(program_.code.back()))
      findings_.program("the last instruction is not END");
  }

 private:
  template <typename... Args>
  void complain(fmt::format_string<Args...> format, Args&&... args) {
    findings_.at(position_, format, std::forward<Args>(args)...);
  }

  void checkLayer(const isa::Header& header) {
    if (header.layer != 0 && !program_.manifest.layer(header.layer)) complain("layer {} is not in the manifest", header.layer);
  }

  void checkEnd(const isa::Header& header) {
    if (running_.index(position_) + 1 != program_.code.size()) complain("END before the end of the program");
    auto used = [](uint8_t s) { return s != 0; };
    if (std::any_of(header.wait.begin(), header.wait.end(), used) || std::any_of(header.post.begin(), header.post.end(), used))
      complain("END takes no semaphores");
  }

  void checkGeo(const isa::ConvGeo& g) {
    if (g.up && g.sx != 1) complain("up = 1 needs sx = 1, but sx is {}", g.sx);
    if (g.split && g.up) complain("split = 1 needs up = 0: columns that lie apart by parity cannot be read twice each");
    else if (g.split && g.sx % 2 != 0) complain("split = 1 needs an even sx, but sx is {}", g.sx);
    if (g.out_step && g.out_split) complain("out_split = 1 needs out_step = 0, but out_step is {}: columns that go apart by parity lie side by side", g.out_step);
    if (g.block) checkBlock(g);
  }

  void checkBlock(const isa::ConvGeo& g) {
    const isa::CoreConfig& core = program_.manifest.coreConfig;
    if (core.pixels % 4 != 0 || core.pixels > core.banks) {
      complain("block = 1 needs a core with a multiple of 4 pixels and a bank for each, but {} has {} pixels and {} banks", core.name,
               core.pixels, core.banks);
    } else if (g.up) {
      complain("block = 1 needs up = 0");
    } else if (g.sx != (g.split ? 2u : 1u)) {
      complain("block = 1 needs sx = 1, or sx = 2 with split, but sx is {} with split = {}", g.sx, g.split);
    } else if (uint64_t{g.sy} * g.in_pitch % core.banks != core.pixels / 2) {
      complain("block = 1 needs sy*in_pitch = {} modulo the {} banks, so that the rows of a block lie in different banks, but it is {}*{}",
               core.pixels / 2, core.banks, g.sy, g.in_pitch);
    }
  }

  void checkEpi(const isa::ConvEpi& e) {
    if (e.part_out) return;
    if (e.lo1 > e.hi1) complain("the clamp is empty: lo1 = {} is above hi1 = {}", e.lo1, e.hi1);
    if (e.res && e.op == kMul && e.b != 0) complain("op = 1 (mul) needs b = 0, as it has one multiplier, a, but b is {}", e.b);
    if (e.res && e.lo > e.hi) complain("the clamp is empty: lo = {} is above hi = {}", e.lo, e.hi);
  }

  bool checkConvState() {
    if (!state_.geo) complain("CONV before any CONV_GEO");
    if (!state_.epi) complain("CONV before any CONV_EPI");
    if (!state_.geo || !state_.epi) return false;
    if (state_.epi->table && !state_.epi->part_out && !state_.table) complain("CONV with table = {} before any CONV_TABLE", state_.epi->table);
    return true;
  }

  /// The residual may lie where the output goes only word for word; partial sums may not lie under the output. (That no other
  /// words coincide is checked on the words themselves, in stage 3.)
  void checkAliases(const isa::Conv& c) {
    if (!state_.epi->res || state_.epi->part_out || c.res != c.out) return;
    if ((c.oh > 1 && state_.geo->res_pitch != state_.geo->out_pitch) || (c.ocb > 1 && state_.geo->res_cpitch != state_.geo->out_cpitch))
      complain("the residual starts where the output does but has other pitches");
    else if (state_.geo->out_step && c.ow > 1)
      complain("the residual starts where the output does but its columns do not lie {} words apart as the output's", state_.geo->out_step + 1);
    else if (state_.epi->res_still && c.ow > 1)
      complain("the residual starts where the output does but stays in column 0 of each row");
    else if (state_.geo->out_split && c.ow > 1)
      complain("the residual starts where the output does but its columns do not go apart by parity as the output's");
  }

  void checkRegion(const Region& r, bool isWload) {
    switch (r.memory) {
      case Memory::Scratchpad: checkRange(r, "scratchpad", program_.manifest.coreConfig.scratchpadWords()); break;
      case Memory::WeightBuffer: checkRange(r, "weight buffer", program_.manifest.coreConfig.weightWords); break;
      case Memory::Dram: checkDram(r, isWload); break;
    }
  }

  void checkRange(const Region& r, const char* memory, uint64_t size) {
    if (r.end() > size)
      complain("{} {}s {} words {} to {}, but it has {}", pathName(r.path), r.write ? "write" : "read", memory, r.start, r.end() - 1, size);
  }

  void checkDram(const Region& r, bool isWload) {
    uint64_t bytes = 0;
    switch (r.segment) {
      case Code: bytes = program_.file.code.size() * sizeof(isa::Word); break;
      case Constants: bytes = program_.file.constants.size(); break;
      default:
        if (const SegmentInfo* s = program_.manifest.segment(r.segment)) bytes = s->bytes;
    }
    if (bytes == 0)
      complain("segment {} is not part of the program", r.segment);
    else if (r.write && r.segment != Workspace && r.segment != Outputs)
      complain("writes to segment {}; only workspace (2) and outputs (4) may be written", r.segment);
    else if (isWload && r.segment != Constants)
      complain("loads weights from segment {}; they have to come from the constants (1)", r.segment);
    else if (r.end() > bytes / 8)
      complain("{}s words {} to {} of segment {}, which has {}", r.write ? "write" : "read", r.start, r.end() - 1, r.segment, bytes / 8);
  }

  static const char* pathName(isa::AccessPath path) {
    switch (path) {
      case isa::AccessPath::Dma: return "the copy";
      case isa::AccessPath::ConvInput: return "the input";
      case isa::AccessPath::ConvWeights: return "the weight stream";
      case isa::AccessPath::ConvResidual: return "the residual";
      case isa::AccessPath::ConvPartialIn:
      case isa::AccessPath::ConvPartialOut: return "the partial-sum stream";
      case isa::AccessPath::ConvOutput: return "the output";
    }
    return "an access";
  }

  const Program& program_;
  const RunningCode& running_;
  Findings& findings_;
  isa::ConvState state_;
  std::vector<Region> regions_;
  size_t position_ = 0;
};

}  // namespace

void checkFields(const Program& program, const RunningCode& running, Findings& findings) { FieldCheck(program, running, findings).run(); }

}  // namespace agc::runtime
