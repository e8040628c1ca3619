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

// -----

// Views of what is made, and results that no op makes.

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!two = tensor<2x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @views(%x: !map {qnn.name = "x", qnn.border = "int8"}) -> (!two {qnn.name = "y", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 20, 20, 20, 20, 20, 20, 20, 20>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>,
    shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, block_grouped, shared, z1 = -20 : i64, lo1 = -128 : i64, hi1 = 127 : i64,
    ops = ["Identity"], names = ["/i"], macs = 0 : i64} : (!map) -> !map
  // expected-error@+1 {{an operand of an assemble cannot lie in another place as well}}
  %1 = qnn.assemble %0, %0 {offsets = array<i64: 0, 0, 0, 0, 1, 0, 0, 0>} : (!map, !map) -> !two
  // expected-error@+1 {{an operand of an assemble must be the result of a fused_conv}}
  %2 = qnn.assemble %x, %0 {offsets = array<i64: 0, 0, 0, 0, 1, 0, 0, 0>} : (!map, !map) -> !two
  %3 = qnn.window %2 {offsets = array<i64: 1, 0, 0, 0>} : (!two) -> !map
  // expected-error@+1 {{a window of the result of qnn.window is not canonical}}
  %4 = qnn.window %3 {offsets = array<i64: 0, 0, 0, 0>} : (!map) -> !map
  return %2 : !two
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
// expected-error@+1 {{output 0 is an input or a part of another map; a copy must be made of it}}
func.func @window(%x: !map {qnn.name = "x", qnn.border = "int8"}) -> (!map {qnn.name = "y", qnn.border = "int8"}) {
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0, 0>} : (!map) -> !map
  return %0 : !map
}
