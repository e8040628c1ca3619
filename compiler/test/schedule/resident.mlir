// RUN: agc-opt %s --convert-qnn-to-ovl=core=z7020 | FileCheck %s

// A residual block that fits: the maps stay in the scratchpad from producer to consumer, the sum takes the place of its
// residual, only the graph's input and output go through DRAM.

!map = tensor<1x8x4x8x!quant.uniform<i8:f32, 0.5:3>>

// CHECK-LABEL: ovl.program
// CHECK-SAME: core = "z7020"
// CHECK-SAME: inputs = [{border = "float32", name = "x", scale = 5.000000e-01 : f64, shape = array<i64: 1, 8, 4, 8>, zero_point = 3 : i64}]
// CHECK-SAME: macs = 18432 : i64, names = ["/a"]
// CHECK-NOT: workspace
// CHECK-DAG: %[[IN:.*]] = ovl.buffer inputs 32
// CHECK-DAG: %[[OUT:.*]] = ovl.buffer outputs 32
// CHECK: %[[X:.*]] = ovl.buffer sp 32 {high, holds = "x"}
// CHECK: ovl.load %[[IN]][0] to %[[X]][0] {n0 = 32 : i64}
// CHECK: ovl.wload
// CHECK: %[[H:.*]] = ovl.buffer sp 32 {high
// CHECK: ovl.conv_geo {{.*}}kh = 3 : i64
// CHECK: ovl.conv %[[X]][0] weights {{.*}} to %[[H]][0] {in_h = 4 : i64, in_w = 8 : i64, off_x = -1 : i64, off_y = -1 : i64, oh = 4 : i64, ow = 8 : i64}
// CHECK: ovl.conv %[[H]][0] weights {{.*}} residual %[[X]][0] to %[[X]][0]
// CHECK: ovl.conv %[[X]][0] weights {{.*}} to %[[SLOT:.*]][0]
// CHECK: ovl.store %[[SLOT]][0] to %[[OUT]][0]
// CHECK: ovl.end
func.func @main(%x: !map {qnn.name = "x", qnn.border = "float32"}) -> (!map {qnn.name = "y", qnn.border = "float32"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x3x3xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 3 : i64, z1 = 3 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/a"], macs = 18432 : i64} : (!map) -> !map
  %1 = qnn.fused_conv %0 residual %x {weights = dense<1> : tensor<8x8x3x3xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 3 : i64, z1 = 3 : i64, lo1 = -128 : i64, hi1 = 127 : i64, zr = 3 : i64,
    a = 1048576 : i64, b = 1048576 : i64, sh2 = 21 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv", "Add"],
    names = ["/b", "/add"], macs = 18432 : i64} : (!map, !map) -> !map
  %2 = qnn.fused_conv %1 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = 3 : i64, z1 = 3 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/c"], macs = 2048 : i64} : (!map) -> !map
  return %2 : !map
}
