// Cuts rows of words into bursts that do not cross a boundary of BurstBeats words. One burst a cycle, no gap between rows.
//
//   row_* -> [ next row ] -> row that is cut -> burst_*
//
// The row behind the one that is cut is taken already, into a register of its own that is passed by while nothing waits: so row_ready_o is a
// register, and no path runs from the bursts' sink to the generator of the rows.
module agc_burst_split #(
  parameter int unsigned CountW     = 13,
  parameter int unsigned BurstBeats = 16   // a power of two, 2 to 16
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,

  input  logic              row_valid_i,
  output logic              row_ready_o,
  input  logic [28:0]       row_addr_i,    // words, absolute
  input  logic [19:0]       row_dst_i,
  input  logic [CountW-1:0] row_count_i,   // words, at least 1
  input  logic              row_last_i,

  output logic              burst_valid_o,
  input  logic              burst_ready_i,
  output logic [28:0]       burst_addr_o,
  output logic [19:0]       burst_dst_o,
  output logic [3:0]        burst_len_o,   // beats - 1
  output logic              burst_last_o   // last one of the instruction
);
  localparam int unsigned Low = $clog2(BurstBeats);

  // The next row.
  logic              next_valid_q, next_last_q, load, in_last;
  logic [28:0]       next_addr_q, in_addr;
  logic [19:0]       next_dst_q, in_dst;
  logic [CountW-1:0] next_count_q, in_count;

  assign row_ready_o                          = !next_valid_q;
  assign {in_addr, in_dst, in_count, in_last} = next_valid_q ? {next_addr_q, next_dst_q, next_count_q, next_last_q}
                                                             : {row_addr_i, row_dst_i, row_count_i, row_last_i};

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || load) next_valid_q <= 1'b0;
    else if (row_valid_i) next_valid_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!next_valid_q) {next_addr_q, next_dst_q, next_count_q, next_last_q} <= {row_addr_i, row_dst_i, row_count_i, row_last_i};
  end

  // The row that is cut.
  logic              valid_q, last_q, final_q;   // final_q: this burst is the row's last one
  logic [28:0]       addr_q;
  logic [19:0]       dst_q;
  logic [CountW-1:0] left_q;      // words that are left, minus 1
  logic [Low-1:0]    room, len;   // both minus 1

  // Behind a row's first burst all bursts begin at a boundary.
  logic [Low-1:0]    in_room;
  logic [CountW-1:0] in_left, left_d;
  assign room    = ~addr_q[Low-1:0];
  assign len     = final_q ? left_q[Low-1:0] : room;
  assign in_room = ~in_addr[Low-1:0];
  assign in_left = in_count - 1'b1;
  assign left_d  = left_q - CountW'(room) - 1'b1;

  assign load          = !valid_q || (burst_ready_i && final_q);
  assign burst_valid_o = valid_q;
  assign burst_addr_o  = addr_q;
  assign burst_dst_o   = dst_q;
  assign burst_len_o   = 4'(len);
  assign burst_last_o  = last_q && final_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else if (load) valid_q <= row_valid_i || next_valid_q;
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      addr_q  <= in_addr;
      dst_q   <= in_dst;
      left_q  <= in_left;
      last_q  <= in_last;
      final_q <= in_left <= CountW'(in_room);
    end else if (burst_ready_i) begin
      addr_q  <= {addr_q[28:Low] + 1'b1, {Low{1'b0}}};
      dst_q   <= dst_q + 20'(room) + 20'd1;
      left_q  <= left_d;
      final_q <= (left_d >> Low) == '0;
    end
  end
endmodule
