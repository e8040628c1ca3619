// RUN: agc-opt %s -split-input-file --convert-qnn-to-ovl=core=z7020 | FileCheck %s

// Tables: one is loaded into four words of the weight buffer where another one is set, and stays for the layers behind. The same table is
// stored once. It stands behind the first stage or behind everything.

// CHECK-LABEL: ovl.program
// CHECK: %[[A:.*]] = ovl.buffer constants 32 {data = {{.*}}, holds = "a table"}
// CHECK: %[[B:.*]] = ovl.buffer constants 32 {data = {{.*}}, holds = "a table"}
// CHECK-NOT: holds = "a table"
// CHECK: %[[WA:.*]] = ovl.buffer wb 4
// CHECK: ovl.wload %[[A]][0] to %[[WA]][0] {n = 4 : i64}
// CHECK: ovl.wload %[[B]][0] to %[[WB:.*]][0] {layer = 2 : i64, n = 4 : i64}
// CHECK: ovl.conv_table %[[WA]][0]
// CHECK-NEXT: ovl.conv_geo
// CHECK-NEXT: ovl.conv_epi {{{.*}}table = 2 : i64
// CHECK-NEXT: ovl.conv
// CHECK: ovl.release %[[WA]]
// CHECK-NOT: ovl.conv_table
// CHECK-NOT: ovl.conv_table
// CHECK: ovl.conv {{.*}}layer = 1
// CHECK: ovl.conv_table %[[WB]][0]
// CHECK: ovl.conv_epi {{{.*}}layer = 2 : i64{{.*}}op = 2 : i64, res = 1 : i64{{.*}}table = 1 : i64{{.*}}zq = 5 : i64
func.func @main(%x: tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}) -> (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, table = array<i8: -128, -125, -122, -119, -116, -113, -110, -107, -104, -101, -98, -95, -92, -89, -86, -83, -80, -77, -74, -71, -68, -65, -62, -59, -56, -53, -50, -47, -44, -41, -38, -35, -32, -29, -26, -23, -20, -17, -14, -11, -8, -5, -2, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 55, 58, 61, 64, 67, 70, 73, 76, 79, 82, 85, 88, 91, 94, 97, 100, 103, 106, 109, 112, 115, 118, 121, 124, 127, -126, -123, -120, -117, -114, -111, -108, -105, -102, -99, -96, -93, -90, -87, -84, -81, -78, -75, -72, -69, -66, -63, -60, -57, -54, -51, -48, -45, -42, -39, -36, -33, -30, -27, -24, -21, -18, -15, -12, -9, -6, -3, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78, 81, 84, 87, 90, 93, 96, 99, 102, 105, 108, 111, 114, 117, 120, 123, 126, -127, -124, -121, -118, -115, -112, -109, -106, -103, -100, -97, -94, -91, -88, -85, -82, -79, -76, -73, -70, -67, -64, -61, -58, -55, -52, -49, -46, -43, -40, -37, -34, -31, -28, -25, -22, -19, -16, -13, -10, -7, -4, -1, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 83, 86, 89, 92, 95, 98, 101, 104, 107, 110, 113, 116, 119, 122, 125>, ops = ["Conv"], names = ["/a"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %1 = qnn.fused_conv %0 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, table = array<i8: -128, -125, -122, -119, -116, -113, -110, -107, -104, -101, -98, -95, -92, -89, -86, -83, -80, -77, -74, -71, -68, -65, -62, -59, -56, -53, -50, -47, -44, -41, -38, -35, -32, -29, -26, -23, -20, -17, -14, -11, -8, -5, -2, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 55, 58, 61, 64, 67, 70, 73, 76, 79, 82, 85, 88, 91, 94, 97, 100, 103, 106, 109, 112, 115, 118, 121, 124, 127, -126, -123, -120, -117, -114, -111, -108, -105, -102, -99, -96, -93, -90, -87, -84, -81, -78, -75, -72, -69, -66, -63, -60, -57, -54, -51, -48, -45, -42, -39, -36, -33, -30, -27, -24, -21, -18, -15, -12, -9, -6, -3, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78, 81, 84, 87, 90, 93, 96, 99, 102, 105, 108, 111, 114, 117, 120, 123, 126, -127, -124, -121, -118, -115, -112, -109, -106, -103, -100, -97, -94, -91, -88, -85, -82, -79, -76, -73, -70, -67, -64, -61, -58, -55, -52, -49, -46, -43, -40, -37, -34, -31, -28, -25, -22, -19, -16, -13, -10, -7, -4, -1, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 83, 86, 89, 92, 95, 98, 101, 104, 107, 110, 113, 116, 119, 122, 125>, ops = ["Conv"], names = ["/b"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %2 = qnn.fused_conv %1 residual %0 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, table = array<i8: -128, -123, -118, -113, -108, -103, -98, -93, -88, -83, -78, -73, -68, -63, -58, -53, -48, -43, -38, -33, -28, -23, -18, -13, -8, -3, 2, 7, 12, 17, 22, 27, 32, 37, 42, 47, 52, 57, 62, 67, 72, 77, 82, 87, 92, 97, 102, 107, 112, 117, 122, 127, -124, -119, -114, -109, -104, -99, -94, -89, -84, -79, -74, -69, -64, -59, -54, -49, -44, -39, -34, -29, -24, -19, -14, -9, -4, 1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 56, 61, 66, 71, 76, 81, 86, 91, 96, 101, 106, 111, 116, 121, 126, -125, -120, -115, -110, -105, -100, -95, -90, -85, -80, -75, -70, -65, -60, -55, -50, -45, -40, -35, -30, -25, -20, -15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125, -126, -121, -116, -111, -106, -101, -96, -91, -86, -81, -76, -71, -66, -61, -56, -51, -46, -41, -36, -31, -26, -21, -16, -11, -6, -1, 4, 9, 14, 19, 24, 29, 34, 39, 44, 49, 54, 59, 64, 69, 74, 79, 84, 89, 94, 99, 104, 109, 114, 119, 124, -127, -122, -117, -112, -107, -102, -97, -92, -87, -82, -77, -72, -67, -62, -57, -52, -47, -42, -37, -32, -27, -22, -17, -12, -7, -2, 3, 8, 13, 18, 23, 28, 33, 38, 43, 48, 53, 58, 63, 68, 73, 78, 83, 88, 93, 98, 103, 108, 113, 118, 123>, table_first, res_op = "max", zq = 5 : i64, zr = 0 : i64, a = 7 : i64, b = 9 : i64, sh2 = 3 : i64, zo = 0 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["/c"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  return %2 : tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
}

// -----

// Residuals that are repeated: over all pixels, over the rows, over the columns.

// CHECK-LABEL: ovl.program
// CHECK: ovl.conv_geo {{{.*}}res_cpitch = 1 : i64
// CHECK-NOT: res_pitch
// CHECK: ovl.conv_epi {{.*}}op = 1 : i64, res = 1 : i64, res_still = 1 : i64
// CHECK: ovl.conv_geo {{{.*}}layer = 1
// CHECK-SAME: res_cpitch = 8 : i64
// CHECK-NOT: res_pitch
// CHECK: ovl.conv_epi {
// CHECK-NOT: res_still
// CHECK: ovl.conv_geo {{{.*}}layer = 2
// CHECK-SAME: res_cpitch = 8 : i64, res_pitch = 1 : i64
// CHECK: ovl.conv_epi {{.*}}op = 3 : i64, res = 1 : i64, res_still = 1 : i64
func.func @main(%x: tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}, %p: tensor<1x16x1x1x!quant.uniform<i8:f32, 0.5>> {qnn.name = "p", qnn.border = "int8"}, %r: tensor<1x16x1x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "r", qnn.border = "int8"}, %c: tensor<1x16x8x1x!quant.uniform<i8:f32, 0.5>> {qnn.name = "c", qnn.border = "int8"}) -> (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x residual %p {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, res_op = "mul", zr = 0 : i64, a = 7 : i64, b = 0 : i64, sh2 = 3 : i64, zo = 0 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["/a"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x16x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %1 = qnn.fused_conv %0 residual %r {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, zr = 0 : i64, a = 7 : i64, b = 0 : i64, sh2 = 3 : i64, zo = 0 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["/b"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x16x1x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %2 = qnn.fused_conv %1 residual %c {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, res_op = "min", zr = 0 : i64, a = 7 : i64, b = 0 : i64, sh2 = 3 : i64, zo = 0 : i64, lo = -128 : i64, hi = 127 : i64, ops = ["Conv"], names = ["/c"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x16x8x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  return %2 : tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
}

// -----

// A pool: the first position writes, the others take the larger of it and their own, the last one applies the table. One weight word.

// CHECK-LABEL: ovl.program
// CHECK: ovl.conv_epi
// CHECK-SAME: hi1 = 100
// CHECK-NOT: res = 1
// CHECK: ovl.conv %[[X:.*]][0] weights %[[W:.*]][0] to %[[Y:.*]][0] {in_h = 8 : i64, in_w = 8 : i64, ocb = 2 : i64, oh = 4 : i64, ow = 4 : i64}
// CHECK-NEXT: ovl.conv_epi {a = 1048576 : i64, b = 1048576 : i64, hi = 100 : i64, hi1 = 100 : i64, op = 2 : i64, res = 1 : i64, sh2 = 20 : i64}
// CHECK-NEXT: ovl.conv %[[X]][1] weights %[[W]][0] residual %[[Y]][0] to %[[Y]][0] {in_h = 8 : i64, in_w = 7
// CHECK-NEXT: ovl.conv %[[X]][8] weights %[[W]][0] residual %[[Y]][0] to %[[Y]][0] {in_h = 7 : i64, in_w = 8
// CHECK-NEXT: ovl.conv_epi {{{.*}}table = 2
// CHECK-NEXT: ovl.conv %[[X]][9] weights %[[W]][0] residual %[[Y]][0] to %[[Y]][0] {in_h = 7 : i64, in_w = 7
func.func @main(%x: tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}) -> (tensor<1x16x4x4x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 2, 2>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = -128 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, max_window = array<i64: 2, 2>, table = array<i8: -128, -121, -114, -107, -100, -93, -86, -79, -72, -65, -58, -51, -44, -37, -30, -23, -16, -9, -2, 5, 12, 19, 26, 33, 40, 47, 54, 61, 68, 75, 82, 89, 96, 103, 110, 117, 124, -125, -118, -111, -104, -97, -90, -83, -76, -69, -62, -55, -48, -41, -34, -27, -20, -13, -6, 1, 8, 15, 22, 29, 36, 43, 50, 57, 64, 71, 78, 85, 92, 99, 106, 113, 120, 127, -122, -115, -108, -101, -94, -87, -80, -73, -66, -59, -52, -45, -38, -31, -24, -17, -10, -3, 4, 11, 18, 25, 32, 39, 46, 53, 60, 67, 74, 81, 88, 95, 102, 109, 116, 123, -126, -119, -112, -105, -98, -91, -84, -77, -70, -63, -56, -49, -42, -35, -28, -21, -14, -7, 0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105, 112, 119, 126, -123, -116, -109, -102, -95, -88, -81, -74, -67, -60, -53, -46, -39, -32, -25, -18, -11, -4, 3, 10, 17, 24, 31, 38, 45, 52, 59, 66, 73, 80, 87, 94, 101, 108, 115, 122, -127, -120, -113, -106, -99, -92, -85, -78, -71, -64, -57, -50, -43, -36, -29, -22, -15, -8, -1, 6, 13, 20, 27, 34, 41, 48, 55, 62, 69, 76, 83, 90, 97, 104, 111, 118, 125, -124, -117, -110, -103, -96, -89, -82, -75, -68, -61, -54, -47, -40, -33, -26, -19, -12, -5, 2, 9, 16, 23, 30, 37, 44, 51, 58, 65, 72, 79, 86, 93, 100, 107, 114, 121>, ops = ["Conv"], names = ["/pool"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x4x4x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<1x16x4x4x!quant.uniform<i8:f32, 0.5>>
}

// -----

// Phases go to every second row and column of one slot, which is stored when all are there.

// CHECK-LABEL: ovl.program
// CHECK: ovl.conv_geo {{{.*}}out_pitch = 16 : i64, out_step = 1 : i64
// CHECK: ovl.conv %[[X:.*]][0] weights %{{.*}}[0] to %[[Y:.*]][0]
// CHECK: ovl.conv %[[X]][32] weights %{{.*}}[0] to %[[Y]][1]
// CHECK: ovl.conv %[[X]][64] weights %{{.*}}[0] to %[[Y]][8]
// CHECK: ovl.conv %[[X]][96] weights %{{.*}}[0] to %[[Y]][9]
// CHECK: ovl.store %[[Y]][0]
// CHECK-NOT: ovl.store
func.func @main(%x: tensor<1x64x4x4x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}) -> (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, interleave = array<i64: 2, 2>, ops = ["Conv"], names = ["/d2s"], macs = 0 : i64} : (tensor<1x64x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
}

// -----

// A kernel of 20 rows runs in two parts, each of which has its own input rows.

// CHECK-LABEL: ovl.program
// CHECK: ovl.load %[[IN:.*]][0] to %[[A:.*]][0]
// CHECK-SAME: n0 = 80
// CHECK: ovl.load %[[IN]][80] to %[[B:.*]][0]
// CHECK: ovl.conv_geo {{{.*}}kh = 10 : i64, kw = 8
// CHECK: ovl.conv_epi {{{.*}}part_out = 1
// CHECK: ovl.conv %[[A]][0] {{.*}}partial %[[P:.*]][0] {in_h = 10
// CHECK: ovl.conv_epi {{{.*}}part_in = 1
// CHECK: ovl.conv %[[B]][0] {{.*}}partial %[[P]][0] to %{{.*}} {in_h = 10
func.func @main(%x: tensor<1x8x20x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}) -> (tensor<1x8x1x1x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.fused_conv %x {weights = dense<1> : tensor<8x8x20x8xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, ops = ["Conv"], names = ["/mean"], macs = 0 : i64} : (tensor<1x8x20x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x8x1x1x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<1x8x1x1x!quant.uniform<i8:f32, 0.5>>
}

// -----

// The images of a batch, a part of one, and a map that two layers write. Nothing is copied: loads begin where a part begins, and the assembled
// map, which stays on chip, is read as one. Equal weights are there once.

// CHECK-LABEL: ovl.program
// CHECK: ovl.buffer constants 16 {
// CHECK-NOT: ovl.buffer constants
// CHECK: %[[IN:.*]] = ovl.buffer inputs 256
// CHECK: ovl.load %[[IN]][0] to %[[X:.*]][0] {n0 = 256
// CHECK: %[[WHOLE:.*]] = ovl.buffer sp 256 {high
// CHECK: ovl.conv %[[X]][0] {{.*}} to %[[WHOLE]][0]
// CHECK: ovl.conv %[[X]][128] {{.*}} to %[[WHOLE]][128]
// CHECK: ovl.conv %[[WHOLE]][0] {{.*}}ocb = 4
func.func @main(%x: tensor<2x16x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "x", qnn.border = "int8"}) -> (tensor<1x32x8x8x!quant.uniform<i8:f32, 0.5>> {qnn.name = "y0", qnn.border = "int8"}) {
  %0 = qnn.window %x {offsets = array<i64: 0, 0, 0, 0>} : (tensor<2x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %1 = qnn.window %x {offsets = array<i64: 1, 0, 0, 0>} : (tensor<2x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %2 = qnn.fused_conv %0 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, ops = ["Conv"], names = ["/a"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %3 = qnn.fused_conv %1 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, ops = ["Conv"], names = ["/b"], macs = 0 : i64} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>
  %4 = qnn.assemble %2, %3 {offsets = array<i64: 0, 0, 0, 0, 0, 16, 0, 0>} : (tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x16x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x32x8x8x!quant.uniform<i8:f32, 0.5>>
  %5 = qnn.fused_conv %4 {weights = dense<1> : tensor<8x8x1x1xi8>, bias = array<i32: 0, 0, 0, 0, 0, 0, 0, 0>,
    multiplier = array<i32: 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608, 8388608>, shift = array<i32: 23, 23, 23, 23, 23, 23, 23, 23>, strides = array<i64: 1, 1>,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, pad_value = 0 : i64, z1 = 0 : i64, lo1 = -128 : i64, hi1 = 100 : i64,
    block_grouped, shared, ops = ["Conv"], names = ["/c"], macs = 0 : i64} : (tensor<1x32x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x32x8x8x!quant.uniform<i8:f32, 0.5>>
  return %5 : tensor<1x32x8x8x!quant.uniform<i8:f32, 0.5>>
}
