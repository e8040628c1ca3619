// LOAD engine: LOAD and LOAD_FOLD, DRAM to the scratchpad.
//
//   cmd -> preparation -> agc_dma_read -+-> LOAD -------------------------+-> sp_*
//            (3 cycles)                 +-> LOAD, split: agc_load_split --+
//                                       +-> LOAD_FOLD: agc_fold ----------+
//
// sp_* leave a register slice: the scratchpad's arbiter is a long way by itself. An instruction is reported complete when its last word has
// left the slice.
//
// A plain LOAD is taken at once. The others first have the extent of their rows worked out, for the reader's range check; the queue in front
// holds the command still meanwhile.
module agc_load #(
  parameter int unsigned SpWords     = 4096,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,

  input  logic         cmd_valid_i,
  output logic         cmd_ready_o,
  input  logic [255:0] cmd_instr_i,
  input  logic [23:0]  cmd_index_i,
  output logic [2:0]   seg_o,        // the window that belongs to the command
  input  logic [25:0]  seg_base_i,
  input  logic [28:0]  seg_words_i,

  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  output logic [31:0]  ar_addr_o,
  output logic [3:0]   ar_len_o,
  input  logic         r_valid_i,
  output logic         r_ready_o,
  input  logic [63:0]  r_data_i,
  input  logic         r_error_i,
  input  logic         r_last_i,

  output logic         sp_valid_o,
  input  logic         sp_ready_i,
  output logic [19:0]  sp_addr_o,
  output logic [63:0]  sp_wdata_o,

  output logic         done_valid_o,
  input  logic         done_ready_i,
  output logic [59:0]  done_tag_o,
  output logic         fault_valid_o,
  output logic [7:0]   fault_cause_o,
  output logic [59:0]  fault_tag_o,
  output logic         busy_o,
  output logic         beat_o,
  output logic         axi_idle_o
);
  assign seg_o = cmd_instr_i[agc_isa_pkg::LOAD_SEG_LSB +: agc_isa_pkg::LOAD_SEG_W];

  // Opcode, waits and reserved bits have been looked at before.
  logic unused_instr;
  assign unused_instr = ^cmd_instr_i;

  // Fields.
  logic        is_fold, is_split;
  logic [12:0] n0, half;
  logic [19:0] f_s2;
  logic [2:0]  f_c;
  logic [3:0]  f_kw;

  // One bit tells the engine's two operations apart.
  assign is_fold  = |(cmd_instr_i[7:0] & agc_isa_pkg::OP_LOAD_FOLD & ~agc_isa_pkg::OP_LOAD);
  assign is_split = !is_fold && cmd_instr_i[agc_isa_pkg::LOAD_SPLIT_LSB];
  assign n0       = cmd_instr_i[agc_isa_pkg::LOAD_N0_LSB +: agc_isa_pkg::LOAD_N0_W];   // n0, n1, d1, sp and s1 are in the same bits of both
  assign half     = cmd_instr_i[agc_isa_pkg::LOAD_HALF_LSB +: agc_isa_pkg::LOAD_HALF_W];
  assign f_s2     = cmd_instr_i[agc_isa_pkg::LOAD_FOLD_S2_LSB +: agc_isa_pkg::LOAD_FOLD_S2_W];
  assign f_c      = cmd_instr_i[agc_isa_pkg::LOAD_FOLD_C_LSB +: agc_isa_pkg::LOAD_FOLD_C_W];
  assign f_kw     = cmd_instr_i[agc_isa_pkg::LOAD_FOLD_KW_LSB +: agc_isa_pkg::LOAD_FOLD_KW_W];

  // Preparation: extent of a row.
  logic [1:0]        wait_q;
  logic              prepared;
  logic [5:0]        lanes_q;                      // lanes in use, minus 1
  logic [12:0]       even_q;
  logic [13:0]       odd_q, split_span_q;
  logic [20:0]       fold_low_q;
  logic [21:0]       fold_high_q;
  logic [23:0]       span_q;

  // A command stands still for a cycle before it is offered (agc_queue: its waits are granted meanwhile), so its kind has a register.
  logic plain_q;
  always_ff @(posedge clk_i) plain_q <= !(is_fold || is_split);
  assign prepared = wait_q == 2'd3 || plain_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || !cmd_valid_i || cmd_ready_o) wait_q <= '0;
    else if (wait_q != 2'd3) wait_q <= wait_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    lanes_q      <= 6'(f_kw) * 6'(f_c) - 6'd1;
    even_q       <= 13'((14'(n0) + 14'd1) >> 1);
    odd_q        <= (n0 == 13'd1) ? '0 : 14'(half) + 14'(n0[12:1]);

    split_span_q <= (odd_q > 14'(even_q)) ? odd_q : 14'(even_q);
    fold_low_q   <= 21'(n0) + (lanes_q[3] ? 21'(f_s2) : '0);
    fold_high_q  <= (lanes_q[4] ? 22'(f_s2) : '0) + (lanes_q[5] ? {1'b0, f_s2, 1'b0} : '0);

    span_q       <= is_fold ? 24'(fold_low_q) + {1'b0, fold_high_q, 1'b0} : 24'(split_span_q);
  end

  // What the words' side needs: kind and fields of the instruction whose words arrive, in a register. Words come several cycles behind
  // their command, so the way through the memory is no delay.
  localparam int unsigned InfoW = 74;
  logic [InfoW-1:0] cmd_info, info_q;
  logic [1:0]       info_wr_q, info_rd_q;
  logic             accept, complete, info_load, info_valid_q;

  assign cmd_info = {is_fold, is_split, n0,
                     is_fold ? f_s2 : 20'(half),
                     cmd_instr_i[agc_isa_pkg::LOAD_FOLD_W_LSB +: agc_isa_pkg::LOAD_FOLD_W_W],
                     f_c[1:0], f_kw[3:1],
                     cmd_instr_i[agc_isa_pkg::LOAD_FOLD_LEFT_LSB +: agc_isa_pkg::LOAD_FOLD_LEFT_W],
                     cmd_instr_i[agc_isa_pkg::LOAD_FOLD_SX_LSB +: agc_isa_pkg::LOAD_FOLD_SX_W], lanes_q,
                     cmd_instr_i[agc_isa_pkg::LOAD_FOLD_PAD_LSB +: agc_isa_pkg::LOAD_FOLD_PAD_W]};

  // The reader has at most four instructions under way, so behind the register there are never more than three: no count of them is needed.
  (* ram_style = "distributed" *) logic [InfoW-1:0] info_mem [4];

  assign info_load = complete || !info_valid_q;

  always_ff @(posedge clk_i) begin
    if (accept) info_mem[info_wr_q] <= cmd_info;
    if (info_load) info_q <= info_mem[info_rd_q];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      info_wr_q    <= '0;
      info_rd_q    <= '0;
      info_valid_q <= 1'b0;
    end else begin
      if (accept) info_wr_q <= info_wr_q + 1'b1;
      if (info_load) begin
        info_valid_q <= info_wr_q != info_rd_q;
        if (info_wr_q != info_rd_q) info_rd_q <= info_rd_q + 1'b1;
      end
    end
  end

  logic        fold, split;
  logic [12:0] columns, pixels;
  logic [19:0] pitch;
  logic [1:0]  channels;
  logic [2:0]  step, kernel;
  logic [3:0]  left;
  logic [5:0]  lanes;
  logic [7:0]  pad;
  assign {fold, split, columns, pitch, pixels, channels, kernel, left, step, lanes, pad} = info_q;

  // The kind once more for the words' ready, which is late enough without its sinks at the outputs.
  logic fold_turn;
  agc_reg_copy u_fold_turn (.clk_i, .d_i(info_load ? info_mem[info_rd_q][InfoW-1] : fold_turn), .q_o(fold_turn));

  logic        out_valid, out_ready, read_done, landed;
  logic        rd_ready, wr_valid, wr_ready, wr_last, unused_beat, fold_in_ready, fold_complete, fold_valid;
  logic [19:0] wr_addr;
  logic [63:0] wr_data;

  assign cmd_ready_o = rd_ready && prepared;
  assign accept      = cmd_valid_i && cmd_ready_o;

  agc_dma_read #(
    .CountW(agc_isa_pkg::LOAD_N0_W), .DstWords(SpWords), .BurstBeats(BurstBeats), .Outstanding(Outstanding),
    .RangeFault(agc_isa_pkg::FAULT_SP_RANGE)
  ) u_read (
    .clk_i, .rst_ni, .clear_i, .halt_i,
    .cmd_valid_i(cmd_valid_i && prepared), .cmd_ready_o(rd_ready),
    .cmd_tag_i({cmd_index_i, cmd_instr_i[63:agc_isa_pkg::HDR_POST_LSB]}),
    .seg_base_i, .seg_words_i,
    .dram_i(cmd_instr_i[agc_isa_pkg::LOAD_DRAM_LSB +: agc_isa_pkg::LOAD_DRAM_W]),
    .n0_i  (is_fold ? cmd_instr_i[agc_isa_pkg::LOAD_FOLD_W_LSB +: agc_isa_pkg::LOAD_FOLD_W_W] : n0),
    .n1_i  (cmd_instr_i[agc_isa_pkg::LOAD_N1_LSB +: agc_isa_pkg::LOAD_N1_W]),
    .n2_i  (is_fold ? 10'd1 : cmd_instr_i[agc_isa_pkg::LOAD_N2_LSB +: agc_isa_pkg::LOAD_N2_W]),
    .d1_i  (cmd_instr_i[agc_isa_pkg::LOAD_D1_LSB +: agc_isa_pkg::LOAD_D1_W]),
    .d2_i  (cmd_instr_i[agc_isa_pkg::LOAD_D2_LSB +: agc_isa_pkg::LOAD_D2_W]),
    .dst_i (cmd_instr_i[agc_isa_pkg::LOAD_SP_LSB +: agc_isa_pkg::LOAD_SP_W]),
    .s1_i  (cmd_instr_i[agc_isa_pkg::LOAD_S1_LSB +: agc_isa_pkg::LOAD_S1_W]),
    .s2_i  (cmd_instr_i[agc_isa_pkg::LOAD_S2_LSB +: agc_isa_pkg::LOAD_S2_W]),
    .span_i(is_fold || is_split ? span_q : 24'(n0)),
    .ar_valid_o, .ar_ready_i, .ar_addr_o, .ar_len_o, .r_valid_i, .r_ready_o, .r_data_i, .r_error_i, .r_last_i,
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_last_o(wr_last),
    .hold_last_i(fold_turn && !fold_complete), .complete_o(complete),
    .done_valid_o(read_done), .done_ready_i(done_ready_i && landed), .done_tag_o,
    .fault_valid_o, .fault_cause_o, .fault_tag_o, .busy_o, .beat_o(unused_beat), .axi_idle_o
  );

  logic [19:0] fold_addr, split_addr;
  logic [63:0] fold_data;

  agc_load_split u_split (
    .clk_i, .rst_ni, .clear_i,
    .take_i(wr_valid && wr_ready && split),
    .columns_i(columns), .half_i(pitch[12:0]), .row_addr_i(wr_addr), .addr_o(split_addr)
  );

  agc_fold u_fold (
    .clk_i, .rst_ni, .clear_i, .halt_i,
    .columns_i(columns), .pixels_i(pixels), .pitch_i(pitch), .channels_i(channels), .kernel_i(kernel), .left_i(left),
    .step_i(step), .lanes_i(lanes), .pad_i(pad),
    .enable_i(fold), .in_valid_i(wr_valid), .in_ready_o(fold_in_ready), .in_addr_i(wr_addr), .in_data_i(wr_data[31:0]), .in_last_i(wr_last), .complete_o(fold_complete),
    .out_valid_o(fold_valid), .out_ready_i(out_ready && fold), .out_addr_o(fold_addr), .out_data_o(fold_data)
  );

  logic [19:0] out_addr;
  logic [63:0] out_data;

  assign wr_ready  = fold_turn ? fold_in_ready : out_ready;
  assign out_valid = fold ? fold_valid : wr_valid;
  assign out_addr  = fold ? fold_addr : (split ? split_addr : wr_addr);
  assign out_data  = fold ? fold_data : wr_data;
  assign beat_o    = sp_valid_o && sp_ready_i;

  agc_skid #(.Width(84)) u_out (
    .clk_i, .rst_ni(rst_ni && !clear_i),
    .in_valid_i(out_valid), .in_ready_o(out_ready), .in_data_i({out_addr, out_data}),
    .out_valid_o(sp_valid_o), .out_ready_i(sp_ready_i), .out_data_o({sp_addr_o, sp_wdata_o})
  );

  // Words in the slice, and how many of them the instruction that is to be reported still has to write.
  logic [1:0] held_q, held_d, owed_q;
  logic       landed_q;
  assign held_d       = held_q + 2'(out_valid && out_ready) - 2'(beat_o);
  assign landed       = landed_q;
  assign done_valid_o = read_done && landed;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      held_q   <= '0;
      owed_q   <= '0;
      landed_q <= 1'b1;
    end else begin
      held_q <= held_d;
      if (complete) begin
        owed_q   <= held_d;
        landed_q <= held_d == '0;
      end else if (beat_o && !landed_q) begin
        owed_q   <= owed_q - 1'b1;
        landed_q <= owed_q == 2'd1;
      end
    end
  end
endmodule
