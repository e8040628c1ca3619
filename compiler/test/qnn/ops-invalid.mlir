// RUN: agc-opt %s -split-input-file -verify-diagnostics

// Each op of the qnn dialect says what is wrong with it.

func.func @rank(%x: tensor<3x4x4xf32>) -> tensor<3x4x4xf32> {
  // expected-error@+1 {{operand must be a tensor 1xCxHxW with static dimensions above zero, not 'tensor<3x4x4xf32>'}}
  %0 = qnn.relu %x : (tensor<3x4x4xf32>) -> tensor<3x4x4xf32>
  return %0 : tensor<3x4x4xf32>
}

// -----

func.func @batch(%x: tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32> {
  // expected-error@+1 {{operand must be a tensor 1xCxHxW}}
  %0 = qnn.relu %x : (tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  return %0 : tensor<2x3x4x4xf32>
}

// -----

func.func @dynamic(%x: tensor<1x3x?x4xf32>) -> tensor<1x3x?x4xf32> {
  // expected-error@+1 {{static dimensions above zero}}
  %0 = qnn.relu %x : (tensor<1x3x?x4xf32>) -> tensor<1x3x?x4xf32>
  return %0 : tensor<1x3x?x4xf32>
}

// -----

func.func @element(%x: tensor<1x3x4x4xi8>) -> tensor<1x3x4x4xi8> {
  // expected-error@+1 {{operand must have elements f32 or !quant.uniform<i8:f32, ...>, not 'i8'}}
  %0 = qnn.relu %x : (tensor<1x3x4x4xi8>) -> tensor<1x3x4x4xi8>
  return %0 : tensor<1x3x4x4xi8>
}

// -----

!q = tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @quantize(%x: !q) -> !q {
  // expected-error@+1 {{operand must have elements f32}}
  %0 = qnn.quantize %x : (!q) -> !q
  return %0 : !q
}

// -----

!q = tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>
func.func @dequantize(%x: !q) -> !q {
  // expected-error@+1 {{result must have elements f32}}
  %0 = qnn.dequantize %x : (!q) -> !q
  return %0 : !q
}

// -----

func.func @requantize(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  // expected-error@+1 {{operand must be quantized}}
  %0 = qnn.requantize %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// -----

func.func @shape(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x4x5xf32> {
  // expected-error@+1 {{has a result of another shape than its operand}}
  %0 = qnn.relu %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x5xf32>
  return %0 : tensor<1x3x4x5xf32>
}

// -----

func.func @same_type(%x: tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x3x4x4x!quant.uniform<i8:f32, 0.25>> {
  // expected-error@+1 {{must have the same element type on both sides}}
  %0 = qnn.relu %x : (tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x3x4x4x!quant.uniform<i8:f32, 0.25>>
  return %0 : tensor<1x3x4x4x!quant.uniform<i8:f32, 0.25>>
}

// -----

func.func @clip(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  // expected-error@+1 {{needs a lower bound that is not above the upper one}}
  %0 = qnn.clip %x {min = 1.0 : f32, max = 0.0 : f32} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// -----

func.func @add(%x: tensor<1x3x4x4xf32>, %y: tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x3x4x4xf32> {
  // expected-error@+1 {{mixes float and quantized tensors}}
  %0 = qnn.add %x, %y : (tensor<1x3x4x4xf32>, tensor<1x3x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// -----

func.func @resize(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x8x4xf32> {
  // expected-error@+1 {{must double height and width and keep the channels}}
  %0 = qnn.resize %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x8x4xf32>
  return %0 : tensor<1x3x8x4xf32>
}

// -----

func.func @conv_scales(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{needs one weight scale, or one per output channel}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x3x1x1xi8>, weight_scales = array<f32: 1.0, 1.0, 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 96 : i64}
    : (tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

func.func @conv_bias(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{needs no bias, or one per output channel}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x3x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32: 1.0>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 96 : i64}
    : (tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

func.func @conv_channels(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{has weights for 4 input channels and an input with 3}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x4x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 96 : i64}
    : (tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

func.func @conv_shape(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{must have a result of shape 1x2x6x5}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x3x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, macs = 96 : i64}
    : (tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

func.func @conv_stride(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // expected-error@+1 {{needs strides of at least 1}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<2x3x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 0>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, macs = 96 : i64}
    : (tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

// expected-error@+1 {{needs "float32", "int8" or "uint8" as 'qnn.border'}}
func.func @border(%x: tensor<1x3x4x4xf32> {qnn.border = "float16"}) { return }

// -----

// expected-error@+1 {{needs a non-empty string as 'qnn.name'}}
func.func @name(%x: tensor<1x3x4x4xf32> {qnn.name = ""}) { return }

// -----

// expected-error@+1 {{has the attribute 'qnn.nome', which the qnn dialect does not know}}
func.func @attribute(%x: tensor<1x3x4x4xf32> {qnn.nome = "x"}) { return }

// -----

// expected-error@+1 {{needs N, C, H, W or N, C, W or N, C of the type 'tensor<1x3x4x4xf32>' as 'qnn.shape'}}
func.func @shape(%x: tensor<1x3x4x4xf32> {qnn.shape = array<i64: 2, 3, 4>}) { return }

// -----

// expected-error@+1 {{needs N, C, H, W or N, C, W or N, C of the type 'tensor<1x3x1x4xf32>' as 'qnn.shape'}}
func.func @no_images(%x: tensor<1x3x1x4xf32> {qnn.shape = array<i64: 0, 3, 4>}) { return }

// -----

func.func @conv_blocks(%x: tensor<1x20x4x4xf32>) -> tensor<1x16x4x4xf32> {
  // expected-error@+1 {{is block-grouped with weights for 8 channels a block, which does not fit its input with 20}}
  %0 = qnn.conv %x {weights = dense<1> : tensor<16x8x1x1xi8>, weight_scales = array<f32: 1.0>, bias = array<f32>,
    strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, macs = 96 : i64, block_grouped}
    : (tensor<1x20x4x4xf32>) -> tensor<1x16x4x4xf32>
  return %0 : tensor<1x16x4x4xf32>
}
