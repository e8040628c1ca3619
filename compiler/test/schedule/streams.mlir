// RUN: agc-opt %s --convert-qnn-to-ovl=core=tiny | FileCheck %s

// A map that the scratchpad cannot hold goes through the workspace. Loads of the next tile stand before the convolution of the
// present one, the store of a tile behind the convolution of the next, and each upsampled tile that begins at an odd
// row says so in off_y.

!in = tensor<1x8x60x64x!quant.uniform<i8:f32, 0.5>>
!out = tensor<1x8x120x128x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: ovl.program
// CHECK: ovl.load %[[IN:.*]][0] to %[[T0:.*]][0]
// CHECK: ovl.load %[[IN]][{{[1-9][0-9]*}}] to %[[T1:.*]][0]
// CHECK: ovl.conv %[[T0]][0] weights %{{.*}}[0] to %[[R0:.*]][0] {
// CHECK: ovl.release %[[T0]]
// CHECK: ovl.conv %[[T1]][0] weights %{{.*}}[0] to %[[R1:.*]][0] {
// CHECK: ovl.store %[[R0]][0] to %[[M:.*]][0]
// CHECK: ovl.load %[[M]]
// CHECK: off_y = 1 : i64
func.func @main(%x: !in {qnn.name = "x", qnn.border = "int8"}) -> (!out {qnn.name = "y", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x3x3xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/a"], macs = 2211840 : i64} : (!in) -> !in
  %1 = qnn.fused_conv %0 {weights = dense<1> : tensor<8x8x2x2xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 0, 0>, pad_value = 0 : i64, upsample, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64,
    ops = ["Resize", "Conv"], names = ["/up", "/b"], macs = 3932160 : i64} : (!in) -> !out
  return %1 : !out
}
