// agc_fifo: the entries come out as they went in, in order, none lost, none twice; full and empty are what the count says.
//
// One entry is followed from its push to its pop: which one, the solver chooses (follow_i). `rst_q` gates: the first cycle is a reset.
module formal_fifo #(
  parameter int unsigned Depth = 4
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic       wr_valid_i,
  input logic [3:0] wr_data_i,
  input logic       rd_ready_i,
  input logic       follow_i
);
  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CntW = $clog2(Depth + 1);

  logic       wr_ready, rd_valid;
  logic [3:0] rd_data;

  agc_fifo #(.Width(4), .Depth(Depth)) u_dut (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i, .wr_ready_o(wr_ready), .wr_data_i,
    .rd_valid_o(rd_valid), .rd_ready_i, .rd_data_o(rd_data)
  );

  (* hierconn *) wire [CntW-1:0] \u_dut.count_q ;
  (* hierconn *) wire [PtrW-1:0] \u_dut.wr_ptr_q ;
  (* hierconn *) wire [PtrW-1:0] \u_dut.rd_ptr_q ;
  (* hierconn *) wire [Depth*4-1:0] \u_dut.mem.all ;

  logic rst_q = 1'b0;
  always_ff @(posedge clk_i) rst_q <= 1'b1;

  logic push, pop;
  assign push = wr_valid_i && wr_ready;
  assign pop  = rd_ready_i && rd_valid;

  logic [CntW-1:0] count_q;                // entries, by the handshakes alone
  logic            following_q;
  logic [CntW-1:0] ahead_q;                // entries in front of the followed one
  logic [3:0]      data_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      count_q     <= '0;
      following_q <= 1'b0;
    end else begin
      count_q <= count_q + CntW'(push) - CntW'(pop);
      if (following_q && pop) begin
        ahead_q <= ahead_q - 1'b1;
        if (ahead_q == '0) following_q <= 1'b0;
      end else if (!following_q && push && follow_i) begin
        following_q <= 1'b1;
        ahead_q     <= count_q - CntW'(pop);
        data_q      <= wr_data_i;
      end
    end
  end

  // Where the followed entry must lie.
  logic [PtrW:0]   place, behind;
  logic [PtrW-1:0] slot, next;
  assign place  = (PtrW + 1)'(\u_dut.rd_ptr_q ) + (PtrW + 1)'(ahead_q);
  assign slot   = (place >= (PtrW + 1)'(Depth)) ? PtrW'(place - (PtrW + 1)'(Depth)) : PtrW'(place);
  assign behind = (PtrW + 1)'(\u_dut.rd_ptr_q ) + (PtrW + 1)'(count_q);
  assign next   = (behind >= (PtrW + 1)'(Depth)) ? PtrW'(behind - (PtrW + 1)'(Depth)) : PtrW'(behind);

  always_comb begin
    if (!rst_q) assume (!rst_ni);
    if (rst_q) begin
      // What a user relies on.
      assert (rd_valid == (count_q != '0));
      assert (wr_ready == (count_q != CntW'(Depth)));
      if (following_q && ahead_q == '0) assert (rd_valid && rd_data == data_q);
      // What makes it inductive.
      assert (\u_dut.count_q == count_q && count_q <= CntW'(Depth));
      assert (32'(\u_dut.rd_ptr_q ) < Depth && 32'(\u_dut.wr_ptr_q ) < Depth && \u_dut.wr_ptr_q == next);
      if (following_q) assert (ahead_q < count_q && \u_dut.mem.all [4*slot +: 4] == data_q);
    end
  end
endmodule
