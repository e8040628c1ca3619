// Instruction fetch: prefetches segment 0 by bursts, assembles and checks instructions, hands them to the queues in program order.
//
//   AR bursts <- room in the buffer        R -> [ buffer, 64 beats ] -> assemble 4 beats -> check -> disp_* (one queue) | END | fault
//
// A read error travels with its beat and is a fault only when that instruction is reached, so what lies behind END does no harm.
// The program ends at PROG_COUNT instructions or at the end of the segment's window, whichever comes first.
module agc_fetch #(
  parameter int unsigned BurstBeats = 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         halt_i,

  input  logic         start_i,       // pulse
  input  logic [25:0]  seg_base_i,    // segment 0, byte address / 64
  input  logic [26:0]  seg_instrs_i,   // its size in instructions
  input  logic [31:0]  prog_count_i,

  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  output logic [31:0]  ar_addr_o,
  output logic [3:0]   ar_len_o,
  input  logic         r_valid_i,
  output logic         r_ready_o,
  input  logic [63:0]  r_data_i,
  input  logic         r_error_i,
  input  logic         r_last_i,

  output logic         disp_valid_o,
  input  logic         disp_ready_i,
  output logic [3:0]   disp_engine_o,
  output logic [255:0] disp_instr_o,
  output logic [23:0]  disp_index_o,

  output logic         end_o,         // END was reached; stays until clear
  output logic         fault_valid_o,
  output logic [7:0]   fault_cause_o,
  output logic [3:0]   fault_engine_o,
  output logic [15:0]  fault_layer_o,
  output logic [23:0]  index_o,       // instruction that is looked at
  output logic [15:0]  layer_o,
  output logic         axi_idle_o
);
  localparam int unsigned Depth = 64;
  localparam int unsigned CntW  = $clog2(Depth + 1);
  localparam int unsigned InsW  = 27;                          // 2^32 bytes hold 2^27 instructions
  localparam int unsigned Low   = $clog2(BurstBeats);

  // Limits, settled one cycle after the start.
  logic            run_q, armed_q, end_q;
  logic [InsW-1:0] limit_q;
  logic            short_q;   // the window ends before PROG_COUNT

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      armed_q <= 1'b0;
      run_q   <= 1'b0;
    end else begin
      if (start_i) armed_q <= 1'b1;
      run_q <= armed_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      short_q <= prog_count_i > 32'(seg_instrs_i);
      limit_q <= (prog_count_i > 32'(seg_instrs_i)) ? seg_instrs_i : prog_count_i[InsW-1:0];
    end
  end

  // Requests: bursts up to the next boundary of BurstBeats, the limit, and the room in the buffer.
  logic              ar_valid_q, ask, wrap;
  logic [28:0]       addr, ar_addr_q, next_q, left;   // words
  logic [3:0]        ar_len_q;
  logic [Low-1:0]    room, len;                       // both minus 1
  logic [CntW-1:0]   space_q, beats;
  logic [3:0]        open_q;
  logic              buf_pop, r_end;

  assign {wrap, addr} = {1'b0, seg_base_i, 3'b000} + {1'b0, next_q};
  assign left         = {limit_q, 2'b00} - next_q;
  assign room         = ~addr[Low-1:0];
  assign len          = (left <= 29'(room)) ? left[Low-1:0] - 1'b1 : room;
  assign beats        = CntW'(len) + 1'b1;
  assign ask          = run_q && !end_q && !halt_i && left != '0 && !wrap && space_q >= CntW'(BurstBeats) && open_q != 4'd15 &&
                        (!ar_valid_q || ar_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      ar_valid_q <= 1'b0;
      next_q     <= '0;
      space_q    <= CntW'(Depth);
    end else begin
      if (ask) begin
        ar_valid_q <= 1'b1;
        next_q     <= next_q + 29'(beats);
      end else if (ar_ready_i) begin
        ar_valid_q <= 1'b0;
      end
      space_q <= space_q - (ask ? beats : '0) + CntW'(buf_pop);
    end
  end

  always_ff @(posedge clk_i) begin
    if (ask) begin
      ar_addr_q <= addr;
      ar_len_q  <= 4'(len);
    end
  end

  assign r_end = r_valid_i && r_ready_o && r_last_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) open_q <= '0;
    else if (ask && !r_end) open_q <= open_q + 1'b1;
    else if (r_end && !ask) open_q <= open_q - 1'b1;
  end

  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o  = {ar_addr_q, 3'b000};
  assign ar_len_o   = ar_len_q;
  assign axi_idle_o = !ar_valid_q && open_q == '0;
  assign r_ready_o  = 1'b1;

  // Buffer and assembly.
  logic        buf_valid, buf_error;
  logic [63:0] buf_data;
  logic        unused_ready;   // a beat is asked for only when there is room

  agc_fifo #(.Width(65), .Depth(Depth)) u_buffer (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(r_valid_i),
    .wr_ready_o(unused_ready),
    .wr_data_i ({r_error_i, r_data_i}),
    .rd_valid_o(buf_valid),
    .rd_ready_i(buf_pop),
    .rd_data_o ({buf_error, buf_data})
  );

  logic [191:0]    part_q;
  logic [1:0]      part_count_q;
  logic            part_error_q;
  logic            instr_valid_q, instr_error_q, checked_q, instr_leave, instr_free;
  logic [255:0]    instr_q;
  logic [InsW-1:0] index_q;
  logic [3:0]      engine, engine_q;
  logic [7:0]      cause, cause_q;

  assign instr_free = !instr_valid_q || instr_leave;
  assign buf_pop    = buf_valid && !halt_i && (part_count_q != 2'd3 || instr_free);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      part_count_q  <= '0;
      part_error_q  <= 1'b0;
      instr_valid_q <= 1'b0;
      checked_q     <= 1'b0;
      index_q       <= '0;
    end else begin
      if (buf_pop) begin
        part_count_q <= part_count_q + 1'b1;
        part_error_q <= part_count_q != 2'd3 && (part_error_q || buf_error);
      end
      if (instr_free) instr_valid_q <= buf_pop && part_count_q == 2'd3;
      checked_q <= instr_valid_q && !instr_leave;
      if (instr_leave) index_q <= index_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (buf_pop) part_q <= {buf_data, part_q[191:64]};
    if (instr_free && buf_pop && part_count_q == 2'd3) begin
      instr_q       <= {buf_data, part_q};
      instr_error_q <= part_error_q || buf_error;
    end
    engine_q <= engine;
    cause_q  <= cause;
  end

  agc_isa_check u_check (.instr_i(instr_q), .engine_o(engine), .cause_o(cause));

  // Dispatch.
  logic good, look, missing;
  assign look    = instr_valid_q && checked_q && !end_q && !halt_i;
  assign good    = look && !instr_error_q && cause_q == agc_isa_pkg::FAULT_NONE;
  assign missing = run_q && !end_q && !halt_i && !instr_valid_q && (index_q == limit_q || (wrap && axi_idle_o && !buf_valid));

  assign disp_valid_o  = good && engine_q != agc_isa_pkg::ENG_CTRL;
  assign disp_engine_o = engine_q;
  assign disp_instr_o  = instr_q;
  assign disp_index_o  = index_q[23:0];
  assign instr_leave   = disp_valid_o && disp_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) end_q <= 1'b0;
    else if (good && engine_q == agc_isa_pkg::ENG_CTRL) end_q <= 1'b1;
  end

  assign end_o          = end_q;
  assign fault_valid_o  = (look && !good) || missing;
  assign fault_cause_o  = missing ? ((short_q || wrap) ? agc_isa_pkg::FAULT_WINDOW : agc_isa_pkg::FAULT_FETCH_END)
                                  : (instr_error_q ? agc_isa_pkg::FAULT_AXI_READ : cause_q);
  assign fault_engine_o = (missing || instr_error_q) ? agc_isa_pkg::ENG_CTRL : engine_q;
  assign fault_layer_o  = (missing || instr_error_q) ? 16'd0 : instr_q[agc_isa_pkg::HDR_LAYER_LSB +: agc_isa_pkg::HDR_LAYER_W];
  assign index_o        = index_q[23:0];
  assign layer_o        = instr_q[agc_isa_pkg::HDR_LAYER_LSB +: agc_isa_pkg::HDR_LAYER_W];
endmodule
