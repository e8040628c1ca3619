// RUN: agc-opt %s -split-input-file -qnn-fold-qdq -verify-diagnostics

// Gaps in the quantization. Each is named once, at the op that has it, with the node's name where the location has one.

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @between(%x: !q) -> !q {
  %0 = qnn.dequantize %x : (!q) -> !f
  // expected-error@+1 {{qnn.add hands its result to qnn.add in float; put a QuantizeLinear and DequantizeLinear pair between}}
  %1 = qnn.add %0, %0 : (!f, !f) -> !f
  %2 = qnn.add %1, %0 : (!f, !f) -> !f
  %3 = qnn.quantize %2 : (!f) -> !q
  return %3 : !q
}

// -----

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @input(%x: !f {qnn.name = "picture"}, %y: !q) -> !q {
  %0 = qnn.dequantize %y : (!q) -> !f
  // expected-error@+1 {{qnn.add reads the graph input 'picture' in float; put a QuantizeLinear and DequantizeLinear pair between}}
  %1 = qnn.add %x, %0 : (!f, !f) -> !f
  %2 = qnn.quantize %1 : (!f) -> !q
  return %2 : !q
}

// -----

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @output(%x: !q) -> (!f {qnn.name = "picture"}) {
  %0 = qnn.dequantize %x : (!q) -> !f
  // expected-error@+1 {{qnn.add makes the graph output 'picture' in float; put a QuantizeLinear and DequantizeLinear pair behind it}}
  %1 = qnn.add %0, %0 : (!f, !f) -> !f
  return %1 : !f
}

// -----

// A bound between two values of the scale and no quantize behind it: the result is not on the scale.
!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @clip(%x: !q) -> (!f {qnn.name = "picture"}) {
  %0 = qnn.dequantize %x : (!q) -> !f
  // expected-error@+1 {{qnn.clip makes the graph output 'picture' in float}}
  %1 = qnn.clip %0 {min = -1.3 : f32, max = 5.0 : f32} : (!f) -> !f
  return %1 : !f
}

// -----

!f = tensor<1x2x4x4xf32>
!q = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.5>>
!r = tensor<1x2x4x4x!quant.uniform<i8:f32, 0.25:7>>
func.func @two_ways(%x: !f {qnn.name = "picture"}) -> (!q, !r) {
  // expected-error@+1 {{graph input 'picture' is quantized in two ways, by qnn.quantize (scale 0.25, zero point 7) and by qnn.quantize (scale 0.5, zero point 0); quantize it once and requantize behind a DequantizeLinear}}
  %0 = qnn.quantize %x : (!f) -> !q
  %1 = qnn.quantize %x : (!f) -> !r
  return %0, %1 : !q, !r
}

// -----

// expected-error@+1 {{graph input 'picture' is not used; remove it from the graph}}
func.func @unused(%x: tensor<1x2x4x4xf32> {qnn.name = "picture"}) { return }

// -----

// expected-error@+1 {{graph input 'picture' is a graph output in float; put a QuantizeLinear and DequantizeLinear pair behind it}}
func.func @through(%x: tensor<1x2x4x4xf32> {qnn.name = "picture"}) -> tensor<1x2x4x4xf32> { return %x : tensor<1x2x4x4xf32> }
