// CONV_TABLE: copies four words of the weight buffer into the table of the epilogue, eight bytes a cycle.
//
//   take_i -> 32 steps: word address to the weight buffer's address register -> three cycles -> eight bytes -> register -> tables
//
// A word's address stands for the eight cycles in which its bytes are taken. take_i comes only while the engine is drained and busy_o low, so
// nothing else reads the weight buffer, whose enable is high then. A table beyond the weight buffer is a fault: nothing is written, and busy_o
// stays high until clear_i.
module agc_conv_table #(
  parameter  int unsigned WeightWords = 1536,
  localparam int unsigned WAw         = $clog2(WeightWords)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,

  input  logic           take_i,
  input  logic [15:0]    wb_i,
  output logic           busy_o,
  output logic           done_o,      // in the last cycle of busy_o: the last entry is written at its end
  output logic           fault_o,

  output logic [WAw-1:0] w_addr_o,    // for the register of the weight buffer's address, while busy_o
  input  logic [511:0]   w_rdata_i,

  output logic           we_o,
  output logic [4:0]     waddr_o,
  output logic [63:0]    wdata_o
);
  localparam int unsigned ReadCycles = 3;  // address register, RAM, output register

  logic                       asking_q;
  logic [4:0]                 step_q;
  logic [15:0]                wb_q;
  logic                       check_q, busy_q;   // busy_q: a register, the engine's commands wait for it
  logic [ReadCycles-1:0]      valid_q;
  logic [ReadCycles-1:0][4:0] place_q;

  assign busy_o   = busy_q;
  assign done_o   = we_o && waddr_o == 5'd31;
  assign fault_o  = check_q && 32'(wb_q) + 32'd3 >= WeightWords;
  assign w_addr_o = WAw'(wb_q) + WAw'(step_q[4:3]);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      asking_q <= 1'b0;
      check_q  <= 1'b0;
      busy_q   <= 1'b0;
      valid_q  <= '0;
      we_o     <= 1'b0;
    end else begin
      if (take_i) asking_q <= 1'b1;
      else if (step_q == 5'd31 || fault_o) asking_q <= 1'b0;
      check_q <= take_i;
      if (take_i) busy_q <= 1'b1;
      else if (done_o) busy_q <= 1'b0;
      valid_q <= {valid_q[ReadCycles-2:0], asking_q && !fault_o};
      we_o    <= valid_q[ReadCycles-1];
    end
  end
  always_ff @(posedge clk_i) begin
    if (take_i) wb_q <= wb_i;
    step_q  <= take_i ? '0 : step_q + 5'd1;
    place_q <= {place_q[ReadCycles-2:0], step_q};
    waddr_o <= place_q[ReadCycles-1];
    wdata_o <= w_rdata_i[64*place_q[ReadCycles-1][2:0] +: 64];
  end

endmodule
