// One pixel of the array from LUTs: 8 input x 8 output channels, same function and latency as agc_conv_pe_dsp.
//
// Each product is four radix-4 Booth rows over the weight's bits, digit k = -2*w[2k+1] + w[2k] + w[2k-1]:
//
//   row 0                   pp pp pp pp         0, a, -2a or -a, picked
//   row 1           - pp pp pp pp               -digit * a as one's complement where the digit is not negative; the missing one
//   row 2     - pp pp pp pp                     is borrowed at the row's own low end, so the two low bits of each sum are final
//
// Subtractions, because synthesis keeps the minuend on the carry chain's own input: then row selection (three weight bits, two
// bits of a) and adder are one six-input LUT a bit. Three stages of rows, three adder levels over the input channels, and one
// beat of waiting for the DSP pixels. Weights are any int8. Written out so that synthesis does not make DSPs of it.
module agc_conv_pe_lut (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [63:0]  act_i,  // byte c: input channel c
  input  logic [511:0] w_i,    // byte 8*o + c: weight of output channel o, input channel c
  output logic [255:0] sum_o   // output channel o at [32*o +: 32], sign extended
);
  // -digit * a, one short where b[2] = 0.
  function automatic logic [9:0] row(input logic [2:0] b, input logic [7:0] a);
    row = (({10{b[1] ^ b[0]}} & {{2{a[7]}}, a}) | ({10{b == 3'b100 || b == 3'b011}} & {a[7], a, 1'b0})) ^ {10{~b[2]}};
  endfunction

  // Operands of the second and third stage.
  logic [63:0]      act2_q, act3_q;
  logic [63:0][4:0] w2_q;      // bits 7:3
  logic [63:0][2:0] w3_q;      // bits 7:5
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      act2_q <= act_i;
      act3_q <= act2_q;
      for (int unsigned k = 0; k < 64; k++) begin
        w2_q[k] <= w_i[8*k + 3 +: 5];
        w3_q[k] <= w2_q[k][4:2];
      end
    end
  end

  logic [7:0][8:0] neg;        // -a
  for (genvar c = 0; c < 8; c++) begin : gen_neg
    assign neg[c] = 9'd0 - {act_i[8*c + 7], act_i[8*c +: 8]};
  end

  for (genvar o = 0; o < 8; o++) begin : gen_out
    logic signed [15:0] prod [8];
    for (genvar c = 0; c < 8; c++) begin : gen_product
      logic [3:0]  w;
      logic [9:0]  row0;
      logic [10:0] hi1_q, hi2_q, hi3_q;  // bit 0 is the borrow's place
      logic [1:0]  lo1_q;
      logic [3:0]  lo2_q;
      logic [5:0]  lo3_q;
      assign w = w_i[64*o + 8*c +: 4];
      always_comb begin
        unique case (w[1:0])
          2'd0:    row0 = '0;
          2'd1:    row0 = {{2{act_i[8*c + 7]}}, act_i[8*c +: 8]};
          2'd2:    row0 = {neg[c], 1'b0};
          default: row0 = {neg[c][8], neg[c]};
        endcase
      end
      always_ff @(posedge clk_i) begin
        if (en_i) begin
          hi1_q <= {{2{row0[9]}}, row0[9:2], 1'b0} - {row(w[3:1], act_i[8*c +: 8]), ~w[3]};
          lo1_q <= row0[1:0];
          hi2_q <= {{2{hi1_q[10]}}, hi1_q[10:3], 1'b0} - {row(w2_q[8*o + c][2:0], act2_q[8*c +: 8]), ~w2_q[8*o + c][2]};
          lo2_q <= {hi1_q[2:1], lo1_q};
          hi3_q <= {{2{hi2_q[10]}}, hi2_q[10:3], 1'b0} - {row(w3_q[8*o + c], act3_q[8*c +: 8]), ~w3_q[8*o + c][2]};
          lo3_q <= {hi2_q[2:1], lo2_q};
        end
      end
      logic unused;
      assign unused = ^{hi1_q[0], hi2_q[0], hi3_q[0]};
      assign prod[c] = $signed({hi3_q[10:1], lo3_q});
    end

    logic signed [16:0] s2_q [4];
    logic signed [17:0] s4_q [2];
    logic signed [18:0] s8_q, out_q;
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        for (int unsigned k = 0; k < 4; k++) s2_q[k] <= 17'(prod[2*k]) + 17'(prod[2*k+1]);
        for (int unsigned k = 0; k < 2; k++) s4_q[k] <= 18'(s2_q[2*k]) + 18'(s2_q[2*k+1]);
        s8_q  <= 19'(s4_q[0]) + 19'(s4_q[1]);
        out_q <= s8_q;
      end
    end
    assign sum_o[32*o +: 32] = 32'(out_q);
  end
endmodule
