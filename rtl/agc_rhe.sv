// Shift right by 0..63, round to nearest with ties to even, saturate: the `rhe` of docs/machine.md for results that a clamp to int8 follows.
//
//   v_i, sh_i -> [ >> 0/16/32/48 ] -> [ >> 0/4/8/12 ] -> [ >> 0..3 ] -> [ saturate, round ] -> r_o        latency 4 enabled cycles
//
// The value travels with a guard bit below it; `sticky` collects what falls off below the guard bit, `over` remembers that bits above the window
// differ from the sign. Each stage keeps only the bits that the shifts still to come can move into the result:
//
//   sign .. sign | window | guard | fallen off -> sticky
//
// r_o is exact where the floor of the exact result lies in -256..255, and otherwise -256, 255 or 256 on the right side: after an int8 is added and
// the sum clamped to int8 bounds, nothing of the saturation is left.
module agc_rhe #(
  parameter int unsigned InW = 50,           // 26..71
  localparam int unsigned OutW = 10
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic signed [InW-1:0]  v_i,
  input  logic [5:0]             sh_i,
  output logic signed [OutW-1:0] r_o
);

  localparam int unsigned W3 = OutW;         // nine bits and the guard bit
  localparam int unsigned W2 = W3 + 3;
  localparam int unsigned W1 = W2 + 12;
  localparam int unsigned W0 = W1 + 48;

  logic [W0-1:0] v0;
  logic          sign0, sign1_q, sign2_q, sign3_q;
  assign sign0 = v_i[InW-1];
  assign v0 = {{(W0 - InW - 1){sign0}}, v_i, 1'b0};

  logic [W1-1:0] v1_d, v1_q;
  logic [W2-1:0] v2_d, v2_q;
  logic [W3-1:0] v3_d, v3_q;
  logic [3:0]    sh1_q;
  logic [1:0]    sh2_q;
  logic          over1_d, over1_q, over2_d, over2_q, over3_d, over3_q;
  logic          sticky1_d, sticky1_q, sticky2_d, sticky2_q, sticky3_d, sticky3_q;

  // `over` of a window: a bit from its top bit upwards differs from the sign.
  always_comb begin
    unique case (sh_i[5:4])
      2'd0: begin
        v1_d = v0[0+:W1];
        over1_d = v0[W0-1:W1-1] != {(W0 - W1 + 1){sign0}};
        sticky1_d = 1'b0;
      end
      2'd1: begin
        v1_d = v0[16+:W1];
        over1_d = v0[W0-1:W1+15] != {(W0 - W1 - 15){sign0}};
        sticky1_d = |v0[15:0];
      end
      2'd2: begin
        v1_d = v0[32+:W1];
        over1_d = v0[W0-1:W1+31] != {(W0 - W1 - 31){sign0}};
        sticky1_d = |v0[31:0];
      end
      default: begin
        v1_d = v0[48+:W1];
        over1_d = 1'b0;                      // nothing but sign is left above
        sticky1_d = |v0[47:0];
      end
    endcase
  end

  always_comb begin
    unique case (sh1_q[3:2])
      2'd0: begin
        v2_d = v1_q[0+:W2];
        over2_d = v1_q[W1-1:W2-1] != {13{sign1_q}};
        sticky2_d = 1'b0;
      end
      2'd1: begin
        v2_d = v1_q[4+:W2];
        over2_d = v1_q[W1-1:W2+3] != {9{sign1_q}};
        sticky2_d = |v1_q[3:0];
      end
      2'd2: begin
        v2_d = v1_q[8+:W2];
        over2_d = v1_q[W1-1:W2+7] != {5{sign1_q}};
        sticky2_d = |v1_q[7:0];
      end
      default: begin
        v2_d = v1_q[12+:W2];
        over2_d = v1_q[W1-1] != sign1_q;
        sticky2_d = |v1_q[11:0];
      end
    endcase
  end

  always_comb begin
    unique case (sh2_q)
      2'd0: begin
        v3_d = v2_q[0+:W3];
        over3_d = v2_q[W2-1:W3-1] != {4{sign2_q}};
        sticky3_d = 1'b0;
      end
      2'd1: begin
        v3_d = v2_q[1+:W3];
        over3_d = v2_q[W2-1:W3] != {3{sign2_q}};
        sticky3_d = v2_q[0];
      end
      2'd2: begin
        v3_d = v2_q[2+:W3];
        over3_d = v2_q[W2-1:W3+1] != {2{sign2_q}};
        sticky3_d = |v2_q[1:0];
      end
      default: begin
        v3_d = v2_q[3+:W3];
        over3_d = v2_q[W2-1] != sign2_q;
        sticky3_d = |v2_q[2:0];
      end
    endcase
  end

  logic round;
  logic [OutW-1:0] floor_sat;
  assign round = v3_q[0] & (sticky3_q | v3_q[1]);
  assign floor_sat = over3_q ? {{2{sign3_q}}, {(OutW - 2){~sign3_q}}} : {v3_q[W3-1], v3_q[W3-1:1]};

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      v1_q      <= v1_d;
      sh1_q     <= sh_i[3:0];
      sign1_q   <= sign0;
      over1_q   <= over1_d;
      sticky1_q <= sticky1_d;

      v2_q      <= v2_d;
      sh2_q     <= sh1_q[1:0];
      sign2_q   <= sign1_q;
      over2_q   <= over1_q | over2_d;
      sticky2_q <= sticky1_q | sticky2_d;

      v3_q      <= v3_d;
      sign3_q   <= sign2_q;
      over3_q   <= over2_q | over3_d;
      sticky3_q <= sticky2_q | sticky3_d;

      r_o       <= $signed(floor_sat + OutW'(round));
    end
  end

endmodule
