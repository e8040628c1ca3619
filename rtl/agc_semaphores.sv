// The counting semaphores: 31 counters of 8 bits, number 0 means none.
//
// Each engine shows the mask of semaphores that its next instruction waits for. One engine at a time is granted, in turn: the grant is a register,
// the counters are decremented in the cycle of the grant, and the next choice is made on the updated counts, so two engines can
// never take the same count. One post list a cycle is added. A count that would pass 255 raises overflow_o and stays.
//
// The counters are kept bit by bit (plane b holds bit b of all 32 counts): an increment is a few operations on masks, which is the same
// logic as 32 counters and a few word operations in simulation.
module agc_semaphores #(
  parameter int unsigned Engines = 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,

  input  logic [Engines-1:0]    req_i,
  input  logic [Engines*32-1:0] mask_i,
  output logic [Engines-1:0]    grant_o,    // one-hot pulse: the waits of this engine are taken
  output logic [Engines-1:0]    blocked_o,  // a semaphore that it waits for is zero
  output logic [Engines*32-1:0] missing_o,  // which ones; zero for an engine without request

  input  logic [31:0]           post_mask_i,  // semaphores posted in this cycle, bit 0 is zero
  output logic                  overflow_o,   // in the cycle of the post

  input  logic [4:0]            rd_index_i,
  output logic [7:0]            rd_count_o
);
  logic [31:0]        plane_q [8];
  logic [31:0]        nonzero_q, above_one;  // nonzero_q goes along with the counters, because the choice of an engine hangs on it
  logic [31:0]        take_mask, inc, dec, saturated;
  logic [Engines-1:0] grant_q, grant_d;

  always_comb begin
    above_one = '0;
    saturated = plane_q[0];
    for (int unsigned b = 1; b < 8; b++) begin
      above_one |= plane_q[b];
      saturated &= plane_q[b];
    end
  end

  always_comb begin
    for (int unsigned e = 0; e < Engines; e++) begin
      missing_o[e*32 +: 32] = req_i[e] ? (mask_i[e*32 +: 32] & ~nonzero_q) : 32'd0;
      blocked_o[e]          = |missing_o[e*32 +: 32];
    end
  end

  // Round robin: engines behind the one served last come first.
  logic [Engines-1:0] able, behind_q, behind_d;
  logic               taken;
  assign able = (grant_q == '0) ? (req_i & ~blocked_o) : '0;

  always_comb begin
    grant_d  = '0;
    behind_d = behind_q;
    taken    = 1'b0;
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!taken && able[e] && behind_q[e]) begin
        taken      = 1'b1;
        grant_d[e] = 1'b1;
      end
    end
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!taken && able[e]) begin
        taken      = 1'b1;
        grant_d[e] = 1'b1;
      end
    end
    if (taken) begin
      for (int unsigned e = 0; e < Engines; e++) begin
        behind_d[e] = 1'b0;
        for (int unsigned k = 0; k < e; k++) behind_d[e] |= grant_d[k];
      end
    end
  end

  always_comb begin
    take_mask = '0;
    for (int unsigned e = 0; e < Engines; e++) begin
      if (grant_q[e]) take_mask |= mask_i[e*32 +: 32];
    end
  end

  assign inc        = post_mask_i & ~take_mask & ~saturated;
  assign dec        = take_mask & ~post_mask_i;
  assign overflow_o = |(post_mask_i & ~take_mask & saturated);
  assign grant_o    = grant_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      grant_q  <= '0;
      behind_q <= '0;
    end else begin
      grant_q  <= grant_d;
      behind_q <= behind_d;
    end
  end

  // A bit changes where all bits below are ones (up) or zeros (down); that is known before the grant is.
  logic [31:0] plane_d [8];
  logic [31:0] ones, zeros;
  always_comb begin
    ones  = '1;
    zeros = '1;
    for (int unsigned b = 0; b < 8; b++) begin
      plane_d[b] = plane_q[b] ^ ((inc & ones) | (dec & zeros));
      ones      &= plane_q[b];
      zeros     &= ~plane_q[b];
    end
  end

  always_ff @(posedge clk_i) begin
    nonzero_q <= (!rst_ni || clear_i) ? '0 : (nonzero_q | inc) & ~(dec & ~above_one);
    for (int unsigned b = 0; b < 8; b++) begin
      if (!rst_ni || clear_i) plane_q[b] <= '0;
      else                    plane_q[b] <= plane_d[b];
    end
  end

  always_comb begin
    for (int unsigned b = 0; b < 8; b++) rd_count_o[b] = plane_q[b][rd_index_i];
  end
endmodule
