// agc_scratchpad: the arbitration of port B. A client is served only when it asks, each bank by at most one client a cycle and by one
// whenever any asks, and a client that keeps its request is served within `Clients` cycles. `Data` = 1, bounded: a read returns, three
// cycles later, what was granted to be written last at its address.
module formal_scratchpad #(
  parameter int unsigned Banks = 2,
  parameter bit Data = 1'b0
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [5:0]   valid_i,
  input logic [119:0] addr_i,
  input logic [3:0]   conv_data_i,
  input logic [3:0]   load_data_i,
  input logic [19:0]  watch_i
);
  localparam int unsigned BankWords = 2;
  localparam int unsigned BankBits  = $clog2(Banks);

  // Four bits of data are as good as 64: the arbiter does not look at them.
  logic [383:0] wdata;
  assign wdata = {192'd0, 60'd0, load_data_i, 60'd0, conv_data_i, 64'd0};

  logic [5:0]          ready, rvalid;
  logic [383:0]        rdata;
  logic [Banks*64-1:0] a_rdata;

  agc_scratchpad #(.Banks(Banks), .BankWords(BankWords), .Clients(6)) u_dut (
    .clk_i, .rst_ni, .a_en_i(1'b0), .a_addr_i('0), .a_rdata_o(a_rdata),
    .b_valid_i(valid_i), .b_ready_o(ready), .b_we_i(6'b000110), .b_addr_i(addr_i), .b_wdata_i(wdata),
    .b_rvalid_o(rvalid), .b_rdata_o(rdata)
  );

  (* hierconn *) wire [5:0] \u_dut.turn_q ;

  logic rst_q = 1'b0;
  always_ff @(posedge clk_i) rst_q <= 1'b1;

  logic [5:0]   held_q;
  logic [119:0] addr_q;
  logic [2:0]   age_q [6];
  always_ff @(posedge clk_i) begin
    held_q <= rst_ni ? valid_i & ~ready : '0;
    addr_q <= addr_i;
    for (int unsigned c = 0; c < 6; c++) age_q[c] <= (rst_ni && valid_i[c] && !ready[c]) ? age_q[c] + 1'b1 : '0;
  end

  always_comb begin
    if (!rst_q) assume (!rst_ni);
    assume (valid_i[5:4] == '0);
    for (int unsigned c = 0; c < 6; c++) begin
      if (rst_q && held_q[c]) assume (valid_i[c] && addr_i[20*c +: 20] == addr_q[20*c +: 20]);
    end
    if (rst_q) begin
      assert ((ready & ~valid_i) == '0);
      for (int unsigned c = 0; c < 6; c++) begin
        assert (32'(age_q[c]) <= 5);
        for (int unsigned d = 0; d < c; d++) begin
          if (ready[c] && ready[d]) assert (addr_i[20*c +: BankBits] != addr_i[20*d +: BankBits]);
        end
        // Whoever waits is behind a client that is served at the same bank.
        if (valid_i[c] && !ready[c]) begin
          assert ((ready[0] && addr_i[0 +: BankBits] == addr_i[20*c +: BankBits]) || (ready[1] && addr_i[20 +: BankBits] == addr_i[20*c +: BankBits]) ||
                  (ready[2] && addr_i[40 +: BankBits] == addr_i[20*c +: BankBits]) || (ready[3] && addr_i[60 +: BankBits] == addr_i[20*c +: BankBits]));
        end
      end
      // What makes it inductive.
      assert (\u_dut.turn_q != '0 && (\u_dut.turn_q & (\u_dut.turn_q - 1'b1)) == '0);
    end
  end

  if (Data) begin : gen_data
    // The word at watch_i (which stays) after each grant, and what the reads in flight must bring.
    logic [19:0] watch_q;
    logic        known_q;
    logic [63:0] value_q, expect_q [3];
    logic [2:0]  reads_q [2];
    always_ff @(posedge clk_i) begin
      watch_q <= watch_i;
      if (!rst_ni) known_q <= 1'b0;
      for (int unsigned c = 1; c < 3; c++) begin
        if (rst_ni && valid_i[c] && ready[c] && addr_i[20*c +: BankBits + 1] == watch_i[BankBits:0]) begin
          known_q <= 1'b1;
          value_q <= wdata[64*c +: 64];
        end
      end
      for (int unsigned k = 0; k < 2; k++) begin
        reads_q[k] <= rst_ni ? {reads_q[k][1:0], known_q && valid_i[3*k] && ready[3*k] && addr_i[20*(3*k) +: BankBits + 1] == watch_i[BankBits:0]} : '0;
      end
      expect_q[0] <= value_q;
      expect_q[1] <= expect_q[0];
      expect_q[2] <= expect_q[1];
    end
    always_comb begin
      if (rst_q) assume (watch_i == watch_q);
      for (int unsigned k = 0; k < 2; k++) begin
        if (rst_q && reads_q[k][2]) assert (rvalid[3*k] && rdata[64*(3*k) +: 64] == expect_q[2]);
      end
    end
  end
endmodule
