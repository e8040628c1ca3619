// Deals the bursts of a read engine out to its ports: a burst goes to the port with the fewest open bursts of those that can take one, of
// equal ones to the highest number (AXI port 1 has the instruction fetch, too). So a port that others use or whose bursts are longer gets
// fewer, and every port has work as long as there is any.
module agc_burst_router #(
  parameter int unsigned Ports   = 3,
  parameter int unsigned MaxOpen = 8    // bursts of a port
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,

  input  logic             burst_valid_i,
  output logic             burst_ready_o,
  output logic [Ports-1:0] port_valid_o,
  input  logic [Ports-1:0] port_ready_i,
  input  logic [Ports-1:0] port_end_i     // a burst of the port has ended
);
  localparam int unsigned CntW = $clog2(MaxOpen + 1);

  logic [CntW-1:0]  open_q [Ports];
  logic [Ports-1:0] pick;

  always_comb begin
    pick = port_ready_i;
    for (int unsigned p = 0; p < Ports; p++) begin
      for (int unsigned q = 0; q < Ports; q++) begin
        if (port_ready_i[q] && (q < p ? open_q[q] < open_q[p] : q > p && open_q[q] <= open_q[p])) pick[p] = 1'b0;
      end
    end
  end

  assign port_valid_o  = burst_valid_i ? pick : '0;
  assign burst_ready_o = |port_ready_i;

  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Ports; p++) begin
      if (!rst_ni || clear_i) open_q[p] <= '0;
      else if (port_valid_o[p] && !port_end_i[p]) open_q[p] <= open_q[p] + 1'b1;
      else if (port_end_i[p] && !port_valid_o[p]) open_q[p] <= open_q[p] - 1'b1;
    end
  end
endmodule
