// In-order instruction queue of one engine with the issue stage behind it.
//
//   push_* -> [ FIFO, Depth ] -> head register -> cmd_* (engine)
//                                   | wait_mask_o, wait_req_o     the semaphores take the waits of the head once all are above zero
//                                   ^ wait_grant_i                and answer with a grant; then the head is offered to the engine
//
// The head goes through three states with a register each: it waits, it is offered, it was taken. The last one takes a cycle, in which the
// command still stands on cmd_*: so what the engine answers, which is late in a cycle, does not reach the FIFO.
// After halt_i nothing waits any more; the engines take no command then.
//
// Only bits Msb..Lsb of an instruction are kept; all others read as zero at cmd_instr_o. Lsb <= 8 and Msb >= 63: the header stays.
module agc_queue #(
  parameter int unsigned Depth = 4,
  parameter int unsigned Lsb   = 8,
  parameter int unsigned Msb   = 255
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,

  input  logic         push_valid_i,
  output logic         push_ready_o,
  input  logic [255:0] push_instr_i,
  input  logic [23:0]  push_index_i,

  output logic         wait_req_o,
  output logic [31:0]  wait_mask_o,
  input  logic         wait_grant_i,

  output logic         cmd_valid_o,
  input  logic         cmd_ready_i,   // low after halt_i
  output logic         cmd_taken_o,   // the command was taken in the cycle before
  output logic [255:0] cmd_instr_o,
  output logic [23:0]  cmd_index_o,

  output logic         empty_o
);
  localparam int unsigned W = Msb - Lsb + 1;

  logic            fifo_valid, fifo_pop;
  logic [W+24-1:0] fifo_data;

  agc_fifo #(.Width(W + 24), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(push_valid_i),
    .wr_ready_o(push_ready_o),
    .wr_data_i ({push_index_i, push_instr_i[Msb:Lsb]}),
    .rd_valid_o(fifo_valid),
    .rd_ready_i(fifo_pop),
    .rd_data_o (fifo_data)
  );

  // The bits that are not stored are inputs on purpose.
  logic unused_push;
  assign unused_push = ^push_instr_i;

  logic            valid_q, wait_q, offer_q, taken_q;
  logic [W+24-1:0] head_q;
  logic [31:0]     mask_q, mask_d;

  assign fifo_pop = !valid_q || taken_q;

  always_comb begin
    mask_d = '0;
    for (int unsigned k = 0; k < 4; k++) begin
      mask_d |= 32'd1 << fifo_data[agc_isa_pkg::HDR_WAIT0_LSB - Lsb + 5*k +: 5];
    end
    mask_d[0] = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      valid_q <= 1'b0;
      wait_q  <= 1'b0;
      offer_q <= 1'b0;
      taken_q <= 1'b0;
    end else begin
      if (fifo_pop) valid_q <= fifo_valid;
      wait_q  <= (fifo_pop ? fifo_valid : wait_q && !wait_grant_i) && !halt_i;
      offer_q <= wait_grant_i || (offer_q && !cmd_ready_i);
      taken_q <= offer_q && cmd_ready_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fifo_pop && fifo_valid) begin
      head_q <= fifo_data;
      mask_q <= mask_d;
    end
  end

  assign wait_req_o  = wait_q;
  assign wait_mask_o = mask_q;
  assign cmd_valid_o = offer_q;
  assign cmd_taken_o = taken_q;
  assign cmd_index_o = head_q[W +: 24];
  assign empty_o     = !valid_q && !fifo_valid;

  always_comb begin
    cmd_instr_o = '0;
    cmd_instr_o[Msb:Lsb] = head_q[W-1:0];
  end
endmodule
