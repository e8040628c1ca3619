// One AXI port of a read engine with several: takes bursts, asks for them, and hands every word on with its destination.
//
//   burst_* -> AR register -> AXI AR
//      +-> pending bursts {destination, instruction} -+
//   AXI R -> register slice --------------------------+-> wr_*, and end_o/error_o with id_o for the instruction's account
//
// A burst is taken every other cycle at most: the AR register must be empty, so no path runs from the memory's ready to the burst's source.
// After halt_i no request starts, and answers are taken and dropped. A word that came with an error is dropped, too.
module agc_read_port #(
  parameter int unsigned IdW         = 2,
  parameter int unsigned Outstanding = 8
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           halt_i,

  input  logic           burst_valid_i,
  output logic           burst_ready_o,
  input  logic [28:0]    burst_addr_i,   // words, absolute
  input  logic [19:0]    burst_dst_i,
  input  logic [3:0]     burst_len_i,    // beats - 1
  input  logic [IdW-1:0] burst_id_i,

  output logic           ar_valid_o,
  input  logic           ar_ready_i,
  output logic [31:0]    ar_addr_o,
  output logic [3:0]     ar_len_o,
  input  logic           r_valid_i,
  output logic           r_ready_o,
  input  logic [63:0]    r_data_i,
  input  logic           r_error_i,
  input  logic           r_last_i,

  output logic           wr_valid_o,
  input  logic           wr_ready_i,
  output logic [19:0]    wr_addr_o,
  output logic [63:0]    wr_data_o,

  output logic           end_o,          // the last word of a burst was taken
  output logic           error_o,        // a word with an error was taken
  output logic [IdW-1:0] id_o,           // instruction that this burst belongs to
  output logic           axi_idle_o      // no transaction is open
);
  logic        ar_valid_q, pend_room, pend_valid, take;
  logic [28:0] ar_addr_q;
  logic [3:0]  ar_len_q;
  logic [19:0] pend_dst;

  assign burst_ready_o = !ar_valid_q && pend_room && !halt_i;
  assign take          = burst_valid_i && burst_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) ar_valid_q <= 1'b0;
    else if (take) ar_valid_q <= 1'b1;
    else if (ar_ready_i) ar_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      ar_addr_q <= burst_addr_i;
      ar_len_q  <= burst_len_i;
    end
  end

  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o  = {ar_addr_q, 3'b000};
  assign ar_len_o   = ar_len_q;
  assign axi_idle_o = !ar_valid_q && !pend_valid;

  agc_fifo #(.Width(20 + IdW), .Depth(Outstanding)) u_pending (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(take),
    .wr_ready_o(pend_room),
    .wr_data_i ({burst_dst_i, burst_id_i}),
    .rd_valid_o(pend_valid),
    .rd_ready_i(end_o),
    .rd_data_o ({pend_dst, id_o})
  );

  logic        beat_valid, beat_take, beat_error, beat_last, mid_q;
  logic [19:0] next_q;

  agc_skid #(.Width(66)) u_slice (
    .clk_i, .rst_ni,
    .in_valid_i (r_valid_i),
    .in_ready_o (r_ready_o),
    .in_data_i  ({r_last_i, r_error_i, r_data_i}),
    .out_valid_o(beat_valid),
    .out_ready_i(beat_take),
    .out_data_o ({beat_last, beat_error, wr_data_o})
  );

  assign wr_valid_o = beat_valid && !beat_error && !halt_i;
  assign wr_addr_o  = mid_q ? next_q : pend_dst;
  assign beat_take  = beat_error || halt_i || wr_ready_i;
  assign end_o      = beat_valid && beat_take && beat_last;
  assign error_o    = beat_valid && beat_error && !halt_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) mid_q <= 1'b0;
    else if (beat_valid && beat_take) mid_q <= !beat_last;
    if (beat_valid && beat_take) next_q <= wr_addr_o + 1'b1;
  end
endmodule
