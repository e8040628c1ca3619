// The convolution engine with its two memories, and what the bench needs around them:
//
//   x_*       four scratchpad clients of the bench: 0 writes, 1 reads (like LOAD and STORE), 2 and 3 do both
//   w_*       the write port of the weight buffer
//   *_block_i holds back a request of the engine, on top of what the other clients do
//   wr_*      the write-back requests that are taken in this cycle
module conv_bench_top (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,

  input  logic         cmd_valid_i,
  output logic         cmd_ready_o,
  input  logic [255:0] cmd_i,
  output logic         done_o,
  output logic         fault_valid_o,
  output logic [7:0]   fault_cause_o,
  output logic         busy_o,
  output logic         mac_beat_o,
  output logic         stall_o,
  output logic         progress_o,

  input  logic [3:0]   x_valid_i,
  output logic [3:0]   x_ready_o,
  input  logic [3:0]   x_we_i,
  input  logic [127:0] x_addr_i,     // 32 bits each
  input  logic [255:0] x_wdata_i,
  output logic [3:0]   x_rvalid_o,
  output logic [255:0] x_rdata_o,

  input  logic         w_en_i,
  input  logic [15:0]  w_addr_i,
  input  logic [2:0]   w_lane_i,
  input  logic [63:0]  w_data_i,

  input  logic         write_block_i,
  input  logic         read_block_i,
  output logic         wr_taken_o,
  output logic [19:0]  wr_addr_o,
  output logic [63:0]  wr_data_o
);
  localparam int unsigned Banks       = agc_cfg_pkg::Banks;
  localparam int unsigned BankWords   = agc_cfg_pkg::BankWords;
  localparam int unsigned WeightWords = agc_cfg_pkg::WeightWords;
  localparam int unsigned BankAw      = $clog2(BankWords);
  localparam int unsigned WeightAw    = $clog2(WeightWords);

  logic                    a_en, w_en;
  logic [Banks*BankAw-1:0] a_addr;
  logic [Banks*64-1:0]     a_rdata;
  logic [WeightAw-1:0]     w_addr;
  logic [511:0]            w_rdata;
  logic                    bw_valid, bw_ready, br_valid, br_ready;
  logic [19:0]             bw_addr, br_addr;
  logic [63:0]             bw_data;
  logic [5:0]              b_ready, b_rvalid;
  logic [6*64-1:0]         b_rdata;

  agc_conv #(
    .Pixels(agc_cfg_pkg::Pixels), .DspPixels(agc_cfg_pkg::DspPixels), .Banks(Banks), .BankWords(BankWords), .WeightWords(WeightWords)
  ) u_conv (
    .clk_i, .rst_ni, .clear_i, .halt_i, .cmd_valid_i, .cmd_ready_o, .cmd_i, .done_o, .fault_valid_o, .fault_cause_o,
    .busy_o, .mac_beat_o, .stall_o, .progress_o,
    .a_en_o     (a_en),
    .a_addr_o   (a_addr),
    .a_rdata_i  (a_rdata),
    .w_en_o     (w_en),
    .w_addr_o   (w_addr),
    .w_rdata_i  (w_rdata),
    .bw_valid_o (bw_valid),
    .bw_ready_i (bw_ready),
    .bw_addr_o  (bw_addr),
    .bw_data_o  (bw_data),
    .br_valid_o (br_valid),
    .br_ready_i (br_ready),
    .br_addr_o  (br_addr),
    .br_rvalid_i(b_rvalid[0]),
    .br_rdata_i (b_rdata[0+:64])
  );

  agc_scratchpad #(
    .Banks(Banks), .BankWords(BankWords), .Clients(6), .ReadMask(6'b111001), .WriteMask(6'b110110)
  ) u_scratchpad (
    .clk_i, .rst_ni,
    .a_en_i    (a_en),
    .a_addr_i  (a_addr),
    .a_rdata_o (a_rdata),
    .b_valid_i ({x_valid_i, bw_valid && !write_block_i, br_valid && !read_block_i}),
    .b_ready_o (b_ready),
    .b_we_i    ({x_we_i, 2'b10}),
    .b_addr_i  ({x_addr_i[96+:20], x_addr_i[64+:20], x_addr_i[32+:20], x_addr_i[0+:20], bw_addr, br_addr}),
    .b_wdata_i ({x_wdata_i, bw_data, 64'd0}),
    .b_rvalid_o(b_rvalid),
    .b_rdata_o (b_rdata)
  );

  agc_wbuf #(.Words(WeightWords)) u_wbuf (
    .clk_i,
    .w_en_i  (8'(w_en_i) << w_lane_i),
    .w_addr_i({8{w_addr_i[WeightAw-1:0]}}),
    .w_data_i({8{w_data_i}}),
    .r_en_i  (w_en),
    .r_addr_i(w_addr),
    .r_data_o(w_rdata)
  );

  assign bw_ready   = b_ready[1] && !write_block_i;
  assign br_ready   = b_ready[0] && !read_block_i;
  assign x_ready_o  = b_ready[5:2];
  assign x_rvalid_o = b_rvalid[5:2];
  assign x_rdata_o  = b_rdata[6*64-1:2*64];

  assign wr_taken_o = bw_valid && bw_ready;
  assign wr_addr_o  = bw_addr;
  assign wr_data_o  = bw_data;
endmodule
