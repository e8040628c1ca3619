// RUN: agc-opt %s -split-input-file -verify-diagnostics

// Each sentence of the verifiers: what a program of the machine cannot hold.

// expected-error@+1 {{'huge'}}
ovl.program attributes {core = "huge"} {
  ovl.end
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{must be the last op of a program}}
  ovl.end
  %b = ovl.buffer sp 8
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{has 0 words; at least one is needed}}
  %b = ovl.buffer sp 0
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{has the negative address -8}}
  %b = ovl.buffer sp 8 at -8
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{in memory 'outputs' needs 'border'}}
  %b = ovl.buffer outputs 8
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{has 'data', which only constants can have}}
  %b = ovl.buffer workspace 8 {data = dense<0> : tensor<64xi8>}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{needs 'data' of 64 elements of type i8}}
  %b = ovl.buffer constants 8 {data = dense<0> : tensor<63xi8>}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{is released twice}}
  %b = ovl.buffer sp 8
  ovl.release %b
  ovl.release %b
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 {border = 0}
  %b = ovl.buffer sp 8
  ovl.release %b
  // expected-error@+1 {{uses a buffer behind its release}}
  ovl.load %i[0] to %b[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %o = ovl.buffer outputs 8 {border = 0}
  %b = ovl.buffer sp 8
  // expected-error@+1 {{cannot have a buffer in memory 'outputs' as dram}}
  ovl.load %o[0] to %b[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 {border = 0}
  %b = ovl.buffer sp 8
  // expected-error@+1 {{cannot have a buffer in memory 'inputs' as dram}}
  ovl.store %b[0] to %i[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 {border = 0}
  %b = ovl.buffer wb 8
  // expected-error@+1 {{cannot have a buffer in memory 'wb' as sp}}
  ovl.load %i[0] to %b[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 {border = 0}
  %b = ovl.buffer sp 8
  // expected-error@+1 {{starts at word 8 of sp, which has 8 words}}
  ovl.load %i[0] to %b[8]
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 8 {border = 0}
  %b = ovl.buffer sp 80
  // expected-error@+1 {{touches words 0 to 10 of dram, which has 8 words}}
  ovl.load %i[0] to %b[0] {n0 = 3, n1 = 3, d1 = 4, s1 = 4}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 80 {border = 0}
  %b = ovl.buffer sp 10
  // expected-error@+1 {{touches words 0 to 10 of sp, which has 10 words}}
  ovl.load %i[0] to %b[0] {n0 = 3, n1 = 3, d1 = 4, s1 = 4}
}

// -----

// The columns of a split row lie in two runs; the farther end counts.
ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 80 {border = 0}
  %b = ovl.buffer sp 10
  // expected-error@+1 {{touches words 0 to 10 of sp, which has 10 words}}
  ovl.load %i[0] to %b[0] {n0 = 6, split = 1, half = 8}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 80 {border = 0}
  %b = ovl.buffer sp 10
  // expected-error@+1 {{cannot be encoded: LOAD: the field split must be 0 to 1, not 2}}
  ovl.load %i[0] to %b[0] {split = 2}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 80 {border = 0}
  %b = ovl.buffer sp 20
  // expected-error@+1 {{touches words 0 to 20 of sp, which has 20 words}}
  ovl.load_fold %i[0] to %b[0] {n0 = 5, w = 5, c = 3, kw = 7, s2 = 8}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 10 {border = 0}
  %b = ovl.buffer sp 20
  // expected-error@+1 {{touches words 0 to 10 of dram, which has 10 words}}
  ovl.load_fold %i[0] to %b[0] {w = 3, n1 = 3, d1 = 4}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 10 {border = 0}
  %b = ovl.buffer sp 20
  // expected-error@+1 {{cannot be encoded: LOAD_FOLD: the field c must be 1 to 4, not 5}}
  ovl.load_fold %i[0] to %b[0] {c = 5}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 10 {border = 0}
  %b = ovl.buffer wb 20
  // expected-error@+1 {{cannot have a buffer in memory 'wb' as sp}}
  ovl.load_fold %i[0] to %b[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %c = ovl.buffer constants 16
  %b = ovl.buffer wb 8
  // expected-error@+1 {{touches words 0 to 23 of dram, which has 16 words}}
  ovl.wload %c[0] to %b[0] {n = 3}
}

// -----

ovl.program attributes {core = "tiny"} {
  %i = ovl.buffer inputs 10000 {border = 0}
  %b = ovl.buffer sp 10000
  // expected-error@+1 {{cannot be encoded: LOAD: the field n0 must be 1 to 8191, not 8192}}
  ovl.load %i[0] to %b[0] {n0 = 8192}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{cannot be encoded: CONV_GEO: the field kh must be 1 to 15, not 16}}
  ovl.conv_geo {kh = 16}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{cannot be encoded: CONV_GEO: the field icb must be 1 to 511, not 0}}
  ovl.conv_geo {icb = 0}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{reads through upsampling with stride 2; it must be 1}}
  ovl.conv_geo {up = 1, sx = 2}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{cannot be encoded: CONV_EPI: the field z1 must be -128 to 127, not 128}}
  ovl.conv_epi {z1 = 128}
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{cannot be encoded: CONV_EPI: the field table must be 0 to 2, not 3}}
  ovl.conv_epi {table = 3}
}

// -----

ovl.program attributes {core = "tiny"} {
  %w = ovl.buffer wb 8
  // expected-error@+1 {{touches words 5 to 8 of wb, which has 8 words}}
  ovl.conv_table %w[5]
}

// -----

ovl.program attributes {core = "tiny"} {
  %b = ovl.buffer sp 8
  // expected-error@+1 {{cannot have a buffer in memory 'sp' as wb}}
  ovl.conv_table %b[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %b = ovl.buffer sp 8
  %w = ovl.buffer wb 8
  // expected-error@+1 {{needs an output or partial sums}}
  ovl.conv %b[0] weights %w[0]
}

// -----

ovl.program attributes {core = "tiny"} {
  %b = ovl.buffer sp 8
  // expected-error@+1 {{cannot have a buffer in memory 'sp' as weights}}
  ovl.conv %b[0] weights %b[0] to %b[4]
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{has 5 semaphores to wait, four are possible}}
  ovl.conv_epi wait [1, 2, 3, 4, 5]
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{names semaphore 32 in post; they are numbered 1 to 31}}
  ovl.conv_epi post [32]
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{names semaphore 3 twice in wait}}
  ovl.conv_epi wait [3, 3]
}

// -----

ovl.program attributes {core = "tiny"} {
  // expected-error@+1 {{layer 70000 is outside of 0 to 65535}}
  ovl.conv_epi {layer = 70000}
}
