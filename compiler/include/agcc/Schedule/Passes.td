//===- Passes.td - qnn to ovl ----------------------------------------------===//
#ifndef AGCC_SCHEDULE_PASSES_TD
#define AGCC_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertQnnToOvl : Pass<"convert-qnn-to-ovl", "::mlir::ModuleOp"> {
  let summary = "Schedule the graph for a core";
  let description = [{
    Replaces `@main`, which must be canonical (qnn.fused_conv only), by an `ovl.program` without addresses and semaphores: which
    feature maps stay on chip, how each layer is tiled, in which order everything is issued. See docs/scheduler.md.
  }];
  let dependentDialects = ["::agc::ovl::OvlDialect"];
  let options = [Option<"core", "core", "std::string", "\"z7020\"", "Built-in core, or the text of a core file">];
}

#endif // AGCC_SCHEDULE_PASSES_TD
