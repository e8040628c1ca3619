// RUN: agc-opt %s --convert-qnn-to-ovl=core=tiny | FileCheck %s

// A reduction of 40 input blocks by 3x3 is 361 words an output block, more than the weight buffer's 256: it runs in parts. The
// first writes partial sums, those between add to them, the last one requantizes.

!in = tensor<1x320x3x3x!quant.uniform<i8:f32, 0.5>>
!out = tensor<1x8x3x3x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: ovl.program
// CHECK: ovl.conv_epi {part_out = 1 : i64}
// CHECK-NEXT: ovl.conv {{.*}} partial %[[P:[0-9]+]][0] {
// CHECK: ovl.conv_epi {part_in = 1 : i64}
// CHECK-NEXT: ovl.conv {{.*}} partial %[[P]][0] to %{{.*}}[0] {
// CHECK: ovl.release %[[P]]
func.func @main(%x: !in {qnn.name = "x", qnn.border = "int8"}) -> (!out {qnn.name = "y", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x320x3x3xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 30, 30, 30, 30, 30, 30, 30, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Conv"],
    names = ["/a"], macs = 207360 : i64} : (!in) -> !out
  return %0 : !out
}
