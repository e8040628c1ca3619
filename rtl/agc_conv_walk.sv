// Visits the pixels of a convolution tile in drain order and gives the scratchpad address of each.
//
//   for block:  for row:  for column:        address = base + block*cpitch + row*pitch + column
//
// With block_i the rows go in pairs, and of a pair Pixels/2 columns at once: the upper row's, then the lower row's where it exists.
// With split_i column x lies at (x >> 1) + (x & 1)*half_i, otherwise at x*(gap_i + 1), with still_i at 0. split_i needs gap_i and still_i = 0.
//
// load_i takes a new tile (only when active_o is low); step_i moves on by one pixel. block_i, split_i,
// half_i, gap_i, still_i and the pitches are stable from two cycles before load_i until active_o is low.
// tile_last_o marks the last pixel of a micro-tile, block_last_o of an output block, all_last_o of the tile; px_o is the pixel's number in
// its micro-tile, from Pixels/2 on in a lower row.
module agc_conv_walk #(
  parameter  int unsigned Pixels = 8,  // power of two, at least 4
  localparam int unsigned PxW    = $clog2(Pixels)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,

  input  logic           load_i,
  input  logic [19:0]    base_i,
  input  logic [12:0]    xt_i,     // micro-tiles in a row of them, less one
  input  logic [12:0]    yt_i,     // rows of micro-tiles, less one
  input  logic [PxW-1:0] end_i,    // last pixel of a row's last micro-tile
  input  logic           pair_i,   // the first row of micro-tiles has a lower row of pixels
  input  logic           single_i, // the last one has none
  input  logic [8:0]     blocks_i,
  input  logic [12:0]    pitch_i,
  input  logic [19:0]    cpitch_i,
  input  logic           block_i,
  input  logic           split_i,
  input  logic [12:0]    half_i,
  input  logic [2:0]     gap_i,
  input  logic           still_i,

  input  logic           step_i,
  output logic           active_o,
  output logic [19:0]    addr_o,
  output logic [PxW-1:0] px_o,
  output logic           tile_last_o,
  output logic           block_last_o,
  output logic           all_last_o
);
  localparam logic [PxW-1:0] Half = PxW'(Pixels / 2);

  logic           active_q;
  logic [19:0]    addr_q, even_q, tile_q, row_q, plane_q;  // even_q: of the column pair's even one, addr_q itself without split
  logic [12:0]    xt_q, yt_q, x_left_q, y_left_q;          // micro-tiles behind this one in its row, rows of them; *t_q: of all
  logic [8:0]     j_left_q;                                // what remains, this one included
  logic [PxW-1:0] px_q, end_q, x_end_q, full_end;          // end_q: last pixel of this row of the micro-tile, x_end_q: of a row's last one
  logic           single_q;                                // the last pair of rows has no lower one
  logic           pair_q;                                  // this pair has one
  logic           more_q;                                  // the lower row's pixels of this micro-tile are still to come
  assign full_end = block_i ? Half - 1'b1 : PxW'(Pixels - 1);

  logic part_last, x_last, y_last, j_last;  // the last three are registers
  assign part_last = px_q == end_q;

  assign active_o     = active_q;
  assign addr_o       = addr_q;
  assign px_o         = px_q;
  assign tile_last_o  = part_last && !more_q;
  assign block_last_o = tile_last_o && x_last && y_last;
  assign all_last_o   = block_last_o && j_last;

  // A micro-tile starts at an even column.
  logic        to_odd;
  logic [19:0] next_px, next_tile, next_lower, next_row, next_plane;
  assign to_odd     = split_i && !px_q[0];
  logic [3:0]      px_step_q;       // words from column to column, with split from an odd one to the next even one
  logic [PxW+2:0]  tile_step_q;     // words from micro-tile to micro-tile of a block
  always_ff @(posedge clk_i) begin
    px_step_q   <= still_i ? 4'd0 : 4'(gap_i) + 4'd1;
    tile_step_q <= split_i ? (PxW+3)'(Pixels / 4) : {px_step_q, {(PxW-1){1'b0}}};
  end
  assign next_px    = even_q + (to_odd ? 20'(half_i) : 20'(px_step_q));
  assign next_tile  = block_i ? tile_q + 20'(tile_step_q) : next_px;
  assign next_lower = tile_q + 20'(pitch_i);
  assign next_row   = row_q + (block_i ? {6'd0, pitch_i, 1'b0} : 20'(pitch_i));
  assign next_plane = plane_q + cpitch_i;

  logic next_pair, first_pair;
  assign next_pair  = block_i && !(y_left_q == 13'd1 && single_q);
  assign first_pair = block_i && !(yt_q == '0 && single_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) active_q <= 1'b0;
    else if (load_i) active_q <= 1'b1;
    else if (step_i && all_last_o) active_q <= 1'b0;
  end

  // The inputs are taken all the time while there is no tile, so load_i need not reach all of these registers. Likewise the next values
  // are chosen by flags, and the step only enables them.
  logic       idle;
  logic [4:0] ends;
  assign idle = !active_q;
  agc_loop_ends #(.Loops(4)) u_ends (.step_i, .last_i({y_last, x_last, !more_q, part_last}), .end_o(ends));

  logic [19:0] map_d, row_d;  // of the next pair of rows or output block, and of the next micro-tile
  assign map_d = idle ? base_i : y_last ? next_plane : next_row;
  assign row_d = (idle || x_last) ? map_d : next_tile;

  always_ff @(posedge clk_i) begin
    if (idle) begin
      xt_q     <= xt_i;
      yt_q     <= yt_i;
      x_end_q  <= end_i;
      single_q <= single_i;
    end
    if (idle || ends[0]) begin
      px_q   <= (idle || (part_last && !more_q)) ? '0 : part_last ? Half : px_q + 1'b1;
      addr_q <= (idle || (part_last && !more_q)) ? row_d : part_last ? next_lower : next_px;
      if (idle || part_last || !to_odd) even_q <= (idle || (part_last && !more_q)) ? row_d : part_last ? next_lower : next_px;
    end
    if (idle || ends[1]) begin
      end_q  <= idle ? (xt_i == '0 ? end_i : full_end) : more_q ? end_q | Half
              : (x_last ? xt_q == '0 : x_left_q == 13'd1) ? x_end_q : full_end;
      more_q <= idle ? pair_i : !more_q && (!x_last ? pair_q : y_last ? first_pair : next_pair);
    end
    if (idle || ends[2]) begin
      x_left_q <= idle ? xt_i : x_last ? xt_q : x_left_q - 13'd1;
      x_last   <= idle ? xt_i == '0 : x_last ? xt_q == '0 : x_left_q == 13'd1;
      tile_q   <= row_d;
    end
    if (idle || ends[3]) begin
      y_left_q <= idle ? yt_i : y_last ? yt_q : y_left_q - 13'd1;
      y_last   <= idle ? yt_i == '0 : y_last ? yt_q == '0 : y_left_q == 13'd1;
      pair_q   <= idle ? pair_i : y_last ? first_pair : next_pair;
      row_q    <= map_d;
    end
    if (idle || ends[4]) begin
      j_left_q <= idle ? blocks_i : j_left_q - 9'd1;
      j_last   <= idle ? blocks_i == 9'd1 : j_left_q == 9'd2;
      plane_q  <= idle ? base_i : next_plane;
    end
  end
endmodule
