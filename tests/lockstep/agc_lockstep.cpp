// agc-lockstep: random valid programs on the simulator and on the Verilog of the small core, compared instruction by instruction.
//
//   agc-lockstep [--instructions 1000000] [--seed 1] [--program 4000] [--memory stress] [--only SEED]
//
// Prints a line now and then and a last one with the count. Exit code 1 at the first difference, with the seed of its program, the sentence that names
// the instruction, and how to see it again; 2 for a wrong option.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

#include "agc/runtime/verifier.h"
#include "lockstep.h"
#include "random_stream.h"

int main(int argc, char** argv) {
  using namespace agc::runtime;
  uint64_t instructions = 1000000, seed = 1, only = 0;
  uint32_t length = 4000;
  std::string memory = "stress";
  bool print = false;
  CLI::App app("Random programs on the simulator and the Verilog, compared instruction by instruction");
  app.add_option("--instructions", instructions, "instructions to run, loops spelled out");
  app.add_option("--seed", seed, "of the first program; the next ones follow");
  app.add_option("--program", length, "instructions of a program");
  app.add_option("--memory", memory, "ideal, ddr3-z7020 or stress");
  auto* onlyOption = app.add_option("--only", only, "just the program of this seed");
  app.add_flag("--print", print, "print the program too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    const agc::isa::CoreConfig core = agc::isa::CoreConfig::builtin("tiny");
    if (*onlyOption) seed = only, instructions = 1;
    test::Lockstep lockstep(core, memory, seed);
    const auto begin = std::chrono::steady_clock::now();
    auto report = begin;
    uint64_t done = 0, programs = 0;
    while (done < instructions) {
      const test::StreamProgram stream = test::randomStream(core, {seed, length});
      if (print) {
        for (const auto& i : stream.program.code) std::printf("%s\n", agc::isa::print(i).c_str());
      }
      std::string wrong;
      const auto findings = verify(stream.program);
      if (!findings.empty()) wrong = "the verifier refuses it: " + findings.front();
      if (wrong.empty()) wrong = lockstep.run(stream.program, seed);
      if (!wrong.empty()) {
        std::printf("DIFFERENCE in the program of seed %llu after %llu instructions: %s\nagain: agc-lockstep --only %llu --program %u --memory %s\n",
                    static_cast<unsigned long long>(seed), static_cast<unsigned long long>(done), wrong.c_str(),
                    static_cast<unsigned long long>(seed), length, memory.c_str());
        return 1;
      }
      done += stream.running;
      ++programs;
      ++seed;
      const auto now = std::chrono::steady_clock::now();
      if (now - report < std::chrono::seconds(20) && done < instructions) continue;
      report = now;
      std::printf("%llu instructions in %llu programs, %llu digests compared, %llu cycles, %.0f s: 0 differences\n",
                  static_cast<unsigned long long>(done), static_cast<unsigned long long>(programs), static_cast<unsigned long long>(lockstep.digests),
                  static_cast<unsigned long long>(lockstep.cycles), std::chrono::duration<double>(now - begin).count());
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "agc-lockstep: %s\n", error.what());
    return 1;
  }
  return 0;
}
