// Top of the overlay core: register file, instruction fetch, one in-order queue per engine, semaphores, the three DMA engines,
// the convolution engine with its two memories.
//
//                    +-- queue --> LOAD  --+                     port 0     (R: LOAD, W: STORE)
//   fetch -> decode -+-- queue --> STORE --+-- scratchpad -- CONV
//    (port 1)        +-- queue --> WLOAD --- weight buffer --'  port 1     (R: fetch and WLOAD)
//                    +-- queue --> CONV                         ports 2, 3 (R: WLOAD)
//
// Vectors over ports and engines are flattened: element k of a W-bit field is [k*W +: W]. Engine numbers are those of isa.json.
module agc_core #(
  localparam int unsigned Ports   = agc_cfg_pkg::AxiPorts,   // 2 to 4
  localparam int unsigned Engines = 7
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  // Control registers, AXI4-Lite.
  input  logic                  s_axil_awvalid_i,
  output logic                  s_axil_awready_o,
  input  logic [11:0]           s_axil_awaddr_i,
  input  logic                  s_axil_wvalid_i,
  output logic                  s_axil_wready_o,
  input  logic [31:0]           s_axil_wdata_i,
  input  logic [3:0]            s_axil_wstrb_i,
  output logic                  s_axil_bvalid_o,
  input  logic                  s_axil_bready_i,
  output logic [1:0]            s_axil_bresp_o,
  input  logic                  s_axil_arvalid_i,
  output logic                  s_axil_arready_o,
  input  logic [11:0]           s_axil_araddr_i,
  output logic                  s_axil_rvalid_o,
  input  logic                  s_axil_rready_i,
  output logic [31:0]           s_axil_rdata_o,
  output logic [1:0]            s_axil_rresp_o,

  // Memory, AXI3-compatible: INCR bursts of 8-byte beats, len = beats - 1, none crosses a 128-byte boundary.
  output logic [Ports-1:0]      m_axi_arvalid_o,
  input  logic [Ports-1:0]      m_axi_arready_i,
  output logic [Ports*32-1:0]   m_axi_araddr_o,
  output logic [Ports*4-1:0]    m_axi_arlen_o,
  input  logic [Ports-1:0]      m_axi_rvalid_i,
  output logic [Ports-1:0]      m_axi_rready_o,
  input  logic [Ports*64-1:0]   m_axi_rdata_i,
  input  logic [Ports*2-1:0]    m_axi_rresp_i,
  input  logic [Ports-1:0]      m_axi_rlast_i,
  output logic [Ports-1:0]      m_axi_awvalid_o,
  input  logic [Ports-1:0]      m_axi_awready_i,
  output logic [Ports*32-1:0]   m_axi_awaddr_o,
  output logic [Ports*4-1:0]    m_axi_awlen_o,
  output logic [Ports-1:0]      m_axi_wvalid_o,
  input  logic [Ports-1:0]      m_axi_wready_i,
  output logic [Ports*64-1:0]   m_axi_wdata_o,
  output logic [Ports*8-1:0]    m_axi_wstrb_o,
  output logic [Ports-1:0]      m_axi_wlast_o,
  input  logic [Ports-1:0]      m_axi_bvalid_i,
  output logic [Ports-1:0]      m_axi_bready_o,
  input  logic [Ports*2-1:0]    m_axi_bresp_i,

  output logic                  irq_o,

  // One-cycle pulses per engine; layer and index belong to the instruction that starts or is complete in that cycle.
  output logic [Engines-1:0]    evt_start_o,
  output logic [Engines*16-1:0] evt_start_layer_o,
  output logic [Engines*24-1:0] evt_start_index_o,
  output logic [Engines-1:0]    evt_done_o,
  output logic [Engines*16-1:0] evt_layer_o,
  output logic [Engines*24-1:0] evt_index_o
);
  // Engines with a queue. Their vectors are indexed by engine number - 1.
  localparam int unsigned N  = 4;
  localparam int unsigned Ld = 0;
  localparam int unsigned Wl = 1;
  localparam int unsigned Cv = 2;
  localparam int unsigned St = 3;

  localparam int unsigned Banks       = agc_cfg_pkg::Banks;
  localparam int unsigned BankWords   = agc_cfg_pkg::BankWords;
  localparam int unsigned SpWords     = agc_cfg_pkg::ScratchpadWords;
  localparam int unsigned WbWords     = agc_cfg_pkg::WeightWords;
  localparam int unsigned BurstBeats  = agc_cfg_pkg::AxiBurstBeats;
  localparam int unsigned Outstanding = agc_cfg_pkg::AxiOutstanding;

  // ---------------------------------------------------------------- registers and state
  logic         clear, halt, start_fetch, run, zero_counters, busy, done, set_done, set_fault, finished, axi_idle;
  logic         reg_start, reg_reset;
  logic [63:0]  cycles;
  logic         fault;
  logic [7:0]   fault_cause;
  logic [3:0]   fault_engine;
  logic [4:0]   fault_sem;
  logic [23:0]  fault_index;
  logic [15:0]  fault_layer;
  logic [31:0]  watchdog, prog_count;
  logic [207:0] seg_base;
  logic [231:0] seg_words;
  logic         stat_valid;
  logic [5:0]   stat_index;
  logic [31:0]  stat_count, total_mac, total_read, total_write, total_instr;
  logic [4:0]   sem_index;
  logic [7:0]   sem_count;

  agc_regs #(.CoreHash(agc_cfg_pkg::CoreHash), .IsaVersion(agc_cfg_pkg::IsaVersion)) u_regs (
    .clk_i, .rst_ni,
    .awvalid_i(s_axil_awvalid_i), .awready_o(s_axil_awready_o), .awaddr_i(s_axil_awaddr_i),
    .wvalid_i (s_axil_wvalid_i),  .wready_o (s_axil_wready_o),  .wdata_i (s_axil_wdata_i), .wstrb_i(s_axil_wstrb_i),
    .bvalid_o (s_axil_bvalid_o),  .bready_i (s_axil_bready_i),  .bresp_o (s_axil_bresp_o),
    .arvalid_i(s_axil_arvalid_i), .arready_o(s_axil_arready_o), .araddr_i(s_axil_araddr_i),
    .rvalid_o (s_axil_rvalid_o),  .rready_i (s_axil_rready_i),  .rdata_o (s_axil_rdata_o), .rresp_o(s_axil_rresp_o),
    .start_o(reg_start), .reset_o(reg_reset), .busy_i(busy), .done_i(done), .fault_i(fault),
    .set_done_i(set_done), .set_fault_i(set_fault), .irq_o,
    .fault_cause_i(fault_cause), .fault_engine_i(fault_engine), .fault_sem_i(fault_sem),
    .fault_index_i(fault_index), .fault_layer_i(fault_layer), .cycles_i(cycles),
    .watchdog_o(watchdog), .prog_count_o(prog_count), .seg_base_o(seg_base), .seg_words_o(seg_words),
    .stat_valid_o(stat_valid), .stat_index_o(stat_index), .stat_count_i(stat_count),
    .mac_i(total_mac), .read_beats_i(total_read), .write_beats_i(total_write), .instructions_i(total_instr),
    .sem_index_o(sem_index), .sem_count_i(sem_count)
  );

  agc_sequencer u_sequencer (
    .clk_i, .rst_ni,
    .start_i(reg_start), .reset_i(reg_reset), .finished_i(finished), .fault_i(fault), .axi_idle_i(axi_idle),
    .clear_o(clear), .halt_o(halt), .start_o(start_fetch), .run_o(run), .begin_o(zero_counters),
    .busy_o(busy), .done_o(done), .set_done_o(set_done), .set_fault_o(set_fault), .cycles_o(cycles)
  );

  // ---------------------------------------------------------------- fetch and queues
  logic         f_ar_valid, f_ar_ready, f_r_valid, f_r_ready, f_idle;
  logic [31:0]  f_ar_addr;
  logic [3:0]   f_ar_len;
  logic         disp_valid, disp_room, ended, fetch_fault;
  logic [3:0]   disp_engine, fetch_engine;
  logic [255:0] disp_instr;
  logic [23:0]  disp_index, fetch_index;
  logic [7:0]   fetch_cause;
  logic [15:0]  fetch_layer, fetch_fault_layer;
  logic [63:0]  f_r_data;
  logic         f_r_error, f_r_last;

  agc_fetch #(.BurstBeats(BurstBeats)) u_fetch (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .start_i(start_fetch), .seg_base_i(seg_base[25:0]), .seg_instrs_i(seg_words[28:2]), .prog_count_i(prog_count),
    .ar_valid_o(f_ar_valid), .ar_ready_i(f_ar_ready), .ar_addr_o(f_ar_addr), .ar_len_o(f_ar_len),
    .r_valid_i(f_r_valid), .r_ready_o(f_r_ready), .r_data_i(f_r_data), .r_error_i(f_r_error), .r_last_i(f_r_last),
    .disp_valid_o(disp_valid), .disp_engine_o(disp_engine), .disp_room_i(disp_room), .disp_instr_o(disp_instr),
    .disp_index_o(disp_index),
    .end_o(ended), .fault_valid_o(fetch_fault), .fault_cause_o(fetch_cause), .fault_engine_o(fetch_engine),
    .fault_layer_o(fetch_fault_layer), .index_o(fetch_index), .layer_o(fetch_layer), .axi_idle_o(f_idle)
  );

  logic [N-1:0]     q_this, q_push, q_room, wait_req, wait_grant, blocked, cmd_valid, cmd_ready, cmd_taken, q_empty;
  logic [N*32-1:0]  wait_mask, missing;
  logic [N*256-1:0] cmd_instr;
  logic [N*24-1:0]  cmd_index;
  logic [N*60-1:0]  cmd_tag;
  logic [N*40-1:0]  head_where;

  assign disp_room = |(q_this & q_room);

  for (genvar e = 0; e < N; e++) begin : gen_queue
    // Highest instruction bit in use; engines of several operations need the opcode.
    localparam int unsigned Msb = (e == Wl) ? agc_isa_pkg::WLOAD_WB_LSB + agc_isa_pkg::WLOAD_WB_W - 1 :
                                  (e == Cv) ? agc_isa_pkg::CONV_GEO_OUT_STEP_LSB + agc_isa_pkg::CONV_GEO_OUT_STEP_W - 1 :
                                  (e == Ld) ? agc_isa_pkg::LOAD_HALF_LSB + agc_isa_pkg::LOAD_HALF_W - 1 :
                                              agc_isa_pkg::STORE_S2_LSB + agc_isa_pkg::STORE_S2_W - 1;

    assign q_this[e] = disp_engine == 4'(e + 1);
    assign q_push[e] = disp_valid && q_this[e];

    agc_queue #(.Depth(agc_cfg_pkg::QueueDepth), .Lsb(e == Cv || e == Ld ? 0 : 8), .Msb(Msb)) u_queue (
      .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
      .push_valid_i(q_push[e]),
      .push_ready_o(q_room[e]),
      .push_instr_i(disp_instr),
      .push_index_i(disp_index),
      .wait_req_o  (wait_req[e]),
      .wait_mask_o (wait_mask[e*32 +: 32]),
      .wait_grant_i(wait_grant[e]),
      .cmd_valid_o (cmd_valid[e]),
      .cmd_ready_i (cmd_ready[e]),
      .cmd_taken_o (cmd_taken[e]),
      .cmd_instr_o (cmd_instr[e*256 +: 256]),
      .cmd_index_o (cmd_index[e*24 +: 24]),
      .empty_o     (q_empty[e])
    );

    assign cmd_tag[e*60 +: 60]    = {cmd_index[e*24 +: 24], cmd_instr[e*256 + agc_isa_pkg::HDR_POST_LSB +: 36]};
    assign head_where[e*40 +: 40] = cmd_tag[e*60 + 20 +: 40];
  end

  // ---------------------------------------------------------------- semaphores and completion
  logic [N-1:0]    done_valid, done_ready, retire_engine;
  logic [N*60-1:0] done_tag;
  logic            retire_valid, overflow;
  logic [59:0]     retire_tag;
  logic [31:0]     retire_posts;

  agc_semaphores #(.Engines(N)) u_semaphores (
    .clk_i, .rst_ni, .clear_i(clear),
    .req_i(wait_req), .mask_i(wait_mask), .grant_o(wait_grant), .blocked_o(blocked), .missing_o(missing),
    .post_mask_i(retire_posts), .overflow_o(overflow),
    .rd_index_i(sem_index), .rd_count_o(sem_count)
  );

  agc_retire #(.Engines(N)) u_retire (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .done_valid_i(done_valid), .done_ready_o(done_ready), .done_tag_i(done_tag),
    .valid_o(retire_valid), .post_mask_o(retire_posts), .engine_o(retire_engine), .tag_o(retire_tag)
  );

  // ---------------------------------------------------------------- engines
  logic [N-1:0]    engine_busy, engine_beat, engine_stall, engine_fault;
  logic [N*8-1:0]  engine_cause;
  logic [N*60-1:0] engine_tag;

  // LOAD
  logic        l_ar_valid, l_ar_ready, l_r_valid, l_r_ready, l_idle, l_r_error, l_r_last;
  logic [31:0] l_ar_addr;
  logic [3:0]  l_ar_len;
  logic [63:0] l_r_data;
  logic [2:0]  l_seg;
  logic        l_sp_valid, l_sp_ready;
  logic [19:0] l_sp_addr;
  logic [63:0] l_sp_wdata;

  agc_load #(.SpWords(SpWords), .BurstBeats(BurstBeats), .Outstanding(Outstanding)) u_load (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .cmd_valid_i(cmd_valid[Ld]), .cmd_ready_o(cmd_ready[Ld]),
    .cmd_instr_i(cmd_instr[Ld*256 +: 256]), .cmd_index_i(cmd_index[Ld*24 +: 24]),
    .seg_o(l_seg), .seg_base_i(seg_base[l_seg*26 +: 26]), .seg_words_i(seg_words[l_seg*29 +: 29]),
    .ar_valid_o(l_ar_valid), .ar_ready_i(l_ar_ready), .ar_addr_o(l_ar_addr), .ar_len_o(l_ar_len),
    .r_valid_i(l_r_valid), .r_ready_o(l_r_ready), .r_data_i(l_r_data), .r_error_i(l_r_error), .r_last_i(l_r_last),
    .sp_valid_o(l_sp_valid), .sp_ready_i(l_sp_ready), .sp_addr_o(l_sp_addr), .sp_wdata_o(l_sp_wdata),
    .done_valid_o(done_valid[Ld]), .done_ready_i(done_ready[Ld]), .done_tag_o(done_tag[Ld*60 +: 60]),
    .fault_valid_o(engine_fault[Ld]), .fault_cause_o(engine_cause[Ld*8 +: 8]), .fault_tag_o(engine_tag[Ld*60 +: 60]),
    .busy_o(engine_busy[Ld]), .beat_o(engine_beat[Ld]), .axi_idle_o(l_idle)
  );

  // WLOAD
  localparam int unsigned WbAddrW = $clog2(WbWords);
  localparam int unsigned WPorts = Ports - 1;   // port p of the engine is AXI port p + 1
  logic [WPorts-1:0]    w_ar_valid, w_ar_ready, w_r_valid, w_r_ready, w_r_error;
  logic [WPorts*32-1:0] w_ar_addr;
  logic [WPorts*4-1:0]  w_ar_len;
  logic                 w_idle;
  logic [2:0]           w_seg;
  logic [7:0]           wb_en;
  logic [8*WbAddrW-1:0] wb_addr;
  logic [511:0]         wb_data;

  agc_wload #(.Ports(WPorts), .WbWords(WbWords), .BurstBeats(BurstBeats), .Outstanding(Outstanding)) u_wload (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .cmd_valid_i(cmd_valid[Wl]), .cmd_ready_o(cmd_ready[Wl]),
    .cmd_instr_i(cmd_instr[Wl*256 +: 256]), .cmd_index_i(cmd_index[Wl*24 +: 24]),
    .seg_o(w_seg), .seg_base_i(seg_base[w_seg*26 +: 26]), .seg_words_i(seg_words[w_seg*29 +: 29]),
    .ar_valid_o(w_ar_valid), .ar_ready_i(w_ar_ready), .ar_addr_o(w_ar_addr), .ar_len_o(w_ar_len),
    .r_valid_i(w_r_valid), .r_ready_o(w_r_ready), .r_data_i(m_axi_rdata_i[Ports*64-1:64]), .r_error_i(w_r_error),
    .r_last_i(m_axi_rlast_i[Ports-1:1]),
    .w_en_o(wb_en), .w_addr_o(wb_addr), .w_data_o(wb_data),
    .done_valid_o(done_valid[Wl]), .done_ready_i(done_ready[Wl]), .done_tag_o(done_tag[Wl*60 +: 60]),
    .fault_valid_o(engine_fault[Wl]), .fault_cause_o(engine_cause[Wl*8 +: 8]), .fault_tag_o(engine_tag[Wl*60 +: 60]),
    .busy_o(engine_busy[Wl]), .beat_o(engine_beat[Wl]), .axi_idle_o(w_idle)
  );

  // STORE
  logic        s_aw_valid, s_w_valid, s_w_last, s_b_ready, s_idle;
  logic [31:0] s_aw_addr;
  logic [3:0]  s_aw_len;
  logic [63:0] s_w_data;
  logic [7:0]  s_w_strb;
  logic [2:0]  s_seg;
  logic        s_sp_valid, s_sp_ready, s_sp_rvalid;
  logic [19:0] s_sp_addr;
  logic [63:0] s_sp_rdata;

  agc_store #(.SpWords(SpWords), .BurstBeats(BurstBeats), .Outstanding(Outstanding)) u_store (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .cmd_valid_i(cmd_valid[St]), .cmd_ready_o(cmd_ready[St]),
    .cmd_instr_i(cmd_instr[St*256 +: 256]), .cmd_index_i(cmd_index[St*24 +: 24]),
    .seg_o(s_seg), .seg_base_i(seg_base[s_seg*26 +: 26]), .seg_words_i(seg_words[s_seg*29 +: 29]),
    .aw_valid_o(s_aw_valid), .aw_ready_i(m_axi_awready_i[0]), .aw_addr_o(s_aw_addr), .aw_len_o(s_aw_len),
    .w_valid_o(s_w_valid), .w_ready_i(m_axi_wready_i[0]), .w_data_o(s_w_data), .w_strb_o(s_w_strb), .w_last_o(s_w_last),
    .b_valid_i(m_axi_bvalid_i[0]), .b_ready_o(s_b_ready), .b_error_i(m_axi_bresp_i[1]),
    .sp_valid_o(s_sp_valid), .sp_ready_i(s_sp_ready), .sp_addr_o(s_sp_addr), .sp_rvalid_i(s_sp_rvalid), .sp_rdata_i(s_sp_rdata),
    .done_valid_o(done_valid[St]), .done_ready_i(done_ready[St]), .done_tag_o(done_tag[St*60 +: 60]),
    .fault_valid_o(engine_fault[St]), .fault_cause_o(engine_cause[St*8 +: 8]), .fault_tag_o(engine_tag[St*60 +: 60]),
    .busy_o(engine_busy[St]), .beat_o(engine_beat[St]), .axi_idle_o(s_idle)
  );

  // CONV with scratchpad and weight buffer
  localparam int unsigned Clients   = 6;
  localparam int unsigned BankAddrW = $clog2(BankWords);

  logic                       conv_ready, conv_done, conv_room, conv_busy, conv_pending, conv_progress, conv_stall;
  logic                       a_en;
  logic [Banks*BankAddrW-1:0] a_addr;
  logic [Banks*64-1:0]        a_rdata;
  logic                       wb_rd_en;
  logic [WbAddrW-1:0]         wb_rd_addr;
  logic [511:0]               wb_rd_data;
  logic [Clients-1:0]         b_valid, b_ready, b_we, b_rvalid;
  logic [Clients*20-1:0]      b_addr;
  logic [Clients*64-1:0]      b_wdata, b_rdata;

  assign cmd_ready[Cv]   = conv_ready && conv_room;
  assign engine_busy[Cv] = conv_pending || cmd_taken[Cv];   // the tag is kept a cycle behind the command

  agc_conv #(
    .Pixels(agc_cfg_pkg::Pixels), .DspPixels(agc_cfg_pkg::DspPixels), .Banks(Banks), .BankWords(BankWords), .WeightWords(WbWords)
  ) u_conv (
    .clk_i, .rst_ni, .clear_i(clear), .halt_i(halt),
    .cmd_valid_i(cmd_valid[Cv] && conv_room), .cmd_ready_o(conv_ready), .cmd_i(cmd_instr[Cv*256 +: 256]),
    .done_o(conv_done), .fault_valid_o(engine_fault[Cv]), .fault_cause_o(engine_cause[Cv*8 +: 8]),
    .busy_o(conv_busy), .mac_beat_o(engine_beat[Cv]), .stall_o(conv_stall), .progress_o(conv_progress),
    .a_en_o(a_en), .a_addr_o(a_addr), .a_rdata_i(a_rdata),
    .w_en_o(wb_rd_en), .w_addr_o(wb_rd_addr), .w_rdata_i(wb_rd_data),
    .bw_valid_o(b_valid[1]), .bw_ready_i(b_ready[1]), .bw_addr_o(b_addr[39:20]), .bw_data_o(b_wdata[127:64]),
    .br_valid_o(b_valid[0]), .br_ready_i(b_ready[0]), .br_addr_o(b_addr[19:0]),
    .br_rvalid_i(b_rvalid[0]), .br_rdata_i(b_rdata[63:0])
  );

  agc_inflight #(.Depth(8)) u_inflight (
    .clk_i, .rst_ni, .clear_i(clear),
    .accept_i(cmd_taken[Cv]), .tag_i(cmd_tag[Cv*60 +: 60]), .room_o(conv_room), .done_i(conv_done),
    .done_valid_o(done_valid[Cv]), .done_ready_i(done_ready[Cv]), .done_tag_o(done_tag[Cv*60 +: 60]),
    .busy_o(conv_pending)
  );
  // The engine does not say which of its instructions was at fault: the oldest one that is not complete is named.
  assign engine_tag[Cv*60 +: 60] = done_tag[Cv*60 +: 60];

  agc_scratchpad #(.Banks(Banks), .BankWords(BankWords), .Clients(Clients)) u_scratchpad (
    .clk_i, .rst_ni,
    .a_en_i(a_en), .a_addr_i(a_addr), .a_rdata_o(a_rdata),
    .b_valid_i(b_valid), .b_ready_o(b_ready), .b_we_i(b_we), .b_addr_i(b_addr), .b_wdata_i(b_wdata),
    .b_rvalid_o(b_rvalid), .b_rdata_o(b_rdata)
  );

  agc_wbuf #(.Words(WbWords)) u_wbuf (
    .clk_i,
    .w_en_i(wb_en), .w_addr_i(wb_addr), .w_data_i(wb_data),
    .r_en_i(wb_rd_en), .r_addr_i(wb_rd_addr), .r_data_o(wb_rd_data)
  );

  // Port B clients 2 (LOAD) and 3 (STORE); 4 (VEC) and 5 (WARP) have no unit in this core.
  assign b_valid[5:2]      = {2'b00, s_sp_valid, l_sp_valid};
  assign b_we              = 6'b000110;
  assign b_addr[119:40]    = {40'd0, s_sp_addr, l_sp_addr};
  assign b_wdata[63:0]     = '0;
  assign b_wdata[383:128]  = {192'd0, l_sp_wdata};
  assign l_sp_ready        = b_ready[2];
  assign s_sp_ready        = b_ready[3];
  assign s_sp_rvalid       = b_rvalid[3];
  assign s_sp_rdata        = b_rdata[255:192];

  logic unused_datapath;
  assign unused_datapath = ^{conv_busy, b_ready, b_rvalid, b_rdata};

  // ---------------------------------------------------------------- AXI ports
  // LOAD reads and STORE writes on port 0; fetch and WLOAD share port 1; WLOAD has the others.
  logic        sh_arvalid, sh_rready;
  logic [31:0] sh_araddr;
  logic [3:0]  sh_arlen;

  agc_read_share #(.Masters(2), .Depth(2 * Outstanding + 4)) u_share (
    .clk_i, .rst_ni,
    .ar_valid_i({w_ar_valid[0], f_ar_valid}), .ar_ready_o({w_ar_ready[0], f_ar_ready}),
    .ar_addr_i({w_ar_addr[31:0], f_ar_addr}), .ar_len_i({w_ar_len[3:0], f_ar_len}),
    .r_valid_o({w_r_valid[0], f_r_valid}), .r_ready_i({w_r_ready[0], f_r_ready}),
    .m_arvalid_o(sh_arvalid), .m_arready_i(m_axi_arready_i[1]), .m_araddr_o(sh_araddr), .m_arlen_o(sh_arlen),
    .m_rvalid_i(m_axi_rvalid_i[1]), .m_rready_o(sh_rready), .m_rlast_i(m_axi_rlast_i[1])
  );

  assign f_r_data   = m_axi_rdata_i[127:64];
  assign f_r_error  = m_axi_rresp_i[3];
  assign f_r_last   = m_axi_rlast_i[1];
  assign l_ar_ready = m_axi_arready_i[0];
  assign l_r_valid  = m_axi_rvalid_i[0];
  assign l_r_data   = m_axi_rdata_i[63:0];
  assign l_r_error  = m_axi_rresp_i[1];
  assign l_r_last   = m_axi_rlast_i[0];

  for (genvar p = 1; p < Ports; p++) begin : gen_read_port
    assign w_r_error[p-1] = m_axi_rresp_i[2*p + 1];
    if (p > 1) begin : gen_own
      assign w_ar_ready[p-1] = m_axi_arready_i[p];
      assign w_r_valid[p-1]  = m_axi_rvalid_i[p];
    end
  end

  always_comb begin
    m_axi_arvalid_o = '0;
    m_axi_araddr_o  = '0;
    m_axi_arlen_o   = '0;
    m_axi_rready_o  = '0;
    m_axi_awvalid_o = '0;
    m_axi_awaddr_o  = '0;
    m_axi_awlen_o   = '0;
    m_axi_wvalid_o  = '0;
    m_axi_wdata_o   = '0;
    m_axi_wstrb_o   = '0;
    m_axi_wlast_o   = '0;
    m_axi_bready_o  = '0;

    for (int unsigned p = 2; p < Ports; p++) begin
      m_axi_arvalid_o[p]         = w_ar_valid[p - 1];
      m_axi_araddr_o[p*32 +: 32] = w_ar_addr[(p - 1)*32 +: 32];
      m_axi_arlen_o[p*4 +: 4]    = w_ar_len[(p - 1)*4 +: 4];
      m_axi_rready_o[p]          = w_r_ready[p - 1];
    end
    m_axi_arvalid_o[1:0] = {sh_arvalid, l_ar_valid};
    m_axi_araddr_o[63:0] = {sh_araddr, l_ar_addr};
    m_axi_arlen_o[7:0]   = {sh_arlen, l_ar_len};
    m_axi_rready_o[1:0]  = {sh_rready, l_r_ready};
    m_axi_awvalid_o[0]   = s_aw_valid;
    m_axi_awaddr_o[31:0] = s_aw_addr;
    m_axi_awlen_o[3:0]   = s_aw_len;
    m_axi_wvalid_o[0]    = s_w_valid;
    m_axi_wdata_o[63:0]  = s_w_data;
    m_axi_wstrb_o[7:0]   = s_w_strb;
    m_axi_wlast_o[0]     = s_w_last;
    m_axi_bready_o[0]    = s_b_ready;
  end

  // Bit 0 of a response tells EXOKAY from OKAY, which is not asked for; ports without a unit are not looked at.
  logic unused_axi;
  assign unused_axi = ^{m_axi_arready_i, m_axi_rvalid_i, m_axi_rdata_i, m_axi_rresp_i, m_axi_rlast_i, m_axi_awready_i, m_axi_wready_i,
                        m_axi_bvalid_i, m_axi_bresp_i};

  // ---------------------------------------------------------------- end, faults, counters, events
  logic [Ports-1:0] read_beat, write_beat;

  assign axi_idle   = f_idle && l_idle && w_idle && s_idle;
  always_ff @(posedge clk_i) begin
    finished <= rst_ni && !clear && ended && &q_empty && engine_busy == '0 && !retire_valid && axi_idle;
  end
  assign read_beat  = m_axi_rvalid_i & m_axi_rready_o;
  assign write_beat = m_axi_wvalid_o & m_axi_wready_i;

  agc_fault #(.Engines(N)) u_fault (
    .clk_i, .rst_ni, .clear_i(clear), .run_i(run),
    .progress_i(|read_beat || |write_beat || retire_valid || conv_progress || engine_beat[Ld]), .watchdog_i(watchdog),
    .overflow_i(overflow), .overflow_engine_i(retire_engine), .overflow_tag_i(retire_tag),
    .engine_fault_i(engine_fault), .engine_cause_i(engine_cause), .engine_tag_i(engine_tag),
    .fetch_fault_i(fetch_fault), .fetch_cause_i(fetch_cause), .fetch_engine_i(fetch_engine), .fetch_layer_i(fetch_fault_layer),
    .fetch_index_i(fetch_index),
    .blocked_i(blocked), .missing_i(missing), .head_i(head_where), .busy_i(engine_busy), .newest_i(engine_tag),
    .fault_o(fault), .cause_o(fault_cause), .engine_o(fault_engine), .sem_o(fault_sem), .index_o(fault_index), .layer_o(fault_layer)
  );

  logic [63:0] stat_event;
  logic [31:0] sem_event;

  always_comb begin
    sem_event = '0;
    for (int unsigned e = 0; e < N; e++) sem_event |= missing[e*32 +: 32];
    stat_event    = {sem_event, 32'd0};
    stat_event[0] = !ended;
    for (int unsigned e = 0; e < N; e++) begin
      stat_event[1 + e]  = engine_busy[e];
      stat_event[9 + e]  = blocked[e];
      stat_event[17 + e] = engine_stall[e];
      stat_event[25 + e] = q_empty[e] && !engine_busy[e];
    end
    if (!run || fault) stat_event = '0;
  end

  for (genvar e = 0; e < N; e++) begin : gen_stall
    assign engine_stall[e] = (e == Cv) ? conv_stall : engine_busy[e] && !engine_beat[e];
  end

  agc_stats #(.Ports(Ports)) u_stats (
    .clk_i, .rst_ni, .zero_i(zero_counters),
    .event_i(stat_event), .mac_i(engine_beat[Cv] && run), .read_beat_i(read_beat), .write_beat_i(write_beat),
    .instruction_i(retire_valid || set_done),
    .rd_valid_i(stat_valid), .rd_index_i(stat_index), .rd_count_o(stat_count),
    .mac_o(total_mac), .read_o(total_read), .write_o(total_write), .instructions_o(total_instr)
  );

  agc_events #(.Queues(N)) u_events (
    .clk_i, .rst_ni, .clear_i(clear),
    .start_i(cmd_valid & cmd_ready), .start_tag_i(cmd_tag), .done_i(retire_engine), .done_tag_i(retire_tag),
    .ended_i(ended), .finished_i(set_done), .end_layer_i(fetch_layer), .end_index_i(fetch_index),
    .evt_start_o, .evt_start_layer_o, .evt_start_index_o, .evt_done_o, .evt_layer_o, .evt_index_o
  );
endmodule
