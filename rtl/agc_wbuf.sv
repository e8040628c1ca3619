// Weight buffer: `Words` words of 64 bytes, read as a whole word; each of the eight 64-bit lanes is written by itself.
//
// Simple dual port. Read latency is two enabled cycles: RAM, then output register; r_en_i = 0 freezes both. A word that is written in the cycle
// in which it is read gives an undefined value on the device (here the old one): the program's semaphores keep writer and reader apart.
//
//   lane l, 512 words:   RAM -> register -+
//   lane l, 512 words:   RAM -> register -+- by the upper address bits -> r_data_o[64*l +: 64]
//   lane l, the rest:    RAM -> register -+
//
// At 64 bits a RAMB36 is 512 words deep, so a lane is a stack of them. The registers are in front of the selection, where they are part of the
// block RAM on the device. Addresses at or above Words hold nothing that can be relied on; the writer and the reader check their ranges.
module agc_wbuf #(
  parameter int unsigned Words = 1536,
  localparam int unsigned Aw = $clog2(Words)
) (
  input  logic            clk_i,
  input  logic [7:0]      w_en_i,     // lane by lane
  input  logic [8*Aw-1:0] w_addr_i,
  input  logic [511:0]    w_data_i,
  input  logic            r_en_i,
  input  logic [Aw-1:0]   r_addr_i,
  output logic [511:0]    r_data_o
);

  localparam int unsigned Depth = Words < 512 ? Words : 512;
  localparam int unsigned Stack = (Words + Depth - 1) / Depth;
  localparam int unsigned LowW = $clog2(Depth);
  localparam int unsigned HighW = Stack > 1 ? Aw - LowW : 1;

  logic [HighW-1:0] r_high, r_high1_q, r_high2_q;
  if (Stack > 1) begin : gen_high
    assign r_high = r_addr_i[Aw-1:LowW];
  end else begin : gen_single
    assign r_high = '0;
  end

  always_ff @(posedge clk_i) begin
    if (r_en_i) begin
      r_high1_q <= r_high;
      r_high2_q <= r_high1_q;
    end
  end

  for (genvar l = 0; l < 8; l++) begin : gen_lane
    logic [Stack*64-1:0] out;
    logic [Aw-1:0]       w_addr;
    logic [HighW-1:0]    w_high;
    assign w_addr = w_addr_i[Aw*l+:Aw];
    if (Stack > 1) begin : gen_w_high
      assign w_high = w_addr[Aw-1:LowW];
    end else begin : gen_w_single
      assign w_high = '0;
    end
    for (genvar s = 0; s < Stack; s++) begin : gen_ram
      (* ram_style = "block" *) logic [63:0] mem [Depth];
      logic [63:0] ram_q, out_q;

      always_ff @(posedge clk_i) begin
        if (w_en_i[l] && w_high == HighW'(s)) mem[w_addr[LowW-1:0]] <= w_data_i[64*l+:64];
      end

      always_ff @(posedge clk_i) begin
        if (r_en_i) begin
          ram_q <= mem[r_addr_i[LowW-1:0]];
          out_q <= ram_q;
        end
      end
      assign out[64*s+:64] = out_q;
    end

    always_comb begin
      r_data_o[64*l+:64] = out[63:0];
      for (int unsigned s = 1; s < Stack; s++) begin
        if (r_high2_q == HighW'(s)) r_data_o[64*l+:64] = out[64*s+:64];
      end
    end
  end

endmodule
