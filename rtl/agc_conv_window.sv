// Back of the convolution engine's issue stage: from the place of a beat in the loops to the addresses of the eight banks, in two cycles.
//
//   place in the loops -> [address of pixel 0, row tests] -> [bank addresses, banks and pads of the pixels, range tests] -> memories, array
//
// Words are found in a window of Banks consecutive ones; pixels further apart take several phases. en_i freezes everything. What CONV_GEO sets
// (up_i to lower_i) is stable while a tile runs.
module agc_conv_window #(
  parameter  int unsigned Pixels      = 8,
  parameter  int unsigned Banks       = 8,
  parameter  int unsigned BankWords   = 4096,
  parameter  int unsigned WeightWords = 1536,
  parameter  int unsigned CoordW      = 18,  // input coordinates, with a sign
  localparam int unsigned BankAw      = $clog2(BankWords),
  localparam int unsigned WAw         = $clog2(WeightWords),
  localparam int unsigned SelW        = $clog2(Banks),
  localparam int unsigned PxW         = $clog2(Pixels),
  localparam int unsigned HiW         = 20 - SelW
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     en_i,

  // Set-up.
  input  logic                     up_i,
  input  logic                     split_i,
  input  logic                     block_i,       // micro-tiles are Pixels/2 columns of two rows
  input  logic [2:0]               sy_i,
  input  logic [2:0]               px_words_i,    // words from pixel to pixel
  input  logic [12:0]              in_half_i,
  input  logic [HiW-1:0]           lower_i,       // lines of Banks words from the upper row's window to the lower one's

  // The beat.
  input  logic                     par_i,         // reads a parameter word
  input  logic                     read_i,        // reads activations and weights
  input  logic [2:0]               phase_i,
  input  logic                     phase_last_i,
  input  logic                     first_i,       // first tap of a micro-tile
  input  logic                     last_i,        // last one
  input  logic [19:0]              row_i,         // address of column 0 of the input row
  input  logic signed [CoordW-1:0] x_i,           // of pixel 0, before halving
  input  logic signed [CoordW-1:0] y_i,
  input  logic [15:0]              w_addr_i,
  input  logic [12:0]              in_h_i,        // input rectangle; its even columns; its rows less sy_i
  input  logic [12:0]              in_w_i,
  input  logic [12:0]              w_even_i,
  input  logic signed [CoordW-1:0] h_lower_i,
  input  logic [PxW-1:0]           end_i,         // last pixel of a row that exists
  input  logic                     lower_row_i,   // of two rows, the lower one exists

  // CONV_TABLE reads the weight buffer while no beat does.
  input  logic                     table_busy_i,
  input  logic [WAw-1:0]           table_addr_i,

  // See agc_conv_issue; a_addr_o and w_addr_o come from registers.
  output logic [Banks*BankAw-1:0]  a_addr_o,
  output logic [WAw-1:0]           w_addr_o,
  output logic                     tag_par_o,
  output logic                     tag_read_o,
  output logic                     tag_mac_o,
  output logic                     tag_first_o,
  output logic                     tag_last_o,
  output logic [Pixels*SelW-1:0]   sel_o,
  output logic [Pixels-1:0]        cap_o,
  output logic [Pixels-1:0]        pad_o,
  output logic                     sp_fault_o,
  output logic                     wb_fault_o
);
  localparam int unsigned OffW   = PxW + 3;  // largest offset of a pixel: (Pixels-1) * 7
  localparam int unsigned HalfPx = Pixels / 2;

  // Words from pixel 0 to each pixel. In a block of two rows these are places among the banks, and the columns start again with the lower row.
  logic [Pixels*OffW-1:0] stride_off_q, column_off_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < Pixels; p++) begin
      stride_off_q[p*OffW +: OffW] <= OffW'(p) * OffW'(px_words_i);
      column_off_q[p*OffW +: OffW] <= block_i ? OffW'(p % HalfPx) : OffW'(p) * OffW'(px_words_i);
    end
  end

  // ---- Address of pixel 0, row tests -------------------------------------------------------------------------------------------
  logic signed [CoordW-1:0] hx, vy;
  assign hx = (up_i || split_i) ? x_i >>> 1 : x_i;
  assign vy = up_i ? y_i >>> 1 : y_i;

  // A micro-tile's columns all have the parity of its first one when they are split. Upsampling and two rows exclude each other.
  logic signed [CoordW-1:0] vy_lower;
  logic                     row_ok;
  logic [12:0]              in_w_parity;
  assign vy_lower    = y_i + CoordW'({1'b0, sy_i});
  assign row_ok      = !vy[CoordW-1] && vy < $signed(CoordW'(in_h_i));
  assign in_w_parity = x_i[0] ? in_w_i >> 1 : w_even_i;

  logic                     par1_q, mac1_q, first1_q, last1_q, read1_q, row_ok1_q, lower_ok1_q, lower_is1_q, odd1_q;
  logic [2:0]               ph1_q;
  logic [19:0]              addr1_q;
  logic signed [CoordW-1:0] hx1_q;
  logic [12:0]              in_w1_q;
  logic [15:0]              w_addr1_q;
  logic [PxW-1:0]           end1_q;  // last pixel of a row that exists

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      par1_q  <= 1'b0;
      read1_q <= 1'b0;
      mac1_q  <= 1'b0;
    end else if (en_i) begin
      par1_q  <= par_i;
      read1_q <= read_i;
      mac1_q  <= read_i && phase_last_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      first1_q  <= first_i;
      last1_q   <= last_i;
      row_ok1_q   <= row_ok;
      lower_ok1_q <= block_i ? !vy_lower[CoordW-1] && y_i < h_lower_i : row_ok;
      lower_is1_q <= lower_row_i;
      odd1_q    <= x_i[0];
      ph1_q     <= phase_i;
      addr1_q   <= row_i + 20'(hx) + ((split_i && x_i[0]) ? 20'(in_half_i) : 20'd0);
      hx1_q     <= hx;
      in_w1_q   <= split_i ? in_w_parity : in_w_i;
      w_addr1_q <= w_addr_i;
      end1_q    <= end_i;
    end
  end

  // ---- Bank addresses: the window of Banks words that starts at addr + ph*Banks; of two rows, its upper half is the lower row's --------
  logic [HiW-1:0] hi, hi_next, hi_lower, hi_lower_next;
  assign hi            = addr1_q[19:SelW] + HiW'(ph1_q);
  assign hi_next       = hi + 1'b1;
  assign hi_lower      = addr1_q[19:SelW] + (block_i ? lower_i : HiW'(ph1_q));
  assign hi_lower_next = hi_lower + 1'b1;

  logic [Banks-1:0] bank_wrap, bank_lower;
  always_comb begin
    for (int unsigned b = 0; b < Banks; b++) begin
      logic [SelW-1:0] place;  // of the bank in the window
      place         = SelW'(b) - addr1_q[SelW-1:0];
      bank_wrap[b]  = (SelW'(b) < addr1_q[SelW-1:0]);
      bank_lower[b] = 32'(place) >= HalfPx;
    end
  end

  logic [Pixels*OffW-1:0] off;  // words from pixel 0: they give the bank
  logic [Pixels-1:0]      cap, pad, wrap, used;
  logic [Pixels*SelW-1:0] sel;
  always_comb begin
    for (int unsigned p = 0; p < Pixels; p++) begin
      logic signed [CoordW-1:0] h;
      logic [SelW:0]            low;
      logic [OffW-1:0]          column;
      logic                     second;  // pixel of the lower row, if there are two
      logic [PxW-1:0]           index;
      second = p >= HalfPx;
      index  = (block_i && second) ? PxW'(p - HalfPx) : PxW'(p);
      off[p*OffW +: OffW] = up_i ? OffW'((OffW'(p) + OffW'(odd1_q)) >> 1) : stride_off_q[p*OffW +: OffW];
      column = up_i ? off[p*OffW +: OffW] : column_off_q[p*OffW +: OffW];
      h   = hx1_q + CoordW'(column);
      low = (SelW+1)'(addr1_q[SelW-1:0]) + (SelW+1)'(off[p*OffW +: SelW]);
      pad[p]  = !(second ? lower_ok1_q : row_ok1_q) || h[CoordW-1] || h >= $signed(CoordW'(in_w1_q));
      cap[p]  = 3'(off[p*OffW +: OffW] >> SelW) == ph1_q;
      sel[p*SelW +: SelW] = low[SelW-1:0];
      wrap[p] = low[SelW];
      used[p] = cap[p] && !pad[p] && index <= end1_q && (!second || lower_is1_q);
    end
  end

  logic              par2_q, read2_q, mac2_q, first2_q, last2_q, oor_q, oor_next_q, oor_lower_q, oor_lower_next_q, woor_q;
  logic [Pixels-1:0] wrap2_q, used2_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      par2_q  <= 1'b0;
      read2_q <= 1'b0;
      mac2_q  <= 1'b0;
    end else if (en_i) begin
      par2_q  <= par1_q;
      read2_q <= read1_q;
      mac2_q  <= mac1_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      for (int unsigned b = 0; b < Banks; b++) begin
        a_addr_o[b*BankAw +: BankAw] <= bank_lower[b] ? (bank_wrap[b] ? BankAw'(hi_lower_next) : BankAw'(hi_lower))
                                                      : (bank_wrap[b] ? BankAw'(hi_next) : BankAw'(hi));
      end
      w_addr_o   <= table_busy_i ? table_addr_i : WAw'(w_addr1_q);
      first2_q   <= first1_q;
      last2_q    <= last1_q;
      sel_o      <= sel;
      cap_o      <= cap;
      pad_o      <= pad;
      wrap2_q    <= wrap;
      used2_q    <= used;
      oor_q      <= 32'(hi) >= BankWords;
      oor_next_q <= 32'(hi_next) >= BankWords;
      oor_lower_q      <= 32'(hi_lower) >= BankWords;
      oor_lower_next_q <= 32'(hi_lower_next) >= BankWords;
      woor_q     <= 32'(w_addr1_q) >= WeightWords;
    end
  end
  assign tag_par_o   = par2_q;
  assign tag_read_o  = read2_q;
  assign tag_mac_o   = mac2_q;
  assign tag_first_o = first2_q;
  assign tag_last_o  = last2_q && mac2_q;
  logic [Pixels-1:0] out_of_range;
  assign out_of_range = {{(Pixels-HalfPx){oor_lower_q}}, {HalfPx{oor_q}}} & ~wrap2_q
                      | {{(Pixels-HalfPx){oor_lower_next_q}}, {HalfPx{oor_next_q}}} & wrap2_q;
  assign sp_fault_o  = read2_q && |(used2_q & out_of_range);
  assign wb_fault_o  = (read2_q || par2_q) && woor_q;

  logic unused;
  assign unused = &{1'b0, vy_lower[CoordW-2:0]};
endmodule
