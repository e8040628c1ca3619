// RUN: agc-opt %s | agc-opt | FileCheck %s

// The canonical form prints and parses: a plain convolution, one that reads its input upsampled, a residual add, and a
// block-grouped elementwise op. Scales keep all their digits.

!in = tensor<1x3x4x6x!quant.uniform<i8:f32, 0.012345678901234501:-20>>
!mid = tensor<1x2x4x6x!quant.uniform<i8:f32, 0.5:3>>
!big = tensor<1x2x8x12x!quant.uniform<i8:f32, 0.25>>

// CHECK-LABEL: func.func @main
// CHECK-SAME: quant.uniform<i8:f32, 0.012345678901234501:-20>> {qnn.border = "float32", qnn.name = "latent"}
// CHECK-SAME: {qnn.border = "uint8", qnn.name = "image"}
func.func @main(%x: !in {qnn.name = "latent", qnn.border = "float32"}) -> (!big {qnn.name = "image", qnn.border = "uint8"}) {
  // CHECK: qnn.fused_conv %arg0 {
  // CHECK-SAME: names = ["/m/conv1"]
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 540, 540>,
    multiplier = array<i32: 8388608, 16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = 3 : i64,
    hi1 = 127 : i64, ops = ["Conv", "Relu"], names = ["/m/conv1"], macs = 1296 : i64} : (!in) -> !mid
  // CHECK: qnn.fused_conv %{{.*}} residual %{{.*}} {a = 2097151 : i64
  %1 = qnn.fused_conv %0 residual %0 {weights = dense<[[[[1]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]]], [[[0]], [[1]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]]]]> : tensor<2x8x1x1xi8>,
    bias = array<i32: -3, -3>, multiplier = array<i32: 8388608, 8388608>, shift = array<i32: 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 3 : i64, block_grouped, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, zr = 3 : i64, a = 2097151 : i64, b = -5 : i64, sh2 = 17 : i64, zo = 3 : i64,
    lo = -128 : i64, hi = 127 : i64, ops = ["Add"], names = ["/m/add"], macs = 0 : i64} : (!mid, !mid) -> !mid
  // CHECK: upsample
  %2 = qnn.fused_conv %1 {weights = dense<-3> : tensor<2x2x3x3xi8>, bias = array<i32: 0, 0>,
    multiplier = array<i32: 0, 8388609>, shift = array<i32: 0, 63>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, pad_value = 3 : i64, upsample, z1 = 0 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, ops = ["Resize", "Conv"], names = ["/m/up", "/m/conv2"], macs = 3456 : i64}
    : (!mid) -> !big
  return %2 : !big
}
