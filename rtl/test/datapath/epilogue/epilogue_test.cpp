// agc_epilogue against exact arithmetic: every shift, ties, extreme operands, all modes of the second stage and the table, random freezes and gaps.
//
//   agc_rtl_epilogue_test [SEED [ROUNDS]]      a round is one set of static inputs and a few hundred pixels
#include "bench_args.h"

#include "Vagc_epilogue.h"
#include "verilated.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <memory>

namespace {

using agc::bench::Random;

constexpr unsigned longest = 32;

struct Statics {
  int z1, lo1, hi1, zr, a, b, sh2, zo, lo, hi, zq;
  bool resEn;
  unsigned op, table;
  std::array<int8_t, 256> entries;

  unsigned latency() const { return 24 + (table ? 2 : 0) + (resEn && op == 1 ? 5 : 0); }
};

struct Lane {
  int32_t acc, bias;
  int m, sh;
  int res;
};

struct Coverage {
  uint64_t ties = 0, resTies = 0, unclamped = 0, resUnclamped = 0, shifts = 0;
  std::array<uint64_t, 4> ops{};    // results of the second stage that no clamp touched
  uint64_t seconds = 0;             // maximum or minimum taken from the second product
  std::array<uint64_t, 3> tables{};
};

/// v / 2^s to nearest, ties to even, by the quotient and remainder of the definition.
__int128 rhe(__int128 v, unsigned s, uint64_t &ties) {
  if (s == 0) return v;
  const __int128 unit = __int128(1) << s;
  __int128 quotient = v / unit, remainder = v % unit;
  if (remainder < 0) {
    remainder += unit;
    quotient -= 1;
  }
  if (remainder * 2 == unit) {
    ties++;
    return quotient + (quotient & 1);
  }
  return remainder * 2 > unit ? quotient + 1 : quotient;
}

int clamp(__int128 v, int lo, int hi) {
  if (v < lo) v = lo;
  if (v > hi) v = hi;
  return int(v);
}

int expected(const Statics &s, const Lane &l, Coverage &coverage) {
  const int32_t sum = int32_t(uint32_t(l.acc) + uint32_t(l.bias));
  const __int128 r1 = rhe(__int128(sum) * l.m, unsigned(l.sh), coverage.ties) + s.z1;
  int q = clamp(r1, s.lo1, s.hi1);
  coverage.unclamped += r1 == q;
  coverage.tables[s.table]++;
  if (s.table == 1) q = s.entries[size_t(q + 128)];
  if (s.resEn) {
    const __int128 first = __int128(q - s.zq) * s.a, second = __int128(l.res - s.zr) * s.b;
    __int128 v = first + second;
    if (s.op == 1) v = first * (l.res - s.zr);
    if (s.op == 2) v = first > second ? first : second;
    if (s.op == 3) v = first < second ? first : second;
    const __int128 r2 = rhe(v, unsigned(s.sh2), coverage.resTies) + s.zo;
    q = clamp(r2, s.lo, s.hi);
    coverage.resUnclamped += r2 == q;
    coverage.ops[s.op] += r2 == q;
    coverage.seconds += s.op >= 2 && r2 == q && v == second && first != second;
  }
  if (s.table == 2) q = s.entries[size_t(q + 128)];
  return q;
}

int int8(Random &random) {
  switch (random.below(6)) {
  case 0: return -128;
  case 1: return 127;
  case 2: return int(random.range(-2, 2));
  default: return int(random.range(-128, 127));
  }
}

/// Signed multipliers of `bits` bits: zero, powers of two, limits and the normalized range of the compiler.
int multiplier(Random &random, unsigned bits) {
  const int one = 1 << (bits - 1);
  switch (random.below(8)) {
  case 0: return 0;
  case 1: return 1 << random.below(bits - 1);
  case 2: return one - 1;
  case 3: return int(random.range(-one, one - 1));
  case 4: return random.chance(50) ? -one : 1;
  default: return int(random.range(one / 2, one - 1));
  }
}

Statics randomStatics(Random &random, unsigned round) {
  Statics s{};
  s.z1 = int8(random);
  s.zr = int8(random);
  s.zo = int8(random);
  s.lo1 = random.chance(60) ? -128 : int8(random);
  s.hi1 = random.chance(60) ? 127 : int8(random);
  s.lo = random.chance(60) ? -128 : int8(random);
  s.hi = random.chance(60) ? 127 : int8(random);
  s.resEn = round % 3 != 0;
  s.a = multiplier(random, 22);
  s.b = multiplier(random, 22);
  s.sh2 = random.chance(30) ? int(round % 64) : int(random.range(10, 26));
  s.op = round % 4;
  if (s.op == 1 && s.sh2 < 26) s.sh2 += 8;
  s.table = random.chance(50) ? 0 : 1 + unsigned(random.below(2));
  s.zq = random.chance(50) ? s.z1 : int8(random);
  for (int8_t &entry : s.entries) entry = int8_t(random.bits());
  return s;
}

Lane randomLane(Random &random) {
  Lane l{};
  l.res = int8(random);
  l.m = multiplier(random, 25);
  l.sh = int(random.below(64));
  switch (random.below(6)) {
  case 0:
    l.acc = int32_t(random.bits());
    l.bias = int32_t(random.bits());
    break;
  case 1:
    l.acc = random.chance(50) ? INT32_MIN : INT32_MAX;
    l.bias = random.chance(50) ? 0 : int32_t(random.range(-1, 1));
    break;
  case 2: { // around a tie: an odd half step of a power of two
    l.m = 1 << random.below(17);
    l.sh = int(random.below(40));
    const int64_t half = (2 * random.range(-140, 140) + 1) << (l.sh ? l.sh - 1 : 0);
    const int64_t sum = half / l.m + (random.chance(30) ? random.range(-1, 1) : 0);
    l.bias = int32_t(random.range(-100000, 100000));
    l.acc = int32_t(uint32_t(sum) - uint32_t(l.bias));
    break;
  }
  default: { // a result near the int8 range
    l.bias = int32_t(random.range(-100000, 100000));
    const int64_t step = l.m ? (int64_t(1) << (l.sh < 46 ? l.sh : 46)) / (l.m < 0 ? -l.m : l.m) : 1;
    const int64_t sum = random.range(-300, 300) * step + (step > 1 ? int64_t(random.below(uint64_t(step))) : 0);
    l.acc = int32_t(uint32_t(uint64_t(sum)) - uint32_t(l.bias));
    break;
  }
  }
  return l;
}

class Bench {
public:
  explicit Bench(uint64_t seed) : random_(seed) {
    context_ = std::make_unique<VerilatedContext>();
    context_->randReset(2);
    context_->randSeed(int(seed & 0x7fffffff));
    dut_ = std::make_unique<Vagc_epilogue>(context_.get());
    dut_->rst_ni = 0;
    dut_->clear_i = 0;
    dut_->en_i = 1;
    dut_->valid_i = 0;
    dut_->table_we_i = 0;
    for (int k = 0; k < 3; k++) clock();
    dut_->rst_ni = 1;
  }

  bool round(unsigned number) {
    const Statics s = randomStatics(random_, number);
    dut_->z1_i = uint8_t(s.z1);
    dut_->lo1_i = uint8_t(s.lo1);
    dut_->hi1_i = uint8_t(s.hi1);
    dut_->res_en_i = s.resEn;
    dut_->zr_i = uint8_t(s.zr);
    dut_->a_i = uint32_t(s.a) & 0x3fffff;
    dut_->b_i = uint32_t(s.b) & 0x3fffff;
    dut_->sh2_i = uint8_t(s.sh2);
    dut_->zo_i = uint8_t(s.zo);
    dut_->lo_i = uint8_t(s.lo);
    dut_->hi_i = uint8_t(s.hi);
    dut_->op_i = uint8_t(s.op);
    dut_->zq_i = uint8_t(s.zq);
    dut_->table_i = uint8_t(s.table);
    dut_->valid_i = 0;
    clock();
    clock();
    if (s.table) writeTable(s);
    const unsigned latency = s.latency();
    const unsigned busy = unsigned(random_.range(20, 100)), flow = unsigned(random_.range(30, 100));
    for (unsigned cycle = 0; cycle < 200 + 2 * latency || !flight_.empty(); cycle++) {
      dut_->en_i = random_.chance(flow);
      const bool valid = cycle < 200 && random_.chance(busy);
      dut_->valid_i = valid;
      std::array<Lane, 8> pixel;
      dut_->res_i = 0;
      for (unsigned o = 0; o < 8; o++) {
        const Lane &l = pixel[o] = randomLane(random_);
        dut_->acc_i[o] = uint32_t(l.acc);
        dut_->par_i[2 * o] = uint32_t(l.bias);
        dut_->par_i[2 * o + 1] = (uint32_t(l.m) & 0x1ffffff) | uint32_t(l.sh) << 25;
        dut_->res_i |= uint64_t(uint8_t(l.res)) << (8 * o);
      }
      dut_->eval();
      if (dut_->en_i) {
        age_++;
        if (dut_->valid_o) {
          if (flight_.empty()) return fail(number, "valid_o without an input");
          const Entry entry = flight_.front();
          flight_.pop_front();
          if (age_ - entry.age != latency) return fail(number, "wrong latency");
          if (dut_->data_o != entry.data) {
            std::printf("got %016llx, expected %016llx, residual %d, op %u, table %u, sh2 %d\n", (unsigned long long)dut_->data_o,
                        (unsigned long long)entry.data, s.resEn, s.op, s.table, s.sh2);
            return fail(number, "wrong data");
          }
          pixels++;
        } else if (!flight_.empty() && age_ - flight_.front().age >= latency) {
          return fail(number, "a result is missing");
        }
        if (valid) {
          Entry entry{age_, 0};
          for (unsigned o = 0; o < 8; o++) {
            entry.data |= uint64_t(uint8_t(expected(s, pixel[o], coverage))) << (8 * o);
            coverage.shifts |= uint64_t(1) << pixel[o].sh;
          }
          flight_.push_back(entry);
        }
      }
      clock();
    }
    return true;
  }

  /// clear_i drops what is in flight.
  bool clears() {
    dut_->en_i = 1;
    dut_->valid_i = 1;
    for (int k = 0; k < 5; k++) clock();
    dut_->valid_i = 0;
    dut_->clear_i = 1;
    clock();
    dut_->clear_i = 0;
    for (unsigned k = 0; k < 2 * longest; k++) {
      if (dut_->valid_o) return fail(0, "valid_o after clear_i");
      clock();
    }
    return true;
  }

  Coverage coverage;
  uint64_t pixels = 0;

private:
  struct Entry {
    uint64_t age, data;
  };

  /// Eight entries a cycle, in any order, also while frozen.
  void writeTable(const Statics &s) {
    const unsigned first = unsigned(random_.below(32));
    for (unsigned k = 0; k < 32; k++) {
      const unsigned place = (k + first) % 32;
      dut_->table_we_i = 1;
      dut_->table_waddr_i = uint8_t(place);
      dut_->table_wdata_i = 0;
      for (unsigned b = 0; b < 8; b++) dut_->table_wdata_i |= uint64_t(uint8_t(s.entries[8 * place + b])) << (8 * b);
      dut_->en_i = random_.chance(50);
      clock();
    }
    dut_->table_we_i = 0;
    dut_->table_wdata_i = random_.bits();
  }

  bool fail(unsigned number, const char *what) {
    std::printf("round %u: %s\n", number, what);
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

  Random random_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vagc_epilogue> dut_;
  std::deque<Entry> flight_;
  uint64_t age_ = 0;
};

} // namespace

int main(int argc, char **argv) {
  const agc::bench::BenchArgs args(argc, argv, 400);
  Bench bench(args.seed);
  bool ok = true;
  for (unsigned k = 0; ok && k < args.rounds; k++) ok = bench.round(k);
  ok = ok && bench.clears();
  const Coverage &c = bench.coverage;
  std::printf("seed %llu: %llu pixels, %llu ties, %llu residual ties, %llu and %llu results not clamped\n", (unsigned long long)args.seed,
              (unsigned long long)bench.pixels, (unsigned long long)c.ties, (unsigned long long)c.resTies,
              (unsigned long long)c.unclamped, (unsigned long long)c.resUnclamped);
  uint64_t least = c.seconds;
  for (uint64_t count : c.ops) least = std::min(least, count);
  for (uint64_t count : c.tables) least = std::min(least, count);
  std::printf("at least %llu results of each operation and table, not clamped\n", (unsigned long long)least);
  if (ok && args.rounds >= 100 && (least < 1000 || c.ties < 1000 || c.resTies < 100 || c.unclamped < 10000 || c.resUnclamped < 10000 || ~c.shifts)) {
    std::printf("the stimuli miss cases that this bench is for\n");
    ok = false;
  }
  std::printf(ok ? "PASS\n" : "FAIL\n");
  return ok ? 0 : 1;
}
