// Visits the pixels of a convolution tile in drain order and gives the scratchpad address of each.
//
//   for block:  for row:  for column:        address = base + block*cpitch + row*pitch + column
//
// With block_i the rows go in pairs, and of a pair Pixels/2 columns at once: the upper row's, then the lower row's where it exists.
// With split_i column x lies at (x >> 1) + (x & 1)*half_i.
//
// load_i takes a new tile (only when active_o is low or in the cycle of its last step); step_i moves on by one pixel. block_i, split_i,
// half_i and the pitches are stable while active_o is high.
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
  input  logic [12:0]    rows_i,
  input  logic [12:0]    cols_i,
  input  logic [8:0]     blocks_i,
  input  logic [12:0]    pitch_i,
  input  logic [19:0]    cpitch_i,
  input  logic           block_i,
  input  logic           split_i,
  input  logic [12:0]    half_i,

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

  logic part_last, x_last, y_last, j_last;
  assign part_last = px_q == end_q;
  assign x_last    = x_left_q == '0;
  assign y_last    = y_left_q == '0;
  assign j_last    = j_left_q == 9'd1;

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
  assign next_px    = even_q + (to_odd ? 20'(half_i) : 20'd1);
  assign next_tile  = block_i ? tile_q + (split_i ? 20'(Pixels / 4) : 20'(Pixels / 2)) : next_px;
  assign next_lower = tile_q + 20'(pitch_i);
  assign next_row   = row_q + (block_i ? {6'd0, pitch_i, 1'b0} : 20'(pitch_i));
  assign next_plane = plane_q + cpitch_i;

  logic [12:0]    cols_less, rows_less, load_xt, load_yt;
  logic [PxW-1:0] load_end;
  logic           load_pair, next_pair, first_pair;
  assign cols_less  = cols_i - 13'd1;
  assign rows_less  = rows_i - 13'd1;
  assign load_xt    = block_i ? cols_less >> (PxW - 1) : cols_less >> PxW;
  assign load_yt    = block_i ? rows_less >> 1 : rows_less;
  assign load_end   = cols_less[PxW-1:0] & full_end;
  assign load_pair  = block_i && rows_less != '0;
  assign next_pair  = block_i && !(y_left_q == 13'd1 && single_q);
  assign first_pair = block_i && !(yt_q == '0 && single_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) active_q <= 1'b0;
    else if (load_i) active_q <= 1'b1;
    else if (step_i && all_last_o) active_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      addr_q   <= base_i;
      even_q   <= base_i;
      tile_q   <= base_i;
      row_q    <= base_i;
      plane_q  <= base_i;
      xt_q     <= load_xt;
      yt_q     <= load_yt;
      x_left_q <= load_xt;
      y_left_q <= load_yt;
      j_left_q <= blocks_i;
      px_q     <= '0;
      x_end_q  <= load_end;
      end_q    <= load_xt == '0 ? load_end : full_end;
      single_q <= !rows_less[0];
      pair_q   <= load_pair;
      more_q   <= load_pair;
    end else if (step_i) begin
      if (!part_last) begin
        px_q   <= px_q + 1'b1;
        addr_q <= next_px;
        if (!to_odd) even_q <= next_px;
      end else if (more_q) begin
        px_q   <= Half;
        end_q  <= end_q | Half;
        more_q <= 1'b0;
        addr_q <= next_lower;
        even_q <= next_lower;
      end else begin
        px_q <= '0;
        if (!x_last) begin
          x_left_q <= x_left_q - 13'd1;
          end_q    <= x_left_q == 13'd1 ? x_end_q : full_end;
          more_q   <= pair_q;
          addr_q   <= next_tile;
          even_q   <= next_tile;
          tile_q   <= next_tile;
        end else begin
          x_left_q <= xt_q;
          end_q    <= xt_q == '0 ? x_end_q : full_end;
          if (!y_last) begin
            y_left_q <= y_left_q - 13'd1;
            pair_q   <= next_pair;
            more_q   <= next_pair;
            row_q    <= next_row;
            addr_q   <= next_row;
            even_q   <= next_row;
            tile_q   <= next_row;
          end else begin
            y_left_q <= yt_q;
            pair_q   <= first_pair;
            more_q   <= first_pair;
            j_left_q <= j_left_q - 9'd1;
            plane_q  <= next_plane;
            row_q    <= next_plane;
            addr_q   <= next_plane;
            even_q   <= next_plane;
            tile_q   <= next_plane;
          end
        end
      end
    end
  end
endmodule
