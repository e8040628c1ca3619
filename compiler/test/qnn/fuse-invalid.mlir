// RUN: agc-opt %s -split-input-file -qnn-fuse -verify-diagnostics

// Numbers that the machine's integers do not hold are refused with the node's name.

!q = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0>>
!o = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0e-8>>
func.func @large_factor(%x: !q) -> !o {
  // expected-error@+1 {{qnn.conv: output channel 0: the factor 1e+08 is 2^24 or more; check the scales of its input, weights, bias and result}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<1x1x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!q) -> !o
  return %0 : !o
}

// -----

// The bias alone is 2^31 units of 2^-10.
!q = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0>>
func.func @overflow(%x: !q) -> !q {
  // expected-error@+1 {{output channel 0: its sums may leave 32 bits}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<1x1x1x1xi8>, weight_scales = array<f32: 0.0009765625>, bias = array<f32: 2097152.0>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!q) -> !q
  return %0 : !q
}

// -----

// 132,105 products of 127 * 128 exceed 31 bits: 4200 channels are fine for 5x5, not for 6x6.
!q = tensor<1x4200x8x8x!quant.uniform<i8:f32, 1.0>>
!o = tensor<1x1x3x3x!quant.uniform<i8:f32, 1.0>>
func.func @sum(%x: !q) -> !o {
  // expected-error@+1 {{output channel 0: its sums may leave 32 bits}}
  %0 = qnn.conv %x {weights = dense<127> : tensor<1x4200x6x6xi8>, weight_scales = array<f32: 0.0009765625>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!q) -> !o
  return %0 : !o
}

// -----

!q = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0>>
!o = tensor<1x1x4x4x!quant.uniform<i8:f32, 1.0e-8>>
func.func @add(%x: !q) -> !o {
  %0 = qnn.conv %x {weights = dense<1> : tensor<1x1x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!q) -> !q
  // expected-error@+1 {{qnn.add: the factor 1e+08 is 2^21 or more}}
  %1 = qnn.add %0, %x : (!q, !q) -> !o
  return %1 : !o
}

// -----

!q = tensor<1x1x32x32x!quant.uniform<i8:f32, 1.0>>
!o = tensor<1x1x3x3x!quant.uniform<i8:f32, 1.0>>
func.func @stride(%x: !q) -> !o {
  // expected-error@+1 {{qnn.conv has a stride of 11; the machine takes up to 7}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<1x1x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 11, 11>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!q) -> !o
  return %0 : !o
}

// -----

!f = tensor<1x1x4x4xf32>
func.func @float(%x: !f) -> !f {
  // expected-error@+1 {{its input and result must be quantized here; run qnn-fold-qdq first}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<1x1x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 32 : i64} : (!f) -> !f
  return %0 : !f
}
