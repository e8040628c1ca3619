// One lane of the epilogue (see agc_epilogue.sv): bias, requantization, clamp, residual add, clamp. Latency 23 enabled cycles.
//
//   1      s  = acc + bias
//   2, 3   p  = s * m                          two DSPs: low 17 and high 15 bits of s
//   4..7   r  = rhe(p, sh)
//   8, 9   q1 = clamp(r + z1, lo1, hi1)
//   10     q1 - z1, res - zr
//   11..15 both products                       Booth rows in LUTs
//   16     their sum
//   17..20 rhe(sum, sh2)
//   21, 22 clamp(. + zo, lo, hi)
//   23     that, or q1 where there is no residual
module agc_requant_lane (
  input  logic               clk_i,
  input  logic               en_i,

  input  logic signed [31:0] acc_i,
  input  logic signed [31:0] bias_i,
  input  logic signed [24:0] m_i,
  input  logic [5:0]         sh_i,
  input  logic signed [7:0]  res_i,

  // Constant while anything is in flight.
  input  logic signed [7:0]  z1_i,
  input  logic signed [7:0]  lo1_i,
  input  logic signed [7:0]  hi1_i,
  input  logic               crossed1_i,     // lo1 > hi1: hi1 wins
  input  logic               res_en_i,
  input  logic signed [7:0]  zr_i,
  input  logic signed [21:0] a_i,
  input  logic signed [22:0] na_i,           // -a
  input  logic signed [21:0] b_i,
  input  logic signed [22:0] nb_i,           // -b
  input  logic [5:0]         sh2_i,
  input  logic signed [7:0]  zo_i,
  input  logic signed [7:0]  lo_i,
  input  logic signed [7:0]  hi_i,
  input  logic               crossed_i,      // lo > hi: hi wins

  output logic signed [7:0]  q_o
);

  // Stages 1 to 3. The high product waits in the multiplier's register, its DSP adds the low one's upper bits.
  logic signed [31:0] s1_q;
  logic signed [24:0] m1_q;
  logic signed [42:0] lo2_q;
  logic signed [39:0] hi2_q;
  logic signed [39:0] hi3_q;
  logic [16:0]        lo3_q;
  logic [2:0][5:0]    sh_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      s1_q  <= acc_i + bias_i;
      m1_q  <= m_i;
      lo2_q <= $signed({1'b0, s1_q[16:0]}) * m1_q;
      hi2_q <= $signed(s1_q[31:17]) * m1_q;
      hi3_q <= hi2_q + 40'(lo2_q >>> 17);
      lo3_q <= lo2_q[16:0];
      sh_q  <= {sh_q[1:0], sh_i};
    end
  end

  logic signed [9:0] r7;
  agc_rhe #(.InW(57)) u_rhe1 (
    .clk_i,
    .en_i,
    .v_i ({hi3_q, lo3_q}),
    .sh_i(sh_q[2]),
    .r_o (r7)
  );

  // Clamp of a sum of saturated result and zero point; hi is applied last.
  function automatic logic signed [7:0] clamp(input logic signed [10:0] v, input logic signed [7:0] lo, input logic signed [7:0] hi,
                                              input logic crossed);
    if (crossed || v > 11'(hi)) clamp = hi;
    else if (v < 11'(lo)) clamp = lo;
    else clamp = v[7:0];
  endfunction

  // Stages 8 to 10.
  logic signed [10:0] t8_q;
  logic signed [7:0]  q9_q;
  logic [8:0][7:0]    res_q;
  logic signed [8:0]  dq10_q, dr10_q;
  logic [12:0][7:0]   q_skip_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t8_q     <= 11'(r7) + 11'(z1_i);
      q9_q     <= clamp(t8_q, lo1_i, hi1_i, crossed1_i);
      res_q    <= {res_q[7:0], res_i};
      dq10_q   <= 9'(q9_q) - 9'(z1_i);
      dr10_q   <= 9'($signed(res_q[8])) - 9'(zr_i);
      q_skip_q <= {q_skip_q[11:0], q9_q};
    end
  end

  // Stages 11 to 16.
  logic signed [30:0] pa15, pb15;
  logic signed [31:0] sum16_q;
  agc_mul9 u_mul_a (.clk_i, .en_i, .x_i(dq10_q), .a_i(a_i), .na_i(na_i), .p_o(pa15));
  agc_mul9 u_mul_b (.clk_i, .en_i, .x_i(dr10_q), .a_i(b_i), .na_i(nb_i), .p_o(pb15));
  always_ff @(posedge clk_i) begin
    if (en_i) sum16_q <= 32'(pa15) + 32'(pb15);
  end

  logic signed [9:0] r20;
  agc_rhe #(.InW(32)) u_rhe2 (
    .clk_i,
    .en_i,
    .v_i (sum16_q),
    .sh_i(sh2_i),
    .r_o (r20)
  );

  // Stages 21 to 23.
  logic signed [10:0] t21_q;
  logic signed [7:0]  q22_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t21_q <= 11'(r20) + 11'(zo_i);
      q22_q <= clamp(t21_q, lo_i, hi_i, crossed_i);
      q_o   <= res_en_i ? q22_q : $signed(q_skip_q[12]);
    end
  end

endmodule
