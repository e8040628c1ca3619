// WLOAD engine: consecutive 64-byte words of DRAM to the weight buffer, 8 bytes a beat.
module agc_wload #(
  parameter int unsigned WbWords     = 256,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8,
  localparam int unsigned WbAddrW    = $clog2(WbWords)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               halt_i,

  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  logic [255:0]       cmd_instr_i,
  input  logic [23:0]        cmd_index_i,
  output logic [2:0]         seg_o,        // the window that belongs to the command
  input  logic [25:0]        seg_base_i,
  input  logic [28:0]        seg_words_i,

  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [31:0]        ar_addr_o,
  output logic [3:0]         ar_len_o,
  input  logic               r_valid_i,
  output logic               r_ready_o,
  input  logic [63:0]        r_data_i,
  input  logic               r_error_i,
  input  logic               r_last_i,

  output logic               w_en_o,
  output logic [WbAddrW-1:0] w_addr_o,
  output logic [2:0]         w_lane_o,
  output logic [63:0]        w_data_o,

  output logic               done_valid_o,
  input  logic               done_ready_i,
  output logic [59:0]        done_tag_o,
  output logic               fault_valid_o,
  output logic [7:0]         fault_cause_o,
  output logic [59:0]        fault_tag_o,
  output logic               busy_o,
  output logic               beat_o,
  output logic               axi_idle_o
);
  assign seg_o = cmd_instr_i[agc_isa_pkg::WLOAD_SEG_LSB +: agc_isa_pkg::WLOAD_SEG_W];

  // One row of n*8 words of 8 bytes; the destination counts in the same unit.
  logic [19:0] dst, wr_addr;
  assign dst      = {1'b0, cmd_instr_i[agc_isa_pkg::WLOAD_WB_LSB +: agc_isa_pkg::WLOAD_WB_W], 3'b000};
  assign w_addr_o = wr_addr[3 +: WbAddrW];
  assign w_lane_o = wr_addr[2:0];

  // Opcode, waits and reserved bits have been looked at before; the range check covers the high address bits.
  logic unused_bits, unused_last, unused_info;
  assign unused_bits = ^{cmd_instr_i, wr_addr};

  agc_dma_read #(
    .CountW(agc_isa_pkg::WLOAD_N_W + 3), .DstWords(WbWords * 8), .BurstBeats(BurstBeats), .Outstanding(Outstanding),
    .RangeFault(agc_isa_pkg::FAULT_WB_RANGE)
  ) u_read (
    .clk_i, .rst_ni, .clear_i, .halt_i,
    .cmd_valid_i, .cmd_ready_o,
    .cmd_tag_i({cmd_index_i, cmd_instr_i[63:agc_isa_pkg::HDR_POST_LSB]}),
    .seg_base_i, .seg_words_i,
    .dram_i(cmd_instr_i[agc_isa_pkg::WLOAD_DRAM_LSB +: agc_isa_pkg::WLOAD_DRAM_W]),
    .n0_i  ({cmd_instr_i[agc_isa_pkg::WLOAD_N_LSB +: agc_isa_pkg::WLOAD_N_W], 3'b000}),
    .n1_i  (13'd1),
    .n2_i  (10'd1),
    .d1_i  ('0),
    .d2_i  ('0),
    .dst_i (dst),
    .s1_i  ('0),
    .s2_i  ('0),
    .span_i({5'd0, cmd_instr_i[agc_isa_pkg::WLOAD_N_LSB +: agc_isa_pkg::WLOAD_N_W], 3'b000}),
    .cmd_info_i('0),
    .ar_valid_o, .ar_ready_i, .ar_addr_o, .ar_len_o, .r_valid_i, .r_ready_o, .r_data_i, .r_error_i, .r_last_i,
    .wr_valid_o(w_en_o), .wr_ready_i(1'b1), .wr_addr_o(wr_addr), .wr_data_o(w_data_o),
    .wr_last_o(unused_last), .wr_info_o(unused_info),
    .done_valid_o, .done_ready_i, .done_tag_o, .fault_valid_o, .fault_cause_o, .fault_tag_o, .busy_o, .beat_o, .axi_idle_o
  );
endmodule
