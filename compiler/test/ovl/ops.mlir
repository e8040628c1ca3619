// RUN: agc-opt %s | agc-opt | FileCheck %s

// Every op prints and parses; fields at their defaults stay out of the text.

// CHECK-LABEL: ovl.program
// CHECK-SAME: core = "tiny"
ovl.program attributes {core = "tiny", layers = [{names = ["/c"], ops = ["Conv"], macs = 64 : i64}]} {
  // CHECK: %[[C:.*]] = ovl.buffer constants 16 {data = dense<1> : tensor<128xi8>, holds = "'/c'"}
  %c = ovl.buffer constants 16 {data = dense<1> : tensor<128xi8>, holds = "'/c'"}
  // CHECK: %[[I:.*]] = ovl.buffer inputs 8 {border = 0 : i64}
  %i = ovl.buffer inputs 8 {border = 0}
  // CHECK: %[[O:.*]] = ovl.buffer outputs 8 at 64 {border = 0 : i64}
  %o = ovl.buffer outputs 8 at 64 {border = 0}
  // CHECK: ovl.buffer workspace 100
  %w = ovl.buffer workspace 100
  %in = ovl.buffer sp 8
  %wb = ovl.buffer wb 2
  %t = ovl.buffer wb 5
  // CHECK: ovl.load %[[I]][0] to %[[IN:.*]][0] post [7] {n0 = 4 : i64, n1 = 2 : i64, s1 = 4 : i64}
  ovl.load %i[0] to %in[0] post [7] {n0 = 4, n1 = 2, s1 = 4}
  // CHECK: ovl.load %[[I]][0] to %[[IN]][0] {half = 3 : i64, n0 = 5 : i64, split = 1 : i64}
  ovl.load %i[0] to %in[0] {n0 = 5, split = 1, half = 3}
  // CHECK: ovl.load_fold %[[I]][1] to %[[IN]][0] wait [3] post [7] {c = 3 : i64, d1 = 4 : i64, kw = 5 : i64, left = 2 : i64, n0 = 2 : i64, n1 = 2 : i64, pad = -5 : i64, s1 = 2 : i64, s2 = 4 : i64, sx = 2 : i64, w = 3 : i64}
  ovl.load_fold %i[1] to %in[0] wait [3] post [7] {n0 = 2, n1 = 2, w = 3, d1 = 4, s1 = 2, s2 = 4, c = 3, kw = 5, sx = 2, left = 2, pad = -5}
  // CHECK: ovl.wload %[[C]][0] to %[[WB:.*]][0] {n = 2 : i64}
  ovl.wload %c[0] to %wb[0] {n = 2}
  // CHECK: %[[OUT:.*]] = ovl.buffer sp 8 {high}
  %out = ovl.buffer sp 8 {high}
  // CHECK: ovl.conv_geo {in_cpitch = 8 : i64, in_pitch = 4 : i64
  ovl.conv_geo {in_pitch = 4, in_cpitch = 8, out_pitch = 4, out_cpitch = 8, w_pitch = 2}
  // CHECK: ovl.conv_epi {hi1 = 100 : i64, z1 = -3 : i64}
  ovl.conv_epi {z1 = -3, hi1 = 100}
  // CHECK: ovl.conv_epi {op = 2 : i64, res_still = 1 : i64, table = 1 : i64, zq = -5 : i64}
  ovl.conv_epi {op = 2, zq = -5, table = 1, res_still = 1}
  // CHECK: ovl.conv_table %[[T:.*]][1] wait [7] post [10]
  ovl.conv_table %t[1] wait [7] post [10]
  // CHECK: ovl.conv %[[IN]][0] weights %[[WB]][0] to %[[OUT]][0] wait [7] post [12] {in_h = 2 : i64
  ovl.conv %in[0] weights %wb[0] to %out[0] wait [7] post [12] {in_h = 2, in_w = 4, oh = 2, ow = 4}
  // CHECK: ovl.conv %[[IN]][0] weights %[[WB]][0] residual %[[OUT]][1] partial %[[IN]][2] to %[[OUT]][0] {{{.*}}off_x = -1 : i64
  ovl.conv %in[0] weights %wb[0] residual %out[1] partial %in[2] to %out[0] {off_x = -1}
  // CHECK: ovl.conv %[[IN]][0] weights %[[WB]][0] partial %[[OUT]][0]{{$}}
  ovl.conv %in[0] weights %wb[0] partial %out[0]
  // CHECK: ovl.release %[[IN]]
  ovl.release %in
  // CHECK: ovl.store %[[OUT]][0] to %[[O]][0] wait [12] {n0 = 8 : i64}
  ovl.store %out[0] to %o[0] wait [12] {n0 = 8}
  // CHECK: ovl.end
  ovl.end
}
