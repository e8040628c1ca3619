// One pixel of the array from LUTs: 8 input x 8 output channels, same function and latency as agc_conv_pe_dsp.
//
// A product is the sum of four partial products, one for two weight bits: 0, a, 2a or 3a, for the signed top digit 0, a, -2a or -a. 3a and -a
// are made once per input channel for all eight output channels, so a partial product is one LUT a bit and no carry chain. Written out so that
// synthesis does not make DSPs of it. Latency six beats: multiples, partial products, two adder levels, two beats for the sum of eight.
module agc_conv_pe_lut (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [63:0]  act_i,  // byte c: input channel c
  input  logic [511:0] w_i,    // byte 8*o + c: weight of output channel o, input channel c
  output logic [255:0] sum_o   // output channel o at [32*o +: 32], sign extended
);
  logic signed [7:0] a_q  [8];
  logic signed [9:0] a3_q [8];
  logic signed [8:0] na_q [8];
  logic [511:0]      w_q;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      for (int unsigned c = 0; c < 8; c++) begin
        a_q[c]  <= act_i[8*c +: 8];
        a3_q[c] <= 10'($signed(act_i[8*c +: 8])) + (10'($signed(act_i[8*c +: 8])) <<< 1);
        na_q[c] <= 9'sd0 - 9'($signed(act_i[8*c +: 8]));
      end
      w_q <= w_i;
    end
  end

  for (genvar o = 0; o < 8; o++) begin : gen_out
    logic signed [15:0] prod_q [8];
    for (genvar c = 0; c < 8; c++) begin : gen_product
      logic signed [9:0] pp_q [4];  // digit d, worth 4^d
      always_ff @(posedge clk_i) begin
        if (en_i) begin
          for (int unsigned d = 0; d < 4; d++) begin
            unique case (w_q[64*o + 8*c + 2*d +: 2])
              2'd0: pp_q[d] <= '0;
              2'd1: pp_q[d] <= 10'(a_q[c]);
              2'd2: pp_q[d] <= (d == 3) ? 10'(na_q[c]) <<< 1 : 10'(a_q[c]) <<< 1;
              2'd3: pp_q[d] <= (d == 3) ? 10'(na_q[c]) : a3_q[c];
            endcase
          end
        end
      end

      logic signed [12:0] low_q, high_q;
      always_ff @(posedge clk_i) begin
        if (en_i) begin
          low_q     <= 13'(pp_q[0]) + (13'(pp_q[1]) <<< 2);
          high_q    <= 13'(pp_q[2]) + (13'(pp_q[3]) <<< 2);
          prod_q[c] <= 16'(low_q) + (16'(high_q) <<< 4);
        end
      end
    end

    logic signed [16:0] s2_q [4];
    logic signed [18:0] s8_q;
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        for (int unsigned k = 0; k < 4; k++) s2_q[k] <= 17'(prod_q[2*k]) + 17'(prod_q[2*k+1]);
        s8_q <= 19'(18'(s2_q[0]) + 18'(s2_q[1])) + 19'(18'(s2_q[2]) + 18'(s2_q[3]));
      end
    end
    assign sum_o[32*o +: 32] = 32'(s8_q);
  end
endmodule
