// AXI4-Lite slave and register file. Addresses and fields: registers of isa.json. Reads of unused addresses give zero, writes to them
// and to read-only registers are ignored; every access is answered OKAY. Byte strobes are respected.
module agc_regs #(
  parameter logic [31:0] CoreHash   = 32'd0,
  parameter logic [31:0] IsaVersion = 32'd0
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         awvalid_i,
  output logic         awready_o,
  input  logic [11:0]  awaddr_i,
  input  logic         wvalid_i,
  output logic         wready_o,
  input  logic [31:0]  wdata_i,
  input  logic [3:0]   wstrb_i,
  output logic         bvalid_o,
  input  logic         bready_i,
  output logic [1:0]   bresp_o,
  input  logic         arvalid_i,
  output logic         arready_o,
  input  logic [11:0]  araddr_i,
  output logic         rvalid_o,
  input  logic         rready_i,
  output logic [31:0]  rdata_o,
  output logic [1:0]   rresp_o,

  output logic         start_o,        // pulses
  output logic         reset_o,
  input  logic         busy_i,
  input  logic         done_i,
  input  logic         fault_i,
  input  logic         set_done_i,
  input  logic         set_fault_i,
  output logic         irq_o,

  input  logic [7:0]   fault_cause_i,
  input  logic [3:0]   fault_engine_i,
  input  logic [4:0]   fault_sem_i,
  input  logic [23:0]  fault_index_i,
  input  logic [15:0]  fault_layer_i,
  input  logic [63:0]  cycles_i,

  output logic [31:0]  watchdog_o,
  output logic [31:0]  prog_count_o,
  output logic [207:0] seg_base_o,     // 8 x address / 64
  output logic [231:0] seg_words_o,    // 8 x size / 8

  output logic         stat_valid_o,   // read of an event counter; the answer comes three cycles later
  output logic [5:0]   stat_index_o,
  input  logic [31:0]  stat_count_i,
  input  logic [31:0]  mac_i,
  input  logic [31:0]  read_beats_i,
  input  logic [31:0]  write_beats_i,
  input  logic [31:0]  instructions_i,
  output logic [4:0]   sem_index_o,
  input  logic [7:0]   sem_count_i
);
  // Write side: address and data may come in any order; the write happens when both are here.
  logic        aw_valid_q, w_valid_q, b_valid_q, write;
  logic [11:0] aw_addr_q;
  logic [31:0] w_data_q, strobe;
  logic [3:0]  w_strb_q;

  assign awready_o = !aw_valid_q;
  assign wready_o  = !w_valid_q;
  assign bvalid_o  = b_valid_q;
  assign bresp_o   = 2'b00;
  assign write     = aw_valid_q && w_valid_q && !b_valid_q;
  assign strobe    = {{8{w_strb_q[3]}}, {8{w_strb_q[2]}}, {8{w_strb_q[1]}}, {8{w_strb_q[0]}}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      w_valid_q  <= 1'b0;
      b_valid_q  <= 1'b0;
    end else begin
      if (write) aw_valid_q <= 1'b0;
      else if (awvalid_i) aw_valid_q <= 1'b1;
      if (write) w_valid_q <= 1'b0;
      else if (wvalid_i) w_valid_q <= 1'b1;
      if (write) b_valid_q <= 1'b1;
      else if (bready_i) b_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!aw_valid_q) aw_addr_q <= awaddr_i;
    if (!w_valid_q) begin
      w_data_q <= wdata_i;
      w_strb_q <= wstrb_i;
    end
  end

  // Registers. Bits that are always zero (alignment of windows) are not kept.
  logic [1:0]   irq_enable_q, irq_status_q, irq_clear;
  logic [31:0]  watchdog_q, prog_count_q, word;
  logic [207:0] base_q;
  logic [231:0] words_q;

  assign word = w_data_q & strobe;

  logic control, reset_d;
  assign control = write && aw_addr_q == agc_isa_pkg::REG_CTRL;
  assign reset_d = control && word[agc_isa_pkg::REG_CTRL_RESET_LSB];
  always_ff @(posedge clk_i) begin
    reset_o <= rst_ni && reset_d;
    start_o <= rst_ni && control && word[agc_isa_pkg::REG_CTRL_START_LSB] && !reset_d;
  end
  assign irq_clear = (write && aw_addr_q == agc_isa_pkg::REG_IRQ_STATUS) ? word[1:0] : 2'b00;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      irq_enable_q <= '0;
      irq_status_q <= '0;
      watchdog_q   <= agc_isa_pkg::REG_WATCHDOG_RESET;
      prog_count_q <= '0;
      base_q       <= '0;
      words_q      <= '0;
    end else begin
      irq_status_q <= (irq_status_q & ~irq_clear & ~{2{reset_o}}) | {set_fault_i, set_done_i};
      if (write) begin
        if (aw_addr_q == agc_isa_pkg::REG_IRQ_ENABLE) irq_enable_q <= word[1:0] | (irq_enable_q & ~strobe[1:0]);
        if (aw_addr_q == agc_isa_pkg::REG_WATCHDOG)   watchdog_q   <= word | (watchdog_q & ~strobe);
        if (aw_addr_q == agc_isa_pkg::REG_PROG_COUNT) prog_count_q <= word | (prog_count_q & ~strobe);
        for (int unsigned k = 0; k < 8; k++) begin
          if (aw_addr_q == agc_isa_pkg::REG_SEG_BASE + 12'(8*k)) begin
            base_q[26*k +: 26] <= word[31:6] | (base_q[26*k +: 26] & ~strobe[31:6]);
          end
          if (aw_addr_q == agc_isa_pkg::REG_SEG_BYTES + 12'(8*k)) begin
            words_q[29*k +: 29] <= word[31:3] | (words_q[29*k +: 29] & ~strobe[31:3]);
          end
        end
      end
    end
  end

  assign watchdog_o   = watchdog_q;
  assign prog_count_o = prog_count_q;
  assign seg_base_o   = base_q;
  assign seg_words_o  = words_q;
  assign irq_o        = |(irq_status_q & irq_enable_q);

  // Read side. Each group of registers is looked up by itself, then one of the groups is chosen:
  //
  //   look_q[0]  address known: single registers, windows, semaphores; decoded: event counter or not
  //   look_q[1]  one of the three; the event counters get their question
  //   look_q[4]  the event counter's answer, or what was chosen
  logic [4:0]  look_q;
  logic        r_valid_q, is_stat_q, is_sem;
  logic [11:0] ar_addr_q;
  logic [5:0]  stat_index_q;
  logic [7:0]  sem_q;
  logic [31:0] value, value_q, window, window_q, chosen_q, r_data_q;

  assign arready_o    = look_q == '0 && !r_valid_q;
  assign is_sem       = ar_addr_q[11:7] == agc_isa_pkg::REG_SEM[11:7] && ar_addr_q[1:0] == 2'b00;
  assign stat_valid_o = look_q[1] && is_stat_q;
  assign stat_index_o = stat_index_q;
  assign sem_index_o  = ar_addr_q[6:2];
  assign rvalid_o     = r_valid_q;
  assign rdata_o      = r_data_q;
  assign rresp_o      = 2'b00;

  always_comb begin
    value = '0;
    unique case (ar_addr_q)
      agc_isa_pkg::REG_ID:           value = agc_isa_pkg::REG_ID_RESET;
      agc_isa_pkg::REG_ISA_VERSION:  value = IsaVersion;
      agc_isa_pkg::REG_CORE_HASH:    value = CoreHash;
      agc_isa_pkg::REG_STATUS:       value = {29'd0, fault_i, done_i, busy_i};
      agc_isa_pkg::REG_IRQ_ENABLE:   value = {30'd0, irq_enable_q};
      agc_isa_pkg::REG_IRQ_STATUS:   value = {30'd0, irq_status_q};
      agc_isa_pkg::REG_FAULT:        value = {11'd0, fault_sem_i, 4'd0, fault_engine_i, fault_cause_i};
      agc_isa_pkg::REG_FAULT_INDEX:  value = {8'd0, fault_index_i};
      agc_isa_pkg::REG_FAULT_LAYER:  value = {16'd0, fault_layer_i};
      agc_isa_pkg::REG_WATCHDOG:     value = watchdog_q;
      agc_isa_pkg::REG_PROG_COUNT:   value = prog_count_q;
      agc_isa_pkg::REG_CYCLES_LO:    value = cycles_i[31:0];
      agc_isa_pkg::REG_CYCLES_HI:    value = cycles_i[63:32];
      agc_isa_pkg::REG_MAC_CYCLES:   value = mac_i;
      agc_isa_pkg::REG_READ_BEATS:   value = read_beats_i;
      agc_isa_pkg::REG_WRITE_BEATS:  value = write_beats_i;
      agc_isa_pkg::REG_INSTRUCTIONS: value = instructions_i;
      default: ;
    endcase
  end

  always_comb begin
    window = '0;
    for (int unsigned k = 0; k < 8; k++) begin
      if (ar_addr_q == agc_isa_pkg::REG_SEG_BASE + 12'(8*k))  window = {base_q[26*k +: 26], 6'd0};
      if (ar_addr_q == agc_isa_pkg::REG_SEG_BYTES + 12'(8*k)) window = {words_q[29*k +: 29], 3'd0};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      look_q    <= '0;
      r_valid_q <= 1'b0;
    end else begin
      look_q <= {look_q[3:0], arvalid_i && arready_o};
      if (look_q[4]) r_valid_q <= 1'b1;
      else if (rready_i) r_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (arready_o) ar_addr_q <= araddr_i;
    // The address stands still while the answer is on its way, so nothing here has to wait for look_q.
    value_q      <= value;
    window_q     <= window;
    sem_q        <= is_sem ? sem_count_i : '0;
    is_stat_q    <= ar_addr_q >= agc_isa_pkg::REG_BUSY && ar_addr_q < agc_isa_pkg::REG_MAC_CYCLES;
    stat_index_q <= 6'((ar_addr_q - agc_isa_pkg::REG_BUSY) >> 2);
    if (look_q[1]) chosen_q <= value_q | window_q | 32'(sem_q);
    if (look_q[4]) r_data_q <= is_stat_q ? stat_count_i : chosen_q;
  end
endmodule
