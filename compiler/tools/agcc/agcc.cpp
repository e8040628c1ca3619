// agcc: the compiler's command line.

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <csignal>

#include "Driver.h"
#include "Options.h"
#include "agc/isa/error.h"

namespace {

void print(const char *kind, const std::vector<std::string> &sentences) {
  for (const std::string &sentence : sentences) std::fprintf(stderr, "agcc: %s: %s\n", kind, sentence.c_str());
}

}  // namespace

int main(int argc, char **argv) {
  // A reader that closes its pipe, or a file size limit, is a failed write with a sentence, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::vector<std::string> problems, notes;
  int exitCode = 0;
  bool quiet = false;
  try {
    const auto options = agc::parseOptions(argc, argv, problems, exitCode);
    if (options) {
      quiet = options->quiet;
      exitCode = 0;
      agc::compile(*options, problems, notes);
    }
  } catch (const agc::Error &error) {
    problems.push_back(error.what());
  } catch (const std::bad_alloc &) {
    problems.push_back("there is not enough memory for this model");
  } catch (const std::exception &error) {
    problems.push_back(error.what());
  }
  if (!quiet) print("warning", notes);
  print("error", problems);
  return problems.empty() ? exitCode : 1;
}
