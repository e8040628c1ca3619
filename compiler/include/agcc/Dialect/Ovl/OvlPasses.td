//===- OvlPasses.td - passes on programs -----------------------------------===//
#ifndef AGCC_DIALECT_OVL_OVLPASSES_TD
#define AGCC_DIALECT_OVL_OVLPASSES_TD

include "mlir/Pass/PassBase.td"

def OvlAllocate : Pass<"ovl-allocate", "::agc::ovl::ProgramOp"> {
  let summary = "Give every buffer its address";
  let description = [{
    Walks the program and places each buffer where its life begins, first fit with reuse, in scratchpad, weight buffer and
    the segments of DRAM.
  }];
}

def OvlRepeatImages : Pass<"ovl-repeat-images", "::agc::ovl::ProgramOp"> {
  let summary = "From a program for one image to one for a batch";
  let description = [{
    N is the first dimension of the tensors of the border. Behind ovl-allocate: the instructions are repeated N - 1 times with
    the addresses of the next image of each border tensor, whose buffers grow to N images.
  }];
}

def OvlInsertSemaphores : Pass<"ovl-insert-semaphores", "::agc::ovl::ProgramOp"> {
  let summary = "Order the engines where their accesses overlap";
  let description = [{
    Computes from the words that allocated instructions touch which instruction must wait for which of another engine, drops
    what follows from the rest, and uses one semaphore for each ordered pair of engines.
  }];
}

#endif // AGCC_DIALECT_OVL_OVLPASSES_TD
