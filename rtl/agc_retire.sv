// Takes completions of the engines, one a cycle, lower index first, and hands out one post list and one completion event a cycle.
module agc_retire #(
  parameter int unsigned Engines = 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  input  logic                  halt_i,

  input  logic [Engines-1:0]    done_valid_i,
  output logic [Engines-1:0]    done_ready_o,
  input  logic [Engines*60-1:0] done_tag_i,   // {index, layer, posts}

  output logic                  valid_o,
  output logic [31:0]           post_mask_o,  // the semaphores of the post list, zero without valid_o
  output logic [Engines-1:0]    engine_o,     // one-hot
  output logic [59:0]           tag_o
);
  logic [Engines-1:0] pick, engine_q;
  logic [59:0]        tag, tag_q;
  logic [31:0]        mask, mask_q;

  always_comb begin
    pick = '0;
    tag  = '0;
    for (int unsigned e = 0; e < Engines; e++) begin
      if (pick == '0 && done_valid_i[e] && !halt_i) begin
        pick[e] = 1'b1;
        tag     = done_tag_i[e*60 +: 60];
      end
    end
  end

  always_comb begin
    mask = '0;
    for (int unsigned k = 0; k < 4; k++) mask |= 32'd1 << tag[5*k +: 5];
    mask[0] = 1'b0;
  end

  assign done_ready_o = pick;
  assign post_mask_o  = mask_q;
  assign valid_o      = |engine_q;
  assign engine_o     = engine_q;
  assign tag_o        = tag_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) engine_q <= '0;
    else                    engine_q <= pick;
    tag_q  <= tag;
    mask_q <= (!rst_ni || clear_i || pick == '0) ? '0 : mask;
  end
endmodule
