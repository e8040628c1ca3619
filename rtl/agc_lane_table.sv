// The epilogue's table for one lane: 256 entries of int8, one look-up a cycle, written eight entries at a time.
//
// addr_i is the index with its sign bit as it is (entry q + 128 is the value for q); data_o follows it by one enabled cycle. Between a write and
// the first look-up that counts lies at least a cycle.
//
//   32 words of 64 bits -> byte by the lower three address bits -> data_o
module agc_lane_table (
  input  logic        clk_i,
  input  logic        en_i,

  input  logic        we_i,
  input  logic [4:0]  waddr_i,
  input  logic [63:0] wdata_i,

  input  logic [7:0]  addr_i,       // int8
  output logic [7:0]  data_o
);

  (* ram_style = "distributed" *) logic [63:0] mem [32];
  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
  end

  logic [63:0] word;
  assign word = mem[{~addr_i[7], addr_i[6:3]}];
  always_ff @(posedge clk_i) begin
    if (en_i) data_o <= word[8*addr_i[2:0] +: 8];
  end

endmodule
