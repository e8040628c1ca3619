// Tags of the instructions that the convolution engine has taken and not yet completed. The engine reports completions by bare pulses
// in order, possibly several while the semaphores are busy; here they wait with their tags.
module agc_inflight #(
  parameter int unsigned Depth = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,

  input  logic        accept_i,      // an instruction was taken; no later than the cycle of its done_i
  input  logic [59:0] tag_i,
  output logic        room_o,        // one more may be taken
  input  logic        done_i,        // the oldest one that is not complete is complete

  output logic        done_valid_o,
  input  logic        done_ready_i,
  output logic [59:0] done_tag_o,    // of the oldest instruction, also while it is not complete
  output logic        busy_o
);
  localparam int unsigned CntW = $clog2(Depth + 1);

  logic            pop;
  logic [CntW-1:0] complete_q;

  assign done_valid_o = complete_q != '0;
  assign pop          = done_valid_o && done_ready_i;

  agc_fifo #(.Width(60), .Depth(Depth)) u_tags (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(accept_i),
    .wr_ready_o(room_o),
    .wr_data_i (tag_i),
    .rd_valid_o(busy_o),
    .rd_ready_i(pop),
    .rd_data_o (done_tag_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) complete_q <= '0;
    else if (done_i && !pop) complete_q <= complete_q + 1'b1;
    else if (pop && !done_i) complete_q <= complete_q - 1'b1;
  end
endmodule
