// One AXI port of a read engine with several: takes bursts, asks for them, and hands every word on with its destination.
//
//   burst_* -> AR register -+-> AXI AR
//                           +-> agc_open_bursts {destination, instruction} -+
//   AXI R -> register slice ------------------------------------------------+-> wr_*, and end_o/error_o with id_o for the instruction's account
//
// A burst is taken every other cycle at most: the AR register must be empty, so no path runs from the memory's ready to the burst's source.
// After halt_i no request starts, and answers are taken and dropped. A word that came with an error is dropped, too. What is dropped waits
// for its turn like what is written, so neither is in the way of the choice between the ports.
module agc_read_port #(
  parameter int unsigned IdW         = 2,
  parameter int unsigned Outstanding = 8
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           halt_i,

  input  logic           burst_i,        // a burst is handed over; only while room_o
  output logic           room_o,
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
  output logic           wr_drop_o,      // it is not written
  output logic [19:0]    wr_addr_o,
  output logic [63:0]    wr_data_o,

  output logic           end_o,          // the last word of a burst was taken
  output logic           error_o,        // a word with an error is there
  output logic [IdW-1:0] id_o,           // instruction that this burst belongs to
  output logic           axi_idle_o      // no transaction is open
);
  logic           ar_valid_q, new_q, pend_room, open;
  logic [28:0]    ar_addr_q;
  logic [3:0]     ar_len_q;
  logic [19:0]    ar_dst_q;
  logic [IdW-1:0] ar_id_q;

  assign room_o = !ar_valid_q && pend_room && !halt_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      ar_valid_q <= 1'b0;
      new_q      <= 1'b0;
    end else begin
      if (burst_i) ar_valid_q <= 1'b1;
      else if (ar_ready_i) ar_valid_q <= 1'b0;
      new_q <= burst_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (burst_i) begin
      ar_addr_q <= burst_addr_i;
      ar_len_q  <= burst_len_i;
      ar_dst_q  <= burst_dst_i;
      ar_id_q   <= burst_id_i;
    end
  end

  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o  = {ar_addr_q, 3'b000};
  assign ar_len_o   = ar_len_q;
  assign axi_idle_o = !ar_valid_q && !new_q && !open;

  logic beat_error, beat_last;

  // The account of a burst is opened from the AR register, a cycle later: the next one is handed over two cycles behind it at the earliest.
  agc_open_bursts #(.NoteW(IdW), .Depth(Outstanding)) u_open (
    .clk_i, .rst_ni, .clear_i,
    .push_i(new_q), .room_o(pend_room), .dst_i(ar_dst_q), .note_i(ar_id_q),
    .take_i(wr_valid_o && wr_ready_i), .last_i(beat_last), .dst_o(wr_addr_o), .note_o(id_o), .open_o(open)
  );

  agc_skid #(.Width(66)) u_slice (
    .clk_i, .rst_ni,
    .in_valid_i (r_valid_i),
    .in_ready_o (r_ready_o),
    .in_data_i  ({r_last_i, r_error_i, r_data_i}),
    .out_valid_o(wr_valid_o),
    .out_ready_i(wr_ready_i),
    .out_data_o ({beat_last, beat_error, wr_data_o})
  );

  assign wr_drop_o = beat_error || halt_i;
  assign end_o     = wr_valid_o && wr_ready_i && beat_last;
  assign error_o   = wr_valid_o && beat_error && !halt_i;
endmodule
