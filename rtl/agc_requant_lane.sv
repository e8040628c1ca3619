// One lane of the epilogue (see agc_epilogue.sv): bias, requantization, clamp, second stage with the residual, clamp; a table in front of the
// second stage or behind all. Latency 24 enabled cycles, with a table 2 more, with a product 5 more.
//
//   1      s  = acc + bias
//   2..4   p  = s * m                          two DSPs: low 17 and high 15 bits of s
//   5..8   r  = rhe(p, sh)
//   9, 10  q1 = clamp(r + z1, lo1, hi1)
//          [ q1 = T[q1] ]                      two cycles
//   11     d = q1 - zq, e = res - zr
//          [ d*e as high*2^8 + low ]           five cycles; low and high then take the places of d and e, and b is a
//   12..16 d*a, e*b                            Booth rows in LUTs
//   17     both, or the larger or smaller one and 0
//   18     their sum
//   19..22 rhe(sum, sh2)
//   23, 24 clamp(. + zo, lo, hi)
//          that, or q1 where there is no second stage
//          [ T[.] ]                            two cycles
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
  input  logic               first_i,        // table in front of the second stage
  input  logic               last_i,         // table behind all; never both
  input  logic               mul_i,          // second stage: product ...
  input  logic               pick_i,         // ... or one of both, the smaller one with smaller_i, otherwise the larger one
  input  logic               smaller_i,
  input  logic signed [7:0]  zq_i,
  input  logic signed [7:0]  zr_i,
  input  logic signed [21:0] a_i,
  input  logic signed [22:0] na_i,           // -a
  input  logic signed [21:0] b_i,            // a with mul_i
  input  logic signed [22:0] nb_i,           // -b
  input  logic [5:0]         sh2_i,
  input  logic signed [7:0]  zo_i,
  input  logic signed [7:0]  lo_i,
  input  logic signed [7:0]  hi_i,
  input  logic               crossed_i,      // lo > hi: hi wins

  input  logic               table_we_i,
  input  logic [4:0]         table_waddr_i,
  input  logic [63:0]        table_wdata_i,

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

  // The table, wherever it stands.
  logic signed [7:0] t_addr_q, q_last;
  logic [7:0]        t_data;
  agc_lane_table u_table (
    .clk_i,
    .en_i,
    .we_i   (table_we_i),
    .waddr_i(table_waddr_i),
    .wdata_i(table_wdata_i),
    .addr_i (t_addr_q),
    .data_o (t_data)
  );

  // Stages 9 to 11.
  logic signed [10:0] t9_q;
  logic signed [7:0]  q10_q, q1;
  logic [11:0][7:0]   res_q;
  logic signed [8:0]  dq11_q, dr11_q;
  logic [13:0][7:0]   q_skip_q;
  assign q1 = first_i ? $signed(t_data) : q10_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t9_q     <= 11'(r8) + 11'(z1_i);
      q10_q    <= clamp(t9_q, lo1_i, hi1_i, crossed1_i);
      t_addr_q <= first_i ? q10_q : q_last;
      res_q    <= {res_q[10:0], res_i};
      dq11_q   <= 9'(q1) - 9'(zq_i);
      dr11_q   <= 9'($signed(first_i ? res_q[11] : res_q[9])) - 9'(zr_i);
      q_skip_q <= {q_skip_q[12:0], q1};
    end
  end

  // Stages 12 to 18. The low part of a product counts as positive, so both parts fit nine bits.
  logic signed [16:0] de;
  logic signed [8:0]  xa, xb;
  logic signed [30:0] pa16, pb16, pa17_q, pb17_q;
  logic signed [38:0] sum18_q;
  logic               less, drop_a, drop_b;
  agc_mul9x9 u_mul_de (.clk_i, .en_i, .x_i(dq11_q), .y_i(dr11_q), .p_o(de));
  assign xa = mul_i ? $signed({1'b0, de[7:0]}) : dq11_q;
  assign xb = mul_i ? $signed(de[16:8]) : dr11_q;
  agc_mul9 u_mul_a (.clk_i, .en_i, .x_i(xa), .a_i(a_i), .na_i(na_i), .p_o(pa16));
  agc_mul9 u_mul_b (.clk_i, .en_i, .x_i(xb), .a_i(b_i), .na_i(nb_i), .p_o(pb16));
  assign less   = pa16 < pb16;
  assign drop_a = pick_i && less != smaller_i;
  assign drop_b = pick_i && less == smaller_i;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (drop_a) pa17_q <= '0;
      else pa17_q <= pa16;
      if (drop_b) pb17_q <= '0;
      else pb17_q <= pb16;
      sum18_q <= 39'(pa17_q) + (mul_i ? $signed({pb17_q, 8'd0}) : 39'(pb17_q));
    end
  end

  logic signed [9:0] r22;
  agc_rhe #(.InW(39)) u_rhe2 (
    .clk_i,
    .en_i,
    .v_i (sum18_q),
    .sh_i(sh2_i),
    .r_o (r22)
  );

  // Stages 23 and 24, and the choice of the result: what follows takes it into a register or a memory.
  logic signed [10:0] t23_q;
  logic signed [7:0]  q24_q;
  assign q_last = res_en_i ? q24_q : $signed(q_skip_q[13]);
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      t23_q <= 11'(r22) + 11'(zo_i);
      q24_q <= clamp(t23_q, lo_i, hi_i, crossed_i);
    end
  end
  assign q_o = last_i ? $signed(t_data) : q_last;

endmodule
