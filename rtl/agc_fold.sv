// LOAD_FOLD behind the reader: source pixels in, words with the kernel columns folded into channels out.
//
//   in_* (first c bytes of a word) -> [ window: 15 pixels, oldest in slot 0 ] -> byte selection for block f -> output register -> out_*
//
// A pixel enters at an even slot, `tap`, so that the window of a kernel of tap+1 columns begins in slot 0; behind an even number of columns one
// pixel more is read ahead. Pixels outside of the row enter as invalid and read as `pad`. Per output column one word a cycle and block,
// then `sx` new pixels, the first of them in the cycle of the last word.
//
// The beat of a row's begin gives the row's address. The last beat of the instruction is looked at when its turn comes, but taken only with the
// instruction's last word, so that the reader's report of its completion is right.
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
  input  logic [2:0]  tap_i,       // pixels enter at slot 2*tap_i, tap_i at least 1
  input  logic [3:0]  need_i,      // pixels to the first output column
  input  logic [3:0]  lead_i,      // invalid pixels in front of the first one
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

  // Control.
  logic        active_q, held_q, out_valid_q;
  logic [3:0]  need_q, lead_q;
  logic [2:0]  block_q;
  logic [12:0] columns_q, pixels_q;
  logic        columns_left, real_pixel, room, emit, column_end, shift, row_end, row_begin, accept_last;

  assign columns_left = columns_q != '0;
  assign real_pixel   = lead_q == '0 && pixels_q != '0;
  assign room         = !out_valid_q || out_ready_i;
  assign emit         = active_q && columns_left && need_q == '0 && room;
  assign column_end   = emit && block_q == lanes_i[5:3];
  assign shift        = active_q && (in_valid_i || !real_pixel) &&
                        (column_end || (columns_left ? need_q != '0 : pixels_q != '0));
  assign row_end      = active_q && !columns_left && pixels_q == '0 && !held_q;
  assign row_begin    = in_valid_i && (!active_q || row_end);
  assign accept_last  = held_q && in_valid_i && !columns_left && room;
  assign in_ready_o   = accept_last || (shift && real_pixel && !in_last_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      active_q    <= 1'b0;
      held_q      <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      if (row_begin) active_q <= 1'b1;
      else if (row_end || accept_last) active_q <= 1'b0;
      if (accept_last) held_q <= 1'b0;
      else if (shift && real_pixel && in_last_i) held_q <= 1'b1;
      if (emit) out_valid_q <= 1'b1;
      else if (out_ready_i) out_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (row_begin) begin
      need_q    <= need_i;
      lead_q    <= lead_i;
      columns_q <= columns_i;
      pixels_q  <= pixels_i;
      block_q   <= '0;
    end else begin
      if (column_end) need_q <= 4'(step_i) - 4'(shift);
      else if (shift && need_q != '0) need_q <= need_q - 1'b1;
      if (column_end) columns_q <= columns_q - 1'b1;
      if (emit) block_q <= column_end ? '0 : block_q + 1'b1;
      if (shift && lead_q != '0) lead_q <= lead_q - 1'b1;
      if (shift && real_pixel) pixels_q <= pixels_q - 1'b1;
    end
  end

  // Addresses.
  logic [19:0] column_addr_q, addr_q, out_addr_q;

  always_ff @(posedge clk_i) begin
    if (row_begin) begin
      column_addr_q <= in_addr_i;
      addr_q        <= in_addr_i;
    end else if (emit) begin
      addr_q <= column_end ? column_addr_q + 1'b1 : addr_q + pitch_i;
      if (column_end) column_addr_q <= column_addr_q + 1'b1;
    end
  end

  // Window.
  logic [31:0]      slot_q [Slots];
  logic [Slots-1:0] valid_q;

  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    logic enters;
    assign enters = (s == Slots - 1) || (s % 2 == 0 && s > 0 && tap_i == 3'(s / 2));

    always_ff @(posedge clk_i) begin
      if (shift) slot_q[s] <= enters ? in_data_i : slot_q[(s + 1) % Slots];
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni || row_begin) valid_q[s] <= 1'b0;
      else if (shift) valid_q[s] <= enters ? real_pixel : valid_q[(s + 1) % Slots];
    end
  end

  // Byte b of block f: lane 8*f + b, which is byte (lane mod c) of slot (lane div c).
  logic [63:0] word;

  for (genvar b = 0; b < 8; b++) begin : gen_byte
    logic [8:0] one [8];
    logic [8:0] two [8];
    logic [8:0] three [8];
    logic [8:0] four [8];
    logic [8:0] picked;
    for (genvar f = 0; f < 8; f++) begin : gen_block
      localparam int unsigned Lane = 8 * f + b;
      assign one[f]   = (Lane < Slots)     ? {valid_q[Lane % Slots], slot_q[Lane % Slots][7:0]} : '0;
      assign two[f]   = (Lane < 2 * Slots) ? {valid_q[Lane / 2 % Slots], slot_q[Lane / 2 % Slots][Lane % 2 * 8 +: 8]} : '0;
      assign three[f] = (Lane < 3 * Slots) ? {valid_q[Lane / 3 % Slots], slot_q[Lane / 3 % Slots][Lane % 3 * 8 +: 8]} : '0;
      assign four[f]  = (Lane < 4 * Slots) ? {valid_q[Lane / 4 % Slots], slot_q[Lane / 4 % Slots][Lane % 4 * 8 +: 8]} : '0;
    end
    always_comb begin
      unique case (channels_i)
        2'd1:    picked = one[{2'b00, block_q[0]}];
        2'd2:    picked = two[{1'b0, block_q[1:0]}];
        2'd3:    picked = three[block_q];
        default: picked = four[block_q];
      endcase
    end
    assign word[8*b +: 8] = (picked[8] && {block_q, 3'(b)} <= lanes_i) ? picked[7:0] : pad_i;
  end

  logic [63:0] out_data_q;

  always_ff @(posedge clk_i) begin
    if (emit) begin
      out_data_q <= word;
      out_addr_q <= addr_q;
    end
  end

  assign out_valid_o = out_valid_q && !halt_i;
  assign out_addr_o  = out_addr_q;
  assign out_data_o  = out_data_q;
endmodule
