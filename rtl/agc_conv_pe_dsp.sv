// One pixel of the array in packed DSPs: 8 input x 8 output channels, 32 DSPs.
//
// For each pair of output channels two cascades of four DSPs:   P0 = a0*k0;  P1 = P0 + a1*k1;  P2 = P1 + a2*k2;  P3 = P2 + a3*k3
// with k = w1 * 2^17 + w0. Operands of stage s wait s beats so that product and partial sum meet, and one beat more in the DSP's own input
// registers; more than four products would overflow the 17 low bits. Latency seven beats: input registers, product, four cascade stages, sum
// of the two cascades.
module agc_conv_pe_dsp (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic [63:0]       act_i,   // byte c: input channel c
  input  logic [4*8*25-1:0] pack_i,  // [j][c]: packed weights of output channels 2j, 2j+1
  output logic [255:0]      sum_o    // output channel o at [32*o +: 32], sign extended
);
  for (genvar j = 0; j < 4; j++) begin : gen_pair
    logic signed [47:0] cascade [2];
    for (genvar h = 0; h < 2; h++) begin : gen_half
      logic signed [47:0] p_q [4];
      for (genvar s = 0; s < 4; s++) begin : gen_stage
        logic signed [7:0]  a_in, a_d;
        logic signed [24:0] k_in, k_d;
        assign a_in = act_i[8*(4*h + s) +: 8];
        assign k_in = pack_i[25*(8*j + 4*h + s) +: 25];
        logic signed [7:0]  a_q [s+1];
        logic signed [24:0] k_q [s+1];
        always_ff @(posedge clk_i) begin
          if (en_i) begin
            a_q[0] <= a_in;
            k_q[0] <= k_in;
            for (int unsigned d = 1; d <= s; d++) begin
              a_q[d] <= a_q[d-1];
              k_q[d] <= k_q[d-1];
            end
          end
        end
        assign a_d = a_q[s];
        assign k_d = k_q[s];

        logic signed [32:0] m_q;
        always_ff @(posedge clk_i) begin
          if (en_i) m_q <= a_d * k_d;
        end
        if (s == 0) begin : gen_first
          always_ff @(posedge clk_i) if (en_i) p_q[0] <= 48'(m_q);
        end else begin : gen_next
          always_ff @(posedge clk_i) if (en_i) p_q[s] <= p_q[s-1] + 48'(m_q);
        end
      end
      assign cascade[h] = p_q[3];
    end

    logic signed [16:0] lo0, lo1, hi0, hi1;
    logic signed [17:0] lo_q, hi_q;
    assign lo0 = cascade[0][16:0];
    assign lo1 = cascade[1][16:0];
    assign hi0 = cascade[0][33:17];
    assign hi1 = cascade[1][33:17];
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        lo_q <= 18'(lo0) + 18'(lo1);
        // A negative low half borrowed one from the high half.
        hi_q <= 18'(hi0) + 18'(hi1) + 18'($signed({1'b0, lo0[16]})) + 18'($signed({1'b0, lo1[16]}));
      end
    end
    assign sum_o[64*j +: 32]      = 32'(lo_q);
    assign sum_o[64*j + 32 +: 32] = 32'(hi_q);

    logic unused;
    assign unused = &{1'b0, cascade[0][47:34], cascade[1][47:34]};
  end
endmodule
