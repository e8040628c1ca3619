// Weight buffer: `Words` words of 64 bytes, written in 64-bit lanes, read as a whole word.
//
// Simple dual port. Read latency is two enabled cycles: RAM, then output register; r_en_i = 0 freezes both. A word that is written in the cycle
// in which it is read gives an undefined value on the device (here the old one): the program's semaphores keep writer and reader apart.
//
// A 64-bit lane is stacked from 512-word block RAMs (one RAMB36 each at this width); the selection between them is behind the RAMs, in front
// of the output register. Addresses at or above Words are not written and read undefined data; the writer and the reader check their ranges.
module agc_wbuf #(
  parameter int unsigned Words = 1536,
  localparam int unsigned Aw = $clog2(Words)
) (
  input  logic          clk_i,
  input  logic          w_en_i,
  input  logic [Aw-1:0] w_addr_i,
  input  logic [2:0]    w_lane_i,
  input  logic [63:0]   w_data_i,
  input  logic          r_en_i,
  input  logic [Aw-1:0] r_addr_i,
  output logic [511:0]  r_data_o
);

  for (genvar l = 0; l < 8; l++) begin : gen_lane
    (* ram_style = "block" *) logic [63:0] mem [Words];
    logic [63:0] ram_q;

    always_ff @(posedge clk_i) begin
      if (w_en_i && w_lane_i == 3'(l)) mem[w_addr_i] <= w_data_i;
    end

    always_ff @(posedge clk_i) begin
      if (r_en_i) begin
        ram_q <= mem[r_addr_i];
        r_data_o[64*l+:64] <= ram_q;
      end
    end
  end

endmodule
