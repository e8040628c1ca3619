// RUN: agc-opt %s -pass-pipeline='builtin.module(ovl.program(ovl-allocate))' | FileCheck %s

// First fit in program order: what is released makes room, long-lived buffers come from the upper end, memories do not
// mix, and DRAM buffers begin at multiples of 64 bytes.

ovl.program attributes {core = "tiny"} {
  // CHECK: ovl.buffer inputs 3 at 0
  %i0 = ovl.buffer inputs 3 {border = 0}
  // CHECK: ovl.buffer inputs 3 at 8
  %i1 = ovl.buffer inputs 3 {border = 1}
  // CHECK: ovl.buffer sp 100 at 0
  %a = ovl.buffer sp 100
  // CHECK: ovl.buffer sp 100 at 100
  %b = ovl.buffer sp 100
  // CHECK: ovl.buffer sp 1000 at 3096 {high}
  %top = ovl.buffer sp 1000 {high}
  // CHECK: ovl.buffer wb 100 at 0
  %w = ovl.buffer wb 100
  ovl.release %a
  // CHECK: ovl.buffer sp 101 at 200
  %large = ovl.buffer sp 101
  // CHECK: ovl.buffer sp 60 at 0
  %small = ovl.buffer sp 60
  // CHECK: ovl.buffer sp 40 at 60
  %rest = ovl.buffer sp 40
  ovl.release %b
  ovl.release %large
  // CHECK: ovl.buffer sp 201 at 100
  %joined = ovl.buffer sp 201
  ovl.end
}
