// RUN: agc-opt %s -split-input-file -verify-diagnostics --convert-qnn-to-ovl=core=tiny

// expected-error@+1 {{there is no function @main with a body}}
module {
}

// -----

!map = tensor<1x8x4x8x!quant.uniform<i8:f32, 0.5>>
// expected-error@+1 {{output 'y' is input 'x' handed through; take it out of the model}}
func.func @main(%x: !map {qnn.name = "x"}) -> (!map {qnn.name = "y"}) {
  return %x : !map
}

// -----

!map = tensor<1x8x4x8x!quant.uniform<i8:f32, 0.5>>
// expected-error@+1 {{'qnn.relu' cannot be scheduled; only qnn.fused_conv and its views can}}
func.func @main(%x: !map {qnn.name = "x"}) -> (!map {qnn.name = "y"}) {
  %0 = qnn.relu %x : (!map) -> !map
  return %0 : !map
}
