// agc_burst_router: a burst goes to exactly one port, one that has room, of these to one with the fewest open bursts (of equal ones to the
// highest number); no count of open bursts passes its ends.
module formal_burst_router #(
  parameter int unsigned Ports   = 3,
  parameter int unsigned MaxOpen = 4,
  parameter bit LateEnds = 1'b0   // an end counts in the cycle behind its own
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             clear_i,
  input logic             burst_valid_i,
  input logic [Ports-1:0] room_i,
  input logic [Ports-1:0] end_i
);
  localparam int unsigned CntW = $clog2(MaxOpen + 1);

  logic             burst_ready;
  logic [Ports-1:0] given;

  // By position: what a port is told and asked.
  agc_burst_router #(.Ports(Ports), .MaxOpen(MaxOpen)) u_dut (clk_i, rst_ni, clear_i, burst_valid_i, burst_ready, given, room_i, end_i);

  (* hierconn *) wire [Ports*CntW-1:0] \u_dut.open_q.all ;

  logic rst_q = 1'b0;
  always_ff @(posedge clk_i) rst_q <= 1'b1;

  // Open bursts by the handshakes alone, and the ends that do not count yet.
  logic [CntW-1:0]  open_q [Ports];
  logic [Ports-1:0] late_q;
  always_ff @(posedge clk_i) begin
    late_q <= (!LateEnds || !rst_ni || clear_i) ? '0 : end_i;
    for (int unsigned p = 0; p < Ports; p++) begin
      open_q[p] <= (!rst_ni || clear_i) ? '0 : open_q[p] + CntW'(given[p]) - CntW'(end_i[p]);
    end
  end

  always_comb begin
    if (!rst_q) assume (!rst_ni);
    for (int unsigned p = 0; p < Ports; p++) begin
      if (open_q[p] == '0) assume (!end_i[p]);
      if (open_q[p] == CntW'(MaxOpen)) assume (!room_i[p]);
    end
    if (rst_q) begin
      assert ((given & ~room_i) == '0);
      assert ((given & (given - 1'b1)) == '0);
      assert ((given != '0) == (burst_valid_i && burst_ready));
      assert (burst_ready == (room_i != '0));
      for (int unsigned p = 0; p < Ports; p++) begin
        assert (open_q[p] <= CntW'(MaxOpen));
        assert (\u_dut.open_q.all [CntW*p +: CntW] == open_q[p] + CntW'(late_q[p]));
        for (int unsigned q = 0; q < Ports; q++) begin
          if (given[p] && room_i[q]) begin
            assert (\u_dut.open_q.all [CntW*p +: CntW] <= \u_dut.open_q.all [CntW*q +: CntW]);
            if (q > p) assert (\u_dut.open_q.all [CntW*p +: CntW] != \u_dut.open_q.all [CntW*q +: CntW]);
          end
        end
      end
    end
  end
endmodule
