// RUN: agc-opt %s -split-input-file -qnn-verify-canonical -verify-diagnostics

// All that is left over is named, not the first only.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0>>
func.func @leftover(%x: !q {qnn.name = "x", qnn.border = "int8"}) -> (!q {qnn.name = "y", qnn.border = "int8"}) {
  // expected-error@+1 {{qnn.dequantize is left and has no canonical integer form}}
  %0 = qnn.dequantize %x : (!q) -> !f
  // expected-error@+1 {{qnn.relu is left}}
  %1 = qnn.relu %0 : (!f) -> !f
  // expected-error@+1 {{qnn.quantize is left}}
  %2 = qnn.quantize %1 : (!f) -> !q
  return %2 : !q
}

// -----

// expected-error@+2 {{graph input 'x' is not quantized}}
// expected-error@+1 {{graph output '?' is not quantized}}
func.func @border(%x: tensor<1x2x4x4xf32> {qnn.name = "x", qnn.border = "float32"}) -> tensor<1x2x4x4xf32> {
  return %x : tensor<1x2x4x4xf32>
}

// -----

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0>>
// expected-error@+1 {{input 0 lacks 'qnn.name' or 'qnn.border'}}
func.func @names(%x: !q {qnn.name = "x"}) { return }
