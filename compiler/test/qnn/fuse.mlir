// RUN: agc-opt %s -split-input-file -qnn-fuse | FileCheck %s

// Numbers by hand: sum of weights 6 per channel, zero point -20, so the bias gets +120; the bias 0.75 is 3 in units of
// 0.5 * 0.5; the factor 0.5 * 0.5 / 0.25 = 1 is 2^23 / 2^23. Relu clamps at the zero point 3.

!in = tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!out = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25:3>>

// CHECK-LABEL: func.func @numbers
func.func @numbers(%x: !in) -> !out {
  // CHECK-NEXT: qnn.fused_conv %arg0 {bias = array<i32: 123, 120>
  // CHECK-SAME: hi1 = 127 : i64, lo1 = 3 : i64, macs = 96 : i64, multiplier = array<i32: 8388608, 8388608>, names = ["conv", "relu"], ops = ["Conv", "Relu"], pad_value = -20 : i64
  // CHECK-SAME: shift = array<i32: 23, 23>
  // CHECK-SAME: z1 = 3 : i64
  // CHECK-NEXT: return
  %0 = qnn.conv %x {weights = dense<2> : tensor<2x3x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32: 0.75, 0.0>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 96 : i64} : (!in) -> !out
  %1 = qnn.relu %0 : (!out) -> !out
  return %1 : !out
}

// -----

// A factor of 0.3 is 10066330 / 2^25 (10066329.6 rounded); 3 is 12582912 / 2^22.

!in = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0>>
!out = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0>>

// CHECK-LABEL: func.func @factors
func.func @factors(%x: !in) -> !out {
  // CHECK: multiplier = array<i32: 10066330, 12582912>
  // CHECK-SAME: shift = array<i32: 25, 22>
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x1x1x1xi8>, weight_scales = array<f32: 0.3, 3.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!in) -> !out
  return %0 : !out
}

// -----

// The residual add: conv's own quantization stays (scale 0.25), then (0.25 q + 0.5 r) / 0.375: a = 2/3, b = 4/3 over 2^20.
// The clip to 0.75 .. 3.0 is 2 .. 8 steps above the zero point -1.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!c = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25:5>>
!s = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.375:-1>>

// CHECK-LABEL: func.func @residual
func.func @residual(%x: !q) -> !s {
  // CHECK-NEXT: qnn.fused_conv %arg0 residual %arg0 {a = 699051 : i64, b = 1398101 : i64
  // CHECK-SAME: hi = 7 : i64, hi1 = 127 : i64, lo = 1 : i64, lo1 = -128 : i64
  // CHECK-SAME: ops = ["Conv", "Add", "Clip"]
  // CHECK-SAME: sh2 = 20 : i64
  // CHECK-SAME: z1 = 5 : i64, zo = -1 : i64, zr = 0 : i64
  // CHECK-NEXT: return
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!q) -> !c
  %1 = qnn.add %x, %0 : (!q, !c) -> !s
  %2 = qnn.clip %1 {min = 0.75 : f32, max = 3.0 : f32} : (!s) -> !s
  return %2 : !s
}

// -----

// A convolution with a second use keeps its own result: neither the relu nor the add goes in.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @several_uses
func.func @several_uses(%x: !q) -> (!q, !q) {
  // CHECK-NEXT: %[[C:.*]] = qnn.fused_conv %arg0 {
  // CHECK-NEXT: %[[R:.*]] = qnn.relu %[[C]]
  // CHECK-NEXT: %[[S:.*]] = qnn.add %arg0, %[[C]]
  // CHECK-NEXT: return %[[R]], %[[S]]
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!q) -> !q
  %1 = qnn.relu %0 : (!q) -> !q
  %2 = qnn.add %x, %0 : (!q, !q) -> !q
  return %1, %2 : !q, !q
}

// -----

// Of two convolutions the later one takes the add in.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @later
func.func @later(%x: !q) -> !q {
  // CHECK-NEXT: %[[A:.*]] = qnn.fused_conv %arg0 {{.*}}names = ["conv"]
  // CHECK-NEXT: qnn.fused_conv %arg0 residual %[[A]] {{.*}}weights = dense<2>
  // CHECK-NEXT: return
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!q) -> !q
  %1 = qnn.conv %x {weights = dense<2> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!q) -> !q
  %2 = qnn.add %0, %1 : (!q, !q) -> !q
  return %2 : !q
}

// -----

// Upsampling goes into each convolution of stride 1; one of stride 2 reads the upsampled map.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!u = tensor<1x2x8x8x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @upsample
func.func @upsample(%x: !q) -> (!u, !q) {
  // CHECK-NEXT: %[[U:.*]] = qnn.resize %arg0
  // CHECK-NEXT: qnn.fused_conv %arg0 {{.*}}ops = ["Resize", "Conv"]{{.*}}upsample
  // CHECK-NEXT: qnn.fused_conv %[[U]] {{.*}}ops = ["Conv"]
  %0 = qnn.resize %x : (!q) -> !u
  %1 = qnn.conv %0 {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!u) -> !u
  %2 = qnn.conv %0 {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 0.5>, bias = array<f32>,
    strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!u) -> !q
  return %1, %2 : !u, !q
}

// -----

// The weights of channels 1 and 2 move nothing: constants of -2 and 2 steps, with 16 fraction bits.

!q = tensor<1x1x4x4x!quant.uniform<i8:f32, 0.5>>
!o = tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @dead_channel
func.func @dead_channel(%x: !q) -> !o {
  // CHECK: bias = array<i32: 0, -131072, 131072>
  // CHECK-SAME: multiplier = array<i32: 8388608, 8388608, 8388608>
  // CHECK-SAME: shift = array<i32: 24, 39, 39>
  // CHECK-SAME{LITERAL}: weights = dense<[[[[1]]], [[[0]]], [[[0]]]]>
  %0 = qnn.conv %x {weights = dense<[[[[1]]], [[[0]]], [[[3]]]]> : tensor<3x1x1x1xi8>, weight_scales = array<f32: 0.5, 1.0e-30, 1.0e-30>,
    bias = array<f32: 0.0, -1.0, 1.0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    macs = 32 : i64} : (!q) -> !o
  return %0 : !o
}
