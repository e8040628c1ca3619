// agc_fetch against a program: random instructions, loops, lengths, places and stalls; END, bad instructions, read errors, missing END.
#include "dma_bench.h"

#include "agc/isa/loops.h"
#include "agc/isa/testing/random_instruction.h"

#include "Vagc_fetch.h"

namespace agc::bench {
namespace {

struct FetchBench {
  Dram dram{0x20000};
  AxiReadPort port;
  Random random;
  std::unique_ptr<Vagc_fetch> dut = std::make_unique<Vagc_fetch>();
  uint32_t base, count;
  uint32_t dispatched = 0;
  std::vector<isa::Word> program;
  /// What has to be dispatched, with the place in the code.
  std::vector<std::pair<isa::Word, uint32_t>> expected;
  bool fault = false;
  unsigned cause = 0, index = 0, layer = 0;
  unsigned cycles = 0;

  FetchBench(AxiTiming timing, uint32_t seed, std::vector<isa::Word> words, uint32_t windowBytes)
      : port(dram, timing, seed), random(seed + 9), program(std::move(words)) {
    base = 64 * random.pick(1, 40);
    count = uint32_t(program.size());
    for (uint32_t k = 0; k < count; k++) std::memcpy(&dram.bytes[base + 32 * k], program[k].data(), 32);
    uint32_t end = base + std::min(windowBytes, 32 * count);
    dram.readable = {{base, end / 32 * 32 + base % 32}};
    expectLinear();
    dut->rst_ni = 0;
    dut->clear_i = dut->halt_i = dut->start_i = 0;
    for (int k = 0; k < 3; k++) {
      dut->clk_i = 0;
      dut->eval();
      clockTick(*dut);
    }
    dut->rst_ni = 1;
    dut->seg_base_i = base / 64;
    dut->seg_instrs_i = windowBytes / 32;
    dut->prog_count_i = count;
  }

  /// The code as it stands, up to what does not decode.
  void expectLinear() {
    for (uint32_t k = 0; k < count && isa::decode(program[k]); k++) expected.push_back({program[k], k});
  }

  /// The code with its loops spelled out.
  void expectLoops(const std::vector<isa::Instruction> &code) {
    expected.clear();
    for (auto &running : isa::expandLoops(code)) expected.push_back({isa::encode(running.instruction), running.index});
  }

  void cycle(unsigned busy) {
    auto r = port.drive();
    dut->clk_i = 0;
    dut->ar_ready_i = r.arready;
    dut->r_valid_i = r.rvalid;
    dut->r_data_i = r.rdata;
    dut->r_error_i = r.rresp >> 1;
    dut->r_last_i = r.rlast;
    // Room stays until it is taken.
    dut->disp_room_i = dut->disp_room_i || !random.chance(busy);
    dut->eval();
    port.sample(dut->ar_valid_o, dut->ar_addr_o, dut->ar_len_o, dut->r_ready_o);
    const bool taken = dut->disp_valid_o;
    if (taken) {
      ASSERT_TRUE(dut->disp_room_i);
      ASSERT_LT(dispatched, expected.size());
      isa::Word seen;
      std::memcpy(seen.data(), &dut->disp_instr_o[0], 32);
      ASSERT_EQ(seen, expected[dispatched].first) << isa::print(*isa::decode(expected[dispatched].first));
      ASSERT_EQ(dut->disp_index_o, expected[dispatched].second);
      ASSERT_EQ(unsigned(dut->disp_engine_o), unsigned(isa::engineOf(*isa::decode(seen))));
      dispatched++;
    }
    if (dut->fault_valid_o && !fault) {
      fault = true;
      cause = dut->fault_cause_o;
      index = dut->index_o;
      layer = dut->fault_layer_o;
    }
    clockTick(*dut);
    if (taken) dut->disp_room_i = 0;
    cycles++;
  }

  /// True when END was reached and no read is open.
  bool run(unsigned busy = 0) {
    dut->start_i = 1;
    cycle(busy);
    dut->start_i = 0;
    for (int k = 0; k < 200000 && !fault && !(dut->end_o && dut->axi_idle_o); k++) {
      cycle(busy);
      if (::testing::Test::HasFatalFailure()) return false;
    }
    for (auto &problem : dram.problems) ADD_FAILURE() << problem;
    return !fault && dut->end_o;
  }
};

std::vector<isa::Word> randomProgram(uint32_t count, uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<isa::Word> words;
  while (words.size() < count) {
    auto instruction = isa::testing::randomInstruction(random);
    if (isa::engineOf(instruction) != isa::Engine::Ctrl) words.push_back(isa::encode(instruction));
  }
  return words;
}

/// Straight code and loops in turn, without END. `longest`: instructions of a body.
std::vector<isa::Instruction> randomLoops(uint32_t loops, uint32_t longest, uint32_t seed) {
  Random pick(seed);
  std::vector<isa::Instruction> code;
  auto straight = [&](uint32_t count) {
    for (auto &word : randomProgram(count, pick.pick(0, 1 << 30))) code.push_back(*isa::decode(word));
  };
  std::mt19937_64 random(seed + 1);
  while (loops--) {
    straight(pick.chance(40) ? 0 : pick.pick(0, 20));
    isa::Instruction instruction = isa::testing::randomInstruction(random);
    while (!std::holds_alternative<isa::Loop>(instruction)) instruction = isa::testing::randomInstruction(random);
    auto &loop = std::get<isa::Loop>(instruction);
    loop.body = pick.pick(1, longest);
    loop.count = pick.pick(2, pick.chance(30) ? 40 : 4);
    code.push_back(instruction);
    straight(loop.body);
  }
  return code;
}

std::vector<isa::Word> encoded(const std::vector<isa::Instruction> &code) {
  std::vector<isa::Word> words;
  for (auto &instruction : code) words.push_back(isa::encode(instruction));
  return words;
}

class FetchTest : public ::testing::TestWithParam<AxiTiming> {};
INSTANTIATE_TEST_SUITE_P(Memory, FetchTest, ::testing::ValuesIn(timings), [](const auto &info) { return std::to_string(info.index); });

TEST_P(FetchTest, DispatchesInOrderAndEnds) {
  for (uint32_t seed = 0; seed < 12; seed++) {
    auto words = randomProgram(seed * 7, seed);
    size_t end = words.size();
    words.push_back(isa::encode(isa::End{}));
    // Whatever lies behind END is not looked at.
    for (uint32_t k = 0; k < seed; k++) words.push_back(isa::Word{0xff});
    FetchBench bench(GetParam(), seed, words, 32 * uint32_t(words.size()));
    EXPECT_TRUE(bench.run(seed * 8));
    EXPECT_EQ(bench.dispatched, end);
    EXPECT_EQ(bench.dut->index_o, end);
  }
}

TEST_P(FetchTest, KeepsUpWithFiveCyclesAnInstruction) {
  auto words = randomProgram(400, 99);
  words.push_back(isa::encode(isa::End{}));
  FetchBench bench(GetParam(), 1, words, 32 * 401);
  EXPECT_TRUE(bench.run());
  if (GetParam().stallPercent == 0) {
    EXPECT_LT(bench.cycles, 401u * 5 + 80);
  }
}

TEST_P(FetchTest, SpellsLoopsOut) {
  for (uint32_t seed = 0; seed < 40; seed++) {
    auto code = randomLoops(6, seed % 4 == 0 ? 2 : 30, seed);
    code.push_back(isa::End{});
    FetchBench bench(GetParam(), seed, encoded(code), 32 * uint32_t(code.size()));
    bench.expectLoops(code);
    EXPECT_TRUE(bench.run(seed % 3 * 30));
    if (HasFatalFailure()) return;
    EXPECT_EQ(bench.dispatched + 1, bench.expected.size());
    EXPECT_EQ(bench.dut->index_o, code.size() - 1);
  }
}

TEST_P(FetchTest, LoopsKeepUpToo) {
  for (uint32_t body : {1u, 3u, 7u, 40u}) {
    std::vector<isa::Instruction> code = {isa::Loop{{}, body, 1000 / body, 1, 2, 3, 4, 5, 6, 7}};
    for (auto &word : randomProgram(body, body)) code.push_back(*isa::decode(word));
    code.push_back(isa::End{});
    FetchBench bench(GetParam(), 1, encoded(code), 32 * uint32_t(code.size()));
    bench.expectLoops(code);
    EXPECT_TRUE(bench.run());
    if (GetParam().stallPercent == 0) {
      EXPECT_LT(bench.cycles, 1000u * (body == 1 ? 7 : 5) + 160) << body;
    }
  }
}

TEST_P(FetchTest, FaultsOfLoops) {
  for (uint32_t seed = 0; seed < 8; seed++) {
    auto code = randomLoops(1, 20, seed);
    auto loopAt = uint32_t(std::find_if(code.begin(), code.end(), [](auto &i) { return std::holds_alternative<isa::Loop>(i); }) - code.begin());
    const uint32_t body = std::get<isa::Loop>(code[loopAt]).body, inside = loopAt + 1 + seed % body;
    for (isa::Instruction wrong : {isa::Instruction(isa::Loop{}), isa::Instruction(isa::End{})}) {
      auto nested = code;
      nested[inside] = wrong;
      isa::header(nested[inside]).layer = 5;
      nested.push_back(isa::End{});
      FetchBench bench(GetParam(), seed, encoded(nested), 32 * uint32_t(nested.size()));
      bench.expected.erase(bench.expected.begin() + loopAt);
      EXPECT_FALSE(bench.run(20));
      EXPECT_EQ(bench.cause, unsigned(isa::Fault::BadField));
      EXPECT_EQ(bench.index, inside);
      EXPECT_EQ(bench.layer, 5u);
      EXPECT_EQ(bench.dispatched, inside - 1);
    }
    auto longer = code;
    std::get<isa::Loop>(longer[loopAt]).body += 1 + seed;
    FetchBench past(GetParam(), seed, encoded(longer), 32 * uint32_t(longer.size() + 4));
    past.expected.erase(past.expected.begin() + loopAt);
    EXPECT_FALSE(past.run(20));
    EXPECT_EQ(past.cause, unsigned(isa::Fault::FetchEnd));
    EXPECT_EQ(past.index, longer.size());
    EXPECT_EQ(past.dispatched, longer.size() - 1);

    code.push_back(isa::End{});
    FetchBench error(GetParam(), seed, encoded(code), 32 * uint32_t(code.size()));
    error.dram.readErrors = {error.base + 32 * inside};
    error.expectLoops(code);
    EXPECT_FALSE(error.run(20));
    EXPECT_EQ(error.cause, unsigned(isa::Fault::AxiRead));
    EXPECT_EQ(error.index, inside);
  }
}

TEST_P(FetchTest, Faults) {
  for (uint32_t at : {0u, 1u, 5u, 30u}) {
    auto words = randomProgram(40, at);
    auto bad = words;
    bad[at] = isa::Word{0x99};
    bad[at][6] = 0x21;
    FetchBench opcode(GetParam(), at, bad, 32 * 40);
    EXPECT_FALSE(opcode.run(20));
    EXPECT_EQ(opcode.cause, unsigned(isa::Fault::BadOpcode));
    EXPECT_EQ(opcode.index, at);
    EXPECT_EQ(opcode.layer, 0x21u);
    EXPECT_EQ(opcode.dispatched, at);

    FetchBench error(GetParam(), at, words, 32 * 40);
    error.dram.readErrors = {error.base + 32 * at + 8 * (at % 4)};
    EXPECT_FALSE(error.run(20));
    EXPECT_EQ(error.cause, unsigned(isa::Fault::AxiRead));
    EXPECT_EQ(error.index, at);
    EXPECT_EQ(error.dispatched, at);

    words.resize(at);
    FetchBench missing(GetParam(), at, words, 32 * 40);
    EXPECT_FALSE(missing.run(20));
    EXPECT_EQ(missing.cause, unsigned(isa::Fault::FetchEnd));
    EXPECT_EQ(missing.index, at);
    EXPECT_EQ(missing.dispatched, at);

    words = randomProgram(40, at);
    FetchBench window(GetParam(), at, words, 32 * at + 24);
    EXPECT_FALSE(window.run(20));
    EXPECT_EQ(window.cause, unsigned(isa::Fault::Window));
    EXPECT_EQ(window.index, at);
    EXPECT_EQ(window.dispatched, at);
  }
}

TEST_P(FetchTest, HaltDrainsAndClearRestarts) {
  auto words = randomProgram(60, 4);
  words.push_back(isa::encode(isa::End{}));
  auto loops = randomLoops(3, 10, 7);
  loops.push_back(isa::End{});
  for (uint32_t stop = 0; stop < 240; stop += 7) {
    const bool looped = stop % 2 == 1;
    FetchBench bench(GetParam(), stop, looped ? encoded(loops) : words, looped ? 32 * uint32_t(loops.size()) : 32 * 61);
    if (looped) bench.expectLoops(loops);
    bench.dut->start_i = 1;
    bench.cycle(0);
    bench.dut->start_i = 0;
    for (uint32_t k = 0; k < stop; k++) bench.cycle(30);
    bench.dut->halt_i = 1;
    uint32_t before = bench.dispatched;
    for (int k = 0; k < 3000 && !bench.dut->axi_idle_o; k++) bench.cycle(30);
    EXPECT_TRUE(bench.port.idle());
    EXPECT_EQ(bench.dispatched, before);
    bench.dut->clear_i = 1;
    bench.cycle(30);
    bench.dut->clear_i = bench.dut->halt_i = 0;
    bench.dispatched = 0;
    EXPECT_TRUE(bench.run(10));
    EXPECT_EQ(bench.dispatched, looped ? bench.expected.size() - 1 : 60u);
  }
}

} // namespace
} // namespace agc::bench
