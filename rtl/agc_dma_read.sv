// DRAM to on-chip memory: the engine behind LOAD (scratchpad) and WLOAD (weight buffer).
//
//   cmd -> rows -> bursts -> AR register -> AXI AR
//                    |
//                    +-> agc_open_bursts {destination, last} -+
//   AXI R -> register slice ----------------------------------+-> write port wr_*      -> done_* with the instruction's tag
//
// Requests of the next instructions go out while data of earlier ones arrive: only the account of open bursts (Outstanding) and
// the FIFO of tags (four instructions) bound how far. Data are written in order.
// After halt_i no request starts, and answers are taken and dropped.
module agc_dma_read #(
  parameter int unsigned CountW      = 13,
  parameter int unsigned DstWords    = 4096,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8,
  parameter logic [7:0]  RangeFault  = agc_isa_pkg::FAULT_SP_RANGE
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              halt_i,

  input  logic              cmd_valid_i,
  output logic              cmd_ready_o,
  input  logic [59:0]       cmd_tag_i,    // {index, layer, posts}
  input  logic [25:0]       seg_base_i,
  input  logic [28:0]       seg_words_i,
  input  logic [31:0]       dram_i,
  input  logic [CountW-1:0] n0_i,
  input  logic [12:0]       n1_i,
  input  logic [9:0]        n2_i,
  input  logic [19:0]       d1_i,
  input  logic [25:0]       d2_i,
  input  logic [19:0]       dst_i,
  input  logic [12:0]       s1_i,
  input  logic [19:0]       s2_i,
  input  logic [23:0]       span_i,       // see agc_dma_rows

  output logic              ar_valid_o,
  input  logic              ar_ready_i,
  output logic [31:0]       ar_addr_o,
  output logic [3:0]        ar_len_o,
  input  logic              r_valid_i,
  output logic              r_ready_o,
  input  logic [63:0]       r_data_i,
  input  logic              r_error_i,
  input  logic              r_last_i,

  output logic              wr_valid_o,
  input  logic              wr_ready_i,
  output logic [19:0]       wr_addr_o,
  output logic [63:0]       wr_data_o,
  output logic              wr_last_o,    // last word of the instruction
  input  logic              hold_last_i,  // it is looked at, but not taken yet
  output logic              complete_o,   // the last word is taken, and with it the instruction complete

  output logic              done_valid_o,
  input  logic              done_ready_i,
  output logic [59:0]       done_tag_o,

  output logic              fault_valid_o,
  output logic [7:0]        fault_cause_o,
  output logic [59:0]       fault_tag_o,

  output logic              busy_o,       // an instruction is executed
  output logic              beat_o,       // a word was written
  output logic              axi_idle_o    // no transaction is open
);
  // Requests.
  logic              row_valid, row_ready, row_take, row_window, row_range, row_last, row_bad;
  logic [28:0]       row_addr;
  logic [19:0]       row_dst;
  logic [CountW-1:0] row_count;
  logic              burst_valid, burst_take, burst_last;
  logic [28:0]       burst_addr;
  logic [19:0]       burst_dst;
  logic [3:0]        burst_len;
  logic              rows_ready, tag_ready, accept;

  assign cmd_ready_o = rows_ready && tag_ready && !halt_i;
  assign accept      = cmd_valid_i && cmd_ready_o;

  agc_dma_rows #(.CountW(CountW), .DstWords(DstWords)) u_rows (
    .clk_i, .rst_ni, .clear_i,
    .cmd_valid_i(accept),
    .cmd_ready_o(rows_ready),
    .seg_base_i, .seg_words_i, .dram_i, .n0_i, .n1_i, .n2_i, .d1_i, .d2_i, .dst_i, .s1_i, .s2_i, .span_i,
    .row_valid_o (row_valid),
    .row_ready_i (row_take),
    .row_window_o(row_window),
    .row_range_o (row_range),
    .row_addr_o  (row_addr),
    .row_dst_o   (row_dst),
    .row_count_o (row_count),
    .row_last_o  (row_last)
  );

  assign row_bad  = row_valid && (row_window || row_range);
  assign row_take = row_ready && !row_window && !row_range;

  agc_burst_split #(.CountW(CountW), .BurstBeats(BurstBeats)) u_split (
    .clk_i, .rst_ni, .clear_i,
    .row_valid_i  (row_valid && !row_bad),
    .row_ready_o  (row_ready),
    .row_addr_i   (row_addr),
    .row_dst_i    (row_dst),
    .row_count_i  (row_count),
    .row_last_i   (row_last),
    .burst_valid_o(burst_valid),
    .burst_ready_i(burst_take),
    .burst_addr_o (burst_addr),
    .burst_dst_o  (burst_dst),
    .burst_len_o  (burst_len),
    .burst_last_o (burst_last)
  );

  logic        ar_valid_q;
  logic [28:0] ar_addr_q;
  logic [3:0]  ar_len_q;
  logic        pend_room, pend_open, pend_last;

  assign burst_take = (!ar_valid_q || ar_ready_i) && pend_room && !halt_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) ar_valid_q <= 1'b0;
    else if (burst_valid && burst_take) ar_valid_q <= 1'b1;
    else if (ar_ready_i) ar_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (burst_valid && burst_take) begin
      ar_addr_q <= burst_addr;
      ar_len_q  <= burst_len;
    end
  end

  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o  = {ar_addr_q, 3'b000};
  assign ar_len_o   = ar_len_q;

  // Answers.
  logic        beat_valid, beat_take, beat_error, beat_last, ending, stop_q, drop;
  logic [63:0] beat_data;

  agc_open_bursts #(.NoteW(1), .Depth(Outstanding)) u_open (
    .clk_i, .rst_ni, .clear_i,
    .push_i(burst_valid && burst_take), .room_o(pend_room), .dst_i(burst_dst), .note_i(burst_last),
    .take_i(beat_valid && beat_take), .last_i(beat_last), .dst_o(wr_addr_o), .note_o(pend_last), .open_o(pend_open)
  );

  agc_skid #(.Width(66)) u_slice (
    .clk_i, .rst_ni,
    .in_valid_i (r_valid_i),
    .in_ready_o (r_ready_o),
    .in_data_i  ({r_last_i, r_error_i, r_data_i}),
    .out_valid_o(beat_valid),
    .out_ready_i(beat_take),
    .out_data_o ({beat_last, beat_error, beat_data})
  );

  logic done_q, done_wait;
  // Whether the report leaves in this cycle hangs on the reports of all engines: it is not looked at.
  assign done_wait  = done_q;
  assign ending     = beat_last && pend_last;
  assign drop       = halt_i || stop_q || beat_error;
  assign wr_valid_o = beat_valid && !drop && !(ending && done_wait);
  assign beat_take  = drop || (wr_ready_i && !(ending && (done_wait || hold_last_i)));
  assign wr_data_o  = beat_data;
  assign wr_last_o  = ending;

  // Once an answer was an error nothing of the instruction is written any more and it is never reported as complete.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) stop_q <= 1'b0;
    else if (beat_valid && beat_error) stop_q <= 1'b1;
  end

  // Completion and faults.
  logic        tag_valid, complete;
  logic [59:0] tag_head, done_tag_q, newest_q;

  assign complete   = wr_valid_o && wr_ready_i && ending && !hold_last_i;
  assign complete_o = complete;

  agc_fifo #(.Width(60), .Depth(4)) u_tags (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(accept),
    .wr_ready_o(tag_ready),
    .wr_data_i (cmd_tag_i),
    .rd_valid_o(tag_valid),
    .rd_ready_i(complete),
    .rd_data_o (tag_head)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) done_q <= 1'b0;
    else if (complete) done_q <= 1'b1;
    else if (done_ready_i) done_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (complete) done_tag_q <= tag_head;
    if (accept) newest_q <= cmd_tag_i;
  end

  logic read_fault;
  assign read_fault    = beat_valid && beat_error && !halt_i && !stop_q;
  assign fault_valid_o = read_fault || row_bad;
  assign fault_cause_o = read_fault ? agc_isa_pkg::FAULT_AXI_READ : (row_range ? RangeFault : agc_isa_pkg::FAULT_WINDOW);
  assign fault_tag_o   = read_fault ? tag_head : newest_q;

  assign done_valid_o = done_q;
  assign done_tag_o   = done_tag_q;
  assign busy_o       = tag_valid || done_q;
  assign beat_o       = wr_valid_o && wr_ready_i;
  assign axi_idle_o   = !ar_valid_q && !pend_open;
endmodule
