// State of the core: idle, running, stopped by a fault, resetting.
//
//   doorbell: Idle -> Prepare (clear) -> Start -> Run -> Idle (done)
//   fault:    Run -> Stop (finish AXI transactions) -> Faulted
//   reset:    any -> Drain (finish AXI transactions) -> Clear -> Idle
module agc_sequencer (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        start_i,      // CTRL.start, pulse
  input  logic        reset_i,      // CTRL.reset, pulse
  input  logic        finished_i,   // END was reached and everything is idle
  input  logic        fault_i,      // level
  input  logic        axi_idle_i,   // no transaction is open

  output logic        clear_o,      // synchronous clear of queues, engines, semaphores, fault
  output logic        halt_o,       // engines and fetch start nothing new
  output logic        start_o,      // pulse to the fetch unit
  output logic        run_o,
  output logic        begin_o,      // pulse: counters to zero
  output logic        busy_o,
  output logic        done_o,       // STATUS.done
  output logic        set_done_o,   // pulses for the interrupt
  output logic        set_fault_o,
  output logic [63:0] cycles_o
);
  // Long enough for reads of the scratchpad that are under way to come out before the engines work again.
  localparam logic [3:0] ClearCycles = 4'd15;

  typedef enum logic [2:0] {StIdle, StPrepare, StStart, StRun, StStop, StFaulted, StDrain, StClear} state_e;
  state_e state_q, state_d;

  logic [3:0]  clear_left_q;
  logic        done_q, clear_q, halt_q;
  logic [63:0] cycles_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:    if (start_i) state_d = StPrepare;
      StPrepare: state_d = StStart;
      StStart:   state_d = StRun;
      StRun:     if (fault_i) state_d = StStop; else if (finished_i) state_d = StIdle;
      StStop:    if (axi_idle_i) state_d = StFaulted;
      StFaulted: ;
      StDrain:   if (axi_idle_i) state_d = StClear;
      StClear:   if (clear_left_q == '0) state_d = StIdle;
      default:   state_d = StIdle;
    endcase
    if (reset_i) state_d = StDrain;
  end

  assign set_done_o  = state_q == StRun && state_d == StIdle;
  assign set_fault_o = state_q == StRun && state_d == StStop;
  assign begin_o     = state_q == StPrepare;
  assign start_o     = state_q == StStart;
  assign run_o       = state_q == StRun;
  assign busy_o      = state_q != StIdle && state_q != StFaulted;
  assign done_o      = done_q;
  assign clear_o     = clear_q;
  assign halt_o      = halt_q;
  assign cycles_o    = cycles_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= StIdle;
      clear_q      <= 1'b0;
      halt_q       <= 1'b0;
      clear_left_q <= '0;
      done_q       <= 1'b0;
      cycles_q     <= '0;
    end else begin
      state_q      <= state_d;
      // Registers of their own, because both go everywhere.
      clear_q      <= state_d == StPrepare || state_d == StClear;
      halt_q       <= state_d == StStop || state_d == StFaulted || state_d == StDrain || state_d == StClear;
      clear_left_q <= (state_q == StClear) ? clear_left_q - 1'b1 : ClearCycles;
      if (set_done_o) done_q <= 1'b1;
      else if (state_d == StPrepare || state_q == StClear) done_q <= 1'b0;
      // The cycle of the doorbell itself counts, so a program takes at least that one.
      if (state_d == StPrepare) cycles_q <= 64'd1;
      else if (state_q == StPrepare || state_q == StStart || state_q == StRun) cycles_q <= cycles_q + 1'b1;
    end
  end
endmodule
