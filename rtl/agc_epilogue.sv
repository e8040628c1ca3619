// Epilogue of the convolution engine: eight lanes of bias, requantization and second stage (docs/machine.md, section Convolution), one pixel a cycle.
//
//   q1 = clamp(rhe((acc + bias) * m, sh) + z1, lo1, hi1)
//   q1 = table 1 ? T[q1] : q1
//   q  = res_en ? clamp(rhe(op(q1 - zq, res - zr, a, b), sh2) + zo, lo, hi) : q1
//   q  = table 2 ? T[q] : q
//
// valid_o and data_o follow valid_i after `Latency` enabled cycles, TableDelay more with a table and MulDelay more with a product: modes that do
// not use these stages go around them. en_i = 0 freezes everything but the table's writes. clear_i drops what is in flight.
// clamp(v, lo, hi) = min(max(v, lo), hi). The static inputs keep their values from two cycles before the first valid_i until the last valid_o.
module agc_epilogue #(
  localparam int unsigned Latency    = 24,
  localparam int unsigned TableDelay = 2,
  localparam int unsigned MulDelay   = 5
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         en_i,

  input  logic         valid_i,
  input  logic [255:0] acc_i,                // lane o: int32 at 32*o
  input  logic [511:0] par_i,                // parameter word; lane o at 64*o: bias int32, multiplier 25 bits, shift 6 bits
  input  logic [63:0]  res_i,                // lane o: int8 at 8*o

  input  logic [7:0]   z1_i,
  input  logic [7:0]   lo1_i,
  input  logic [7:0]   hi1_i,
  input  logic         res_en_i,
  input  logic [7:0]   zr_i,
  input  logic [21:0]  a_i,
  input  logic [21:0]  b_i,
  input  logic [5:0]   sh2_i,
  input  logic [7:0]   zo_i,
  input  logic [7:0]   lo_i,
  input  logic [7:0]   hi_i,
  input  logic [1:0]   op_i,
  input  logic [7:0]   zq_i,
  input  logic [1:0]   table_i,

  input  logic         table_we_i,           // eight entries
  input  logic [4:0]   table_waddr_i,
  input  logic [63:0]  table_wdata_i,

  output logic         valid_o,
  output logic [63:0]  data_o
);

  // What all lanes share of the static inputs.
  logic               crossed1_q, crossed_q, first_q, last_q, mul_q, pick_q;
  logic signed [21:0] b_q;
  logic signed [22:0] na_q, nb_q;
  always_ff @(posedge clk_i) begin
    crossed1_q <= $signed(lo1_i) > $signed(hi1_i);
    crossed_q  <= $signed(lo_i) > $signed(hi_i);
    first_q    <= table_i == 2'd1;
    last_q     <= table_i == 2'd2;
    mul_q      <= res_en_i && op_i == 2'd1;
    pick_q     <= op_i[1];
    b_q        <= mul_q ? a_i : b_i;
    na_q       <= 23'sd0 - 23'($signed(a_i));
    nb_q       <= 23'sd0 - 23'(b_q);
  end

  // A valid bit takes the way of its data: none is left behind the end of a shorter way when the mode changes.
  logic [Latency-1:0]    valid_q;
  logic [TableDelay-1:0] table_valid_q;
  logic [MulDelay-1:0]   mul_valid_q;
  logic                  in_table, looked_up;
  assign in_table  = first_q || last_q;
  assign looked_up = in_table ? table_valid_q[TableDelay-1] : valid_q[Latency-1];
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      valid_q       <= '0;
      table_valid_q <= '0;
      mul_valid_q   <= '0;
    end else if (en_i) begin
      valid_q       <= {valid_q[Latency-2:0], valid_i};
      table_valid_q <= {table_valid_q[TableDelay-2:0], valid_q[Latency-1] && in_table};
      mul_valid_q   <= {mul_valid_q[MulDelay-2:0], looked_up && mul_q};
    end
  end
  assign valid_o = mul_q ? mul_valid_q[MulDelay-1] : looked_up;

  for (genvar o = 0; o < 8; o++) begin : gen_lane
    agc_requant_lane u_lane (
      .clk_i,
      .en_i,
      .acc_i     (acc_i[32*o+:32]),
      .bias_i    (par_i[64*o+:32]),
      .m_i       (par_i[64*o+agc_isa_pkg::PAR_M_LSB+:agc_isa_pkg::PAR_M_W]),
      .sh_i      (par_i[64*o+agc_isa_pkg::PAR_SH_LSB+:agc_isa_pkg::PAR_SH_W]),
      .res_i     (res_i[8*o+:8]),
      .z1_i      (z1_i),
      .lo1_i     (lo1_i),
      .hi1_i     (hi1_i),
      .crossed1_i(crossed1_q),
      .res_en_i,
      .first_i   (first_q),
      .last_i    (last_q),
      .mul_i     (mul_q),
      .pick_i    (pick_q),
      .smaller_i (op_i[0]),
      .zq_i      (zq_i),
      .zr_i      (zr_i),
      .a_i       (a_i),
      .na_i      (na_q),
      .b_i       (b_q),
      .nb_i      (nb_q),
      .sh2_i,
      .zo_i      (zo_i),
      .lo_i      (lo_i),
      .hi_i      (hi_i),
      .crossed_i (crossed_q),
      .table_we_i,
      .table_waddr_i,
      .table_wdata_i,
      .q_o       (data_o[8*o+:8])
    );
  end

  logic unused;
  always_comb begin
    unused = 1'b0;
    for (int unsigned o = 0; o < 8; o++) unused ^= par_i[64*o+63];
  end

endmodule
