// Cuts rows of words into bursts that do not cross a boundary of BurstBeats words. One burst a cycle, no gap between rows.
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

  logic              valid_q, last_q, final_q;   // final_q: this burst is the row's last one
  logic [28:0]       addr_q;
  logic [19:0]       dst_q;
  logic [CountW-1:0] left_q;      // words that are left, minus 1
  logic [Low-1:0]    room, len;   // both minus 1

  // Behind a row's first burst all bursts begin at a boundary.
  logic [Low-1:0]    row_room;
  logic [CountW-1:0] row_left, next_left;
  assign room      = ~addr_q[Low-1:0];
  assign len       = final_q ? left_q[Low-1:0] : room;
  assign row_room  = ~row_addr_i[Low-1:0];
  assign row_left  = row_count_i - 1'b1;
  assign next_left = left_q - CountW'(room) - 1'b1;

  assign row_ready_o   = !valid_q || (burst_ready_i && final_q);
  assign burst_valid_o = valid_q;
  assign burst_addr_o  = addr_q;
  assign burst_dst_o   = dst_q;
  assign burst_len_o   = 4'(len);
  assign burst_last_o  = last_q && final_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else if (row_ready_o) valid_q <= row_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (row_ready_o) begin
      addr_q  <= row_addr_i;
      dst_q  <= row_dst_i;
      left_q  <= row_left;
      last_q  <= row_last_i;
      final_q <= row_left <= CountW'(row_room);
    end else if (burst_ready_i) begin
      addr_q  <= {addr_q[28:Low] + 1'b1, {Low{1'b0}}};
      dst_q  <= dst_q + 20'(room) + 20'd1;
      left_q  <= next_left;
      final_q <= (next_left >> Low) == '0;
    end
  end
endmodule
