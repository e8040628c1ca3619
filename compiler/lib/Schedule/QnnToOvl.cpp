//===- QnnToOvl.cpp - schedule the graph for a core --------------------------===//
// Reads @main, lets the scheduler decide, writes the ovl.program down in its place.
//===----------------------------------------------------------------------===//

#include "agc/isa/core_config.h"
#include "agc/isa/error.h"
#include "agcc/Schedule/BuildOvl.h"
#include "agcc/Schedule/FoldColumns.h"
#include "agcc/Schedule/FoldRows.h"
#include "agcc/Schedule/MachineOf.h"
#include "agcc/Schedule/Passes.h"
#include "agcc/Schedule/ReadGraph.h"
#include "agcc/Schedule/Scheduler.h"
#include "agcc/Schedule/SplitPools.h"

namespace agc::schedule {

#define GEN_PASS_DEF_CONVERTQNNTOOVL
#include "agcc/Schedule/Passes.h.inc"

namespace {

struct ConvertQnnToOvlPass : impl::ConvertQnnToOvlBase<ConvertQnnToOvlPass> {
  using ConvertQnnToOvlBase::ConvertQnnToOvlBase;

  void runOnOperation() override {
    auto function = getOperation().lookupSymbol<mlir::func::FuncOp>("main");
    if (!function || function.getBody().empty()) {
      getOperation().emitError() << "there is no function @main with a body";
      return signalPassFailure();
    }
    std::vector<std::string> problems;
    try {
      const std::string text = core;
      const isa::CoreConfig config =
          text.find('{') == std::string::npos ? isa::CoreConfig::builtin(text) : isa::CoreConfig::fromJson(text);
      splitPools(function);
      ReadResult source = readGraph(function, problems);
      if (problems.empty()) {
        const Machine machine = machineOf(config);
        foldColumns(source.graph, machine);
        foldRows(source.graph, machine);
        const Schedule schedule = scheduleGraph(source.graph, machine, problems);
        if (problems.empty()) buildOvl(getOperation(), function, source, schedule, config);
      }
    } catch (const agc::Error &error) {
      problems.push_back(error.what());
    }
    for (const std::string &problem : problems) function.emitError() << problem;
    if (!problems.empty()) return signalPassFailure();
    function.erase();
  }
};

}  // namespace

}  // namespace agc::schedule
