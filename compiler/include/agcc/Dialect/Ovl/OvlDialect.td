//===- OvlDialect.td - the overlay core ------------------------------------===//
#ifndef AGCC_DIALECT_OVL_OVLDIALECT_TD
#define AGCC_DIALECT_OVL_OVLDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Ovl_Dialect : Dialect {
  let name = "ovl";
  let cppNamespace = "::agc::ovl";
  let summary = "Programs of the overlay core";
  let description = [{
    One op is one instruction of docs/machine.md, on buffers whose address the pass `ovl-allocate` gives and with
    semaphores that `ovl-insert-semaphores` puts in. The order of the ops is a valid sequential execution at every stage.
    See docs/rationale-ovl.md.
  }];
  let useDefaultTypePrinterParser = 1;
}

def Ovl_Buffer : TypeDef<Ovl_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "A piece of one memory";
}

def Ovl_Memory : I32EnumAttr<"MemoryKind", "memory of the core or segment of DRAM", [
    I32EnumAttrCase<"Scratchpad", 0, "sp">,
    I32EnumAttrCase<"Weights", 1, "wb">,
    I32EnumAttrCase<"Constants", 2, "constants">,
    I32EnumAttrCase<"Workspace", 3, "workspace">,
    I32EnumAttrCase<"Inputs", 4, "inputs">,
    I32EnumAttrCase<"Outputs", 5, "outputs">]> {
  let cppNamespace = "::agc::ovl";
}

#endif // AGCC_DIALECT_OVL_OVLDIALECT_TD
