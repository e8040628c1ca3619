// RUN: agc-opt %s -split-input-file -qnn-fold-qdq -qnn-fuse -qnn-legalize -qnn-verify-canonical | FileCheck %s

// A chain on one tensor is a table, here of an identity.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25>>

// CHECK-LABEL: func.func @table
func.func @table(%x: !q {qnn.name = "x", qnn.border = "int8"}) -> (!r {qnn.name = "y", qnn.border = "int8"}) {
  // CHECK-NEXT: qnn.fused_conv %arg0 {{.*}}ops = ["Abs", "Mul", "Abs"]{{.*}}table = array<i8: 127,
  // CHECK-NEXT: return
  %0 = qnn.dequantize %x : (!q) -> !f
  %1 = qnn.unary "Abs" %0 {parameters = array<f32>} : (!f) -> !f
  %2 = qnn.binary "Mul" %1, %0 : (!f, !f) -> !f
  %3 = qnn.unary "Abs" %2 {parameters = array<f32>} : (!f) -> !f
  %4 = qnn.quantize %3 : (!f) -> !r
  return %4 : !r
}

// -----

// A difference has a negative factor at the operand that is taken off; a row is repeated by the residual.

!f = tensor<1x2x4x4xf32>
!g = tensor<1x2x1x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!s = tensor<1x2x1x4x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @sub
func.func @sub(%x: !q {qnn.name = "x", qnn.border = "int8"}, %y: !s {qnn.name = "y", qnn.border = "int8"}) -> (!q {qnn.name = "z", qnn.border = "int8"}) {
  // CHECK-NEXT: qnn.fused_conv %arg0 residual %arg1 {a = 1048576 : i64, b = -1048576 : i64
  // CHECK-NEXT: return
  %0 = qnn.dequantize %x : (!q) -> !f
  %1 = qnn.dequantize %y : (!s) -> !g
  %2 = qnn.binary "Sub" %0, %1 : (!f, !g) -> !f
  %3 = qnn.quantize %2 : (!f) -> !q
  return %3 : !q
}

// -----

// Channels that begin at a block of eight are looked at where they lie; the result of the function is a copy.

!q = tensor<1x24x4x4x!quant.uniform<i8:f32, 0.5>>
!r = tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @window
func.func @window(%x: !q {qnn.name = "x", qnn.border = "int8"}) -> (!r {qnn.name = "y", qnn.border = "int8"}) {
  // CHECK-NEXT: %[[W:.*]] = qnn.window %arg0 {offsets = array<i64: 0, 16, 0, 0>}
  // CHECK-NEXT: qnn.fused_conv %[[W]]
  // CHECK-NEXT: return
  %0 = qnn.select %x {channels = array<i64: 16, 17, 18, 19, 20, 21, 22, 23>, rows = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>,
                      columns = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, strides = array<i64: 1, 1>, phases = array<i64: 1, 1>} : (!q) -> !r
  return %0 : !r
}

// -----

// A window of 2x2 is one op with padding that never wins.

!q = tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5>>
!r = tensor<1x8x2x2x!quant.uniform<i8:f32, 0.5>>

// CHECK-LABEL: func.func @max
func.func @max(%x: !q {qnn.name = "x", qnn.border = "int8"}) -> (!r {qnn.name = "y", qnn.border = "int8"}) {
  // CHECK-NEXT: qnn.fused_conv %arg0 {{.*}}max_window = array<i64: 2, 2>{{.*}}pad_value = -128 : i64{{.*}}shared{{.*}}strides = array<i64: 2, 2>
  // CHECK-NEXT: return
  %0 = qnn.pool "max" %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
                          pads = array<i64: 0, 0, 0, 0>, counted_pads = array<i64: 0, 0, 0, 0>} : (!q) -> !r
  return %0 : !r
}
