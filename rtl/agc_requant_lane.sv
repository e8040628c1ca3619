// One lane of the epilogue (see agc_epilogue.sv): bias, requantization, clamp, residual add, clamp. Latency 24 enabled cycles.
//
//   1      s  = acc + bias
//   2..4   p  = s * m                          two DSPs: low 17 and high 15 bits of s
//   5..8   r  = rhe(p, sh)
//   9, 10  q1 = clamp(r + z1, lo1, hi1)
//   11     q1 - z1, res - zr
//   12..16 both products                       Booth rows in LUTs
//   17     their sum
//   18..21 rhe(sum, sh2)
//   22, 23 clamp(. + zo, lo, hi)
//   24     that, or q1 where there is no residual
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

  // Stages 1 to 4. The high operands wait a cycle at their DSP's input, which then adds the low product's upper bits from the cascade: input,
  // product and output of both DSPs are registered.
  logic signed [31:0] s1_q;
  logic signed [24:0] m1_q, m2_q;
  logic signed [14:0] s2_q;
  logic signed [42:0] lo2_q, lo3_q;
  logic signed [39:0] hi3_q, hi4_q;
  logic [16:0]        lo4_q;
  logic [3:0][5:0]    sh_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      s1_q  <= acc_i + bias_i;
      m1_q  <= m_i;
      lo2_q <= $signed({1'b0, s1_q[16:0]}) * m1_q;
      s2_q  <= s1_q[31:17];
      m2_q  <= m1_q;
      lo3_q <= lo2_q;
      hi3_q <= s2_q * m2_q;
      hi4_q <= hi3_q + 40'(lo3_q >>> 17);
      lo4_q <= lo3_q[16:0];
      sh_q  <= {sh_q[2:0], sh_i};
    end
  end

  logic signed [9:0] r8;
  agc_rhe #(.InW(57)) u_rhe1 (
    .clk_i,
    .en_i,
    .v_i ({hi4_q, lo4_q}),
    .sh_i(sh_q[3]),
    .r_o (r8)
  );

  // Clamp of a sum of saturated result and zero point; hi is applied last.
  function automatic logic signed [7:0] clamp(input logic signed [10:0] v, input logic signed [7:0] lo, input logic signed [7:0] hi,
                                              input logic crossed);
    if (crossed || v > 11'(hi)) clamp = hi;
    else if (v < 11'(lo)) clamp = lo;
    else clamp = v[7:0];
  endfunction

  // Stages 9 to 11.
  logic signed [10:0] t9_q;
  logic signed [7:0]  q10_q;
  logic [9:0][7:0]    res_q;
  logic signed [8:0]  dq11_q, dr11_q;
  logic [12:0][7:0]   q_skip_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t9_q     <= 11'(r8) + 11'(z1_i);
      q10_q    <= clamp(t9_q, lo1_i, hi1_i, crossed1_i);
      res_q    <= {res_q[8:0], res_i};
      dq11_q   <= 9'(q10_q) - 9'(z1_i);
      dr11_q   <= 9'($signed(res_q[9])) - 9'(zr_i);
      q_skip_q <= {q_skip_q[11:0], q10_q};
    end
  end

  // Stages 12 to 17.
  logic signed [30:0] pa16, pb16;
  logic signed [31:0] sum17_q;
  agc_mul9 u_mul_a (.clk_i, .en_i, .x_i(dq11_q), .a_i(a_i), .na_i(na_i), .p_o(pa16));
  agc_mul9 u_mul_b (.clk_i, .en_i, .x_i(dr11_q), .a_i(b_i), .na_i(nb_i), .p_o(pb16));
  always_ff @(posedge clk_i) begin
    if (en_i) sum17_q <= 32'(pa16) + 32'(pb16);
  end

  logic signed [9:0] r21;
  agc_rhe #(.InW(32)) u_rhe2 (
    .clk_i,
    .en_i,
    .v_i (sum17_q),
    .sh_i(sh2_i),
    .r_o (r21)
  );

  // Stages 22 to 24.
  logic signed [10:0] t22_q;
  logic signed [7:0]  q23_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t22_q <= 11'(r21) + 11'(zo_i);
      q23_q <= clamp(t22_q, lo_i, hi_i, crossed_i);
      q_o   <= res_en_i ? q23_q : $signed(q_skip_q[12]);
    end
  end

endmodule
