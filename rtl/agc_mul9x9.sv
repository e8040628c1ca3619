// Signed 9 x 9 bit product without a DSP, both factors new in every cycle: digits of two bits, one adder a stage, latency 5 enabled cycles.
//
//   p = x * (y[1:0] + 4*y[3:2] + 16*y[5:4] + 64*y[7:6] - 256*y[8])
//
// A digit picks 0, x, 2x or 3x; 3x is made once, so picking and adding share one LUT a bit. The two low bits of each sum are final.
// x_i and y_i lie in -255 .. 255, so 17 bits hold the product.
module agc_mul9x9 (
  input  logic               clk_i,
  input  logic               en_i,
  input  logic signed [8:0]  x_i,
  input  logic signed [8:0]  y_i,
  output logic signed [16:0] p_o
);

  function automatic logic signed [10:0] pick(input logic [1:0] digit, input logic signed [8:0] x, input logic signed [10:0] x3);
    unique case (digit)
      2'd0: pick = '0;
      2'd1: pick = 11'(x);
      2'd2: pick = {x[8], x, 1'b0};
      default: pick = x3;
    endcase
  endfunction

  logic signed [8:0]  x1_q, x2_q, x3_q, x4_q;
  logic signed [10:0] t1_q, t2_q, t3_q;         // three times x
  logic [8:0]         y1_q;
  logic [4:0]         y2_q;
  logic [2:0]         y3_q;
  logic               y4_q;
  logic signed [10:0] s2_q, s3_q, s4_q;
  logic [1:0]         l2_q;
  logic [3:0]         l3_q;
  logic [5:0]         l4_q;
  logic signed [10:0] first;
  assign first = pick(y1_q[1:0], x1_q, t1_q);

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      x1_q <= x_i;
      t1_q <= 11'(x_i) + {x_i[8], x_i, 1'b0};
      y1_q <= y_i;

      s2_q <= (first >>> 2) + pick(y1_q[3:2], x1_q, t1_q);
      l2_q <= first[1:0];
      x2_q <= x1_q;
      t2_q <= t1_q;
      y2_q <= y1_q[8:4];

      s3_q <= (s2_q >>> 2) + pick(y2_q[1:0], x2_q, t2_q);
      l3_q <= {s2_q[1:0], l2_q};
      x3_q <= x2_q;
      t3_q <= t2_q;
      y3_q <= y2_q[4:2];

      s4_q <= (s3_q >>> 2) + pick(y3_q[1:0], x3_q, t3_q);
      l4_q <= {s3_q[1:0], l3_q};
      x4_q <= x3_q;
      y4_q <= y3_q[2];

      p_o  <= {9'(s4_q >>> 2) - (y4_q ? x4_q : 9'sd0), s4_q[1:0], l4_q};
    end
  end

endmodule
