// Addresses of a LOAD with `split`: of each row the even columns lie from the row's address on, the odd ones from `half_i` words behind it.
module agc_load_split (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,

  input  logic        take_i,      // a word of a split LOAD is written
  input  logic [12:0] columns_i,   // words of a row, at least 1
  input  logic [12:0] half_i,
  input  logic [19:0] row_addr_i,  // the row's address, with its first word
  output logic [19:0] addr_o
);
  logic [12:0] left_q;             // words of the row to come; 0: the next one begins a row
  logic        odd_q, first;
  logic [19:0] even_addr_q, odd_addr_q, next_addr;

  assign first     = left_q == '0;
  assign addr_o    = first ? row_addr_i : (odd_q ? odd_addr_q : even_addr_q);
  assign next_addr = addr_o + 1'b1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) left_q <= '0;
    else if (take_i) left_q <= (first ? columns_i : left_q) - 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (take_i) begin
      odd_q <= first || !odd_q;
      if (first || !odd_q) even_addr_q <= next_addr;
      if (first) odd_addr_q <= row_addr_i + 20'(half_i);
      else if (odd_q) odd_addr_q <= next_addr;
    end
  end
endmodule
