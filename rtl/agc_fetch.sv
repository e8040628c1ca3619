// Instruction fetch: prefetches segment 0 by bursts, assembles and checks instructions, hands them to the queues in program order.
//
//   plan -> AR bursts     R -> [ buffer, 64 beats ] -> assemble 4 beats -> check -> add increments -> disp_* (one queue) | END | LOOP | fault
//                                        ^                                                               |
//                                        +-- what lies beyond a LOOP is dropped; the plan goes to its body, and back there count-1 times
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
  output logic [3:0]   disp_engine_o,
  input  logic         disp_room_i,   // of the queue of disp_engine_o; stays until something is put into it
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
  localparam int unsigned BodyW  = agc_isa_pkg::LOOP_BODY_W;
  localparam int unsigned CountW = agc_isa_pkg::LOOP_COUNT_W;
  localparam int unsigned DramW  = agc_isa_pkg::LOAD_DRAM_W;
  localparam int unsigned SpW    = agc_isa_pkg::CONV_IN_W;
  localparam int unsigned WbW    = agc_isa_pkg::CONV_WB_W;

  logic jump;   // a LOOP is looked at

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

  // The loop that runs. Its body goes from first to last; end = last + 1 may lie beyond the program.
  logic              loop_on_q, at_last_q, again_q;
  logic [InsW-1:0]   first_q, first_d;
  logic [InsW:0]     end_of_loop_q, last_q, last_d;
  logic [CountW-1:0] iterations_q, count;              // that are left behind the running one

  // Plan of a burst in four steps: up to the next boundary of BurstBeats, the limit or the end of a body that is repeated. Short bursts
  // hold four beats or more, so a burst every four cycles keeps up with the port.
  localparam logic [1:0] PlanAddr = 2'd0, PlanLeft = 2'd1, PlanLen = 2'd2, PlanAsk = 2'd3;
  logic [1:0]        plan_q;
  logic              ar_valid_q, ask, wrap_q, repeats, repeats_q, none_q, whole_q;
  logic [28:0]       addr_q, ar_addr_q, next_q, left_q;   // words
  logic [InsW:0]     stop_q;
  logic [3:0]        ar_len_q;
  logic [Low-1:0]    room, len_q;                        // both minus 1
  logic [CntW-1:0]   space_q, beats;
  logic [CountW-1:0] wraps_q;
  logic [3:0]        open_q, drop_q;
  logic              buf_pop, r_end;

  assign repeats = wraps_q != '0 && end_of_loop_q <= {1'b0, limit_q};
  assign room    = ~addr_q[Low-1:0];
  assign beats   = CntW'(len_q) + 1'b1;
  assign ask     = plan_q == PlanAsk && !none_q && !wrap_q && !end_q && !halt_i && !jump && space_q >= CntW'(BurstBeats) && open_q != 4'd15 &&
                   (!ar_valid_q || ar_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      ar_valid_q <= 1'b0;
      plan_q     <= PlanAddr;
      next_q     <= '0;
      wraps_q    <= '0;
      space_q    <= CntW'(Depth);
    end else begin
      if (ask) ar_valid_q <= 1'b1;
      else if (ar_ready_i) ar_valid_q <= 1'b0;

      if (jump) plan_q <= PlanAddr;
      else if (plan_q == PlanAsk ? ask : armed_q) plan_q <= plan_q + 1'b1;

      if (jump) begin
        next_q  <= {first_d, 2'b00};
        wraps_q <= count - 1'b1;
      end else if (ask) begin
        next_q <= (repeats_q && whole_q) ? {first_q, 2'b00} : next_q + 29'(beats);
        if (repeats_q && whole_q) wraps_q <= wraps_q - 1'b1;
      end

      if (jump) space_q <= CntW'(Depth);
      else      space_q <= space_q - (ask ? beats : '0) + CntW'(buf_pop);
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (plan_q)
      PlanAddr: begin
        {wrap_q, addr_q} <= {1'b0, seg_base_i, 3'b000} + {1'b0, next_q};
        stop_q           <= repeats ? end_of_loop_q : {1'b0, limit_q};
        repeats_q        <= repeats;
      end
      PlanLeft: left_q <= 29'({stop_q, 2'b00}) - next_q;
      PlanLen: begin
        none_q  <= left_q == '0;
        whole_q <= left_q <= 29'(room) + 29'd1;
        len_q   <= (left_q <= 29'(room)) ? left_q[Low-1:0] - 1'b1 : room;
      end
      default: ;
    endcase
    if (ask) begin
      ar_addr_q <= addr_q;
      ar_len_q  <= 4'(len_q);
    end
  end

  // Bursts that are open; those that were asked for before a LOOP was looked at are dropped.
  assign r_end = r_valid_i && r_last_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      open_q <= '0;
      drop_q <= '0;
    end else begin
      if (ask && !r_end) open_q <= open_q + 1'b1;
      else if (r_end && !ask) open_q <= open_q - 1'b1;
      if (jump) drop_q <= open_q - 4'(r_end);
      else if (r_end && drop_q != '0) drop_q <= drop_q - 1'b1;
    end
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
    .clk_i, .rst_ni,
    .clear_i   (clear_i || jump),
    .wr_valid_i(r_valid_i && drop_q == '0),
    .wr_ready_o(unused_ready),
    .wr_data_i ({r_error_i, r_data_i}),
    .rd_valid_o(buf_valid),
    .rd_ready_i(buf_pop),
    .rd_data_o ({buf_error, buf_data})
  );

  logic [191:0]    part_q;
  logic [1:0]      part_count_q;
  logic            part_error_q;
  logic            instr_valid_q, instr_error_q, checked_q, ready_q, instr_leave, instr_free;
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
      ready_q       <= 1'b0;
    end else if (jump) begin
      part_count_q  <= '0;
      part_error_q  <= 1'b0;
      instr_valid_q <= 1'b0;
      checked_q     <= 1'b0;
      ready_q       <= 1'b0;
    end else begin
      if (buf_pop) begin
        part_count_q <= part_count_q + 1'b1;
        part_error_q <= part_count_q != 2'd3 && (part_error_q || buf_error);
      end
      if (instr_free) instr_valid_q <= buf_pop && part_count_q == 2'd3;
      checked_q <= instr_valid_q && !instr_leave;
      ready_q   <= checked_q && !instr_leave;
    end
  end

  // Check, and the increments of the loop for its kind of instruction.
  logic [DramW-1:0] sum_load_q, sum_wload_q, sum_store_q, step_q;   // iterations so far times the increment
  logic [SpW-1:0]   sum_in_q, sum_out_q, sum_res_q;
  logic [WbW-1:0]   sum_wb_q;
  logic             is_copy_q, is_conv_q, is_loop_q, adjust;
  logic [7:0]       opcode;

  agc_isa_check u_check (.instr_i(instr_q), .engine_o(engine), .cause_o(cause));

  assign opcode = instr_q[agc_isa_pkg::HDR_OPCODE_LSB +: agc_isa_pkg::HDR_OPCODE_W];
  assign adjust = checked_q && !ready_q;

  always_ff @(posedge clk_i) begin
    engine_q  <= engine;
    cause_q   <= cause;
    is_copy_q <= engine == agc_isa_pkg::ENG_LOAD || engine == agc_isa_pkg::ENG_WLOAD || engine == agc_isa_pkg::ENG_STORE;
    is_conv_q <= opcode == agc_isa_pkg::OP_CONV;
    is_loop_q <= opcode == agc_isa_pkg::OP_LOOP;
    unique case (engine)
      agc_isa_pkg::ENG_WLOAD: step_q <= sum_wload_q;
      agc_isa_pkg::ENG_STORE: step_q <= sum_store_q;
      default:                step_q <= sum_load_q;
    endcase
  end

  // All copies have `dram` in the same place.
  always_ff @(posedge clk_i) begin
    if (buf_pop) part_q <= {buf_data, part_q[191:64]};
    if (instr_free && buf_pop && part_count_q == 2'd3) begin
      instr_q       <= {buf_data, part_q};
      instr_error_q <= part_error_q || buf_error;
    end else if (adjust && is_copy_q) begin
      instr_q[agc_isa_pkg::LOAD_DRAM_LSB +: DramW] <= instr_q[agc_isa_pkg::LOAD_DRAM_LSB +: DramW] + step_q;
    end else if (adjust && is_conv_q) begin
      instr_q[agc_isa_pkg::CONV_IN_LSB +: SpW]  <= instr_q[agc_isa_pkg::CONV_IN_LSB +: SpW] + sum_in_q;
      instr_q[agc_isa_pkg::CONV_OUT_LSB +: SpW] <= instr_q[agc_isa_pkg::CONV_OUT_LSB +: SpW] + sum_out_q;
      instr_q[agc_isa_pkg::CONV_RES_LSB +: SpW] <= instr_q[agc_isa_pkg::CONV_RES_LSB +: SpW] + sum_res_q;
      instr_q[agc_isa_pkg::CONV_WB_LSB +: WbW]  <= instr_q[agc_isa_pkg::CONV_WB_LSB +: WbW] + sum_wb_q;
    end
  end

  // Dispatch. What is decided here was settled in the cycle before.
  logic       look, send_q, room_q, stop_here_q, bad_q, missing, at_limit_q;
  logic [3:0] fault_engine_q;
  logic [7:0] fault_cause_q;

  always_ff @(posedge clk_i) begin
    room_q      <= disp_room_i;
    send_q      <= !instr_error_q && cause_q == agc_isa_pkg::FAULT_NONE && engine_q != agc_isa_pkg::ENG_CTRL;
    stop_here_q <= !is_loop_q;
    // Neither LOOP nor END may lie inside of a body.
    bad_q       <= instr_error_q || cause_q != agc_isa_pkg::FAULT_NONE || (engine_q == agc_isa_pkg::ENG_CTRL && loop_on_q);
    fault_engine_q <= instr_error_q ? agc_isa_pkg::ENG_CTRL : engine_q;
    if (instr_error_q)                              fault_cause_q <= agc_isa_pkg::FAULT_AXI_READ;
    else if (cause_q != agc_isa_pkg::FAULT_NONE)    fault_cause_q <= cause_q;
    else                                            fault_cause_q <= agc_isa_pkg::FAULT_BAD_FIELD;
    at_limit_q  <= index_q == limit_q;
  end

  assign look    = instr_valid_q && ready_q && !end_q && !halt_i;
  assign jump    = look && !bad_q && !send_q && !stop_here_q;
  assign missing = run_q && !end_q && !halt_i && !instr_valid_q && (at_limit_q || (plan_q == PlanAsk && wrap_q && axi_idle_o && !buf_valid));

  assign disp_valid_o  = look && send_q && room_q;
  assign disp_engine_o = engine_q;
  assign disp_instr_o  = instr_q;
  assign disp_index_o  = index_q[23:0];
  assign instr_leave   = disp_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) end_q <= 1'b0;
    else if (look && !bad_q && !send_q && stop_here_q) end_q <= 1'b1;
  end

  // Loop. Two cycles or more pass from one change of the index to the next, so comparisons have a register.
  assign first_d = index_q + 1'b1;
  assign last_d  = {1'b0, index_q} + (InsW+1)'(instr_q[agc_isa_pkg::LOOP_BODY_LSB +: BodyW]);
  assign count   = instr_q[agc_isa_pkg::LOOP_COUNT_LSB +: CountW];

  always_ff @(posedge clk_i) begin
    at_last_q <= loop_on_q && {1'b0, index_q} == last_q;
    again_q   <= iterations_q != '0;
    if (jump) begin
      first_q       <= first_d;
      last_q        <= last_d;
      end_of_loop_q <= last_d + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      index_q      <= '0;
      loop_on_q    <= 1'b0;
      iterations_q <= '0;
    end else if (jump) begin
      index_q      <= first_d;
      loop_on_q    <= 1'b1;
      iterations_q <= count - 1'b1;
    end else if (instr_leave) begin
      index_q <= (at_last_q && again_q) ? first_q : first_d;
      if (at_last_q) begin
        loop_on_q <= again_q;
        if (again_q) iterations_q <= iterations_q - 1'b1;
      end
    end
  end

  logic signed [agc_isa_pkg::LOOP_D_LOAD_W-1:0]  d_load_q;
  logic signed [agc_isa_pkg::LOOP_D_WLOAD_W-1:0] d_wload_q;
  logic signed [agc_isa_pkg::LOOP_D_STORE_W-1:0] d_store_q;
  logic [SpW-1:0] d_in_q, d_out_q, d_res_q;
  logic [WbW-1:0] d_wb_q;

  always_ff @(posedge clk_i) begin
    if (jump) begin
      d_load_q  <= instr_q[agc_isa_pkg::LOOP_D_LOAD_LSB +: agc_isa_pkg::LOOP_D_LOAD_W];
      d_wload_q <= instr_q[agc_isa_pkg::LOOP_D_WLOAD_LSB +: agc_isa_pkg::LOOP_D_WLOAD_W];
      d_store_q <= instr_q[agc_isa_pkg::LOOP_D_STORE_LSB +: agc_isa_pkg::LOOP_D_STORE_W];
      d_in_q    <= instr_q[agc_isa_pkg::LOOP_D_IN_LSB +: SpW];
      d_out_q   <= instr_q[agc_isa_pkg::LOOP_D_OUT_LSB +: SpW];
      d_res_q   <= instr_q[agc_isa_pkg::LOOP_D_RES_LSB +: SpW];
      d_wb_q    <= instr_q[agc_isa_pkg::LOOP_D_WB_LSB +: WbW];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || (instr_leave && at_last_q && !again_q)) begin
      sum_load_q  <= '0;
      sum_wload_q <= '0;
      sum_store_q <= '0;
      sum_in_q    <= '0;
      sum_out_q   <= '0;
      sum_res_q   <= '0;
      sum_wb_q    <= '0;
    end else if (instr_leave && at_last_q) begin
      sum_load_q  <= sum_load_q + DramW'(d_load_q);
      sum_wload_q <= sum_wload_q + DramW'(d_wload_q);
      sum_store_q <= sum_store_q + DramW'(d_store_q);
      sum_in_q    <= sum_in_q + d_in_q;
      sum_out_q   <= sum_out_q + d_out_q;
      sum_res_q   <= sum_res_q + d_res_q;
      sum_wb_q    <= sum_wb_q + d_wb_q;
    end
  end

  assign end_o          = end_q;
  assign fault_valid_o  = (look && bad_q) || missing;
  assign fault_cause_o  = missing ? ((short_q || wrap_q) ? agc_isa_pkg::FAULT_WINDOW : agc_isa_pkg::FAULT_FETCH_END) : fault_cause_q;
  assign fault_engine_o = missing ? agc_isa_pkg::ENG_CTRL : fault_engine_q;
  assign fault_layer_o  = (missing || instr_error_q) ? 16'd0 : instr_q[agc_isa_pkg::HDR_LAYER_LSB +: agc_isa_pkg::HDR_LAYER_W];
  assign index_o        = index_q[23:0];
  assign layer_o        = instr_q[agc_isa_pkg::HDR_LAYER_LSB +: agc_isa_pkg::HDR_LAYER_W];
endmodule
