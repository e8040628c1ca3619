// Front of the convolution engine: takes instructions, walks the reduction and gives one beat a cycle: addresses for the eight
// banks of scratchpad port A and for the weight buffer, with the tags that the array needs two cycles later.
//
//   cmd -> [GEO/EPI registers]                              en_i freezes everything right of the dashed line
//       -> [prepared tile: first row address] - - -> [loop counters] -> agc_conv_window: [row address] -> [bank addresses, pads] -> memories
//
// The next tile is prepared while the current one runs, so tiles follow each other without a bubble. Multiplications by pitches are
// either incremental or done bit-serially in the prepare stage: no DSPs.
module agc_conv_issue #(
  parameter  int unsigned Pixels      = 8,
  parameter  int unsigned Banks       = 8,
  parameter  int unsigned BankWords   = 4096,
  parameter  int unsigned WeightWords = 1536,
  localparam int unsigned BankAw      = $clog2(BankWords),
  localparam int unsigned WAw         = $clog2(WeightWords),
  localparam int unsigned SelW        = $clog2(Banks)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     en_i,

  input  logic                     cmd_valid_i,
  output logic                     cmd_ready_o,
  input  logic [255:0]             cmd_i,
  output logic                     set_done_o,   // CONV_GEO or CONV_EPI took effect
  output logic                     take_table_o, // a CONV_TABLE is taken: its words are read by table_*
  input  logic                     table_busy_i,
  input  logic [WAw-1:0]           table_addr_i,
  output logic                     busy_o,       // a tile is prepared or runs

  // Epilogue side.
  input  logic                     drained_i,    // nothing behind this module is under way
  output logic                     tile_valid_o, // a tile enters the loops: its drain description
  input  logic                     tile_ready_i,
  output logic [255:64]            tile_o,       // the CONV instruction without its header, for a cycle more
  input  logic                     par_free_i,   // room for one more parameter word
  output logic                     par_issue_o,
  output logic [12:0]              out_pitch_o,
  output logic [19:0]              out_cpitch_o,
  output logic [12:0]              res_pitch_o,
  output logic [19:0]              res_cpitch_o,
  output logic                     block_o,      // micro-tiles are Pixels/2 columns of two rows
  output logic                     out_split_o,  // output columns go apart by parity
  output logic [12:0]              out_half_o,
  output logic [2:0]               out_step_o,   // words from an output column to the next, less one
  output logic [255:64]            epi_o,        // the CONV_EPI instruction without its header

  // Memories and array; a_addr_o and w_addr_o come from registers.
  output logic [Banks*BankAw-1:0]  a_addr_o,
  output logic [WAw-1:0]           w_addr_o,
  output logic                     tag_par_o,    // this beat reads a parameter word
  output logic                     tag_read_o,   // this beat reads activations
  output logic                     tag_mac_o,    // last phase of a tap: multiply
  output logic                     tag_first_o,  // first tap of a micro-tile
  output logic                     tag_last_o,   // last tap of a micro-tile
  output logic [Pixels*SelW-1:0]   sel_o,        // bank of each pixel
  output logic [Pixels-1:0]        cap_o,        // pixel takes its word in this phase
  output logic [Pixels-1:0]        pad_o,        // pixel lies outside the input rectangle
  output logic [7:0]               pad_value_o,

  output logic                     sp_fault_o,
  output logic                     wb_fault_o
);
  localparam int unsigned CoordW = 18;  // 8191 * 7 + 15 * 15 + 127 and a sign
  localparam int unsigned PxW    = $clog2(Pixels);
  localparam int unsigned HalfPx = Pixels / 2;
  localparam int unsigned HiW    = 20 - SelW;

  // ---- Set-up registers -----------------------------------------------------------------------------------------------------
  logic [255:64] geo_q, epi_q;
  logic [3:0]    kh, kw, dy, dx;
  logic [2:0]    sy, sx;
  logic          up, grp, split, block;
  logic [8:0]    icb;
  logic [12:0]   in_pitch, in_half;
  logic [19:0]   in_cpitch;
  logic [15:0]   w_pitch;
  assign kh        = geo_q[agc_isa_pkg::CONV_GEO_KH_LSB +: 4];
  assign kw        = geo_q[agc_isa_pkg::CONV_GEO_KW_LSB +: 4];
  assign sy        = geo_q[agc_isa_pkg::CONV_GEO_SY_LSB +: 3];
  assign sx        = geo_q[agc_isa_pkg::CONV_GEO_SX_LSB +: 3];
  assign dy        = geo_q[agc_isa_pkg::CONV_GEO_DY_LSB +: 4];
  assign dx        = geo_q[agc_isa_pkg::CONV_GEO_DX_LSB +: 4];
  assign up        = geo_q[agc_isa_pkg::CONV_GEO_UP_LSB];
  assign grp       = geo_q[agc_isa_pkg::CONV_GEO_GRP_LSB];
  assign icb       = geo_q[agc_isa_pkg::CONV_GEO_ICB_LSB +: 9];
  assign in_pitch  = geo_q[agc_isa_pkg::CONV_GEO_IN_PITCH_LSB +: 13];
  assign in_cpitch = geo_q[agc_isa_pkg::CONV_GEO_IN_CPITCH_LSB +: 20];
  assign w_pitch   = geo_q[agc_isa_pkg::CONV_GEO_W_PITCH_LSB +: 16];
  assign split     = geo_q[agc_isa_pkg::CONV_GEO_SPLIT_LSB];
  assign in_half   = geo_q[agc_isa_pkg::CONV_GEO_IN_HALF_LSB +: 13];
  assign block     = geo_q[agc_isa_pkg::CONV_GEO_BLOCK_LSB];
  assign block_o      = block;
  assign out_split_o  = geo_q[agc_isa_pkg::CONV_GEO_OUT_SPLIT_LSB];
  assign out_step_o   = geo_q[agc_isa_pkg::CONV_GEO_OUT_STEP_LSB +: 3];
  assign out_half_o   = geo_q[agc_isa_pkg::CONV_GEO_OUT_HALF_LSB +: 13];
  assign out_pitch_o  = geo_q[agc_isa_pkg::CONV_GEO_OUT_PITCH_LSB +: 13];
  assign out_cpitch_o = geo_q[agc_isa_pkg::CONV_GEO_OUT_CPITCH_LSB +: 20];
  assign res_pitch_o  = geo_q[agc_isa_pkg::CONV_GEO_RES_PITCH_LSB +: 13];
  assign res_cpitch_o = geo_q[agc_isa_pkg::CONV_GEO_RES_CPITCH_LSB +: 20];
  assign pad_value_o  = geo_q[agc_isa_pkg::CONV_GEO_PAD_LSB +: 8];
  assign epi_o        = epi_q;

  logic is_geo, is_epi, is_conv, drained;
  assign is_geo  = cmd_i[7:0] == agc_isa_pkg::OP_CONV_GEO;
  assign is_epi  = cmd_i[7:0] == agc_isa_pkg::OP_CONV_EPI;
  assign is_conv = cmd_i[7:0] == agc_isa_pkg::OP_CONV;

  // Row steps, kstep = dy*pitch and rstep = sy*pitch (halved coordinates when upsampling), by repeated addition.
  logic        geo_busy_q;
  logic [3:0]  kcount_q;
  logic [2:0]  rcount_q;
  logic [19:0] kstep_q, rstep_q;
  logic        take_geo, take_epi, take_conv;
  logic [7:0]  unused_header;
  assign unused_header = cmd_i[15:8];

  always_ff @(posedge clk_i) begin
    if (take_geo) geo_q <= cmd_i[255:64];
    if (take_epi) epi_q <= cmd_i[255:64];
    if (take_geo) begin
      kcount_q <= cmd_i[agc_isa_pkg::CONV_GEO_UP_LSB] ? 4'(cmd_i[agc_isa_pkg::CONV_GEO_DY_LSB+1 +: 3]) : cmd_i[agc_isa_pkg::CONV_GEO_DY_LSB +: 4];
      rcount_q <= cmd_i[agc_isa_pkg::CONV_GEO_UP_LSB] ? 3'(cmd_i[agc_isa_pkg::CONV_GEO_SY_LSB+1 +: 2]) : cmd_i[agc_isa_pkg::CONV_GEO_SY_LSB +: 3];
      kstep_q  <= '0;
      rstep_q  <= '0;
    end else begin
      if (kcount_q != '0) begin
        kcount_q <= kcount_q - 4'd1;
        kstep_q  <= kstep_q + 20'(in_pitch);
      end
      if (rcount_q != '0) begin
        rcount_q <= rcount_q - 3'd1;
        rstep_q  <= rstep_q + 20'(in_pitch);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) geo_busy_q <= 1'b0;
    else if (take_geo) geo_busy_q <= 1'b1;
    else if (kcount_q == '0 && rcount_q == '0) geo_busy_q <= 1'b0;
  end
  // What follows from these registers; settled long before the first tile is prepared. In a block of two rows, pixel p of both lies in
  // bank (address + p) mod Banks, because sy*pitch = HalfPx (mod Banks): the lower row's words are found with the upper row's rotation,
  // `lower` lines further on.
  logic signed [CoordW-1:0] x_step_q;    // input columns from micro-tile to micro-tile
  logic [3:0]               y_step_q;    // input rows, likewise
  logic [19:0]              row_move_q;  // words for y_step_q rows
  logic [HiW-1:0]           lower_q;
  logic [19:0]              lower;
  logic                     k_half_q, y_half_q;  // a row more for each second step
  assign lower = rstep_q - 20'(HalfPx);
  always_ff @(posedge clk_i) begin
    x_step_q   <= block ? CoordW'({sx, {(PxW-1){1'b0}}}) : CoordW'({sx, {PxW{1'b0}}});
    y_step_q   <= block ? {sy, 1'b0} : {1'b0, sy};
    row_move_q <= block ? rstep_q << 1 : rstep_q;
    lower_q    <= lower[19:SelW];
    k_half_q   <= up && dy[0];
    y_half_q   <= up && sy[0];
  end
  always_ff @(posedge clk_i) set_done_o <= rst_ni && !clear_i && (take_geo || take_epi);

  // ---- Prepared tile: address of its first input row = in + floor(off_y / (up ? 2 : 1)) * pitch ---------------------------------
  logic          prep_valid_q, prep_ready;  // prep_ready: a register, it decides over the loops
  logic [255:64] prep_q;
  logic [19:0]   prep_row_q;
  logic [7:0]    prep_mul_q;
  logic [3:0]    prep_left_q;
  logic          take_tile;

  assign take_geo    = cmd_valid_i && is_geo && drained;
  assign take_epi    = cmd_valid_i && is_epi && drained;
  assign take_conv   = cmd_valid_i && is_conv && !prep_valid_q && !geo_busy_q && !table_busy_i;
  assign take_table_o = cmd_valid_i && cmd_i[7:0] == agc_isa_pkg::OP_CONV_TABLE && drained;
  assign cmd_ready_o = take_geo || take_epi || take_conv || take_table_o;

  logic [7:0] off_y_in;
  assign off_y_in = cmd_i[agc_isa_pkg::CONV_OFF_Y_LSB +: 8];
  logic [19:0] prep_term;
  assign prep_term = prep_mul_q[7] ? 20'(in_pitch) : '0;

  always_ff @(posedge clk_i) begin
    prep_ready <= rst_ni && !clear_i && prep_valid_q && !take_tile && prep_left_q <= 4'd1;
    if (!rst_ni || clear_i) prep_valid_q <= 1'b0;
    else if (take_conv) prep_valid_q <= 1'b1;
    else if (take_tile) prep_valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (take_conv) begin
      prep_q      <= cmd_i[255:64];
      prep_mul_q  <= up ? {off_y_in[7], off_y_in[7:1]} : off_y_in;
      prep_row_q  <= '0;
      prep_left_q <= 4'd9;
    end else if (prep_left_q != '0) begin
      // Eight bits, most significant (weight -128) first, then the base.
      prep_left_q <= prep_left_q - 4'd1;
      prep_mul_q  <= {prep_mul_q[6:0], 1'b0};
      if (prep_left_q == 4'd9) prep_row_q <= -prep_term;
      else if (prep_left_q != 4'd1) prep_row_q <= (prep_row_q << 1) + prep_term;
      else prep_row_q <= prep_row_q + prep_q[agc_isa_pkg::CONV_IN_LSB +: 20];
    end
  end

  // Micro-tiles in a row of them and rows of micro-tiles, each less one; the last micro-tile's last pixel; limits of the tests.
  logic [12:0]              prep_xt_q, prep_yt_q, prep_w_even_q, prep_ow_less, prep_oh_less;
  logic [PxW-1:0]           prep_end_q;
  logic                     prep_single_q;  // the last row of micro-tiles has no lower row of pixels
  logic signed [CoordW-1:0] prep_h_lower_q;
  assign prep_ow_less = prep_q[agc_isa_pkg::CONV_OW_LSB +: 13] - 13'd1;
  assign prep_oh_less = prep_q[agc_isa_pkg::CONV_OH_LSB +: 13] - 13'd1;
  always_ff @(posedge clk_i) begin
    prep_xt_q      <= block ? prep_ow_less >> (PxW - 1) : prep_ow_less >> PxW;
    prep_end_q     <= prep_ow_less[PxW-1:0] & (block ? PxW'(HalfPx - 1) : PxW'(Pixels - 1));
    prep_yt_q      <= block ? prep_oh_less >> 1 : prep_oh_less;
    prep_single_q  <= !prep_oh_less[0];
    prep_w_even_q  <= 13'((14'(prep_q[agc_isa_pkg::CONV_IN_W_LSB +: 13]) + 14'd1) >> 1);
    prep_h_lower_q <= CoordW'(prep_q[agc_isa_pkg::CONV_IN_H_LSB +: 13]) - CoordW'(sy);
  end

  // ---- Loops ----------------------------------------------------------------------------------------------------------------
  logic signed [CoordW-1:0] first_ux, first_uy;
  assign first_ux = CoordW'($signed(prep_q[agc_isa_pkg::CONV_OFF_X_LSB +: 8]));
  assign first_uy = CoordW'($signed(prep_q[agc_isa_pkg::CONV_OFF_Y_LSB +: 8]));

  logic                     active_q, par_q, first_tile_q, first_q;
  logic [12:0]              in_h_q, in_w_q, w_even_q, xt_q, yt_q;
  logic [12:0]              y_left_q, x_left_q;  // micro-tiles behind this one
  // Each loop's last turn, kept with its counter: the ends of all loops together decide over most registers here.
  logic                     ph_last, kx_last, ky_last, i_last, x_last, y_last, j_last;
  logic [PxW-1:0]           end_q;               // last pixel of a row's last micro-tile
  logic                     single_q;
  logic signed [CoordW-1:0] h_lower_q;
  logic [8:0]               j_left_q, i_left_q;
  logic [3:0]               kx_left_q, ky_left_q;
  logic [2:0]               ph_q, ph_last_value;
  logic signed [CoordW-1:0] ux_q, uy_q, x_base_q, y_base_q, off_x_q, off_y_q;
  logic [19:0]              krow_q, plane_q, y_row_q, j_row_q, next_j_row_q;
  logic [15:0]              w_addr_q, w_base_q;

  // Words from pixel to pixel; those to the last one decide the number of phases. Set with CONV_GEO, long before a tile.
  logic [2:0]     px_words;
  logic [PxW+2:0] last_off_q;
  assign px_words = split ? {1'b0, sx[2:1]} : sx;
  always_ff @(posedge clk_i) last_off_q <= (PxW+3)'(Pixels - 1) * (PxW+3)'(px_words);
  // Registers like them, and whether a loop's first turn is its last one.
  logic kx_one_q, ky_one_q, i_one_q, ph_one_q;
  always_ff @(posedge clk_i) begin
    ph_last_value <= up ? 3'd0 : 3'(last_off_q >> SelW);
    ph_one_q      <= ph_last_value == '0;
    kx_one_q      <= kw == 4'd1;
    ky_one_q      <= kh == 4'd1;
    i_one_q       <= icb == 9'd1;
  end

  logic tap_last, mt_last, all_last;
  assign tap_last = kx_last && ky_last && i_last;
  assign mt_last  = ph_last && tap_last;
  assign all_last = mt_last && x_last && y_last && j_last;

  logic step, step_mac, step_par;
  assign step     = en_i && active_q;
  assign step_par = step && par_q && par_free_i;
  assign step_mac = step && !par_q;

  logic finish;
  assign finish       = step_mac && all_last;
  assign tile_valid_o = prep_ready && en_i && (!active_q || finish);
  assign take_tile    = tile_valid_o && tile_ready_i;
  assign tile_o       = prep_q;
  assign par_issue_o  = step_par;
  assign busy_o       = prep_valid_q || active_q || geo_busy_q;
  assign drained      = drained_i && !prep_valid_q && !active_q && !table_busy_i;

  logic [19:0] k_row_next, y_row_next, plane_next, j_row_next;
  logic signed [CoordW-1:0] uy_next, y_base_next, x_base_next;
  assign k_row_next  = krow_q + kstep_q + ((k_half_q && uy_q[0]) ? 20'(in_pitch) : 20'd0);
  assign y_row_next  = y_row_q + row_move_q + ((y_half_q && y_base_q[0]) ? 20'(in_pitch) : 20'd0);
  assign plane_next  = plane_q + in_cpitch;
  assign j_row_next  = !grp ? j_row_q : (first_tile_q ? plane_next : next_j_row_q);
  assign uy_next     = uy_q + CoordW'({1'b0, dy});
  assign y_base_next = y_base_q + CoordW'({1'b0, y_step_q});
  assign x_base_next = x_base_q + x_step_q;
  // Row of the next input plane, micro-tile, row of micro-tiles or output block.
  logic [19:0] plane_d;
  assign plane_d = !i_last ? plane_next : !x_last ? y_row_q : !y_last ? y_row_next : j_row_next;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) active_q <= 1'b0;
    else if (take_tile) active_q <= 1'b1;
    else if (finish) active_q <= 1'b0;
  end

  // The registers of the loops follow the prepared tile while there is none in them and behind the last beat of one, so that the handshake
  // of the next tile reaches none of them. Where they get their next value from is decided by flags alone, the step only enables them.
  logic       idle, fresh, map_last;
  logic [7:0] ends;
  assign idle     = !active_q;
  assign map_last = x_last && y_last;
  assign fresh    = idle || all_last;
  agc_loop_ends #(.Loops(7)) u_ends (
    .step_i(step_mac), .last_i({j_last, y_last, x_last, i_last, ky_last, kx_last, ph_last}), .end_o(ends)
  );

  always_ff @(posedge clk_i) begin
    if (idle || ends[7]) begin
      in_h_q    <= prep_q[agc_isa_pkg::CONV_IN_H_LSB +: 13];
      in_w_q    <= prep_q[agc_isa_pkg::CONV_IN_W_LSB +: 13];
      w_even_q  <= prep_w_even_q;
      h_lower_q <= prep_h_lower_q;
      xt_q      <= prep_xt_q;
      yt_q      <= prep_yt_q;
      end_q     <= prep_end_q;
      single_q  <= prep_single_q;
      off_x_q   <= first_ux;
      off_y_q   <= first_uy;
    end
  end

  // Counters, innermost loop first.
  always_ff @(posedge clk_i) begin
    if (idle || ends[0]) begin
      ph_q    <= (idle || ph_last) ? 3'd0 : ph_q + 3'd1;
      ph_last <= (idle || ph_last) ? ph_one_q : ph_q + 3'd1 == ph_last_value;
    end
    if (idle || ends[1]) begin
      kx_left_q <= (idle || kx_last) ? kw : kx_left_q - 4'd1;
      kx_last   <= (idle || kx_last) ? kx_one_q : kx_left_q == 4'd2;
      first_q   <= idle || tap_last;
    end
    if (idle || ends[2]) begin
      ky_left_q <= (idle || ky_last) ? kh : ky_left_q - 4'd1;
      ky_last   <= (idle || ky_last) ? ky_one_q : ky_left_q == 4'd2;
    end
    if (idle || ends[3]) begin
      i_left_q <= (idle || i_last) ? icb : i_left_q - 9'd1;
      i_last   <= (idle || i_last) ? i_one_q : i_left_q == 9'd2;
    end
    if (idle || ends[4]) begin
      x_left_q     <= fresh ? prep_xt_q : x_last ? xt_q : x_left_q - 13'd1;
      x_last       <= fresh ? prep_xt_q == '0 : x_last ? xt_q == '0 : x_left_q == 13'd1;
      first_tile_q <= idle || map_last;
    end
    if (idle || ends[5]) begin
      y_left_q <= fresh ? prep_yt_q : y_last ? yt_q : y_left_q - 13'd1;
      y_last   <= fresh ? prep_yt_q == '0 : y_last ? yt_q == '0 : y_left_q == 13'd1;
    end
    if (idle || ends[6]) begin
      j_left_q <= fresh ? prep_q[agc_isa_pkg::CONV_OCB_LSB +: 9] : j_left_q - 9'd1;
      j_last   <= fresh ? prep_q[agc_isa_pkg::CONV_OCB_LSB +: 9] == 9'd1 : j_left_q == 9'd2;
    end
    if (idle || ends[6]) par_q <= 1'b1;
    else if (step_par) par_q <= 1'b0;
  end

  // Coordinates and addresses.
  always_ff @(posedge clk_i) begin
    if (idle || ends[1]) begin
      ux_q <= fresh ? first_ux : !kx_last ? ux_q + CoordW'({1'b0, dx}) : !(ky_last && i_last) ? x_base_q : x_last ? off_x_q : x_base_next;
    end
    if (idle || ends[2]) begin
      uy_q   <= fresh ? first_uy : !ky_last ? uy_next : !(i_last && x_last) ? y_base_q : y_last ? off_y_q : y_base_next;
      krow_q <= fresh ? prep_row_q : !ky_last ? k_row_next : plane_d;
    end
    if (idle || ends[3]) plane_q <= fresh ? prep_row_q : plane_d;
    if (idle || ends[4]) x_base_q <= fresh ? first_ux : x_last ? off_x_q : x_base_next;
    if (ends[4] && first_tile_q) next_j_row_q <= plane_next;
    if (idle || ends[5]) begin
      y_base_q <= fresh ? first_uy : y_last ? off_y_q : y_base_next;
      y_row_q  <= fresh ? prep_row_q : y_last ? j_row_next : y_row_next;
    end
    if (idle || ends[6]) begin
      j_row_q  <= fresh ? prep_row_q : j_row_next;
      w_base_q <= fresh ? prep_q[agc_isa_pkg::CONV_WB_LSB +: 16] : w_base_q + w_pitch;
    end
    if (idle || ends[1] || step_par) begin
      w_addr_q <= (idle || (all_last && !par_q)) ? prep_q[agc_isa_pkg::CONV_WB_LSB +: 16]
                : (par_q || !tap_last) ? w_addr_q + 16'd1 : w_base_q + (map_last ? w_pitch : 16'd1);
    end
  end

  // ---- Addresses of the beat ---------------------------------------------------------------------------------------------------
  agc_conv_window #(.Pixels(Pixels), .Banks(Banks), .BankWords(BankWords), .WeightWords(WeightWords), .CoordW(CoordW)) u_window (
    .clk_i, .rst_ni, .clear_i, .en_i,
    .up_i(up), .split_i(split), .block_i(block), .sy_i(sy), .px_words_i(px_words), .in_half_i(in_half), .lower_i(lower_q),
    .par_i(step_par), .read_i(step_mac), .phase_i(ph_q), .phase_last_i(ph_last), .first_i(first_q), .last_i(tap_last),
    .row_i(krow_q), .x_i(ux_q), .y_i(uy_q), .w_addr_i(w_addr_q), .table_busy_i, .table_addr_i,
    .in_h_i(in_h_q), .in_w_i(in_w_q), .w_even_i(w_even_q), .h_lower_i(h_lower_q),
    .end_i(x_last ? end_q : (block ? PxW'(HalfPx - 1) : PxW'(Pixels - 1))), .lower_row_i(!block || !y_last || !single_q),
    .a_addr_o, .w_addr_o, .tag_par_o, .tag_read_o, .tag_mac_o, .tag_first_o, .tag_last_o, .sel_o, .cap_o, .pad_o, .sp_fault_o, .wb_fault_o
  );

  logic unused;
  assign unused = &{1'b0, lower[SelW-1:0]};
endmodule
