// RUN: agc-opt %s -split-input-file -verify-diagnostics

// What the verifier says about residual operations, tables, shared weights, pools and interleaved results.

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @res_op(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{needs res_op add, mul, max or min, not 'sub'}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, res_op = "sub", zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @res_op_alone(%x: !in) -> !q {
  // expected-error@+1 {{has no residual and must not have res_op}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, res_op = "max", ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @mul_b(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{multiplies and needs b = 0, not 1}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, res_op = "mul", zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @zq(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{has a zero point zq = 128 outside -128..127}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, zq = 128 : i64, zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @residual_rows(%x: !in, %r: tensor<1x8x2x6x!quant.uniform<i8:f32, 0.25:3>>) -> !q {
  // expected-error@+1 {{has a residual of another shape than its result, or than that with one row, one column or both}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, tensor<1x8x2x6x!quant.uniform<i8:f32, 0.25:3>>) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @table_size(%x: !in) -> !q {
  // expected-error@+1 {{needs a table of 256 values, not 2}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, table = array<i8: 1, 2>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @table_first(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{has table_first and needs a table and a residual}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, table_first, zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @shared(%x: !in) -> !q {
  // expected-error@+1 {{has shared weights and must be block-grouped}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, shared, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @shared_lanes(%x: !in) -> !q {
  // expected-error@+1 {{needs weights for 8 output channels, not 16}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<16x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, shared, block_grouped, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @max_window(%x: !in) -> !q {
  // expected-error@+1 {{has a max_window and needs shared weights with a kernel of 1x1}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -128 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, max_window = array<i64: 1, 1>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @max_window_pad(%x: !in) -> !q {
  // expected-error@+1 {{has a max_window and needs pad_value = -128, not -20}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, shared, block_grouped, max_window = array<i64: 1, 1>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @max_window_large(%x: !in) -> !q {
  // expected-error@+1 {{needs sizes of max_window in 1..64, not 65}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -128 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, shared, block_grouped, max_window = array<i64: 65, 1>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @max_window_residual(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{has a max_window and cannot have a residual, table_first or interleave}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, shared, block_grouped, max_window = array<i64: 1, 1>, zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @interleave_lanes(%x: !in) -> !q {
  // expected-error@+1 {{needs weights for 32 output channels, not 8}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, interleave = array<i64: 2, 2>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @interleave_shape(%x: !in) -> !q {
  // expected-error@+1 {{must have a result of shape 1x8x8x12}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<32x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, interleave = array<i64: 2, 2>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @interleave_residual(%x: !in, %r: !q) -> !q {
  // expected-error@+1 {{has interleave and cannot have a residual}}
  %0 = qnn.fused_conv %x residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, interleave = array<i64: 2, 2>, zr = 3 : i64, a = 1 : i64, b = 1 : i64, sh2 = 0 : i64, zo = 3 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in, !q) -> !q
  return %0 : !q
}

// -----

!in = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.5:-20>>
!q = tensor<1x8x4x6x!quant.uniform<i8:f32, 0.25:3>>
func.func @interleave_large(%x: !in) -> !q {
  // expected-error@+1 {{needs factors of interleave in 1..8, not 9}}
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -20 : i64, z1 = 3 : i64,
    lo1 = -128 : i64, hi1 = 127 : i64, interleave = array<i64: 9, 1>, ops = ["Conv"], names = ["c"], macs = 0 : i64} : (!in) -> !q
  return %0 : !q
}
