#include "tool.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "agc/isa/error.h"

namespace agc::runtime {

int runTool(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  auto refuse = [&](const std::string& sentence) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), sentence);
    return 1;
  };
  try {
    app.parse(argc, argv);
    body();
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    return refuse(fmt::format("{} (see {} --help)", e.what(), app.get_name()));
  } catch (const std::bad_alloc&) {
    return refuse("not enough memory");
  } catch (const std::exception& e) {
    return refuse(e.what());
  }
  // What was printed may still sit in a buffer that does not fit on the disk.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) return refuse("cannot write to standard output");
  return 0;
}

}  // namespace agc::runtime
