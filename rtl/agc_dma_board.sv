// Account of the instructions of a read engine with several ports, whose bursts end in any order. An instruction is complete when all its
// bursts have gone out and have ended; instructions are complete in order, and so an error is reported when its instruction is the oldest.
//
//   accept -> [ Slots entries: tag, open bursts, all sent, error ] -> done_* | fault_o
module agc_dma_board #(
  parameter int unsigned Ports    = 3,
  parameter int unsigned MaxOpen  = 48,   // bursts of all ports together
  parameter int unsigned Slots    = 4,    // a power of two
  localparam int unsigned IdW     = $clog2(Slots)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 halt_i,

  input  logic                 accept_i,
  input  logic [59:0]          tag_i,
  output logic                 room_o,
  output logic [IdW-1:0]       new_id_o,     // slot that the next instruction gets

  input  logic                 burst_i,      // a burst goes out
  input  logic                 burst_last_i, // the last one of its instruction
  output logic [IdW-1:0]       burst_id_o,   // the slot it belongs to
  input  logic [Ports-1:0]     end_i,        // bursts that end
  input  logic [Ports-1:0]     error_i,
  input  logic [Ports*IdW-1:0] id_i,         // slots that they belong to

  output logic                 done_valid_o,
  input  logic                 done_ready_i,
  output logic [59:0]          done_tag_o,
  output logic                 fault_o,
  output logic [59:0]          fault_tag_o,
  output logic [Slots-1:0]     live_o,       // slots in use
  output logic                 busy_o
);
  localparam int unsigned CntW = $clog2(MaxOpen + 1);

  (* ram_style = "distributed" *) logic [59:0] tags [Slots];

  logic [IdW-1:0]   head_q, tail_q, send_q;
  logic [Slots-1:0] live_q, sent_q, error_q, empty;
  logic [CntW-1:0]  open_q [Slots];
  logic [CntW-1:0]  open_d [Slots];
  logic             complete, done_q;
  logic [59:0]      done_tag_q;

  // What happens to bursts is known late in a cycle, so it counts from the next one on.
  logic                 burst_q, burst_last_q;
  logic [IdW-1:0]       burst_id_q;
  logic [Ports-1:0]     end_q, error_in_q;
  logic [Ports*IdW-1:0] id_q;
  always_ff @(posedge clk_i) begin
    burst_q      <= rst_ni && !clear_i && burst_i;
    burst_last_q <= burst_last_i;
    burst_id_q   <= send_q;
    end_q        <= (!rst_ni || clear_i) ? '0 : end_i;
    error_in_q   <= (!rst_ni || clear_i) ? '0 : error_i;
    id_q         <= id_i;
  end

  assign room_o     = !live_q[tail_q];
  assign new_id_o   = tail_q;
  assign burst_id_o = send_q;
  assign live_o     = live_q;
  assign busy_o     = |live_q || done_q;

  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      open_d[s] = open_q[s] + CntW'(burst_q && burst_id_q == IdW'(s));
      for (int unsigned p = 0; p < Ports; p++) open_d[s] = open_d[s] - CntW'(end_q[p] && id_q[p*IdW +: IdW] == IdW'(s));
      empty[s] = open_q[s] == '0;
    end
  end

  // Whether a report leaves in this cycle hangs on the reports of all engines: it is not looked at.
  assign complete    = live_q[head_q] && sent_q[head_q] && empty[head_q] && !error_q[head_q] && !halt_i && !done_q;
  assign fault_o     = live_q[head_q] && error_q[head_q] && !halt_i;
  assign fault_tag_o = tags[head_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      head_q  <= '0;
      tail_q  <= '0;
      send_q  <= '0;
      live_q  <= '0;
      sent_q  <= '0;
      error_q <= '0;
      done_q  <= 1'b0;
      for (int unsigned s = 0; s < Slots; s++) open_q[s] <= '0;
    end else begin
      for (int unsigned s = 0; s < Slots; s++) open_q[s] <= open_d[s];
      for (int unsigned p = 0; p < Ports; p++) begin
        if (error_in_q[p]) error_q[id_q[p*IdW +: IdW]] <= 1'b1;
      end
      if (burst_i && burst_last_i) send_q <= send_q + 1'b1;
      if (burst_q && burst_last_q) sent_q[burst_id_q] <= 1'b1;
      if (complete) begin
        live_q[head_q] <= 1'b0;
        head_q         <= head_q + 1'b1;
      end
      if (accept_i) begin
        live_q[tail_q] <= 1'b1;
        sent_q[tail_q] <= 1'b0;
        tail_q         <= tail_q + 1'b1;
      end
      if (complete) done_q <= 1'b1;
      else if (done_ready_i) done_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept_i) tags[tail_q] <= tag_i;
    if (complete) done_tag_q <= tags[head_q];
  end

  assign done_valid_o = done_q;
  assign done_tag_o   = done_tag_q;
endmodule
