// Convolution engine with its epilogue: CONV_GEO, CONV_EPI, CONV_TABLE, CONV. See docs/machine.md for what they compute.
//
//   cmd -> issue -- addresses --> scratchpad port A, weight buffer -- two cycles --> array -> shadow -> drain -> scratchpad port B
//
// One enable runs everything from the loops to the accumulators: it is low only when a micro-tile is complete and the shadow set is still
// being drained. It is decided one cycle ahead (the drain knows in each cycle whether it will have let go of the shadow set in the next one)
// and kept in a register for each part of the engine: no logic in front of its thousands of sinks.
// Instructions complete in order; the next CONV reads while the one before drains.
module agc_conv #(
  parameter  int unsigned Pixels      = 8,
  parameter  int unsigned DspPixels   = 6,
  parameter  int unsigned Banks       = 8,
  parameter  int unsigned BankWords   = 4096,
  parameter  int unsigned WeightWords = 1536,
  localparam int unsigned BankAw      = $clog2(BankWords),
  localparam int unsigned WAw         = $clog2(WeightWords)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,      // drop everything, after a fault
  input  logic                    halt_i,       // stop where you are

  input  logic                    cmd_valid_i,
  output logic                    cmd_ready_o,
  input  logic [255:0]            cmd_i,
  output logic                    done_o,
  output logic                    fault_valid_o,
  output logic [7:0]              fault_cause_o,

  output logic                    busy_o,
  output logic                    mac_beat_o,
  output logic                    stall_o,      // a micro-tile waits for the drain of the one before
  output logic                    progress_o,

  output logic                    a_en_o,
  output logic [Banks*BankAw-1:0] a_addr_o,
  input  logic [Banks*64-1:0]     a_rdata_i,
  output logic                    w_en_o,
  output logic [WAw-1:0]          w_addr_o,
  input  logic [511:0]            w_rdata_i,

  output logic                    bw_valid_o,
  input  logic                    bw_ready_i,
  output logic [19:0]             bw_addr_o,
  output logic [63:0]             bw_data_o,
  output logic                    br_valid_o,
  input  logic                    br_ready_i,
  output logic [19:0]             br_addr_o,
  input  logic                    br_rvalid_i,
  input  logic [63:0]             br_rdata_i
);
  localparam int unsigned SelW     = $clog2(Banks);
  localparam int unsigned PxW      = $clog2(Pixels);
  localparam int unsigned ParDepth = 8;  // parameter words under way: output blocks between the loops and the drain

  logic swap, swap_next, free_next, halt, fault_q;
  // Halted from outside or by a fault of its own, one cycle late: it goes everywhere, and to the drain from a register of its own.
  logic fault, halt_d, halt_drain;
  assign halt_d = rst_ni && (halt_i || (!clear_i && (fault || fault_q)));
  always_ff @(posedge clk_i) halt <= halt_d;
  agc_reg_copy u_halt_drain (.clk_i, .d_i(halt_d), .q_o(halt_drain));

  // The enable and its copies: issue stage and what is in this module, weight buffer, scratchpad, array (one for each pixel and one for the rest).
  localparam int unsigned EnIssue   = 0;
  localparam int unsigned EnWeights = 1;
  localparam int unsigned EnBanks   = 2;
  localparam int unsigned EnArray   = 3;
  localparam int unsigned EnCopies  = EnArray + Pixels + 1;
  logic                en, en_next;
  logic [EnCopies-1:0] en_copy;
  assign en_next = !(swap_next && !free_next) && !halt;
  for (genvar k = 0; k < EnCopies; k++) begin : gen_en
    agc_reg_copy u_copy (.clk_i, .d_i(en_next), .q_o(en_copy[k]));
  end
  assign en = en_copy[EnIssue];
  // swap && en, decided with the enable: the drain has long ways behind it.
  logic swaps_q;
  always_ff @(posedge clk_i) swaps_q <= rst_ni && !clear_i && swap_next && free_next && !halt;

  // ---- Issue ------------------------------------------------------------------------------------------------------------------
  logic                   set_done, issue_busy, tile_valid, tile_ready, drain_idle, par_free, par_issue, par_pop, drain_done;
  logic [255:64]          tile, epi;
  logic [12:0]            out_pitch, res_pitch, out_half;
  logic                   block, out_split;
  logic [2:0]             out_step;
  logic                   table_take, table_busy, table_done, table_fault, table_we;
  logic [WAw-1:0]         table_addr;
  logic [4:0]             table_waddr;
  logic [63:0]            table_wdata;
  logic [19:0]            out_cpitch, res_cpitch;
  logic                   tag_par, tag_read, tag_mac, tag_first, tag_last, a_fault, w_fault, cmd_ready;
  logic [Pixels*SelW-1:0] sel;
  logic [Pixels-1:0]      cap, pad;
  logic [7:0]             pad_value;

  assign cmd_ready_o = cmd_ready && !halt;
  agc_conv_issue #(.Pixels(Pixels), .Banks(Banks), .BankWords(BankWords), .WeightWords(WeightWords)) u_issue (
    .clk_i, .rst_ni, .clear_i, .en_i(en),
    .cmd_valid_i(cmd_valid_i && !halt), .cmd_ready_o(cmd_ready), .cmd_i, .set_done_o(set_done), .busy_o(issue_busy),
    .take_table_o(table_take), .table_busy_i(table_busy), .table_addr_i(table_addr),
    .drained_i(drain_idle), .tile_valid_o(tile_valid), .tile_ready_i(tile_ready), .tile_o(tile),
    .par_free_i(par_free), .par_issue_o(par_issue),
    .out_pitch_o(out_pitch), .out_cpitch_o(out_cpitch), .res_pitch_o(res_pitch), .res_cpitch_o(res_cpitch),
    .block_o(block), .out_split_o(out_split), .out_half_o(out_half), .out_step_o(out_step), .epi_o(epi),
    .a_addr_o, .w_addr_o,
    .tag_par_o(tag_par), .tag_read_o(tag_read), .tag_mac_o(tag_mac), .tag_first_o(tag_first), .tag_last_o(tag_last),
    .sel_o(sel), .cap_o(cap), .pad_o(pad), .pad_value_o(pad_value),
    .sp_fault_o(a_fault), .wb_fault_o(w_fault)
  );
  assign a_en_o = en_copy[EnBanks];
  assign w_en_o = en_copy[EnWeights];

  agc_conv_table #(.WeightWords(WeightWords)) u_table (
    .clk_i, .rst_ni, .clear_i,
    .take_i(table_take), .wb_i(cmd_i[agc_isa_pkg::CONV_TABLE_WB_LSB +: 16]),
    .busy_o(table_busy), .done_o(table_done), .fault_o(table_fault),
    .w_addr_o(table_addr), .w_rdata_i, .we_o(table_we), .waddr_o(table_waddr), .wdata_o(table_wdata)
  );

  // ---- The two cycles of the memories ---------------------------------------------------------------------------------------------
  localparam int unsigned PathW = 2 + Pixels*SelW + 2*Pixels;
  logic [2:0]       flags1_q, flags2_q;  // par, read, mac: reset, so that nothing moves by chance
  logic [PathW-1:0] path1_q, path2_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      flags1_q <= '0;
      flags2_q <= '0;
    end else if (en) begin
      flags1_q <= {tag_par, tag_read, tag_mac};
      flags2_q <= flags1_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en) begin
      path1_q <= {tag_first, tag_last, sel, cap, pad};
      path2_q <= path1_q;
    end
  end
  logic                   m_par, m_read, m_mac, m_first, m_last;
  logic [Pixels*SelW-1:0] m_sel;
  logic [Pixels-1:0]      m_cap, m_pad;
  assign {m_par, m_read, m_mac} = flags2_q;
  assign {m_first, m_last, m_sel, m_cap, m_pad} = path2_q;

  // ---- Parameter words: read ahead of their block's beats, used when the block drains --------------------------------------------------
  logic         par_valid, par_ready;
  logic [511:0] par;
  logic [3:0]   par_used_q;
  assign par_free = par_used_q != 4'(ParDepth);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) par_used_q <= '0;
    else par_used_q <= par_used_q + 4'(par_issue) - 4'(par_pop);
  end
  agc_fifo #(.Width(512), .Depth(ParDepth)) u_par (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(m_par && en), .wr_ready_o(par_ready), .wr_data_i(w_rdata_i),
    .rd_valid_o(par_valid), .rd_ready_i(par_pop), .rd_data_o(par)
  );

  // ---- Array and drain --------------------------------------------------------------------------------------------------------
  logic [PxW-1:0] shadow_px;
  logic [255:0]   shadow;
  logic           array_mac;
  agc_conv_array #(.Pixels(Pixels), .DspPixels(DspPixels), .Banks(Banks)) u_array (
    .clk_i, .rst_ni, .clear_i, .en_i(en_copy[EnArray +: Pixels + 1]),
    .a_rdata_i, .w_rdata_i, .read_i(m_read), .mac_i(m_mac), .first_i(m_first), .last_i(m_last),
    .sel_i(m_sel), .cap_i(m_cap), .pad_i(m_pad), .pad_value_i(pad_value),
    .swap_o(swap), .swap_next_o(swap_next), .mac_o(array_mac), .shadow_px_i(shadow_px), .shadow_o(shadow)
  );

  logic d_fault;
  agc_conv_drain #(.Pixels(Pixels), .SpWords(Banks*BankWords)) u_drain (
    .clk_i, .rst_ni, .clear_i, .halt_i(halt_drain), .idle_o(drain_idle),
    .tile_valid_i(tile_valid), .tile_ready_o(tile_ready), .tile_i(tile), .epi_i(epi),
    .out_pitch_i(out_pitch), .out_cpitch_i(out_cpitch), .res_pitch_i(res_pitch), .res_cpitch_i(res_cpitch),
    .block_i(block), .out_split_i(out_split), .out_half_i(out_half), .out_step_i(out_step),
    .table_we_i(table_we), .table_waddr_i(table_waddr), .table_wdata_i(table_wdata),
    .par_valid_i(par_valid), .par_i(par), .par_pop_o(par_pop),
    .swap_i(swaps_q), .free_next_o(free_next), .shadow_px_o(shadow_px), .shadow_i(shadow),
    .bw_valid_o, .bw_ready_i, .bw_addr_o, .bw_data_o,
    .br_valid_o, .br_ready_i, .br_addr_o, .br_rvalid_i, .br_rdata_i,
    .done_o(drain_done), .sp_fault_o(d_fault)
  );

  // ---- Status -----------------------------------------------------------------------------------------------------------------
  assign done_o     = set_done || drain_done || table_done;
  assign busy_o     = issue_busy || !drain_idle || table_busy;
  assign mac_beat_o = array_mac && en;
  assign stall_o    = swap && !en && !halt;
  assign progress_o = swaps_q || (bw_valid_o && bw_ready_i);

  assign fault = (a_fault || w_fault || d_fault || table_fault) && !fault_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) fault_q <= 1'b0;
    else if (fault) fault_q <= 1'b1;
  end
  always_ff @(posedge clk_i) begin
    fault_valid_o <= rst_ni && !clear_i && fault;
    fault_cause_o <= (a_fault || d_fault) ? agc_isa_pkg::FAULT_SP_RANGE : agc_isa_pkg::FAULT_WB_RANGE;
  end

  logic unused;
  assign unused = &{1'b0, par_ready};
endmodule
