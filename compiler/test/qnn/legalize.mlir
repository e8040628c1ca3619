// RUN: agc-opt %s -split-input-file -qnn-legalize | FileCheck %s

// Elementwise ops are 1x1 convolutions with weight 1 on the diagonal of each block of eight channels.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0:7>>

// CHECK-LABEL: func.func @requantize
func.func @requantize(%x: !q) -> !r {
  // CHECK-NEXT: qnn.fused_conv %arg0 {bias = array<i32: 20, 20>, block_grouped
  // CHECK-SAME: macs = 0 : i64, multiplier = array<i32: 8388608, 8388608>
  // CHECK-SAME: ops = ["Requantize"], pad_value = -20 : i64, pads = array<i64: 0, 0, 0, 0>, shift = array<i32: 24, 24>
  // CHECK-SAME{LITERAL}: weights = dense<[[[[1]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]]], [[[0]], [[1]], [[0]], [[0]], [[0]], [[0]], [[0]], [[0]]]]> : tensor<2x8x1x1xi8>, z1 = 7 : i64
  %0 = qnn.requantize %x : (!q) -> !r
  return %0 : !r
}

// -----

// The add's first requantization is the identity; the clamp goes to its end.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0:7>>

// CHECK-LABEL: func.func @add
func.func @add(%x: !q) -> !r {
  // CHECK-NEXT: qnn.fused_conv %arg0 residual %arg0 {a = 1048576 : i64, b = 1048576 : i64, bias = array<i32: 20, 20>, block_grouped
  // CHECK-SAME: hi1 = 127 : i64, lo = 7 : i64, lo1 = -128 : i64
  // CHECK-SAME: multiplier = array<i32: 8388608, 8388608>, names = ["add", "relu"], ops = ["Add", "Relu"]
  // CHECK-SAME: sh2 = 21 : i64, shift = array<i32: 23, 23>
  // CHECK-SAME: z1 = -20 : i64, zo = 7 : i64, zr = -20 : i64
  // CHECK-NEXT: return
  %0 = qnn.add %x, %x : (!q, !q) -> !r
  %1 = qnn.relu %0 : (!r) -> !r
  return %1 : !r
}

// -----

// Of two upsampled operands one is read through the convolution, the other is made; a resize of a resize likewise.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!u = tensor<1x2x8x8x!quant.uniform<i8:f32, 0.5>>
!v = tensor<1x2x16x16x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @upsample
func.func @upsample(%x: !q, %y: !q) -> (!u, !v) {
  // CHECK-NEXT: %[[Y:.*]] = qnn.fused_conv %arg1 {{.*}}ops = ["Resize"]{{.*}}upsample
  // CHECK-NEXT: %[[S:.*]] = qnn.fused_conv %arg0 residual %[[Y]] {{.*}}ops = ["Resize", "Add"]{{.*}}upsample
  // CHECK-NEXT: %[[V:.*]] = qnn.fused_conv %[[Y]] {{.*}}ops = ["Resize"]{{.*}}upsample
  // CHECK-NEXT: return %[[S]], %[[V]]
  %0 = qnn.resize %x : (!q) -> !u
  %1 = qnn.resize %y : (!q) -> !u
  %2 = qnn.add %0, %1 : (!u, !u) -> !u
  %3 = qnn.resize %1 : (!u) -> !v
  return %2, %3 : !u, !v
}

// -----

// Relu of an argument; an argument and a second use of a result are returned as copies.

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-3>>

// CHECK-LABEL: func.func @copies
func.func @copies(%x: !q) -> (!q, !q, !q {qnn.name = "again"}) {
  // CHECK-NEXT: %[[R:.*]] = qnn.fused_conv %arg0 {{.*}}lo1 = -3 : i64{{.*}}names = ["relu"], ops = ["Relu"]
  // CHECK-NEXT: %[[X:.*]] = qnn.fused_conv %arg0 {{.*}}ops = ["Identity"]
  // CHECK-NEXT: %[[C:.*]] = qnn.fused_conv %[[R]] {{.*}}names = ["again"], ops = ["Identity"]
  // CHECK-NEXT: return %[[R]], %[[X]], %[[C]]
  %0 = qnn.relu %x : (!q) -> !q
  return %0, %x, %0 : !q, !q, !q
}
