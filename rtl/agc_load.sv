// LOAD engine: strided region of DRAM to the scratchpad.
module agc_load #(
  parameter int unsigned SpWords     = 4096,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,

  input  logic         cmd_valid_i,
  output logic         cmd_ready_o,
  input  logic [255:0] cmd_instr_i,
  input  logic [23:0]  cmd_index_i,
  output logic [2:0]   seg_o,        // the window that belongs to the command
  input  logic [25:0]  seg_base_i,
  input  logic [28:0]  seg_words_i,

  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  output logic [31:0]  ar_addr_o,
  output logic [3:0]   ar_len_o,
  input  logic         r_valid_i,
  output logic         r_ready_o,
  input  logic [63:0]  r_data_i,
  input  logic         r_error_i,
  input  logic         r_last_i,

  output logic         sp_valid_o,
  input  logic         sp_ready_i,
  output logic [19:0]  sp_addr_o,
  output logic [63:0]  sp_wdata_o,

  output logic         done_valid_o,
  input  logic         done_ready_i,
  output logic [59:0]  done_tag_o,
  output logic         fault_valid_o,
  output logic [7:0]   fault_cause_o,
  output logic [59:0]  fault_tag_o,
  output logic         busy_o,
  output logic         beat_o,
  output logic         axi_idle_o
);
  assign seg_o = cmd_instr_i[agc_isa_pkg::LOAD_SEG_LSB +: agc_isa_pkg::LOAD_SEG_W];

  // Opcode, waits and reserved bits have been looked at before.
  logic unused_instr;
  assign unused_instr = ^cmd_instr_i;

  agc_dma_read #(
    .CountW(agc_isa_pkg::LOAD_N0_W), .DstWords(SpWords), .BurstBeats(BurstBeats), .Outstanding(Outstanding),
    .RangeFault(agc_isa_pkg::FAULT_SP_RANGE)
  ) u_read (
    .clk_i, .rst_ni, .clear_i, .halt_i,
    .cmd_valid_i, .cmd_ready_o,
    .cmd_tag_i({cmd_index_i, cmd_instr_i[63:agc_isa_pkg::HDR_POST_LSB]}),
    .seg_base_i, .seg_words_i,
    .dram_i(cmd_instr_i[agc_isa_pkg::LOAD_DRAM_LSB +: agc_isa_pkg::LOAD_DRAM_W]),
    .n0_i  (cmd_instr_i[agc_isa_pkg::LOAD_N0_LSB +: agc_isa_pkg::LOAD_N0_W]),
    .n1_i  (cmd_instr_i[agc_isa_pkg::LOAD_N1_LSB +: agc_isa_pkg::LOAD_N1_W]),
    .n2_i  (cmd_instr_i[agc_isa_pkg::LOAD_N2_LSB +: agc_isa_pkg::LOAD_N2_W]),
    .d1_i  (cmd_instr_i[agc_isa_pkg::LOAD_D1_LSB +: agc_isa_pkg::LOAD_D1_W]),
    .d2_i  (cmd_instr_i[agc_isa_pkg::LOAD_D2_LSB +: agc_isa_pkg::LOAD_D2_W]),
    .dst_i (cmd_instr_i[agc_isa_pkg::LOAD_SP_LSB +: agc_isa_pkg::LOAD_SP_W]),
    .s1_i  (cmd_instr_i[agc_isa_pkg::LOAD_S1_LSB +: agc_isa_pkg::LOAD_S1_W]),
    .s2_i  (cmd_instr_i[agc_isa_pkg::LOAD_S2_LSB +: agc_isa_pkg::LOAD_S2_W]),
    .ar_valid_o, .ar_ready_i, .ar_addr_o, .ar_len_o, .r_valid_i, .r_ready_o, .r_data_i, .r_error_i, .r_last_i,
    .wr_valid_o(sp_valid_o), .wr_ready_i(sp_ready_i), .wr_addr_o(sp_addr_o), .wr_data_o(sp_wdata_o),
    .done_valid_o, .done_ready_i, .done_tag_o, .fault_valid_o, .fault_cause_o, .fault_tag_o, .busy_o, .beat_o, .axi_idle_o
  );
endmodule
