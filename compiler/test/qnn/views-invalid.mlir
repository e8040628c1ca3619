// RUN: agc-opt %s -split-input-file -verify-diagnostics

// What the verifiers of windows and assembled maps say.

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @outside(%x: !map) {
  // expected-error@+1 {{the window of 'tensor<1x8x4x4x!quant.uniform<i8:f32, 5.000000e-01:-20>>' does not lie inside of}}
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0, 3>} : (!map) -> tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @channels(%x: !map) {
  // expected-error@+1 {{the window begins with channel 4, which is no multiple of 8}}
  %0 = qnn.window %x {offsets = array<i64: 0, 4, 0, 0>} : (!map) -> tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @element(%x: !map) {
  // expected-error@+1 {{must have the same element type on both sides}}
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0, 0>} : (!map) -> tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-21>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @images(%x: tensor<2x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>) {
  // expected-error@+1 {{result must be a tensor 1xCxHxW}}
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0, 0>} : (tensor<2x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<2x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @offsets(%x: !map) {
  // expected-error@+1 {{needs four offsets, not 3}}
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0>} : (!map) -> tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @none() {
  // expected-error@+1 {{needs at least one operand}}
  %0 = qnn.assemble {offsets = array<i64>} : () -> !map
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @places(%x: !map) {
  // expected-error@+1 {{needs four offsets for each of its 1 operands, not 3}}
  %0 = qnn.assemble %x {offsets = array<i64: 0, 0, 0>} : (!map) -> !map
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @overlap(%x: !map, %y: !map) {
  // expected-error@+1 {{operand 1 overlaps another one}}
  %0 = qnn.assemble %x, %y {offsets = array<i64: 0, 0, 0, 0, 0, 8, 0, 0>} : (!map, !map) -> tensor<1x24x4x6x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @gap(%x: !map) {
  // expected-error@+1 {{has operands that do not cover its result}}
  %0 = qnn.assemble %x {offsets = array<i64: 1, 0, 0, 0>} : (!map) -> tensor<2x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
  return
}

// -----

!map = tensor<1x16x4x6x!quant.uniform<i8:f32, 0.5:-20>>
func.func @block(%x: tensor<1x4x4x6x!quant.uniform<i8:f32, 0.5:-20>>) {
  // expected-error@+1 {{operand 0 ends with channel 3, inside of a block of 8}}
  %0 = qnn.assemble %x {offsets = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> !map
  return
}
