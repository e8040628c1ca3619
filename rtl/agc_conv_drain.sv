// Back of the convolution engine: takes finished micro-tiles from the shadow accumulators pixel by pixel, adds partial sums, sends them
// through the epilogue and writes the words.
//
//   tile queue --> read walk  --> port B reads --> [read FIFO]  --.
//             \--> write walk --> pixel select --> (+ partial sums, residual) --> epilogue --> [data FIFO] --> port B writes
//                             \--------------------------------------------------> [address FIFO] ----------'
//
// All reads and writes of the drain happen in program order: the reads of a tile start when the writes of the tile before are done.
// The address FIFO is the credit: a pixel enters only when its words have a place there, and data never outnumber addresses.
module agc_conv_drain #(
  parameter  int unsigned Pixels  = 8,
  parameter  int unsigned SpWords = 32768,
  localparam int unsigned PxW     = $clog2(Pixels)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           halt_i,
  output logic           idle_o,

  input  logic           tile_valid_i,
  output logic           tile_ready_o,
  input  logic [255:64]  tile_i,        // CONV instruction without its header, until the cycle after it is taken
  input  logic [255:64]  epi_i,         // CONV_EPI instruction without its header, stable while not idle
  input  logic [12:0]    out_pitch_i,
  input  logic [19:0]    out_cpitch_i,
  input  logic [12:0]    res_pitch_i,
  input  logic [19:0]    res_cpitch_i,
  input  logic           block_i,       // micro-tiles are Pixels/2 columns of two rows
  input  logic           out_split_i,   // output columns go apart by parity
  input  logic [12:0]    out_half_i,
  input  logic [2:0]     out_step_i,    // words from an output column to the next, less one

  input  logic           table_we_i,    // eight entries of the epilogue's table
  input  logic [4:0]     table_waddr_i,
  input  logic [63:0]    table_wdata_i,

  input  logic           par_valid_i,   // parameter words in the order of the output blocks
  input  logic [511:0]   par_i,
  output logic           par_pop_o,

  input  logic           swap_i,        // a micro-tile moves to the shadow set at the end of this cycle
  output logic           free_next_o,   // in the next cycle one may: the last pixel of the one before has left by its end
  output logic [PxW-1:0] shadow_px_o,
  input  logic [255:0]   shadow_i,      // pixel shadow_px_o of the shadow set, in the same cycle

  output logic           bw_valid_o,
  input  logic           bw_ready_i,
  output logic [19:0]    bw_addr_o,
  output logic [63:0]    bw_data_o,
  output logic           br_valid_o,
  input  logic           br_ready_i,
  output logic [19:0]    br_addr_o,
  input  logic           br_rvalid_i,
  input  logic [63:0]    br_rdata_i,

  output logic           done_o,        // the last word of a tile was granted
  output logic           sp_fault_o
);
  localparam int unsigned TileW     = 20 * 3 + 13 * 2 + PxW + 2 + 9;
  localparam int unsigned AddrDepth = 64;
  localparam int unsigned ReadDepth = 32;

  logic res_en, part_in, part_out;
  assign res_en   = epi_i[agc_isa_pkg::CONV_EPI_RES_LSB] && !epi_i[agc_isa_pkg::CONV_EPI_PART_OUT_LSB];
  assign part_in  = epi_i[agc_isa_pkg::CONV_EPI_PART_IN_LSB];
  assign part_out = epi_i[agc_isa_pkg::CONV_EPI_PART_OUT_LSB];

  // ---- Tiles under way: what the walks need to know of their size is worked out in front of the queue -----------------------------
  // A tile is written a cycle after it is taken, because its handshake comes late; the engine takes none in the cycle behind one.
  logic tile_taken_q;
  always_ff @(posedge clk_i) tile_taken_q <= rst_ni && !clear_i && tile_valid_i && tile_ready_o;
  logic [12:0] cols_less, rows_less;
  assign cols_less = tile_i[agc_isa_pkg::CONV_OW_LSB +: 13] - 13'd1;
  assign rows_less = tile_i[agc_isa_pkg::CONV_OH_LSB +: 13] - 13'd1;
  logic             tq_valid, tq_pop;
  logic [TileW-1:0] tq_data;
  agc_fifo #(.Width(TileW), .Depth(4)) u_tiles (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(tile_taken_q), .wr_ready_o(tile_ready_o),
    .wr_data_i ({tile_i[agc_isa_pkg::CONV_OUT_LSB +: 20], tile_i[agc_isa_pkg::CONV_RES_LSB +: 20],
                 tile_i[agc_isa_pkg::CONV_PART_LSB +: 20],
                 block_i ? rows_less >> 1 : rows_less, block_i ? cols_less >> (PxW - 1) : cols_less >> PxW,
                 cols_less[PxW-1:0] & (block_i ? PxW'(Pixels / 2 - 1) : PxW'(Pixels - 1)),
                 block_i && rows_less != '0, !rows_less[0], tile_i[agc_isa_pkg::CONV_OCB_LSB +: 9]}),
    .rd_valid_o(tq_valid), .rd_ready_i(tq_pop), .rd_data_o(tq_data)
  );
  logic [19:0] t_out, t_res, t_part;
  logic [12:0] t_yt, t_xt;
  logic [PxW-1:0] t_end;
  logic        t_pair, t_single;
  logic [8:0]  t_ocb;
  assign {t_out, t_res, t_part, t_yt, t_xt, t_end, t_pair, t_single, t_ocb} = tq_data;

  // ---- Walks ------------------------------------------------------------------------------------------------------------------
  logic        load, fire;
  logic        o_start_q, o_valid;  // partial sums are being written
  logic        leave_q;             // a pixel leaves the shadow set
  logic        leave_part_q;        // the same, as partial sums
  logic        w_active, w_tile_last, w_block_last, w_all_last;
  logic [19:0] w_addr;
  logic [PxW-1:0] w_px, r_unused_px;
  logic        r_active, r_all_last, r_step, r_unused_tile, r_unused_block;
  logic [19:0] r_addr;
  logic        reads;
  assign reads  = res_en || part_in;
  assign load   = tq_valid && !w_active && !r_active && !o_start_q && out_left_q <= 2'd1 && !leave_part_q;
  assign tq_pop = load;

  agc_conv_walk #(.Pixels(Pixels)) u_write_walk (
    .clk_i, .rst_ni, .clear_i,
    .load_i(load), .base_i(t_out), .blocks_i(t_ocb),
    .xt_i(t_xt), .yt_i(t_yt), .end_i(t_end), .pair_i(t_pair), .single_i(t_single), .pitch_i(out_pitch_i), .cpitch_i(out_cpitch_i),
    .block_i, .split_i(out_split_i), .half_i(out_half_i), .gap_i(out_step_i), .still_i(1'b0),
    .step_i(fire), .active_o(w_active), .addr_o(w_addr), .px_o(w_px),
    .tile_last_o(w_tile_last), .block_last_o(w_block_last), .all_last_o(w_all_last)
  );
  agc_conv_walk #(.Pixels(Pixels)) u_read_walk (
    .clk_i, .rst_ni, .clear_i,
    .load_i(load && reads), .base_i(t_res), .blocks_i(t_ocb),
    .xt_i(t_xt), .yt_i(t_yt), .end_i(t_end), .pair_i(t_pair), .single_i(t_single), .pitch_i(res_pitch_i), .cpitch_i(res_cpitch_i),
    .block_i, .split_i(1'b0), .half_i('0), .gap_i('0), .still_i(epi_i[agc_isa_pkg::CONV_EPI_RES_STILL_LSB]),
    .step_i(r_step), .active_o(r_active), .addr_o(r_addr), .px_o(r_unused_px),
    .tile_last_o(r_unused_tile), .block_last_o(r_unused_block), .all_last_o(r_all_last)
  );

  // ---- Read stream: for each pixel four words of partial sums, then one of the residual ------------------------------------------------
  logic        af_valid;       // addresses wait
  logic        wr_valid;       // a word stands in front of the scratchpad
  logic        wr_pending;     // writes of this or an earlier tile are under way
  logic        r_hold_q;       // writes of the tile before are not done
  logic [2:0]  r_sub_q;        // word of the pixel: 0..3 partial sums, 4 residual
  logic [19:0] r_part_q;
  logic [5:0]  r_credit_q;     // free places of the read FIFO, less words under way
  logic        r_ask, r_room, r_waits, r_inside, r_grant, r_pop, r_last_word, bw_in_range;
  logic [19:0] r_word;
  assign r_word      = (r_sub_q == 3'd4) ? r_addr : r_part_q;
  assign r_ask       = r_active && r_credit_q != '0 && !halt_i;
  assign r_grant     = r_ask && r_room;
  // A slice towards the scratchpad, whose arbiter is a long way by itself. Reads that must not pass the writes of the tile before wait behind
  // it; a register lets them go, so the first of them asks in the second cycle after the last write was granted. No write of this tile comes
  // before its reads.
  assign wr_pending  = af_valid || wr_valid;
  agc_skid #(.Width(21)) u_read_request (
    .clk_i, .rst_ni(rst_ni && !clear_i),
    .in_valid_i(r_ask), .in_ready_o(r_room), .in_data_i({32'(r_word) < SpWords, r_word}),
    .out_valid_o(r_waits), .out_ready_i(br_valid_o && br_ready_i), .out_data_o({r_inside, br_addr_o})
  );
  assign br_valid_o  = r_waits && r_inside && !r_hold_q;
  assign r_last_word = (r_sub_q == 3'd4) || (r_sub_q == 3'd3 && !res_en);
  assign r_step      = r_grant && r_last_word;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      r_hold_q   <= 1'b0;
      r_credit_q <= 6'(ReadDepth);
    end else begin
      if (load) r_hold_q <= wr_pending;
      else if (!wr_pending) r_hold_q <= 1'b0;
      r_credit_q <= r_credit_q - 6'(r_grant) + 6'(r_pop);
    end
  end
  always_ff @(posedge clk_i) begin
    if (load) begin
      r_sub_q  <= part_in ? 3'd0 : 3'd4;
      r_part_q <= t_part;
    end else if (r_grant) begin
      r_sub_q <= r_last_word ? (part_in ? 3'd0 : 3'd4) : r_sub_q + 3'd1;
      if (r_sub_q != 3'd4) r_part_q <= r_part_q + 20'd1;
    end
  end

  logic        rf_valid, rf_unused_ready;
  logic [63:0] rf_data;
  agc_fifo #(.Width(64), .Depth(ReadDepth)) u_read_fifo (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(br_rvalid_i), .wr_ready_o(rf_unused_ready), .wr_data_i(br_rdata_i),
    .rd_valid_o(rf_valid), .rd_ready_i(r_pop), .rd_data_o(rf_data)
  );

  // ---- Pixels ----------------------------------------------------------------------------------------------------------------
  // Two cycles: `fire` decides that a pixel leaves, `leave_q` takes it from the shadow set. The decision for a micro-tile's first pixel falls
  // in the cycle in which it moves to the shadow set, so nothing is lost, and the engine's enable is known a cycle before it counts.
  logic           sh_valid, sh_valid_d, sh_valid_q;  // pixels of the shadow set are not decided yet
  logic [PxW-1:0] leave_px_q;
  logic [2:0]     sub_q;         // words of this pixel that have been collected
  logic [255:0]   collected_q;   // words of partial sums, shifted in from the top
  logic [1:0]     out_left_q;    // words of partial sums still to be written
  logic           addr_room, out_free, collect, last_word, pixel_go;

  assign sh_valid    = sh_valid_q || swap_i;
  assign sh_valid_d  = sh_valid && !(fire && w_tile_last);
  assign free_next_o = !sh_valid_d;
  assign shadow_px_o = leave_px_q;

  // What a pixel needs before it may leave: its words from the read FIFO, room for its addresses, the parameters of its block.
  assign last_word = !reads || (res_en ? (sub_q == (part_in ? 3'd4 : 3'd0)) : sub_q == 3'd3);
  assign out_free  = !leave_part_q && !o_start_q && out_left_q <= 2'd2;
  assign pixel_go  = sh_valid && w_active && addr_room && out_free && par_valid_i && !halt_i;
  assign fire      = pixel_go && last_word && (!reads || rf_valid);
  assign collect   = sh_valid && w_active && reads && !last_word && rf_valid;
  assign r_pop     = (fire && reads) || collect;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      sh_valid_q   <= 1'b0;
      leave_q      <= 1'b0;
      leave_part_q <= 1'b0;
      sub_q        <= '0;
    end else begin
      sh_valid_q   <= sh_valid_d;
      leave_q      <= fire;
      leave_part_q <= fire && part_out;
      if (fire) sub_q <= '0;
      else if (collect) sub_q <= sub_q + 3'd1;
    end
  end
  // Words are shifted in: all four are there in the cycle in which their pixel leaves, and the next one's first comes a cycle later at the earliest.
  logic [63:0]  leave_res_q;
  logic         leave_block_last_q, leave_all_last_q;
  logic [255:0] part;
  always_ff @(posedge clk_i) begin
    if (collect || (fire && !res_en)) collected_q <= {rf_data, collected_q[255:64]};
    leave_px_q         <= w_px;
    leave_res_q        <= rf_data;
    leave_block_last_q <= w_block_last;
    leave_all_last_q   <= w_all_last;
  end
  assign part = part_in ? collected_q : '0;

  // ---- Epilogue and partial sums out ------------------------------------------------------------------------------------------
  logic         e_valid_q, e_block_last_q;
  logic [255:0] e_acc_q;
  logic [63:0]  e_res_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      e_valid_q      <= 1'b0;
      e_block_last_q <= 1'b0;
      o_start_q      <= 1'b0;
    end else begin
      e_valid_q      <= leave_q && !part_out;
      o_start_q      <= leave_part_q;
      e_block_last_q <= leave_q && leave_block_last_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (leave_q) begin
      for (int unsigned o = 0; o < 8; o++) e_acc_q[32*o +: 32] <= shadow_i[32*o +: 32] + part[32*o +: 32];
      e_res_q <= leave_res_q;
    end
  end
  assign par_pop_o = e_block_last_q;

  logic        e_valid;
  logic [63:0] e_data;
  agc_epilogue u_epilogue (
    .clk_i, .rst_ni, .clear_i, .en_i(1'b1),
    .valid_i(e_valid_q), .acc_i(e_acc_q), .par_i, .res_i(e_res_q),
    .z1_i(epi_i[agc_isa_pkg::CONV_EPI_Z1_LSB +: 8]), .lo1_i(epi_i[agc_isa_pkg::CONV_EPI_LO1_LSB +: 8]),
    .hi1_i(epi_i[agc_isa_pkg::CONV_EPI_HI1_LSB +: 8]), .res_en_i(res_en), .zr_i(epi_i[agc_isa_pkg::CONV_EPI_ZR_LSB +: 8]),
    .a_i(epi_i[agc_isa_pkg::CONV_EPI_A_LSB +: 22]), .b_i(epi_i[agc_isa_pkg::CONV_EPI_B_LSB +: 22]),
    .sh2_i(epi_i[agc_isa_pkg::CONV_EPI_SH2_LSB +: 6]), .zo_i(epi_i[agc_isa_pkg::CONV_EPI_ZO_LSB +: 8]),
    .lo_i(epi_i[agc_isa_pkg::CONV_EPI_LO_LSB +: 8]), .hi_i(epi_i[agc_isa_pkg::CONV_EPI_HI_LSB +: 8]),
    .op_i(epi_i[agc_isa_pkg::CONV_EPI_OP_LSB +: 2]), .zq_i(epi_i[agc_isa_pkg::CONV_EPI_ZQ_LSB +: 8]),
    .table_i(epi_i[agc_isa_pkg::CONV_EPI_TABLE_LSB +: 2]), .table_we_i, .table_waddr_i, .table_wdata_i,
    .valid_o(e_valid), .data_o(e_data)
  );

  // Partial sums leave e_acc_q word by word; the next pixel may follow with the last of them.
  logic [1:0]  o_word;
  assign o_valid = o_start_q || out_left_q != '0;
  assign o_word  = o_start_q ? 2'd0 : 2'(3'd4 - 3'(out_left_q));

  // ---- Writes -----------------------------------------------------------------------------------------------------------------
  // Addresses: of the pixel in normal mode, four dense ones a pixel as partial sums.
  logic        af_push, af_ready, af_last, af_pop;
  logic [19:0] af_addr, af_in_addr, o_part_q;
  logic        af_in_last, o_last_q;
  logic [6:0]  af_count_q;
  assign addr_room = af_count_q <= 7'(AddrDepth - 6);  // four of a pixel of partial sums, and what is on its way
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) af_count_q <= '0;
    else af_count_q <= af_count_q + 7'(af_push) - 7'(af_pop);
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) out_left_q <= '0;
    else if (o_start_q) out_left_q <= 2'd3;
    else if (out_left_q != '0) out_left_q <= out_left_q - 2'd1;
  end
  always_ff @(posedge clk_i) begin
    if (load) o_part_q <= t_part;
    else if (o_valid) o_part_q <= o_part_q + 20'd1;
    if (leave_q) o_last_q <= leave_all_last_q;
  end
  assign af_push    = part_out ? o_valid : fire;
  assign af_in_addr = part_out ? o_part_q : w_addr;
  assign af_in_last = part_out ? (o_last_q && o_word == 2'd3) : w_all_last;
  agc_fifo #(.Width(21), .Depth(AddrDepth)) u_addr_fifo (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(af_push), .wr_ready_o(af_ready), .wr_data_i({af_in_last, af_in_addr}),
    .rd_valid_o(af_valid), .rd_ready_i(af_pop), .rd_data_o({af_last, af_addr})
  );

  logic        df_valid, df_ready, wr_ask, wr_room, wr_inside, wr_last;
  logic [63:0] df_data;
  agc_fifo #(.Width(64), .Depth(AddrDepth)) u_data_fifo (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(part_out ? o_valid : e_valid), .wr_ready_o(df_ready),
    .wr_data_i (part_out ? e_acc_q[64*o_word +: 64] : e_data),
    .rd_valid_o(df_valid), .rd_ready_i(af_pop), .rd_data_o(df_data)
  );
  assign bw_in_range = 32'(af_addr) < SpWords;
  assign wr_ask      = df_valid && af_valid && !halt_i;
  assign af_pop      = wr_ask && wr_room;
  // A slice here, too: the FIFOs' words come late. halt_i stops what enters the slices; what is in them goes on, in front of the arbiter there is
  // no time for a gate.
  agc_skid #(.Width(86)) u_write_request (
    .clk_i, .rst_ni(rst_ni && !clear_i),
    .in_valid_i(wr_ask), .in_ready_o(wr_room), .in_data_i({bw_in_range, af_last, af_addr, df_data}),
    .out_valid_o(wr_valid), .out_ready_i(bw_valid_o && bw_ready_i), .out_data_o({wr_inside, wr_last, bw_addr_o, bw_data_o})
  );
  assign bw_valid_o = wr_valid && wr_inside;

  always_ff @(posedge clk_i) done_o <= rst_ni && !clear_i && bw_valid_o && bw_ready_i && wr_last;

  // Tiles are here before their loops end in front, their pixels in the shadow set belong to one of them, and their reads are used before
  // their last pixel leaves. Behind that there is an address for each word, but for partial sums on their way to the write side.
  assign idle_o = !tq_valid && !w_active && !leave_q && !o_start_q && !wr_pending;

  // A word outside the scratchpad is never asked for: the fault stops the core instead.
  assign sp_fault_o = (wr_valid && !wr_inside) || (r_waits && !r_inside && !r_hold_q);

  logic unused;
  assign unused = &{1'b0, r_all_last, r_unused_tile, r_unused_block, r_unused_px, rf_unused_ready, af_ready, df_ready, tile_i, epi_i};
endmodule
