#include "fault_programs.h"

#include <random>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"

namespace agc::runtime::test {

namespace {

isa::ProgramFile program(const isa::CoreConfig& core, const std::vector<isa::Instruction>& instructions) {
  isa::ProgramFile file;
  for (const isa::Instruction& instruction : instructions) file.code.push_back(isa::encode(instruction));
  file.constants.assign(4096, 0);
  file.manifestJson = "{}";
  file.coreHash = core.hash;
  return file;
}

isa::Load load(uint32_t words = 32, uint8_t post = 0) {
  isa::Load i;
  i.seg = 3;
  i.n0 = words;
  i.h.post[0] = post;
  i.h.layer = 7;
  return i;
}

isa::Store store(uint32_t words = 32, uint8_t wait = 0) {
  isa::Store i;
  i.seg = 4;
  i.n0 = words;
  i.h.wait[0] = wait;
  i.h.layer = 9;
  return i;
}

isa::Wload wload(uint32_t words, uint32_t wb) {
  isa::Wload i;
  i.seg = 1;
  i.n = words;
  i.wb = wb;
  return i;
}

isa::ConvGeo geometry() {
  isa::ConvGeo i;
  i.in_pitch = i.out_pitch = i.res_pitch = 4;
  i.in_cpitch = i.out_cpitch = i.res_cpitch = 16;
  i.w_pitch = 2;
  return i;
}

isa::Conv conv() {
  isa::Conv i;
  i.in_h = i.oh = 4;
  i.in_w = i.ow = 4;
  i.out = 64;
  i.res = 128;
  i.part = 256;
  return i;
}

}  // namespace

std::vector<SegmentSpec> faultSegments() { return {{2, 4096}, {3, 4096}, {4, 4096}}; }

isa::ProgramFile goodProgram(const isa::CoreConfig& core) { return program(core, {load(32, 1), store(32, 1), isa::End{}}); }

std::vector<FaultCase> faultCases(const isa::CoreConfig& core) {
  using isa::Engine;
  using isa::Fault;
  std::vector<FaultCase> cases;
  auto add = [&](const std::string& name, const isa::ProgramFile& file, Fault cause, Engine engine, uint32_t index, unsigned semaphore = 0) {
    cases.push_back({name, file, {}, cause, engine, index, semaphore});
  };
  uint32_t spEnd = core.scratchpadWords();

  isa::ProgramFile bad = program(core, {load(), load(), isa::End{}});
  bad.code[1][0] = 0x77;
  add("unknown_opcode", bad, Fault::BadOpcode, Engine::Ctrl, 1);
  bad = program(core, {load(), load(), isa::End{}});
  bad.code[1][31] = 0x80;
  add("reserved_bit", bad, Fault::BadField, Engine::Load, 1);
  bad = program(core, {load(), isa::End{}});
  bad.code[1][2] = 1;
  add("end_with_semaphore", bad, Fault::Semaphore, Engine::Ctrl, 1);
  isa::Loop loop;
  loop.body = 2;
  loop.count = 3;
  add("end_in_a_loop", program(core, {load(), loop, load(), isa::End{}, isa::End{}}), Fault::BadField, Engine::Ctrl, 3);
  add("loop_in_a_loop", program(core, {loop, load(), loop, load(), load(), isa::End{}}), Fault::BadField, Engine::Ctrl, 2);
  add("loop_past_the_end", program(core, {load(), loop, load()}), Fault::FetchEnd, Engine::Ctrl, 3);
  isa::Loop growing = loop;
  growing.body = 1;
  growing.d_load = 250;
  add("loop_leaves_the_window", program(core, {growing, load(), isa::End{}}), Fault::Window, Engine::Load, 1);
  bad = program(core, {loop, load(), load(), isa::End{}});
  bad.code[0][9] &= 0x0f;
  bad.code[0][10] = bad.code[0][11] = 0;  // no iterations
  add("loop_of_nothing", bad, Fault::BadField, Engine::Ctrl, 0);
  bad = program(core, {loop, load(), load(), isa::End{}});
  bad.code[2][0] = 0x77;
  add("unknown_opcode_in_a_loop", bad, Fault::BadOpcode, Engine::Ctrl, 2);
  add("no_end", program(core, {load()}), Fault::FetchEnd, Engine::Ctrl, 1);

  isa::Load beyond = load(32);
  beyond.sp = spEnd - 31;
  add("load_beyond_scratchpad", program(core, {load(), beyond, isa::End{}}), Fault::SpRange, Engine::Load, 1);
  beyond = load(8);
  beyond.n1 = 3;
  beyond.s1 = 8;
  beyond.sp = spEnd - 16;
  add("load_last_row_beyond_scratchpad", program(core, {beyond, isa::End{}}), Fault::SpRange, Engine::Load, 0);
  isa::Load split = load(8);
  split.split = 1;
  split.half = 4;
  split.sp = spEnd - 7;
  add("split_load_beyond_scratchpad", program(core, {load(), split, isa::End{}}), Fault::SpRange, Engine::Load, 1);
  isa::LoadFold fold;
  fold.seg = 3;
  fold.n0 = fold.w = 4;
  fold.c = 3;
  fold.kw = 7;
  fold.s2 = 4;
  fold.sp = spEnd - 11;
  add("folded_load_beyond_scratchpad", program(core, {load(), fold, isa::End{}}), Fault::SpRange, Engine::Load, 1);
  fold.sp = 0;
  fold.n1 = 3;
  fold.d1 = 255;
  add("folded_load_window", program(core, {fold, isa::End{}}), Fault::Window, Engine::Load, 0);
  bad = program(core, {load(), fold, isa::End{}});
  bad.code[1][15] |= 0x80;  // c = 7
  add("folded_load_of_seven_channels", bad, Fault::BadField, Engine::Load, 1);
  isa::Load window = load(32);
  window.dram = 512 - 31;
  add("load_window", program(core, {window, isa::End{}}), Fault::Window, Engine::Load, 0);
  window = load(4);
  window.n2 = 4;
  window.d2 = (1 << 26) - 1;
  add("load_window_far", program(core, {window, isa::End{}}), Fault::Window, Engine::Load, 0);
  window = load(4);
  window.seg = 6;
  add("load_missing_segment", program(core, {window, isa::End{}}), Fault::Window, Engine::Load, 0);
  isa::Store storeWindow = store(16);
  storeWindow.dram = 500;
  add("store_window", program(core, {load(32, 1), store(32, 1), storeWindow, isa::End{}}), Fault::Window, Engine::Store, 2);
  isa::Store storeRange = store(16);
  storeRange.sp = spEnd;
  add("store_beyond_scratchpad", program(core, {storeRange, isa::End{}}), Fault::SpRange, Engine::Store, 0);
  add("wload_beyond_buffer", program(core, {wload(4, core.weightWords - 3), isa::End{}}), Fault::WbRange, Engine::Wload, 0);
  add("wload_window", program(core, {wload(65, 0), isa::End{}}), Fault::Window, Engine::Wload, 0);

  auto convFault = [&](const std::string& name, const isa::ConvGeo& geo, const isa::ConvEpi& epi, const isa::Conv& i, Fault cause) {
    add(name, program(core, {wload(8, 0), geo, epi, i, isa::End{}}), cause, Engine::Conv, 3);
  };
  isa::Conv i = conv();
  i.in = spEnd - 15;
  convFault("conv_input_range", geometry(), {}, i, Fault::SpRange);
  i = conv();
  i.out = spEnd - 15;
  convFault("conv_output_range", geometry(), {}, i, Fault::SpRange);
  i = conv();
  i.wb = core.weightWords - 1;
  convFault("conv_weight_range", geometry(), {}, i, Fault::WbRange);
  isa::ConvTable table;
  table.wb = core.weightWords - 3;
  add("table_beyond_buffer", program(core, {wload(8, 0), table, isa::End{}}), Fault::WbRange, Engine::Conv, 1);
  isa::ConvEpi epi;
  epi.res = 1;
  i = conv();
  i.res = spEnd - 15;
  convFault("conv_residual_range", geometry(), epi, i, Fault::SpRange);
  epi = {};
  epi.part_out = 1;
  i = conv();
  i.part = spEnd - 63;
  convFault("conv_partial_range", geometry(), epi, i, Fault::SpRange);

  add("wait_that_never_comes", program(core, {load(), store(8, 5), isa::End{}}), Fault::Watchdog, Engine::Store, 1, 5);
  std::vector<isa::Instruction> posts(256, load(1, 3));
  posts.push_back(isa::End{});
  add("semaphore_overflow", program(core, posts), Fault::Semaphore, Engine::Load, 255);

  auto error = [&](const std::string& name, const isa::ProgramFile& file, DramError where, Fault cause, Engine engine, uint32_t index) {
    cases.push_back({name, file, {where}, cause, engine, index, 0});
  };
  error("load_error_response", program(core, {load(), load(128), isa::End{}}), {3, 1000, 8}, Fault::AxiRead, Engine::Load, 1);
  fold = {};
  fold.seg = 3;
  fold.w = fold.n0 = 200;
  error("folded_load_error_response", program(core, {load(), fold, isa::End{}}), {3, 1000, 8}, Fault::AxiRead, Engine::Load, 1);
  error("store_error_response", program(core, {load(64, 1), store(64, 1), isa::End{}}), {4, 400, 8}, Fault::AxiWrite, Engine::Store, 1);
  error("wload_error_response", program(core, {wload(4, 0), wload(16, 0), isa::End{}}), {1, 1000, 8}, Fault::AxiRead, Engine::Wload, 1);
  error("fetch_error_response", program(core, {load(), load(), load(), load(), isa::End{}}), {0, 96, 8}, Fault::AxiRead, Engine::Ctrl, 3);
  // Bursts of a WLOAD are dealt out to the ports: errors in sixteen of them one behind the other meet every port.
  for (uint32_t burst = 0; burst < 16; ++burst) {
    const std::string name = "wload_error_in_burst_" + std::to_string(burst);
    error(name, program(core, {wload(4, 0), wload(32, 4), isa::End{}}), {1, 512 + 128 * burst, 8}, Fault::AxiRead, Engine::Wload, 1);
    cases.back().file.code[1] = isa::encode([] {
      isa::Wload behind = wload(32, 4);
      behind.dram = 64;
      return behind;
    }());
  }
  return cases;
}

std::vector<FaultCase> encodingFaultCases(const isa::CoreConfig& core, unsigned flips) {
  std::vector<FaultCase> cases;
  auto add = [&](const std::string& name, const isa::Word& word) {
    const isa::Fault cause = isa::check(word);
    if (cause == isa::Fault::None) return;
    isa::ProgramFile file = program(core, {load(), load(), load(), isa::End{}});
    file.code[1] = word;
    const isa::InstructionInfo* info = isa::findInstruction(word[0]);
    cases.push_back({name, file, {}, cause, info == nullptr ? isa::Engine::Ctrl : info->engine, 1, 0});
  };
  auto withBits = [](isa::Word word, unsigned lsb, unsigned width, uint64_t value) {
    for (unsigned b = 0; b < width; ++b) {
      const unsigned bit = lsb + b;
      word[bit / 8] = static_cast<uint8_t>((word[bit / 8] & ~(1u << bit % 8)) | (value >> b & 1u) << bit % 8);
    }
    return word;
  };
  for (unsigned opcode = 0; opcode < 256; ++opcode) {
    isa::Word word{};
    word[0] = static_cast<uint8_t>(opcode);
    if (isa::findInstruction(word[0]) == nullptr) add("opcode_" + std::to_string(opcode), word);
  }
  std::mt19937_64 random(5);
  for (size_t i = 0; i < isa::instructions().size(); ++i) {
    const isa::InstructionInfo& info = isa::instructions()[i];
    const isa::Word good = isa::encode(isa::makeInstruction(i));
    const std::string name = info.mnemonic;
    for (const isa::BitRange& range : info.reserved) {
      add(name + "_reserved_low", withBits(good, range.lsb, 1, 1));
      add(name + "_reserved_high", withBits(good, range.lsb + range.width - 1, 1, 1));
    }
    for (const isa::FieldInfo& field : info.fields) {
      const uint64_t all = (uint64_t{1} << field.width) - 1;
      if (field.min > 0) add(name + "_" + field.name + "_below", withBits(good, field.lsb, field.width, static_cast<uint64_t>(field.min - 1)));
      if (!field.isSigned && static_cast<uint64_t>(field.max) < all) {
        add(name + "_" + field.name + "_above", withBits(good, field.lsb, field.width, static_cast<uint64_t>(field.max) + 1));
        add(name + "_" + field.name + "_most", withBits(good, field.lsb, field.width, all));
      }
    }
    for (const isa::FieldInfo& field : isa::headerFields()) {
      if (!info.takesSemaphores && std::string(field.name).find("opcode") == std::string::npos) {
        add(name + "_" + field.name, withBits(good, field.lsb, 1, 1));
      }
    }
    for (unsigned n = 0; n < flips; ++n) {
      isa::Word word = good;
      for (unsigned k = 1 + random() % 3; k > 0; --k) {
        const unsigned bit = random() % 256;
        word[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      }
      // What decodes is another instruction, which may do anything.
      add(name + "_flipped_" + std::to_string(n), word);
    }
  }
  return cases;
}

}  // namespace agc::runtime::test
