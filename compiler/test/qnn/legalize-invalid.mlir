// RUN: agc-opt %s -split-input-file -qnn-legalize -verify-diagnostics

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0e-8>>
func.func @requantize(%x: !q) -> !r {
  // expected-error@+1 {{qnn.requantize: the factor 1e+08 is 2^24 or more}}
  %0 = qnn.requantize %x : (!q) -> !r
  return %0 : !r
}

// -----

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0e-8>>
func.func @add(%x: !q) -> !r {
  // expected-error@+1 {{qnn.add: the factor 1e+08 is 2^21 or more}}
  %0 = qnn.add %x, %x : (!q, !q) -> !r
  return %0 : !r
}

// -----

!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0e-9>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 1.0e9>>
func.func @small(%x: !q) -> !r {
  // expected-error@+1 {{qnn.requantize: the factor 1e-18 is below 2^-40}}
  %0 = qnn.requantize %x : (!q) -> !r
  return %0 : !r
}
