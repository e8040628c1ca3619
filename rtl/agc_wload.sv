// WLOAD engine: consecutive 64-byte words of DRAM to the weight buffer, over several read ports at once, 8 bytes a beat and port.
//
//   cmd -> row -> bursts -> router -+-> read port -+
//    |                              +-> read port -+-> lanes of the weight buffer
//    |                              +-> read port -+
//    +-> board (bursts that are open, for each of four instructions) -> done_*
//
// Requests of the next instructions go out while data of earlier ones arrive. Words arrive in any order; an instruction that writes where
// one before it still does waits until that one is complete, so what is in the weight buffer is as if all were written in order.
module agc_wload #(
  parameter int unsigned Ports       = 3,
  parameter int unsigned WbWords     = 256,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8,   // bursts of a port
  localparam int unsigned WbAddrW    = $clog2(WbWords)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 halt_i,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  logic [255:0]         cmd_instr_i,
  input  logic [23:0]          cmd_index_i,
  output logic [2:0]           seg_o,        // the window that belongs to the command
  input  logic [25:0]          seg_base_i,
  input  logic [28:0]          seg_words_i,

  output logic [Ports-1:0]     ar_valid_o,
  input  logic [Ports-1:0]     ar_ready_i,
  output logic [Ports*32-1:0]  ar_addr_o,
  output logic [Ports*4-1:0]   ar_len_o,
  input  logic [Ports-1:0]     r_valid_i,
  output logic [Ports-1:0]     r_ready_o,
  input  logic [Ports*64-1:0]  r_data_i,
  input  logic [Ports-1:0]     r_error_i,
  input  logic [Ports-1:0]     r_last_i,

  output logic [7:0]           w_en_o,       // lane by lane
  output logic [8*WbAddrW-1:0] w_addr_o,
  output logic [511:0]         w_data_o,

  output logic                 done_valid_o,
  input  logic                 done_ready_i,
  output logic [59:0]          done_tag_o,
  output logic                 fault_valid_o,
  output logic [7:0]           fault_cause_o,
  output logic [59:0]          fault_tag_o,
  output logic                 busy_o,       // an instruction is executed
  output logic                 beat_o,       // a word of 8 bytes was written
  output logic                 axi_idle_o    // no transaction is open
);
  localparam int unsigned Slots  = 4;
  localparam int unsigned IdW    = $clog2(Slots);
  localparam int unsigned CountW = agc_isa_pkg::WLOAD_N_W + 3;

  logic             rows_ready, room, overlap, accept;
  logic [59:0]      tag, newest_q, error_tag;
  logic [IdW-1:0]   new_id, burst_id;
  logic [Slots-1:0] live;

  assign seg_o       = cmd_instr_i[agc_isa_pkg::WLOAD_SEG_LSB +: agc_isa_pkg::WLOAD_SEG_W];
  assign tag         = {cmd_index_i, cmd_instr_i[63:agc_isa_pkg::HDR_POST_LSB]};
  // A command stands still for a cycle before it is offered (agc_queue: its waits are granted meanwhile), so the comparison has a register.
  logic overlap_q;
  always_ff @(posedge clk_i) overlap_q <= overlap;
  assign cmd_ready_o = rows_ready && room && !overlap_q && !halt_i;
  assign accept      = cmd_valid_i && cmd_ready_o;

  // Opcode, waits and reserved bits have been looked at before.
  logic unused_bits;
  assign unused_bits = ^cmd_instr_i;

  agc_ranges #(.Slots(Slots), .Width(agc_isa_pkg::WLOAD_WB_W)) u_ranges (
    .clk_i,
    .set_i    (accept),
    .id_i     (new_id),
    .first_i  (cmd_instr_i[agc_isa_pkg::WLOAD_WB_LSB +: agc_isa_pkg::WLOAD_WB_W]),
    .count_i  (cmd_instr_i[agc_isa_pkg::WLOAD_N_LSB +: agc_isa_pkg::WLOAD_N_W]),
    .live_i   (live),
    .overlap_o(overlap)
  );

  // Requests: one row of n*8 words of 8 bytes; the destination counts in the same unit.
  logic              row_valid, row_ready, row_window, row_range, row_last, row_bad;
  logic [28:0]       row_addr;
  logic [19:0]       row_dst;
  logic [CountW-1:0] row_count;

  agc_dma_rows #(.CountW(CountW), .DstWords(WbWords * 8)) u_rows (
    .clk_i, .rst_ni, .clear_i,
    .cmd_valid_i(accept),
    .cmd_ready_o(rows_ready),
    .seg_base_i, .seg_words_i,
    .dram_i(cmd_instr_i[agc_isa_pkg::WLOAD_DRAM_LSB +: agc_isa_pkg::WLOAD_DRAM_W]),
    .n0_i  ({cmd_instr_i[agc_isa_pkg::WLOAD_N_LSB +: agc_isa_pkg::WLOAD_N_W], 3'b000}),
    .n1_i  (13'd1),
    .n2_i  (10'd1),
    .d1_i  ('0),
    .d2_i  ('0),
    .dst_i ({1'b0, cmd_instr_i[agc_isa_pkg::WLOAD_WB_LSB +: agc_isa_pkg::WLOAD_WB_W], 3'b000}),
    .s1_i  ('0),
    .s2_i  ('0),
    .span_i({5'd0, cmd_instr_i[agc_isa_pkg::WLOAD_N_LSB +: agc_isa_pkg::WLOAD_N_W], 3'b000}),
    .row_valid_o (row_valid),
    .row_ready_i (row_ready && !row_window && !row_range),
    .row_window_o(row_window),
    .row_range_o (row_range),
    .row_addr_o  (row_addr),
    .row_dst_o   (row_dst),
    .row_count_o (row_count),
    .row_last_o  (row_last)
  );

  assign row_bad = row_valid && (row_window || row_range);

  logic             burst_valid, burst_ready, burst_last;
  logic [28:0]      burst_addr;
  logic [19:0]      burst_dst;
  logic [3:0]       burst_len;
  logic [Ports-1:0] port_burst, port_room, port_end, port_error, port_idle, wr_valid, wr_ready, wr_drop;

  agc_burst_split #(.CountW(CountW), .BurstBeats(BurstBeats)) u_split (
    .clk_i, .rst_ni, .clear_i,
    .row_valid_i  (row_valid && !row_bad),
    .row_ready_o  (row_ready),
    .row_addr_i   (row_addr),
    .row_dst_i    (row_dst),
    .row_count_i  (row_count),
    .row_last_i   (row_last),
    .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready),
    .burst_addr_o (burst_addr),
    .burst_dst_o  (burst_dst),
    .burst_len_o  (burst_len),
    .burst_last_o (burst_last)
  );

  agc_burst_router #(.Ports(Ports), .MaxOpen(Outstanding)) u_router (
    .clk_i, .rst_ni, .clear_i,
    .burst_valid_i(burst_valid),
    .burst_ready_o(burst_ready),
    .port_burst_o (port_burst),
    .port_room_i  (port_room),
    .port_end_i   (port_end)
  );

  // Answers.
  logic [Ports*IdW-1:0] port_id;
  logic [Ports*20-1:0]  wr_addr;
  logic [Ports*64-1:0]  wr_data;

  for (genvar p = 0; p < Ports; p++) begin : gen_port
    agc_read_port #(.IdW(IdW), .Outstanding(Outstanding)) u_port (
      .clk_i, .rst_ni, .clear_i, .halt_i,
      .burst_i     (port_burst[p]),
      .room_o      (port_room[p]),
      .burst_addr_i(burst_addr),
      .burst_dst_i (burst_dst),
      .burst_len_i (burst_len),
      .burst_id_i  (burst_id),
      .ar_valid_o(ar_valid_o[p]), .ar_ready_i(ar_ready_i[p]), .ar_addr_o(ar_addr_o[p*32 +: 32]), .ar_len_o(ar_len_o[p*4 +: 4]),
      .r_valid_i(r_valid_i[p]), .r_ready_o(r_ready_o[p]), .r_data_i(r_data_i[p*64 +: 64]), .r_error_i(r_error_i[p]),
      .r_last_i(r_last_i[p]),
      .wr_valid_o(wr_valid[p]), .wr_ready_i(wr_ready[p]), .wr_drop_o(wr_drop[p]), .wr_addr_o(wr_addr[p*20 +: 20]), .wr_data_o(wr_data[p*64 +: 64]),
      .end_o(port_end[p]), .error_o(port_error[p]), .id_o(port_id[p*IdW +: IdW]), .axi_idle_o(port_idle[p])
    );
  end

  agc_wbuf_write #(.Ports(Ports), .AddrW(WbAddrW)) u_write (
    .clk_i, .rst_ni,
    .valid_i(wr_valid), .ready_o(wr_ready), .drop_i(wr_drop), .addr_i(wr_addr), .data_i(wr_data),
    .w_en_o, .w_addr_o, .w_data_o
  );

  // Completion and faults.
  logic error;

  agc_dma_board #(.Ports(Ports), .MaxOpen(Ports * Outstanding), .Slots(Slots)) u_board (
    .clk_i, .rst_ni, .clear_i, .halt_i,
    .accept_i(accept), .tag_i(tag), .room_o(room), .new_id_o(new_id),
    .burst_i(burst_valid && burst_ready), .burst_last_i(burst_last), .burst_id_o(burst_id),
    .end_i(port_end), .error_i(port_error), .id_i(port_id),
    .done_valid_o, .done_ready_i, .done_tag_o, .fault_o(error), .fault_tag_o(error_tag), .live_o(live), .busy_o
  );

  always_ff @(posedge clk_i) begin
    if (accept) newest_q <= tag;
  end

  assign fault_valid_o = error || row_bad;
  assign fault_cause_o = error ? agc_isa_pkg::FAULT_AXI_READ : (row_range ? agc_isa_pkg::FAULT_WB_RANGE : agc_isa_pkg::FAULT_WINDOW);
  assign fault_tag_o   = error ? error_tag : newest_q;
  assign beat_o        = |(wr_valid & wr_ready & ~wr_drop);
  assign axi_idle_o    = &port_idle;
endmodule
