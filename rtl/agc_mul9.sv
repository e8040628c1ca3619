// Signed 9 x W bit product without a DSP: radix-4 Booth rows, one adder a stage, latency 5 enabled cycles.
//
// The multiplicand a_i and its negative na_i are constant while a product is in the pipeline; x_i changes every cycle.
// Digit k of x is d = -2*x[2k+1] + x[2k] + x[2k-1]. Rows 1 to 3 hold -d*a, as one's complement where d >= 0, and are subtracted; the one that is
// missing then (n) goes into the free low bits of the next row. Digits 0 and 4 pick from a_i and na_i, so nothing is missing there.
// Subtractions, because synthesis keeps their minuend on the carry chain's own input: row selection and adder share one LUT a bit.
//
//   row 0                   pp pp pp pp                 row adders are W+4 bits wide: the two low bits of each sum are final
//   row 1           - pp pp pp pp  0  0
//   row 2     - pp pp pp pp  0 n1
module agc_mul9 #(
  parameter int unsigned W = 22
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic signed [8:0]   x_i,
  input  logic signed [W-1:0] a_i,
  input  logic signed [W:0]   na_i,           // -a_i
  output logic signed [W+8:0] p_o
);

  // Booth digits 1 to 3, as {d >= 0, two, one}; a zero may count as either sign.
  function automatic logic [2:0] digit(input logic [2:0] b);
    digit = {~b[2], (b == 3'b100) | (b == 3'b011), b[1] ^ b[0]};
  endfunction

  function automatic logic [W+1:0] row(input logic [2:0] d, input logic signed [W-1:0] a);
    row = (({(W+2){d[0]}} & {{2{a[W-1]}}, a}) | ({(W+2){d[1]}} & {a[W-1], a, 1'b0})) ^ {(W+2){d[2]}};
  endfunction

  logic [W:0] a;
  assign a = {a_i[W-1], a_i};

  logic [1:0]   d0_q;                         // the two low bits of x: 0, 1, -2, -1
  logic [2:0]   d1_q, d2_q, d2_q2, d3_q, d3_q2, d3_q3;
  logic [1:0]   d4_q, d4_q2, d4_q3, d4_q4;    // {plus one, minus one}
  logic         n1_q, n2_q, n3_q;
  logic [W+3:0] row0, s1_q, s2_q, s3_q;
  logic [W+2:0] s4_q;
  logic [1:0]   l2_q;
  logic [3:0]   l3_q;
  logic [5:0]   l4_q;

  always_comb begin
    unique case (d0_q)
      2'd0: row0 = '0;
      2'd1: row0 = {{3{a[W]}}, a};
      2'd2: row0 = {{2{na_i[W]}}, na_i, 1'b0};
      default: row0 = {{3{na_i[W]}}, na_i};
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      d0_q <= x_i[1:0];
      d1_q <= digit(x_i[3:1]);
      d2_q <= digit(x_i[5:3]);
      d3_q <= digit(x_i[7:5]);
      d4_q <= {~x_i[8] & x_i[7], x_i[8] & ~x_i[7]};

      s1_q  <= row0 - {row(d1_q, a_i), 2'b00};
      n1_q  <= d1_q[2];
      d2_q2 <= d2_q;
      d3_q2 <= d3_q;
      d4_q2 <= d4_q;

      s2_q  <= {{2{s1_q[W+3]}}, s1_q[W+3:2]} - {row(d2_q2, a_i), 1'b0, n1_q};
      l2_q  <= s1_q[1:0];
      n2_q  <= d2_q2[2];
      d3_q3 <= d3_q2;
      d4_q3 <= d4_q2;

      s3_q  <= {{2{s2_q[W+3]}}, s2_q[W+3:2]} - {row(d3_q3, a_i), 1'b0, n2_q};
      l3_q  <= {s2_q[1:0], l2_q};
      n3_q  <= d3_q3[2];
      d4_q4 <= d4_q3;

      s4_q  <= {s3_q[W+3], s3_q[W+3:2]} - {({(W+1){d4_q4[0]}} & a) | ({(W+1){d4_q4[1]}} & na_i), 1'b0, n3_q};
      l4_q  <= {s3_q[1:0], l3_q};
    end
  end

  assign p_o = $signed({s4_q, l4_q});

endmodule
