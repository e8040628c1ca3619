// Multiplier array of the convolution engine, output stationary: Pixels x 8 input x 8 output channels a beat.
//
//   banks -> crossbar -> operand registers -> products, sums over 8 input channels -> accumulators -> shadow set -> drain
//                        t                    t+1 .. t+7                            t+8             t+9
//
// A micro-tile's accumulators move to the shadow set at its end and are drained from there while the next micro-tile accumulates.
// Two weights (output channels 2j, 2j+1) share one DSP: (w1 * 2^17 + w0) * a, four products to a cascade, which the 17 low bits
// hold without overflow for |w| <= 127; the borrow of the low half is given back when the halves are parted. DspPixels pixels
// are built so, the others from LUTs, because the part has fewer DSPs than the array has products.
//
// AGC_FAST_SIM selects a body of the same function and latency that simulates several times faster: two weights 32 bits apart in a
// 64-bit word, no cascade. The benches run with both.
module agc_conv_array #(
  parameter  int unsigned Pixels    = 8,
  parameter  int unsigned DspPixels = 6,
  parameter  int unsigned Banks     = 8,
  localparam int unsigned SelW      = $clog2(Banks),
  localparam int unsigned PxW       = $clog2(Pixels)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic [Pixels:0]        en_i,     // the same enable from several registers: one for each pixel, the last for what they share

  input  logic [Banks*64-1:0]    a_rdata_i,
  input  logic [511:0]           w_rdata_i,
  input  logic                   read_i,   // pixels with cap_i take their word
  input  logic                   mac_i,    // multiply what has been taken
  input  logic                   first_i,  // start of a micro-tile
  input  logic                   last_i,   // its end
  input  logic [Pixels*SelW-1:0] sel_i,
  input  logic [Pixels-1:0]      cap_i,
  input  logic [Pixels-1:0]      pad_i,
  input  logic [7:0]             pad_value_i,

  output logic                   swap_o,   // accumulators are complete; they move when en_i is high
  output logic                   swap_next_o,  // swap_o of the next cycle
  output logic                   mac_o,    // a beat accumulates

  input  logic [PxW-1:0]         shadow_px_i,
  output logic [255:0]           shadow_o  // 8 x int32 of that pixel
);
  localparam int unsigned Latency = 7;  // operand registers to the sums that the accumulators take

  logic en;
  assign en = en_i[Pixels];

  // ---- Crossbar and operand registers -----------------------------------------------------------------------------------------
  logic [63:0] act_q [Pixels];
  logic [511:0] w_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Pixels; p++) begin
      if (en_i[p] && read_i && cap_i[p]) begin
        act_q[p] <= pad_i[p] ? {8{pad_value_i}} : a_rdata_i[sel_i[p*SelW +: SelW]*64 +: 64];
      end
    end
    if (en) w_q <= w_rdata_i;
  end

  // ---- Tags -------------------------------------------------------------------------------------------------------------------
  // tag[0] goes with the operand registers, tag[Latency] with the sums, tag[Latency+1] with the accumulators.
  logic [Latency:0]   mac_q, first_q;
  logic [Latency+1:0] last_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      mac_q  <= '0;
      last_q <= '0;
    end else if (en) begin
      mac_q  <= {mac_q[Latency-1:0], mac_i};
      last_q <= {last_q[Latency:0], mac_i && last_i};
    end
  end
  always_ff @(posedge clk_i) begin
    if (en) first_q <= {first_q[Latency-1:0], first_i};
  end
  assign swap_o = last_q[Latency+1];
  assign swap_next_o = en ? last_q[Latency] : last_q[Latency+1];
  assign mac_o  = mac_q[Latency];

  logic acc_first;
  assign acc_first = first_q[Latency];

`ifdef AGC_FAST_SIM
  // ---- Fast simulation body -----------------------------------------------------------------------------------------------------
  // Operands wait Latency beats in a ring, then multiply and accumulate at once.
  // verilator lint_off BLKSEQ
  logic [63:0]        ring_act [Latency*Pixels];
  logic [511:0]       ring_w   [Latency];
  int unsigned        ring_pos;
  logic signed [63:0] acc      [Pixels*4];
  logic [63:0]        shadow   [Pixels*4];
  logic signed [63:0] weight   [32];  // pair j, input channel c at 8*j + c
  logic signed [63:0] lane     [8];
  logic signed [63:0] sum;

  always_ff @(posedge clk_i) begin
    if (en && last_q[Latency+1]) begin
      for (int unsigned k = 0; k < Pixels*4; k++) shadow[k] <= acc[k];
    end
    if (en) begin
      if (mac_q[Latency]) begin
        for (int unsigned j = 0; j < 4; j++) begin
          for (int unsigned c = 0; c < 8; c++) begin
            weight[8*j + c] = (64'($signed(ring_w[ring_pos][(2*j + 1)*64 + 8*c +: 8])) <<< 32)
                            + 64'($signed(ring_w[ring_pos][2*j*64 + 8*c +: 8]));
          end
        end
        for (int unsigned p = 0; p < Pixels; p++) begin
          for (int unsigned c = 0; c < 8; c++) lane[c] = 64'($signed(ring_act[ring_pos*Pixels + p][8*c +: 8]));
          for (int unsigned j = 0; j < 4; j++) begin
            sum = acc_first ? 64'd0 : acc[4*p + j];
            for (int unsigned c = 0; c < 8; c++) sum = sum + weight[8*j + c] * lane[c];
            acc[4*p + j] = sum;
          end
        end
      end
      for (int unsigned p = 0; p < Pixels; p++) ring_act[ring_pos*Pixels + p] = act_q[p];
      ring_w[ring_pos] = w_q;
      ring_pos = (ring_pos >= Latency - 1) ? 0 : ring_pos + 1;
    end
  end
  // verilator lint_on BLKSEQ

  for (genvar j = 0; j < 4; j++) begin : gen_out
    logic [63:0] pair;
    assign pair = shadow[{shadow_px_i, 2'(j)}];
    assign shadow_o[64*j +: 32]      = pair[31:0];
    assign shadow_o[64*j + 32 +: 32] = pair[63:32] + 32'(pair[31]);
  end
  logic [$clog2(DspPixels+1)-1:0] unused_dsp_pixels;
  assign unused_dsp_pixels = '0;
`else
  // ---- Synthesis body -----------------------------------------------------------------------------------------------------------
  // Weights, packed for the DSPs and plain for the LUT multipliers; input channel c of each half is delayed by c mod 4 beats to meet
  // the partial sum of the cascade.
  localparam int unsigned PackW = 25;
  logic signed [PackW-1:0] pack [4][8];
  for (genvar j = 0; j < 4; j++) begin : gen_pack
    for (genvar c = 0; c < 8; c++) begin : gen_channel
      logic signed [7:0] w0, w1;
      assign w0 = w_q[2*j*64 + 8*c +: 8];
      assign w1 = w_q[(2*j + 1)*64 + 8*c +: 8];
      // w1 * 2^17 + w0 without an adder across all bits: only the upper part can lose the borrow.
      assign pack[j][c] = {w1 - 8'($unsigned(w0[7])), {9{w0[7]}}, w0};
    end
  end

  logic [Pixels*256-1:0] sum_bits;  // 8 x 18 bits used of 8 x 32 for each pixel: sums over the eight input channels
  for (genvar p = 0; p < Pixels; p++) begin : gen_pixel
    if (p < DspPixels) begin : gen_dsp
      agc_conv_pe_dsp u_pe (
        .clk_i,
        .en_i  (en_i[p]),
        .act_i (act_q[p]),
        .pack_i({pack[3][7], pack[3][6], pack[3][5], pack[3][4], pack[3][3], pack[3][2], pack[3][1], pack[3][0],
                 pack[2][7], pack[2][6], pack[2][5], pack[2][4], pack[2][3], pack[2][2], pack[2][1], pack[2][0],
                 pack[1][7], pack[1][6], pack[1][5], pack[1][4], pack[1][3], pack[1][2], pack[1][1], pack[1][0],
                 pack[0][7], pack[0][6], pack[0][5], pack[0][4], pack[0][3], pack[0][2], pack[0][1], pack[0][0]}),
        .sum_o (sum_bits[p*256 +: 256])
      );
    end else begin : gen_lut
      agc_conv_pe_lut u_pe (
        .clk_i,
        .en_i (en_i[p]),
        .act_i(act_q[p]),
        .w_i  (w_q),
        .sum_o(sum_bits[p*256 +: 256])
      );
    end
  end

  logic [255:0] acc_q [Pixels];
  logic [255:0] shadow_q [Pixels];
  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Pixels; p++) begin
      if (en_i[p] && last_q[Latency+1]) shadow_q[p] <= acc_q[p];
      if (en_i[p] && mac_q[Latency]) begin
        for (int unsigned o = 0; o < 8; o++) begin
          acc_q[p][32*o +: 32] <= (acc_first ? 32'd0 : acc_q[p][32*o +: 32]) + sum_bits[p*256 + 32*o +: 32];
        end
      end
    end
  end
  assign shadow_o = shadow_q[shadow_px_i];
`endif
endmodule
