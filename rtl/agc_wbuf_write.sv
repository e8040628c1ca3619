// Several streams of 64-bit words into the eight lanes of the weight buffer: words for different lanes go in one cycle, of words for the same
// lane the lowest stream's goes first. A stream takes the lanes in turn, so one that waited stays a lane behind and does not wait again.
// The streams are registered in front of the lanes: a word that is taken is in the RAM two clock edges later.
module agc_wbuf_write #(
  parameter int unsigned Ports = 3,
  parameter int unsigned AddrW = 11,
  localparam int unsigned Lanes = 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [Ports-1:0]       valid_i,
  output logic [Ports-1:0]       ready_o,
  input  logic [Ports-1:0]       drop_i,    // the word takes its turn and is not written
  input  logic [Ports*20-1:0]    addr_i,    // 8 * word + lane
  input  logic [Ports*64-1:0]    data_i,

  output logic [Lanes-1:0]       w_en_o,
  output logic [Lanes*AddrW-1:0] w_addr_o,
  output logic [Lanes*64-1:0]    w_data_o
);
  logic [Ports*AddrW-1:0] addr_q;
  logic [Ports*64-1:0]    data_q;
  logic [Lanes*Ports-1:0] pick_q;   // lane l takes stream p

  always_comb begin
    ready_o = '1;
    for (int unsigned p = 0; p < Ports; p++) begin
      for (int unsigned q = 0; q < p; q++) begin
        if (valid_i[q] && addr_i[q*20 +: 3] == addr_i[p*20 +: 3]) ready_o[p] = 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Ports; p++) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        pick_q[l*Ports + p] <= rst_ni && valid_i[p] && ready_o[p] && !drop_i[p] && addr_i[p*20 +: 3] == 3'(l);
      end
      addr_q[p*AddrW +: AddrW] <= addr_i[p*20 + 3 +: AddrW];
    end
    data_q <= data_i;
  end

  always_comb begin
    w_addr_o = '0;
    w_data_o = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      w_en_o[l] = |pick_q[l*Ports +: Ports];
      for (int unsigned p = 0; p < Ports; p++) begin
        w_addr_o[l*AddrW +: AddrW] |= addr_q[p*AddrW +: AddrW] & {AddrW{pick_q[l*Ports + p]}};
        w_data_o[l*64 +: 64]       |= data_q[p*64 +: 64] & {64{pick_q[l*Ports + p]}};
      end
    end
  end

  // The range check in front of the bus covers the high address bits.
  logic unused_bits;
  assign unused_bits = ^addr_i;
endmodule
