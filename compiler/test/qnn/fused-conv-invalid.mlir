// RUN: agc-opt %s -split-input-file -verify-diagnostics

// Each sentence of the verifier of the canonical form. Whatever passes it, the back end can compile.

func.func @rank(%x: tensor<3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{operand must be a tensor 1xCxHxW with static dimensions above zero}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @batch(%x: tensor<2x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{operand must be a tensor 1xCxHxW}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<2x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @float_operand(%x: tensor<1x3x4x6xf32>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{operand must have elements !quant.uniform<i8:f32, scale:zero>}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6xf32>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @float_result(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6xf32> {
  // expected-error@+1 {{result must have elements !quant.uniform<i8:f32, scale:zero>}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6xf32>
  return %0 : tensor<1x2x4x6xf32>
}

// -----

func.func @unsigned_operand(%x: tensor<1x3x4x6x!quant.uniform<u8:f32, 0.5:20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{operand must have elements !quant.uniform<i8:f32, scale:zero>}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<u8:f32, 0.5:20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @weight_type(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs weights i8 [O, Ig, KH, KW]}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi32>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @weight_rank(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs weights i8 [O, Ig, KH, KW]}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x9xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @weight_value(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has a weight of -128; the machine takes -127..127}}
  %0 = qnn.fused_conv %x {weights = dense<-128> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @channels(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has weights for 4 input channels and an input with 3}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x4x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @group_size(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{is block-grouped and needs weights for a multiple of 8 input channels, not 3}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, block_grouped}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @group_blocks(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{is block-grouped and needs 2 input channel blocks, not 1}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x16x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, block_grouped}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @bias_count(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs a bias, a multiplier and a shift per output channel: 2}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @multiplier(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs multipliers that are 0 or in 8388608..16777215, not 8388607}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388607,
    8388608>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @multiplier_high(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs multipliers that are 0 or in 8388608..16777215, not 16777216}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 0, 16777216>,
    shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @shift(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs shifts in 0..63, not 64}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 64, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @stride_count(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs 2 strides, not 1}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @stride(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs strides in 1..7, not 8}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 8, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @dilation(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs dilations in 1..15, not 0}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 0, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @pads(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs pads in 0..127, not -1}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: -1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @kernel(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs a kernel of at most 64x64, not 3x65}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x65xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @upsample(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{reads its input upsampled and needs strides of 1}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, upsample}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @shape(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{must have a result of shape 1x2x8x12}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, upsample}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @clamp(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs -128 <= lo <= hi <= 127 in its clamp lo1, hi1, not 5 and 4}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = 5 : i64, hi1 = 4 : i64,
    ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @zero(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has a zero point 128 outside -128..127}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 128 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @z1(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has z1 = 4, which is not the zero point of its result}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 4 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @pad_value(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has pad_value = 128 outside -128..127}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = 128 : i64, z1 = 3 : i64, lo1 = -128 : i64, hi1 = 127 : i64,
    ops = ["Conv"], names = ["c"], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @no_residual(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has no residual and must not have res_op, zq, zr, a, b, sh2, zo, lo or hi}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @half_residual(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has a residual and needs zr, a, b, sh2, zo, lo and hi}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @residual_type(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6xf32>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{residual must have elements !quant.uniform<i8:f32, scale:zero>}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6xf32>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @residual_shape(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x5x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has a residual of another shape than its result}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x5x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @zr(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has zr = 4, which is not the zero point of the residual}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 4 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @factor(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs a and b in -2097152..2097151, not 2097152}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 2097152 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @sh2(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs sh2 in 0..63, not 64}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 64 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @clamp2(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs -128 <= lo <= hi <= 127 in its clamp lo, hi, not -129 and 127}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 3 : i64, lo = -129 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @zo(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, %r: tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{has zo = 4, which is not the zero point of its result}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64, zr = 3 : i64, a = 70000 : i64,
    b = 5 : i64, sh2 = 16 : i64, zo = 4 : i64, lo = -128 : i64, hi = 127 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>, tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @names(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs at least one entry in ops and in names}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = [], macs = 0 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}

// -----

func.func @macs(%x: tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>> {
  // expected-error@+1 {{needs macs of at least 0}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<2x3x3x3xi8>, bias = array<i32: 1, 2>, multiplier = array<i32: 8388608,
    16777215>, shift = array<i32: 16, 30>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, pad_value = -20 : i64, z1 = 3 : i64, lo1 = -128 : i64,
    hi1 = 127 : i64, ops = ["Conv"], names = ["c"], macs = -1 : i64}
    : (tensor<1x3x4x6x!quant.uniform<i8:f32, 0.5:-20>>) -> tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
  return %0 : tensor<1x2x4x6x!quant.uniform<i8:f32, 0.25:3>>
}
