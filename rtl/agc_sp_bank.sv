// One scratchpad bank: a true dual port RAM of 64-bit words, both outputs registered (read latency two enabled cycles).
//
// A true dual port block RAM of 4096 words is nine bits wide, so a bank of 4096 words is eight RAMB36, a byte each.
// Both ports are read-first, the only mode in which block RAMs define what the other port reads at an address that is being written (the old word).
module agc_sp_bank #(
  parameter int unsigned Words = 4096,
  localparam int unsigned Aw = $clog2(Words)
) (
  input  logic          clk_i,
  input  logic          a_en_i,     // 0 freezes RAM and output register
  input  logic [Aw-1:0] a_addr_i,
  output logic [63:0]   a_rdata_o,
  input  logic          b_en_i,
  input  logic          b_we_i,
  input  logic [Aw-1:0] b_addr_i,
  input  logic [63:0]   b_wdata_i,
  output logic [63:0]   b_rdata_o
);

  (* ram_style = "block" *) logic [63:0] mem [Words];
  logic [63:0] a_ram_q, b_ram_q;

  always_ff @(posedge clk_i) begin
    if (a_en_i) begin
      a_ram_q   <= mem[a_addr_i];
      a_rdata_o <= a_ram_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (b_en_i) begin
      b_ram_q <= mem[b_addr_i];
      if (b_we_i) mem[b_addr_i] <= b_wdata_i;
    end
    b_rdata_o <= b_ram_q;
  end

endmodule
