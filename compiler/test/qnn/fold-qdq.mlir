// RUN: agc-opt %s -split-input-file -qnn-fold-qdq | FileCheck %s

// Quantize moves up through relu and resize to the float argument, dequantize goes at the result: the host converts both.

!f = tensor<1x3x4x4xf32>
!F = tensor<1x3x8x8xf32>
!q = tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!Q = tensor<1x3x8x8x!quant.uniform<i8:f32, 0.5:-20>>

// CHECK-LABEL: func.func @movement
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x4x4x!quant.uniform<i8:f32, 5.000000e-01:-20>>) -> tensor<1x3x8x8x!quant.uniform<i8:f32, 5.000000e-01:-20>>
func.func @movement(%x: !f) -> !F {
  // CHECK-NEXT: %[[R:.*]] = qnn.relu %[[X]] : (tensor<1x3x4x4x!quant
  // CHECK-NEXT: %[[U:.*]] = qnn.resize %[[R]]
  // CHECK-NEXT: return %[[U]]
  %0 = qnn.relu %x : (!f) -> !f
  %1 = qnn.resize %0 : (!f) -> !F
  %2 = qnn.quantize %1 : (!F) -> !Q
  %3 = qnn.dequantize %2 : (!Q) -> !F
  return %3 : !F
}

// -----

// A convolution with two quantizations is made for each; its multiply-accumulates count once.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25>>

// CHECK-LABEL: func.func @conv
func.func @conv(%x: !q) -> (!q, !r) {
  // CHECK-DAG: qnn.conv %arg0 {{.*}} macs = 64 : i64
  // CHECK-DAG: qnn.conv %arg0 {{.*}} macs = 0 : i64
  // CHECK-NOT: qnn.conv
  // CHECK-NOT: quantize
  %0 = qnn.dequantize %x : (!q) -> !f
  %1 = qnn.conv %0 {weights = dense<1> : tensor<2x2x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 64 : i64} : (!f) -> !f
  %2 = qnn.quantize %1 : (!f) -> !q
  %3 = qnn.quantize %1 : (!f) -> !r
  return %2, %3 : !q, !r
}

// -----

// Between two scales a requantize stays; of the same scale nothing.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-20>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25>>

// CHECK-LABEL: func.func @requantize
func.func @requantize(%x: !q) -> (!q, !r) {
  // CHECK-NEXT: %[[R:.*]] = qnn.requantize %arg0
  // CHECK-NEXT: return %arg0, %[[R]]
  %0 = qnn.dequantize %x : (!q) -> !f
  %1 = qnn.quantize %0 : (!f) -> !q
  %2 = qnn.quantize %0 : (!f) -> !r
  return %1, %2 : !q, !r
}

// -----

// What is not quantized behind relu, resize or a clip to values of the scale stays exact on integers.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5:-20>>

// CHECK-LABEL: func.func @down
func.func @down(%x: !q, %y: !q) -> !q {
  // CHECK-NEXT: %[[R:.*]] = qnn.relu %arg0 : (tensor<1x2x4x4x!quant
  // CHECK-NEXT: %[[C:.*]] = qnn.clip %arg1 {{.*}} : (tensor<1x2x4x4x!quant
  // CHECK-NEXT: qnn.add %[[R]], %[[C]]
  %0 = qnn.dequantize %x : (!q) -> !f
  %1 = qnn.dequantize %y : (!q) -> !f
  %2 = qnn.relu %0 : (!f) -> !f
  %3 = qnn.clip %1 {min = -1.5 : f32, max = 0x7F800000 : f32} : (!f) -> !f
  %4 = qnn.add %2, %3 : (!f, !f) -> !f
  %5 = qnn.quantize %4 : (!f) -> !q
  return %5 : !q
}
