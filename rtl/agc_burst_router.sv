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
  output logic [Ports-1:0] port_burst_o,  // the burst is handed to this port
  input  logic [Ports-1:0] port_room_i,
  input  logic [Ports-1:0] port_end_i     // a burst of the port has ended
);
  localparam int unsigned CntW = $clog2(MaxOpen + 1);

  logic [CntW-1:0]  open_q [Ports];
  logic [Ports-1:0] pick, end_q;

  always_comb begin
    pick = port_room_i;
    for (int unsigned p = 0; p < Ports; p++) begin
      for (int unsigned q = 0; q < Ports; q++) begin
        if (port_room_i[q] && (q < p ? open_q[q] < open_q[p] : q > p && open_q[q] <= open_q[p])) pick[p] = 1'b0;
      end
    end
  end

  assign port_burst_o  = burst_valid_i ? pick : '0;
  assign burst_ready_o = |port_room_i;

  // The end of a burst is known late in a cycle, so it counts from the next one on.
  always_ff @(posedge clk_i) end_q <= (!rst_ni || clear_i) ? '0 : port_end_i;

  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Ports; p++) begin
      if (!rst_ni || clear_i) open_q[p] <= '0;
      else if (port_burst_o[p] && !end_q[p]) open_q[p] <= open_q[p] + 1'b1;
      else if (end_q[p] && !port_burst_o[p]) open_q[p] <= open_q[p] - 1'b1;
    end
  end
endmodule
