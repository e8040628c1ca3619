// agc_semaphores: no post and no wait is lost or counted twice, no count goes below zero or past 255, one engine at a time is served, only
// with all that it waits for, and one that could go on is served within a turn of all engines.
//
// One counter is followed; which one, the solver chooses (index_i, which stays).
module formal_semaphores #(
  parameter int unsigned Engines = 3
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic                  clear_i,
  input logic [Engines-1:0]    req_i,
  input logic [Engines*32-1:0] mask_i,
  input logic [31:0]           post_mask_i,
  input logic [4:0]            index_i
);
  logic [Engines-1:0]    grant, blocked;
  logic [Engines*32-1:0] missing;
  logic                  overflow;
  logic [7:0]            count;

  agc_semaphores #(.Engines(Engines)) u_dut (
    .clk_i, .rst_ni, .clear_i, .req_i, .mask_i, .grant_o(grant), .blocked_o(blocked), .missing_o(missing),
    .post_mask_i, .overflow_o(overflow), .rd_index_i(index_i), .rd_count_o(count)
  );

  (* hierconn *) wire [31:0] \u_dut.nonzero_q ;
  (* hierconn *) wire [Engines-1:0] \u_dut.behind_q ;

  logic rst_q = 1'b0;
  always_ff @(posedge clk_i) rst_q <= 1'b1;

  logic [4:0]            index_q;
  logic [7:0]            model_q;
  logic [Engines-1:0]    req_q;
  logic [Engines*32-1:0] mask_q;
  logic                  take, post;
  always_comb begin
    take = 1'b0;
    for (int unsigned e = 0; e < Engines; e++) take |= grant[e] && mask_i[32*e + 32'(index_i)];
    post = post_mask_i[index_i];
  end

  localparam int unsigned AgeW = $clog2(2 * Engines + 2);
  logic [AgeW-1:0] age_q [Engines];   // cycles in which the engine could have been served
  always_ff @(posedge clk_i) begin
    index_q <= index_i;
    req_q   <= (!rst_ni || clear_i) ? '0 : req_i & ~grant;
    mask_q  <= mask_i;
    if (!rst_ni || clear_i) model_q <= '0;
    else if (post && !take && model_q != 8'd255) model_q <= model_q + 1'b1;
    else if (take && !post) model_q <= model_q - 1'b1;
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!rst_ni || clear_i || !req_i[e] || blocked[e] || grant[e]) age_q[e] <= '0;
      else age_q[e] <= age_q[e] + 1'b1;
    end
  end

  always_comb begin
    if (!rst_q) assume (!rst_ni);
    assume (!post_mask_i[0]);
    for (int unsigned e = 0; e < Engines; e++) begin
      assume (!mask_i[32*e]);
      // A request stays as it is until it is granted.
      if (rst_q && req_q[e]) assume (req_i[e] && mask_i[32*e +: 32] == mask_q[32*e +: 32]);
    end
    if (rst_q) begin
      assume (index_i == index_q);
      assert (count == model_q);
      assert ((grant & (grant - 1'b1)) == '0);
      assert ((grant & ~req_i) == '0);
      if (take) assert (model_q != '0);
      if (post && !take && model_q == 8'd255) assert (overflow);
      for (int unsigned e = 0; e < Engines; e++) begin
        assert (blocked[e] == (missing[32*e +: 32] != '0));
        assert (missing[32*e + 32'(index_i)] == (req_i[e] && mask_i[32*e + 32'(index_i)] && model_q == '0));
        assert (32'(age_q[e]) <= 2 * Engines - 1);
      end
      // What makes it inductive.
      assert (\u_dut.nonzero_q [index_i] == (model_q != '0));
      for (int unsigned e = 0; e < Engines; e++) begin
        if (grant[e]) assert (req_q[e] && !blocked[e]);
      end
    end
  end
endmodule
