// Visits the pixels of a convolution tile in drain order and gives the scratchpad address of each.
//
//   for block:  for row:  for column:        address = base + block*cpitch + row*pitch + column
//
// load_i takes a new tile (only when active_o is low); step_i moves on by one pixel.
// tile_last_o marks the last pixel of a micro-tile of Pixels columns, block_last_o of an output block, all_last_o of the tile.
module agc_conv_walk #(
  parameter int unsigned Pixels = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,

  input  logic        load_i,
  input  logic [19:0] base_i,
  input  logic [12:0] rows_i,
  input  logic [12:0] cols_i,
  input  logic [8:0]  blocks_i,
  input  logic [12:0] pitch_i,
  input  logic [19:0] cpitch_i,

  input  logic        step_i,
  output logic        active_o,
  output logic [19:0] addr_o,
  output logic        tile_last_o,
  output logic        block_last_o,
  output logic        all_last_o
);
  localparam int unsigned PxW = $clog2(Pixels);
  localparam logic [PxW-1:0] PxLast = PxW'(Pixels - 1);

  logic           active_q;
  logic [19:0]    addr_q, row_q, plane_q;
  logic [12:0]    cols_q, rows_q, x_left_q, y_left_q;  // *_left_q: what remains, this one included
  logic [8:0]     j_left_q;
  logic [PxW-1:0] px_q;

  logic x_last, y_last, j_last;
  assign x_last = x_left_q == 13'd1;
  assign y_last = y_left_q == 13'd1;
  assign j_last = j_left_q == 9'd1;

  assign active_o     = active_q;
  assign addr_o       = addr_q;
  assign tile_last_o  = x_last || (px_q == PxLast);
  assign block_last_o = x_last && y_last;
  assign all_last_o   = x_last && y_last && j_last;

  logic [19:0] next_row, next_plane;
  assign next_row   = row_q + 20'(pitch_i);
  assign next_plane = plane_q + cpitch_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) active_q <= 1'b0;
    else if (load_i) active_q <= 1'b1;
    else if (step_i && all_last_o) active_q <= 1'b0;
  end

  // The inputs are taken all the time while there is no tile, so load_i need not reach all of these registers.
  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      addr_q   <= base_i;
      row_q    <= base_i;
      plane_q  <= base_i;
      cols_q   <= cols_i;
      rows_q   <= rows_i;
      x_left_q <= cols_i;
      y_left_q <= rows_i;
      j_left_q <= blocks_i;
      px_q     <= '0;
    end else if (step_i) begin
      px_q <= tile_last_o ? '0 : px_q + 1'b1;
      if (!x_last) begin
        x_left_q <= x_left_q - 13'd1;
        addr_q   <= addr_q + 20'd1;
      end else begin
        x_left_q <= cols_q;
        if (!y_last) begin
          y_left_q <= y_left_q - 13'd1;
          row_q    <= next_row;
          addr_q   <= next_row;
        end else begin
          y_left_q <= rows_q;
          j_left_q <= j_left_q - 9'd1;
          plane_q  <= next_plane;
          row_q    <= next_plane;
          addr_q   <= next_plane;
        end
      end
    end
  end
endmodule
