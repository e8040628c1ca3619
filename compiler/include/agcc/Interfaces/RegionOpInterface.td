//===- RegionOpInterface.td - what a region of output needs of the operands -===//
#ifndef AGCC_INTERFACES_REGIONOPINTERFACE_TD
#define AGCC_INTERFACES_REGIONOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def RegionOpInterface : OpInterface<"RegionOpInterface"> {
  let cppNamespace = "::agc";
  let description = [{
    The scheduler's only view of an op: it searches tilings of fused groups and asks each op which region of its operands a
    region of its result needs (halo, stride, upsampling factor, the whole plane for a warp). Results and feature-map
    operands are rank 4, N = 1, channels in blocks of eight.
  }];
  let methods = [
    InterfaceMethod<[{
        The region of operand `operand` that is read for the region `output` of the result, before clipping at the borders
        of the map. An op whose reads depend on data returns the whole plane.
      }], "::agc::OperandTile", "getOperandTile", (ins "unsigned":$operand, "const ::agc::Tile &":$output)>,
    InterfaceMethod<[{
        Multiply-accumulates that this op stands for in the imported graph; 0 when it has none there.
      }], "int64_t", "getMacs">,
  ];
}

#endif // AGCC_INTERFACES_REGIONOPINTERFACE_TD
