// RUN: agc-opt %s -split-input-file -pass-pipeline='builtin.module(ovl.program(ovl-insert-semaphores))' | FileCheck %s

// The semaphore from engine f to engine t is 1 + 4*f + t with LOAD 0, WLOAD 1, CONV 2, STORE 3:
// LOAD to CONV 3, WLOAD to CONV 7, CONV to LOAD 9, CONV to CONV 11, CONV to STORE 12, STORE to LOAD 13, STORE to CONV 15.

// A chain, and a second round in the same words. The second LOAD waits for the CONV that read its words, the second
// CONV for the STORE of the first one's result. Nothing waits for what follows from the rest: the second CONV reads the
// weights that the first one waited for.

// CHECK-LABEL: ovl.program
ovl.program attributes {core = "tiny"} {
  %c = ovl.buffer constants 16 at 0
  %i = ovl.buffer inputs 16 at 0 {border = 0}
  %o = ovl.buffer outputs 16 at 0 {border = 0}
  %in = ovl.buffer sp 8 at 0
  %out = ovl.buffer sp 8 at 8
  %w = ovl.buffer wb 2 at 0
  // CHECK: ovl.load {{.*}}[0] to {{.*}}[0] post [3] {
  ovl.load %i[0] to %in[0] {n0 = 8}
  // CHECK: ovl.wload {{.*}} post [7] {
  ovl.wload %c[0] to %w[0] {n = 2}
  // CHECK: ovl.conv_geo {in
  ovl.conv_geo {in_pitch = 8, out_pitch = 8, w_pitch = 2}
  // CHECK: ovl.conv_epi{{$}}
  ovl.conv_epi
  // CHECK: ovl.conv {{.*}} wait [3, 7] post [9, 12] {
  ovl.conv %in[0] weights %w[0] to %out[0] {in_w = 8, ow = 8}
  // CHECK: ovl.store {{.*}} wait [12] post [15] {
  ovl.store %out[0] to %o[0] {n0 = 8}
  // CHECK: ovl.load {{.*}} wait [9] post [3] {
  ovl.load %i[8] to %in[0] {n0 = 8}
  // CHECK: ovl.conv {{.*}} wait [3, 15] post [12] {
  ovl.conv %in[0] weights %w[0] to %out[0] {in_w = 8, ow = 8}
  // CHECK: ovl.store {{.*}} wait [12] {
  ovl.store %out[0] to %o[8] {n0 = 8}
  // CHECK: ovl.end
  ovl.end
}

// -----

// A CONV that reads what the one before it wrote needs a semaphore of its own; behind a CONV_GEO, which drains the engine,
// it does not. Residual reads and writes go through the same drain and are always in order.

// CHECK-LABEL: ovl.program
ovl.program attributes {core = "tiny"} {
  %a = ovl.buffer sp 8 at 0
  %b = ovl.buffer sp 8 at 8
  %w = ovl.buffer wb 2 at 0
  ovl.conv_geo {in_pitch = 8, out_pitch = 8, w_pitch = 2}
  // CHECK: ovl.conv_epi {res
  ovl.conv_epi {res = 1}
  // CHECK: ovl.conv %[[A:.*]][0] weights {{.*}} to %[[B:.*]][0] post [11] {
  ovl.conv %a[0] weights %w[0] residual %b[0] to %b[0] {in_w = 8, ow = 8}
  // CHECK: ovl.conv %[[B]][0] weights {{.*}} to %[[A]][0] wait [11] {
  ovl.conv %b[0] weights %w[0] residual %a[0] to %a[0] {in_w = 8, ow = 8}
  // CHECK: ovl.conv_geo {in
  ovl.conv_geo {in_pitch = 8, out_pitch = 8, w_pitch = 2}
  // CHECK: ovl.conv %[[A]][0] weights {{.*}} to %[[B]][0] {in
  ovl.conv %a[0] weights %w[0] residual %b[0] to %b[0] {in_w = 8, ow = 8}
  ovl.end
}

// -----

// A table waits for its words as weights do, and they are free again when it has been read.

// CHECK-LABEL: ovl.program
ovl.program attributes {core = "tiny"} {
  %c = ovl.buffer constants 64 at 0
  %w = ovl.buffer wb 8 at 0
  // CHECK: ovl.wload {{.*}} post [7] {
  ovl.wload %c[0] to %w[0] {n = 6}
  // CHECK: ovl.conv_table {{.*}}[2] wait [7] post [10]
  ovl.conv_table %w[2]
  // CHECK: ovl.wload {{.*}} wait [10] {
  ovl.wload %c[0] to %w[5] {n = 3}
  // CHECK: ovl.end
  ovl.end
}

// -----

// Through DRAM: a LOAD waits for the STORE of the rows it reads, not for a later one.

// CHECK-LABEL: ovl.program
ovl.program attributes {core = "tiny"} {
  %m = ovl.buffer workspace 64 at 0
  %a = ovl.buffer sp 32 at 0
  %b = ovl.buffer sp 32 at 32
  // CHECK: ovl.store {{.*}}[0] to {{.*}}[0] post [13] {
  ovl.store %a[0] to %m[0] {n0 = 32}
  // CHECK: ovl.store {{.*}}[0] to {{.*}}[32] {
  ovl.store %a[0] to %m[32] {n0 = 32}
  // CHECK: ovl.load {{.*}} wait [13] {
  ovl.load %m[0] to %b[0] {n0 = 32}
  ovl.end
}

// -----

// Loads of other shapes are loads: LOAD_FOLD writes all of its blocks, LOAD with split both halves of its rows.

// CHECK-LABEL: ovl.program
ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 16 at 0 {border = 0}
  %c = ovl.buffer constants 16 at 0
  %in = ovl.buffer sp 24 at 0
  %out = ovl.buffer sp 8 at 24
  %w = ovl.buffer wb 2 at 0
  // CHECK: ovl.load_fold {{.*}} post [3] {
  ovl.load_fold %i[0] to %in[0] {n0 = 8, w = 8, c = 3, kw = 7, left = 3, s2 = 8}
  // CHECK: ovl.wload {{.*}} post [7] {
  ovl.wload %c[0] to %w[0] {n = 2}
  // CHECK: ovl.conv_geo {in
  ovl.conv_geo {in_pitch = 8, out_pitch = 8, w_pitch = 2}
  // CHECK: ovl.conv_epi{{$}}
  ovl.conv_epi
  // CHECK: ovl.conv {{.*}} wait [3, 7] post [9] {
  ovl.conv %in[16] weights %w[0] to %out[0] {in_w = 8, ow = 8}
  // CHECK: ovl.load {{.*}} wait [9] post [3] {
  ovl.load %i[0] to %in[0] {n0 = 4, split = 1, half = 20}
  // CHECK: ovl.conv {{.*}} wait [3] {
  ovl.conv %in[16] weights %w[0] to %out[0] {in_w = 8, ow = 8}
  // CHECK: ovl.end
  ovl.end
}
