// agc_skid: the beats come out as they went in, in order, none lost, none twice; an offered beat stays until it is taken; the ready path
// hangs on registers alone.
module formal_skid (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       in_valid_i,
  input logic [3:0] in_data_i,
  input logic       out_ready_i,
  input logic       follow_i
);
  logic       in_ready, out_valid;
  logic [3:0] out_data;

  agc_skid #(.Width(4)) u_dut (
    .clk_i, .rst_ni,
    .in_valid_i, .in_ready_o(in_ready), .in_data_i,
    .out_valid_o(out_valid), .out_ready_i, .out_data_o(out_data)
  );

  (* hierconn *) wire       \u_dut.spare_valid_q ;
  (* hierconn *) wire [3:0] \u_dut.spare_q ;

  logic rst_q = 1'b0;
  always_ff @(posedge clk_i) rst_q <= 1'b1;

  logic push, pop;
  assign push = in_valid_i && in_ready;
  assign pop  = out_ready_i && out_valid;

  logic [1:0] count_q, ahead_q;
  logic       following_q, held_q;
  logic [3:0] data_q, last_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q     <= '0;
      following_q <= 1'b0;
      held_q      <= 1'b0;
    end else begin
      count_q <= count_q + 2'(push) - 2'(pop);
      held_q  <= out_valid && !out_ready_i;
      if (following_q && pop) begin
        ahead_q <= ahead_q - 1'b1;
        if (ahead_q == '0) following_q <= 1'b0;
      end else if (!following_q && push && follow_i) begin
        following_q <= 1'b1;
        ahead_q     <= count_q - 2'(pop);
        data_q      <= in_data_i;
      end
    end
    last_q <= out_data;
  end

  always_comb begin
    if (!rst_q) assume (!rst_ni);
    if (rst_q) begin
      assert (out_valid == (count_q != '0));
      assert (in_ready == (count_q != 2'd2));
      assert (count_q <= 2'd2);
      if (held_q) assert (out_valid && out_data == last_q);
      if (following_q && ahead_q == '0) assert (out_valid && out_data == data_q);
      // What makes it inductive.
      assert (\u_dut.spare_valid_q == !in_ready);
      if (following_q) assert (ahead_q < count_q && (ahead_q == '0 || \u_dut.spare_q == data_q));
    end
  end
endmodule
