// RUN: agc-opt %s -split-input-file --convert-qnn-to-ovl=core=z7020 | FileCheck %s

// A chain whose maps are larger than its multiplications take time runs tile by tile: the maps between the layers are tiles of the
// scratchpad, only the graph's input and output go through DRAM. The first layer's tile has the halo that the second one needs, the
// residual is read from the middle of it. The group is one row of the layer table.

!map = tensor<1x8x160x160x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: ovl.program
// CHECK-SAME: fused = [{macs = 1638400 : i64, names = ["/a"], ops = ["Conv"], tile = array<i64: {{.*}}>}, {{.*}}names = ["/b"]{{.*}}names = ["/c"]
// CHECK-SAME: names = ["/a", "/b", "/c"]
// CHECK-NOT: workspace
// CHECK: %[[IN:.*]] = ovl.buffer inputs
// CHECK: %[[OUT:.*]] = ovl.buffer outputs
// CHECK: ovl.load %[[IN]][0] to %[[X:[0-9]+]][0]
// CHECK: %[[A:.*]] = ovl.buffer sp [[TILE:[0-9]+]] {holds = "result of '/a'"}
// CHECK: ovl.load %[[IN]][{{[1-9][0-9]*}}] to
// CHECK: ovl.conv %[[X]][0] weights %{{.*}} to %[[A]][0] {{{.*}}oh = [[ROWS:[0-9]+]] : i64
// CHECK-NOT: layer =
// CHECK: %[[B:.*]] = ovl.buffer sp {{.*}} {holds = "result of '/b'"}
// CHECK: ovl.conv %[[A]][0] weights %{{.*}} residual %[[A]][0] to %[[B]][0] {in_h = [[ROWS]] : i64
// CHECK: ovl.release %[[A]]
// CHECK: %[[C:.*]] = ovl.buffer sp
// CHECK: ovl.conv %[[B]][0] weights %{{.*}} to %[[C]][0]
// CHECK: ovl.release %[[B]]
// The next tile's first row lies in the halo of the one before.
// CHECK: %[[A2:.*]] = ovl.buffer sp [[TILE]] {holds = "result of '/a'"}
// CHECK: ovl.conv %{{.*}} to %[[A2]][0]
// CHECK: ovl.store %[[C]][0] to %[[OUT]][0]
// CHECK: ovl.conv %[[A2]][0] weights %{{.*}} residual %[[A2]][{{[1-9][0-9]*}}] to
// CHECK: ovl.end
func.func @main(%x: !map {qnn.name = "x", qnn.border = "int8"}) -> (!map {qnn.name = "y", qnn.border = "int8"}) {
  %a = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/a"], macs = 1638400 : i64} : (!map) -> !map
  %b = qnn.fused_conv %a residual %a {weights = dense<1> : tensor<8x8x3x3xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, zr = 0 : i64,
    a = 1048576 : i64, b = 1048576 : i64, sh2 = 21 : i64, zo = 0 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"],
    names = ["/b"], macs = 14745600 : i64} : (!map, !map) -> !map
  %c = qnn.fused_conv %b {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/c"], macs = 1638400 : i64} : (!map) -> !map
  return %c : !map
}

// -----

// A map that is a graph output as well is stored as a whole: the group ends with it.

!map = tensor<1x8x160x160x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: ovl.program
// CHECK-SAME: names = ["/a", "/b"]
// CHECK-SAME: names = ["/c"]
// CHECK: ovl.buffer workspace
func.func @main(%x: !map {qnn.name = "x", qnn.border = "int8"}) -> (!map {qnn.name = "b", qnn.border = "int8"}, !map {qnn.name = "c", qnn.border = "int8"}) {
  %a = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/a"], macs = 1638400 : i64} : (!map) -> !map
  %b = qnn.fused_conv %a {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/b"], macs = 1638400 : i64} : (!map) -> !map
  %c = qnn.fused_conv %b {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/c"], macs = 1638400 : i64} : (!map) -> !map
  return %b, %c : !map, !map
}
