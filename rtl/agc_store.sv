// STORE engine: strided region of the scratchpad to DRAM.
//
//   cmd -> rows -> bursts -+-> AW register -> AXI AW -> lengths -> W
//                          +-> slice -> reads of the scratchpad -> data FIFO (credits) -> W register -> AXI W
//                          +-> open bursts {last} <- AXI B            -> done_* with the instruction's tag
//
// Read data of the scratchpad cannot be held back: a read is asked for only when the data FIFO has room for its answer.
// After halt_i no burst starts; bursts whose address is out are finished with all byte strobes off.
module agc_store #(
  parameter int unsigned SpWords     = 4096,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned Outstanding = 8,
  parameter int unsigned DataDepth   = 32
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

  output logic         aw_valid_o,
  input  logic         aw_ready_i,
  output logic [31:0]  aw_addr_o,
  output logic [3:0]   aw_len_o,
  output logic         w_valid_o,
  input  logic         w_ready_i,
  output logic [63:0]  w_data_o,
  output logic [7:0]   w_strb_o,
  output logic         w_last_o,
  input  logic         b_valid_i,
  output logic         b_ready_o,
  input  logic         b_error_i,

  output logic         sp_valid_o,
  input  logic         sp_ready_i,
  output logic [19:0]  sp_addr_o,
  input  logic         sp_rvalid_i,
  input  logic [63:0]  sp_rdata_i,

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
  // Opcode, waits and reserved bits have been looked at before.
  logic unused_instr;
  assign unused_instr = ^cmd_instr_i;

  // Room in the inner FIFOs is counted before something is sent their way.
  logic [2:0] unused_ready;

  logic                   row_valid, row_ready, row_take, row_window, row_range, row_last, row_bad;
  logic [28:0]            row_addr, burst_addr;
  logic [19:0]            row_dst, burst_dst;
  logic [agc_isa_pkg::STORE_N0_W-1:0]  row_count;
  logic                   burst_valid, burst_take, burst_go, burst_last;
  logic [3:0]             burst_len;
  logic                   rows_ready, tag_ready, accept;
  logic [59:0]            cmd_tag;

  assign seg_o       = cmd_instr_i[agc_isa_pkg::STORE_SEG_LSB +: agc_isa_pkg::STORE_SEG_W];
  assign cmd_tag     = {cmd_index_i, cmd_instr_i[63:agc_isa_pkg::HDR_POST_LSB]};
  assign cmd_ready_o = rows_ready && tag_ready && !halt_i;
  assign accept      = cmd_valid_i && cmd_ready_o;

  agc_dma_rows #(.CountW(agc_isa_pkg::STORE_N0_W), .DstWords(SpWords)) u_rows (
    .clk_i, .rst_ni, .clear_i,
    .cmd_valid_i(accept),
    .cmd_ready_o(rows_ready),
    .seg_base_i, .seg_words_i,
    .dram_i(cmd_instr_i[agc_isa_pkg::STORE_DRAM_LSB +: agc_isa_pkg::STORE_DRAM_W]),
    .n0_i  (cmd_instr_i[agc_isa_pkg::STORE_N0_LSB +: agc_isa_pkg::STORE_N0_W]),
    .n1_i  (cmd_instr_i[agc_isa_pkg::STORE_N1_LSB +: agc_isa_pkg::STORE_N1_W]),
    .n2_i  (cmd_instr_i[agc_isa_pkg::STORE_N2_LSB +: agc_isa_pkg::STORE_N2_W]),
    .d1_i  (cmd_instr_i[agc_isa_pkg::STORE_D1_LSB +: agc_isa_pkg::STORE_D1_W]),
    .d2_i  (cmd_instr_i[agc_isa_pkg::STORE_D2_LSB +: agc_isa_pkg::STORE_D2_W]),
    .dst_i (cmd_instr_i[agc_isa_pkg::STORE_SP_LSB +: agc_isa_pkg::STORE_SP_W]),
    .s1_i  (cmd_instr_i[agc_isa_pkg::STORE_S1_LSB +: agc_isa_pkg::STORE_S1_W]),
    .s2_i  (cmd_instr_i[agc_isa_pkg::STORE_S2_LSB +: agc_isa_pkg::STORE_S2_W]),
    .span_i(24'(cmd_instr_i[agc_isa_pkg::STORE_N0_LSB +: agc_isa_pkg::STORE_N0_W])),
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

  agc_burst_split #(.CountW(agc_isa_pkg::STORE_N0_W), .BurstBeats(BurstBeats)) u_split (
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

  // Addresses.
  logic        aw_valid_q;
  logic [28:0] aw_addr_q;
  logic [3:0]  aw_len_q;
  logic        open_ready, open_valid, open_pop, open_last;

  assign burst_take = (!aw_valid_q || aw_ready_i) && open_ready && !halt_i;
  assign burst_go   = burst_valid && burst_take;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) aw_valid_q <= 1'b0;
    else if (burst_go) aw_valid_q <= 1'b1;
    else if (aw_ready_i) aw_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (burst_go) begin
      aw_addr_q <= burst_addr;
      aw_len_q  <= burst_len;
    end
  end

  assign aw_valid_o = aw_valid_q;
  assign aw_addr_o  = {aw_addr_q, 3'b000};
  assign aw_len_o   = aw_len_q;

  agc_fifo #(.Width(1), .Depth(Outstanding)) u_open (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(burst_go),
    .wr_ready_o(open_ready),
    .wr_data_i (burst_last),
    .rd_valid_o(open_valid),
    .rd_ready_i(open_pop),
    .rd_data_o (open_last)
  );

  // Reads of the scratchpad; never more bursts than open ones, so the FIFO cannot be full.
  localparam int unsigned CreditW = $clog2(DataDepth + 1);
  logic               fetch_valid, fetch_pop, read_go, mid_q, w_pop;
  logic [19:0]        fetch_dst, next_q;
  logic [3:0]         fetch_len, read_left_q, read_left;
  logic [CreditW-1:0] credit_q;

  agc_fifo #(.Width(24), .Depth(Outstanding)) u_fetches (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(burst_go),
    .wr_ready_o(unused_ready[0]),
    .wr_data_i ({burst_dst, burst_len}),
    .rd_valid_o(fetch_valid),
    .rd_ready_i(fetch_pop),
    .rd_data_o ({fetch_dst, fetch_len})
  );

  logic        ask_valid, ask_ready;
  logic [19:0] ask_addr;
  assign ask_valid  = fetch_valid && credit_q != '0 && !halt_i;
  assign ask_addr   = mid_q ? next_q : fetch_dst;
  assign read_left  = mid_q ? read_left_q : fetch_len;
  assign read_go    = ask_valid && ask_ready;
  assign fetch_pop  = read_go && read_left == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      mid_q    <= 1'b0;
      credit_q <= CreditW'(DataDepth);
    end else begin
      if (read_go) mid_q <= read_left != '0;
      if (read_go && !w_pop) credit_q <= credit_q - 1'b1;
      else if (w_pop && !read_go) credit_q <= credit_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_go) begin
      next_q      <= ask_addr + 1'b1;
      read_left_q <= read_left - 1'b1;
    end
  end

  // A slice towards the scratchpad, whose arbiter is a long way by itself.
  agc_skid #(.Width(20)) u_request (
    .clk_i, .rst_ni(rst_ni && !clear_i),
    .in_valid_i(ask_valid), .in_ready_o(ask_ready), .in_data_i(ask_addr),
    .out_valid_o(sp_valid_o), .out_ready_i(sp_ready_i), .out_data_o(sp_addr_o)
  );

  // Data. The length of a burst arrives when its address was taken, so no data beat comes before its address.
  logic        data_valid, len_valid, len_pop, w_load, w_free, w_valid_q, w_last_q, w_last;
  logic [63:0] data, w_data_q;
  logic [7:0]  w_strb_q;
  logic [3:0]  len, w_left_q, w_left;
  logic        w_mid_q;

  agc_fifo #(.Width(64), .Depth(DataDepth)) u_data (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(sp_rvalid_i),
    .wr_ready_o(unused_ready[1]),
    .wr_data_i (sp_rdata_i),
    .rd_valid_o(data_valid),
    .rd_ready_i(w_pop),
    .rd_data_o (data)
  );

  agc_fifo #(.Width(4), .Depth(Outstanding)) u_lengths (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(aw_valid_q && aw_ready_i),
    .wr_ready_o(unused_ready[2]),
    .wr_data_i (aw_len_q),
    .rd_valid_o(len_valid),
    .rd_ready_i(len_pop),
    .rd_data_o (len)
  );

  assign w_free  = !w_valid_q || w_ready_i;
  assign w_load  = w_free && len_valid && (data_valid || halt_i);
  assign w_pop   = w_load && data_valid;
  assign w_left  = w_mid_q ? w_left_q : len;
  assign w_last  = w_left == '0;
  assign len_pop = w_load && w_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      w_valid_q <= 1'b0;
      w_mid_q   <= 1'b0;
    end else begin
      if (w_load) begin
        w_valid_q <= 1'b1;
        w_mid_q   <= !w_last;
      end else if (w_ready_i) begin
        w_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (w_load) begin
      w_data_q <= data;
      w_strb_q <= halt_i ? 8'h00 : 8'hff;
      w_last_q <= w_last;
      w_left_q <= w_left - 1'b1;
    end
  end

  assign w_valid_o = w_valid_q;
  assign w_data_o  = w_data_q;
  assign w_strb_o  = w_strb_q;
  assign w_last_o  = w_last_q;

  // Responses, completion, faults.
  logic        tag_valid, complete, done_q, b_take, write_fault, stop_q;
  logic [59:0] tag_head, done_tag_q, newest_q;

  // Whether the report leaves in this cycle hangs on the reports of all engines: it is not looked at.
  assign b_ready_o   = !done_q || halt_i;
  assign b_take      = b_valid_i && b_ready_o;
  assign open_pop    = b_take;
  assign write_fault = b_take && b_error_i && !halt_i && !stop_q;
  assign complete    = b_take && open_last && open_valid && !b_error_i && !stop_q && !halt_i;

  agc_fifo #(.Width(60), .Depth(4)) u_tags (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(accept),
    .wr_ready_o(tag_ready),
    .wr_data_i (cmd_tag),
    .rd_valid_o(tag_valid),
    .rd_ready_i(complete),
    .rd_data_o (tag_head)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      done_q <= 1'b0;
      stop_q <= 1'b0;
    end else begin
      if (complete) done_q <= 1'b1;
      else if (done_ready_i) done_q <= 1'b0;
      if (write_fault) stop_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (complete) done_tag_q <= tag_head;
    if (accept) newest_q <= cmd_tag;
  end

  assign fault_valid_o = write_fault || row_bad;
  assign fault_cause_o = write_fault ? agc_isa_pkg::FAULT_AXI_WRITE : (row_range ? agc_isa_pkg::FAULT_SP_RANGE : agc_isa_pkg::FAULT_WINDOW);
  assign fault_tag_o   = write_fault ? tag_head : newest_q;

  assign done_valid_o = done_q;
  assign done_tag_o   = done_tag_q;
  assign busy_o       = tag_valid || done_q;
  assign beat_o       = w_valid_q && w_ready_i;
  assign axi_idle_o   = !aw_valid_q && !open_valid;
endmodule
