// RUN: agc-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(ovl.program(ovl-repeat-images))' | FileCheck %s

// Three images: the border's buffers grow, its addresses move on by an image, all else is repeated as it is.

// CHECK: ovl.program attributes {compulsory_bytes = 1096 : i64
// CHECK-SAME: macs = 300 : i64
ovl.program attributes {core = "tiny", compulsory_bytes = 408 : i64, layers = [{names = ["a"], ops = ["Conv"], macs = 100 : i64}],
    inputs = [{name = "x", shape = array<i64: 3, 8, 4, 5>}, {name = "y", shape = array<i64: 3, 8, 5>}],
    outputs = [{name = "z", shape = array<i64: 3, 8, 4, 5>}]} {
  // CHECK: ovl.buffer inputs 60 at 0
  %x = ovl.buffer inputs 20 at 0 {border = 0}
  // CHECK: ovl.buffer inputs 15 at 72
  %y = ovl.buffer inputs 5 at 24 {border = 1}
  // CHECK: ovl.buffer outputs 60 at 0
  %z = ovl.buffer outputs 20 at 0 {border = 0}
  // CHECK: ovl.buffer constants 8 at 0
  %c = ovl.buffer constants 8 at 0 {data = dense<1> : tensor<64xi8>}
  // CHECK: [[SP0:%[0-9]+]] = ovl.buffer sp 40 at 0
  %sp = ovl.buffer sp 40 at 0
  %w = ovl.buffer workspace 20 at 0
  // CHECK: ovl.load {{.*}}[2] to [[SP0]][0]
  ovl.load %x[2] to %sp[0] {n0 = 10 : i64}
  // CHECK: ovl.load {{.*}}[1] to [[SP0]][20]
  ovl.load %y[1] to %sp[20] {n0 = 4 : i64}
  // CHECK: ovl.store [[SP0]][0] to {{.*}}[3]
  ovl.store %sp[0] to %w[3] {n0 = 5 : i64}
  // CHECK: ovl.store [[SP0]][0] to {{.*}}[4]
  ovl.store %sp[0] to %z[4] {n0 = 5 : i64}
  ovl.release %sp
  // CHECK-NOT: ovl.buffer inputs
  // CHECK: [[SP1:%[0-9]+]] = ovl.buffer sp 40 at 0
  // CHECK: ovl.load {{.*}}[22] to [[SP1]][0]
  // CHECK: ovl.load {{.*}}[6] to [[SP1]][20]
  // CHECK: ovl.store [[SP1]][0] to {{.*}}[3]
  // CHECK: ovl.store [[SP1]][0] to {{.*}}[24]
  // CHECK: ovl.load {{.*}}[42]
  // CHECK: ovl.load {{.*}}[11]
  // CHECK: ovl.store {{.*}}[3]
  // CHECK: ovl.store {{.*}}[44]
  // CHECK-NEXT: ovl.release
  // CHECK-NEXT: ovl.end
  ovl.end
}

// -----

// expected-error@+1 {{has border tensors with different numbers of images}}
ovl.program attributes {core = "tiny", inputs = [{shape = array<i64: 2, 8, 4, 5>}], outputs = [{shape = array<i64: 3, 8, 4, 5>}]} {
  ovl.end
}

// -----

// expected-error@+1 {{a batch of 1000000 images makes a program of 2000000 instructions, more than 524288; compile it with a smaller batch}}
ovl.program attributes {core = "tiny", inputs = [{shape = array<i64: 1000000, 8, 4, 5>}]} {
  %x = ovl.buffer inputs 20 at 0 {border = 0}
  %sp = ovl.buffer sp 40 at 0
  ovl.load %x[2] to %sp[0] {n0 = 10 : i64}
  ovl.end
}
