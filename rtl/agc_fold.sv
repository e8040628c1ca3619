// LOAD_FOLD behind the reader: source pixels in, words with the kernel columns folded into channels out.
//
//   in_* -> [ FIFO ] -> [ window: 15 pixels, oldest in slot 0 ] -> byte selection for block f -> [ FIFO ] -> out_*
//
// A pixel (the first c bytes of a word) enters at one of five slots, so that the window of 3, 5, 7, 11 or 15 columns begins in slot 0; a kernel
// between these reads some columns ahead. Pixels outside of the row enter as `pad`. Each output column takes a cycle for each block, then
// `step` new pixels enter, the first of them in the cycle of the column's last word: blocks + step - 1 cycles a column.
//
// The first beat of a row gives the row's address. The last beat of the instruction goes into the FIFO when it comes, but is taken from the reader
// only when the instruction's last word is written, so that the reader reports its completion then.
module agc_fold (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        halt_i,

  // Stable while beats of an instruction are offered.
  input  logic [12:0] columns_i,   // output columns, at least 1
  input  logic [12:0] pixels_i,    // source columns, at least 1
  input  logic [19:0] pitch_i,     // words from block to block
  input  logic [1:0]  channels_i,  // 1 to 4, modulo 4
  input  logic [2:0]  kernel_i,    // half of the kernel columns, rounded down
  input  logic [3:0]  left_i,      // padding columns in front
  input  logic [2:0]  step_i,      // pixels from output column to output column, at least 1
  input  logic [5:0]  lanes_i,     // lanes in use, minus 1
  input  logic [7:0]  pad_i,

  input  logic        in_valid_i,
  output logic        in_ready_o,
  input  logic [19:0] in_addr_i,
  input  logic [31:0] in_data_i,
  input  logic        in_last_i,   // last beat of the instruction

  output logic        out_valid_o,
  input  logic        out_ready_i,
  output logic [19:0] out_addr_o,
  output logic [63:0] out_data_o
);
  localparam int unsigned Slots = 15;

  // Beats.
  logic        held_q, complete_q, in_room, beat_valid, beat_pop, beat_last;
  logic [19:0] beat_addr;
  logic [31:0] beat_data;

  agc_fifo #(.Width(53), .Depth(4)) u_beats (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(in_valid_i && !held_q),
    .wr_ready_o(in_room),
    .wr_data_i ({in_last_i, in_addr_i, in_data_i}),
    .rd_valid_o(beat_valid),
    .rd_ready_i(beat_pop),
    .rd_data_o ({beat_last, beat_addr, beat_data})
  );

  assign in_ready_o = held_q ? complete_q : in_room && !in_last_i;

  // Control. The counters hold what is left behind the current one, their flags that there is a current one.
  logic        active_q, last_row_q, columns_more_q, pixels_more_q, out_room, out_valid;
  logic [3:0]  need_q, lead_q, window;
  logic [2:0]  block_q;
  logic [12:0] columns_q, pixels_q;
  logic        real_pixel, emit, column_end, shift, row_done, row_begin;

  always_comb begin
    unique case (kernel_i)
      3'd0, 3'd1: window = 4'd3;
      3'd2:       window = 4'd5;
      3'd3:       window = 4'd7;
      3'd4, 3'd5: window = 4'd11;
      default:    window = 4'd15;
    endcase
  end

  assign real_pixel = lead_q == '0 && pixels_more_q;
  assign emit       = active_q && columns_more_q && need_q == '0 && out_room;
  assign column_end = emit && block_q == lanes_i[5:3];
  assign shift      = active_q && (beat_valid || !real_pixel) &&
                      (column_end || (columns_more_q ? need_q != '0 : pixels_more_q));
  assign beat_pop   = shift && real_pixel;
  assign row_done   = active_q && !columns_more_q && !pixels_more_q;
  assign row_begin  = beat_valid && (!active_q || (row_done && !last_row_q));

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      held_q     <= 1'b0;
      complete_q <= 1'b0;
      active_q   <= 1'b0;
      last_row_q <= 1'b0;
    end else if (complete_q && in_valid_i) begin
      held_q     <= 1'b0;
      complete_q <= 1'b0;
      active_q   <= 1'b0;
      last_row_q <= 1'b0;
    end else begin
      if (in_valid_i && in_room && in_last_i) held_q <= 1'b1;
      complete_q <= row_done && last_row_q && !out_valid;
      if (row_begin) active_q <= 1'b1;
      else if (row_done && !last_row_q) active_q <= 1'b0;
      if (beat_pop && beat_last) last_row_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (row_begin) begin
      need_q         <= window;
      lead_q         <= left_i;
      columns_q      <= columns_i - 1'b1;
      columns_more_q <= 1'b1;
      pixels_q       <= pixels_i - 1'b1;
      pixels_more_q  <= 1'b1;
      block_q        <= '0;
    end else begin
      if (column_end) need_q <= 4'(step_i) - 4'(shift);
      else if (shift && need_q != '0) need_q <= need_q - 1'b1;
      if (column_end) begin
        columns_q      <= columns_q - 1'b1;
        columns_more_q <= columns_q != '0;
      end
      if (emit) block_q <= column_end ? '0 : block_q + 1'b1;
      if (shift && lead_q != '0) lead_q <= lead_q - 1'b1;
      if (beat_pop) begin
        pixels_q      <= pixels_q - 1'b1;
        pixels_more_q <= pixels_q != '0;
      end
    end
  end

  // Addresses.
  logic [19:0] column_addr_q, addr_q;

  always_ff @(posedge clk_i) begin
    if (row_begin) begin
      column_addr_q <= beat_addr;
      addr_q        <= beat_addr;
    end else if (emit) begin
      addr_q <= column_end ? column_addr_q + 1'b1 : addr_q + pitch_i;
      if (column_end) column_addr_q <= column_addr_q + 1'b1;
    end
  end

  // Window.
  logic [31:0] slot_q [Slots];
  logic [31:0] entering;

  assign entering = real_pixel ? beat_data : {4{pad_i}};

  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    if (s == 2 || s == 4 || s == 6 || s == 10) begin : gen_tap
      always_ff @(posedge clk_i) begin
        if (shift) slot_q[s] <= (window == 4'(s + 1)) ? entering : slot_q[s + 1];
      end
    end else if (s == Slots - 1) begin : gen_end
      always_ff @(posedge clk_i) begin
        if (shift) slot_q[s] <= entering;
      end
    end else begin : gen_plain
      always_ff @(posedge clk_i) begin
        if (shift) slot_q[s] <= slot_q[s + 1];
      end
    end
  end

  // Byte b of block f: lane 8*f + b, which is byte (lane mod c) of slot (lane div c).
  logic [63:0] word;

  for (genvar b = 0; b < 8; b++) begin : gen_byte
    logic [7:0] one [8];
    logic [7:0] two [8];
    logic [7:0] three [8];
    logic [7:0] four [8];
    logic [7:0] picked;
    for (genvar f = 0; f < 8; f++) begin : gen_block
      localparam int unsigned Lane = 8 * f + b;
      assign one[f]   = (Lane < Slots)     ? slot_q[Lane % Slots][7:0] : '0;
      assign two[f]   = (Lane < 2 * Slots) ? slot_q[Lane / 2 % Slots][Lane % 2 * 8 +: 8] : '0;
      assign three[f] = (Lane < 3 * Slots) ? slot_q[Lane / 3 % Slots][Lane % 3 * 8 +: 8] : '0;
      assign four[f]  = (Lane < 4 * Slots) ? slot_q[Lane / 4 % Slots][Lane % 4 * 8 +: 8] : '0;
    end
    always_comb begin
      unique case (channels_i)
        2'd1:    picked = one[{2'b00, block_q[0]}];
        2'd2:    picked = two[{1'b0, block_q[1:0]}];
        2'd3:    picked = three[block_q];
        default: picked = four[block_q];
      endcase
    end
    assign word[8*b +: 8] = ({block_q, 3'(b)} <= lanes_i) ? picked : pad_i;
  end

  agc_fifo #(.Width(84), .Depth(4)) u_words (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(emit),
    .wr_ready_o(out_room),
    .wr_data_i ({addr_q, word}),
    .rd_valid_o(out_valid),
    .rd_ready_i(out_ready_i && !halt_i),
    .rd_data_o ({out_addr_o, out_data_o})
  );

  assign out_valid_o = out_valid && !halt_i;
endmodule
