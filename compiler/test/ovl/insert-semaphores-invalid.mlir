// RUN: agc-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(ovl.program(ovl-insert-semaphores))'

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{has no address; run ovl-allocate first}}
  %a = ovl.buffer sp 8
}

// -----

ovl.program attributes {core = "tiny"} {
  %a = ovl.buffer sp 8 at 0
  %w = ovl.buffer wb 2 at 0
  // expected-error@+1 {{a CONV has no CONV_GEO and CONV_EPI before it}}
  ovl.conv %a[0] weights %w[0] to %a[1]
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 at 0 {border = 0}
  %a = ovl.buffer sp 8 at 4090
  // expected-error@+1 {{words beyond the end of the memory are touched}}
  ovl.load %i[0] to %a[0] {n0 = 8}
}
