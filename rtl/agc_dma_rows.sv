// Row generator of the DMA engines: walks n2 planes of n1 rows and checks every row before anything goes out for it.
//
//   cmd -> [A: row and plane start, incremental] -> [B: row ends] -> [C: checks, absolute address] -> row_*
//
// One row a cycle; a new command is taken when the pipeline is empty. Addresses are words of 8 bytes. Row starts are kept in 33 bits: a
// start that passed the check is below 2^29, one more stride (26 bits) cannot wrap, and a row that fails stops the walk.
module agc_dma_rows #(
  parameter int unsigned CountW   = 13,    // bits of a row's length
  parameter int unsigned DstWords = 4096   // size of the on-chip memory in words, below 2^20
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,

  input  logic              cmd_valid_i,
  output logic              cmd_ready_o,
  input  logic [25:0]       seg_base_i,   // byte address / 64
  input  logic [28:0]       seg_words_i,
  input  logic [31:0]       dram_i,
  input  logic [CountW-1:0] n0_i,
  input  logic [12:0]       n1_i,
  input  logic [9:0]        n2_i,
  input  logic [19:0]       d1_i,
  input  logic [25:0]       d2_i,
  input  logic [19:0]       dst_i,
  input  logic [12:0]       s1_i,
  input  logic [19:0]       s2_i,
  input  logic [23:0]       span_i,       // words of the destination from a row's first to its last; n0_i where rows are contiguous

  output logic              row_valid_o,
  input  logic              row_ready_i,  // must stay low for a bad row
  output logic              row_window_o, // bad: outside of the segment
  output logic              row_range_o,  // bad: outside of the on-chip memory
  output logic [28:0]       row_addr_o,   // absolute
  output logic [19:0]       row_dst_o,
  output logic [CountW-1:0] row_count_o,
  output logic              row_last_o
);
  localparam logic [24:0] DstLimit = 25'(DstWords);

  logic              a_valid_q, b_valid_q, c_valid_q;
  logic [25:0]       base_q;
  logic [28:0]       words_q;
  logic [CountW-1:0] n0_q;
  logic [23:0]       span_q;
  logic [12:0]       n1_q, row_left_q, s1_q;
  logic [9:0]        plane_left_q;
  logic [19:0]       d1_q, s2_q;
  logic [25:0]       d2_q;
  logic [32:0]       a_row_q, a_plane_q, a_row_d;
  logic [19:0]       a_dst_q, a_dst_plane_q, a_dst_d;
  logic              accept, advance, plane_end, a_last;

  assign cmd_ready_o = !a_valid_q && !b_valid_q && !c_valid_q;
  assign accept      = cmd_valid_i && cmd_ready_o;
  assign advance     = !c_valid_q || row_ready_i;
  assign plane_end   = row_left_q == 13'd1;
  assign a_last      = plane_end && plane_left_q == 10'd1;
  assign a_row_d     = plane_end ? a_plane_q + 33'(d2_q) : a_row_q + 33'(d1_q);
  assign a_dst_d     = plane_end ? a_dst_plane_q + s2_q : a_dst_q + 20'(s1_q);

  always_ff @(posedge clk_i) begin
    if (accept) begin
      base_q  <= seg_base_i;
      words_q <= seg_words_i;
      n0_q    <= n0_i;
      n1_q    <= n1_i;
      d1_q    <= d1_i;
      d2_q    <= d2_i;
      s1_q    <= s1_i;
      s2_q    <= s2_i;
      span_q  <= span_i;
    end
  end

  // A: starts of the row.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) a_valid_q <= 1'b0;
    else if (accept) a_valid_q <= 1'b1;
    else if (advance && a_last) a_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      a_row_q       <= 33'(dram_i);
      a_plane_q     <= 33'(dram_i);
      a_dst_q       <= dst_i;
      a_dst_plane_q <= dst_i;
      row_left_q    <= n1_i;
      plane_left_q  <= n2_i;
    end else if (advance) begin
      a_row_q    <= a_row_d;
      a_dst_q    <= a_dst_d;
      row_left_q <= plane_end ? n1_q : row_left_q - 1'b1;
      if (plane_end) begin
        a_plane_q     <= a_row_d;
        a_dst_plane_q <= a_dst_d;
        plane_left_q  <= plane_left_q - 1'b1;
      end
    end
  end

  // B: ends of the row. C: checks and absolute address.
  logic [33:0] b_end_q;
  logic [28:0] b_row_q, c_addr_q;
  logic [24:0] b_dst_end_q;
  logic [19:0] b_dst_q, c_dst_q;
  logic        b_last_q, c_last_q, c_range_q, c_outside_q, c_carry_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      b_valid_q <= 1'b0;
      c_valid_q <= 1'b0;
    end else if (advance) begin
      b_valid_q <= a_valid_q;
      c_valid_q <= b_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      b_row_q     <= a_row_q[28:0];
      b_end_q     <= 34'(a_row_q) + 34'(n0_q);
      b_dst_q     <= a_dst_q;
      b_dst_end_q <= 25'(a_dst_q) + 25'(span_q);
      b_last_q    <= a_last;

      c_outside_q <= b_end_q > 34'(words_q);
      c_range_q   <= b_dst_end_q > DstLimit;
      {c_carry_q, c_addr_q} <= {1'b0, base_q, 3'b000} + 30'(b_row_q);
      c_dst_q     <= b_dst_q;
      c_last_q    <= b_last_q;
    end
  end

  assign row_valid_o  = c_valid_q;
  assign row_window_o = c_outside_q || c_carry_q;
  assign row_range_o  = c_range_q;
  assign row_addr_o   = c_addr_q;
  assign row_dst_o    = c_dst_q;
  assign row_count_o  = n0_q;
  assign row_last_o   = c_last_q;
endmodule
