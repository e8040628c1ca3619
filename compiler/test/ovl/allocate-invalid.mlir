// RUN: agc-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(ovl.program(ovl-allocate))'

ovl.program attributes {core = "tiny"} {
  %a = ovl.buffer sp 2000
  %b = ovl.buffer sp 2000
  // expected-error@+1 {{of 97 words finds no room in memory 'sp', where 96 words are free}}
  %c = ovl.buffer sp 97
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{of 257 words finds no room in memory 'wb'}}
  %a = ovl.buffer wb 257
}
