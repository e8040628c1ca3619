// agc_scratchpad against a model with random clients, bank conflicts and freezes of port A.
//
//   agc_rtl_scratchpad_SET_test [SEED [ROUNDS]]      a round is 1000 cycles with one set of probabilities
//
// Checked in every cycle: which client is ready (exactly one for each bank that somebody wants), nobody waits longer than a turn of the arbiter,
// data and time of every read, reads against writes in the order of their grants, port A against the write that lands in the same cycle.
#include "bench_args.h"

#include "Vagc_scratchpad.h"
#include "verilated.h"

#include <array>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace {

constexpr unsigned banks = AGC_BANKS, bankWords = AGC_BANK_WORDS, words = banks * bankWords;
constexpr unsigned readMask = AGC_READ_MASK, writeMask = AGC_WRITE_MASK, clients = 6;
constexpr unsigned readLatency = 3;

constexpr unsigned log2of(unsigned v) { return v <= 1 ? 0 : 1 + log2of(v / 2); }
constexpr unsigned bankAddressBits = log2of(bankWords);

/// Writes `width` bits of a packed vector, whatever container Verilator chose for it.
[[maybe_unused]] void put(WData *vector, unsigned lsb, unsigned width, uint64_t value) {
  for (unsigned k = 0; k < width; k++) {
    const unsigned bit = lsb + k;
    const WData mask = WData(1) << (bit % 32);
    vector[bit / 32] = (value >> k & 1) ? vector[bit / 32] | mask : vector[bit / 32] & ~mask;
  }
}
[[maybe_unused]] void put(QData &vector, unsigned lsb, unsigned width, uint64_t value) {
  const uint64_t mask = ((uint64_t(1) << width) - 1) << lsb;
  vector = (vector & ~mask) | (value << lsb & mask);
}
[[maybe_unused]] void put(IData &vector, unsigned lsb, unsigned width, uint64_t value) {
  const uint32_t mask = uint32_t((uint64_t(1) << width) - 1) << lsb;
  vector = (vector & ~mask) | (uint32_t(value << lsb) & mask);
}

struct Request {
  bool write;
  unsigned address;
  uint64_t data;
  unsigned waited = 0;
};

struct Return {
  uint64_t cycle, data;
};

class Bench {
public:
  explicit Bench(uint64_t seed) : random_(seed), memory_(words), memoryA_(words) {
    context_ = std::make_unique<VerilatedContext>();
    context_->randReset(2);
    context_->randSeed(int(seed & 0x7fffffff));
    dut_ = std::make_unique<Vagc_scratchpad>(context_.get());
    dut_->rst_ni = 0;
    dut_->b_valid_i = 0;
    dut_->a_en_i = 0;
    for (int k = 0; k < 5; k++) clock();
    dut_->rst_ni = 1;
  }

  /// Every word is written once by the first client that can, so that the memory is known.
  bool fill() {
    unsigned writer = 0;
    while (!(writeMask >> writer & 1)) writer++;
    dut_->b_valid_i = 1u << writer;
    dut_->b_we_i = 1u << writer;
    for (unsigned address = 0; address < words; address++) {
      memory_[address] = memoryA_[address] = random_.bits();
      put(dut_->b_addr_i, 20 * writer, 20, address);
      put(dut_->b_wdata_i, 64 * writer, 64, memory_[address]);
      dut_->eval();
      if (dut_->b_ready_o != 1u << writer) return fail("a client without rivals is not ready");
      clock();
    }
    dut_->b_valid_i = 0;
    for (int k = 0; k < 4; k++) clock();
    return true;
  }

  bool round() {
    std::array<unsigned, clients> rate{};
    for (unsigned c = 0; c < clients; c++) rate[c] = unsigned(random_.chance(30) ? 100 : random_.below(101));
    // A small window makes clients meet on words, a single bank makes them meet always.
    window_ = random_.chance(50) ? banks * unsigned(random_.range(1, 4)) : words;
    hotBank_ = random_.chance(30) ? int(random_.below(banks)) : -1;
    sequential_ = random_.chance(40);
    const unsigned flowA = unsigned(random_.range(20, 100));
    for (unsigned k = 0; k < 1000; k++) {
      if (!cycle(rate, flowA)) return false;
    }
    return true;
  }

  uint64_t grants = 0, conflicts = 0, collisions = 0, longestWait = 0;

private:
  unsigned address(unsigned client) {
    if (sequential_) return next_[client] = (next_[client] + 1) % words;
    unsigned a = unsigned(random_.below(window_));
    if (hotBank_ >= 0) a = a / banks * banks + unsigned(hotBank_);
    return a;
  }

  bool cycle(const std::array<unsigned, clients> &rate, unsigned flowA) {
    now_++;
    unsigned valid = 0;
    dut_->b_we_i = 0;
    for (unsigned c = 0; c < clients; c++) {
      const bool reads = readMask >> c & 1, writes = writeMask >> c & 1;
      if (!request_[c] && random_.chance(rate[c])) {
        const bool write = writes && (!reads || random_.chance(50));
        request_[c] = Request{write, address(c), random_.bits()};
      }
      if (!request_[c]) continue;
      valid |= 1u << c;
      // A client of one direction need not drive b_we_i.
      const bool we = reads && writes ? request_[c]->write : random_.chance(50);
      dut_->b_we_i |= unsigned(we) << c;
      put(dut_->b_addr_i, 20 * c, 20, request_[c]->address | (random_.bits() % (1u << 20) / words * words));
      put(dut_->b_wdata_i, 64 * c, 64, request_[c]->data);
    }
    dut_->b_valid_i = valid;
    const bool enableA = random_.chance(flowA);
    std::array<unsigned, banks> addressA;
    dut_->a_en_i = enableA;
    for (unsigned b = 0; b < banks; b++) {
      addressA[b] = unsigned(random_.below(window_ / banks));
      put(dut_->a_addr_i, bankAddressBits * b, bankAddressBits, addressA[b]);
    }
    dut_->eval();

    // Reads that are due.
    for (unsigned c = 0; c < clients; c++) {
      const bool due = !returns_[c].empty() && returns_[c].front().cycle == now_;
      if (bool(dut_->b_rvalid_o >> c & 1) != due) return fail("b_rvalid_o at the wrong time");
      if (!due) continue;
      const uint64_t got = dut_->b_rdata_o[2 * c] | uint64_t(dut_->b_rdata_o[2 * c + 1]) << 32;
      if (got != returns_[c].front().data) return fail("port B read gives wrong data");
      returns_[c].pop_front();
    }
    for (unsigned b = 0; b < banks && filledA_ >= 2; b++) {
      const uint64_t got = dut_->a_rdata_o[2 * b] | uint64_t(dut_->a_rdata_o[2 * b + 1]) << 32;
      if (got != outA_[b]) return fail("port A read gives wrong data");
    }

    // Grants.
    const unsigned ready = dut_->b_ready_o;
    if (ready & ~(valid & (readMask | writeMask))) return fail("ready without a request, or for a client that does not exist");
    std::array<unsigned, banks> wanted{}, granted{};
    for (unsigned c = 0; c < clients; c++) {
      if (!request_[c] || !((readMask | writeMask) >> c & 1)) continue;
      wanted[request_[c]->address % banks]++;
      granted[request_[c]->address % banks] += ready >> c & 1;
    }
    for (unsigned b = 0; b < banks; b++) {
      if (granted[b] != (wanted[b] ? 1u : 0u)) return fail("a bank does not serve exactly one of its clients");
      conflicts += wanted[b] > 1;
    }
    std::vector<std::pair<unsigned, uint64_t>> writes;
    for (unsigned c = 0; c < clients; c++) {
      if (!request_[c] || !((readMask | writeMask) >> c & 1)) continue;
      if (!(ready >> c & 1)) {
        longestWait = std::max<uint64_t>(longestWait, ++request_[c]->waited);
        if (request_[c]->waited >= clients) return fail("a client starves");
        continue;
      }
      grants++;
      if (request_[c]->write) writes.emplace_back(request_[c]->address, request_[c]->data);
      else returns_[c].push_back({now_ + readLatency, memory_[request_[c]->address]});
      request_[c].reset();
    }
    for (const auto &[a, data] : writes) memory_[a] = data;

    // Port A reads the RAM at the end of this cycle; a write granted one cycle ago lands at the same edge, after the read.
    if (enableA) {
      outA_ = stageA_;
      for (unsigned b = 0; b < banks; b++) stageA_[b] = memoryA_[addressA[b] * banks + b];
      filledA_++;
    }
    for (const auto &[a, data] : landing_) {
      collisions += enableA && addressA[a % banks] == a / banks;
      memoryA_[a] = data;
    }
    landing_ = writes;
    clock();
    return true;
  }

  bool fail(const char *what) {
    std::printf("cycle %llu: %s\n", (unsigned long long)now_, what);
    return false;
  }

  void clock() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }

  agc::bench::Random random_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vagc_scratchpad> dut_;
  std::vector<uint64_t> memory_, memoryA_;
  std::array<std::optional<Request>, clients> request_;
  std::array<std::deque<Return>, clients> returns_;
  std::array<unsigned, clients> next_{};
  std::vector<std::pair<unsigned, uint64_t>> landing_;
  std::array<uint64_t, banks> stageA_{}, outA_{};
  unsigned window_ = words;
  int hotBank_ = -1;
  bool sequential_ = false;
  uint64_t now_ = 0, filledA_ = 0;
};

} // namespace

int main(int argc, char **argv) {
  const agc::bench::BenchArgs args(argc, argv, 100);
  Bench bench(args.seed);
  bool ok = bench.fill();
  for (unsigned k = 0; ok && k < args.rounds; k++) ok = bench.round();
  std::printf("seed %llu: %llu grants, %llu conflicts, %llu same-word collisions with port A, longest wait %llu cycles\n",
              (unsigned long long)args.seed, (unsigned long long)bench.grants, (unsigned long long)bench.conflicts,
              (unsigned long long)bench.collisions, (unsigned long long)bench.longestWait);
  if (ok && args.rounds >= 50 && (bench.conflicts < 1000 || bench.collisions < 20)) {
    std::printf("the stimuli miss cases that this bench is for\n");
    ok = false;
  }
  std::printf(ok ? "PASS\n" : "FAIL\n");
  return ok ? 0 : 1;
}
