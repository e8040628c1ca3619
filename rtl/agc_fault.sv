// Keeps the first fault of a program and runs the watchdog.
//
// Sources, the earlier one wins within a cycle: a semaphore above its maximum, the engines, the fetch unit, the watchdog.
// The watchdog names an engine that waits for a semaphore, else one that is busy, else the fetch unit.
module agc_fault #(
  parameter int unsigned Engines = 4   // engine e has the number e + 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  input  logic                  run_i,           // a program runs
  input  logic                  progress_i,
  input  logic [31:0]           watchdog_i,      // cycles, 0 = off

  input  logic                  overflow_i,
  input  logic [Engines-1:0]    overflow_engine_i,
  input  logic [59:0]           overflow_tag_i,
  input  logic [Engines-1:0]    engine_fault_i,
  input  logic [Engines*8-1:0]  engine_cause_i,
  input  logic [Engines*60-1:0] engine_tag_i,
  input  logic                  fetch_fault_i,
  input  logic [7:0]            fetch_cause_i,
  input  logic [3:0]            fetch_engine_i,
  input  logic [15:0]           fetch_layer_i,
  input  logic [23:0]           fetch_index_i,

  input  logic [Engines-1:0]    blocked_i,       // the head of the queue waits
  input  logic [Engines*32-1:0] missing_i,       // for these
  input  logic [Engines*40-1:0] head_i,          // {index, layer} of the head of the queue
  input  logic [Engines-1:0]    busy_i,
  input  logic [Engines*60-1:0] newest_i,        // tag of the newest instruction of the engine

  output logic                  fault_o,         // stays until clear
  output logic [7:0]            cause_o,
  output logic [3:0]            engine_o,
  output logic [4:0]            sem_o,
  output logic [23:0]           index_o,
  output logic [15:0]           layer_o
);
  logic        fault_q;
  logic [7:0]  cause_q, cause_d;
  logic [3:0]  engine_q, engine_d, watch_engine, watch_engine_q;
  logic [4:0]  sem_q, sem_d, watch_sem;
  logic [39:0] where_q, where_d, watch_where, watch_where_q;
  logic        hit, expired_q, fault_d;
  logic [31:0] left_q, watch_missing, watch_missing_q;

  // The semaphores' overflow comes from all counters, so it counts a cycle later, with its tag.
  logic               overflow_q;
  logic [Engines-1:0] overflow_engine_q;
  logic [39:0]        overflow_where_q;
  always_ff @(posedge clk_i) begin
    overflow_q        <= rst_ni && !clear_i && overflow_i;
    overflow_engine_q <= overflow_engine_i;
    overflow_where_q  <= overflow_tag_i[59:20];
  end

  // So do the others, and the causes of the watchdog's report: they come from ends of long ways.
  logic                  progress_q, fetch_fault_q;
  logic [Engines-1:0]    engine_fault_q, blocked_q;
  logic [Engines*8-1:0]  engine_cause_q;
  logic [Engines*40-1:0] engine_where_q;
  logic [Engines*32-1:0] missing_q;
  logic [7:0]            fetch_cause_q;
  logic [3:0]            fetch_engine_q;
  logic [39:0]           fetch_where_q;
  always_ff @(posedge clk_i) begin
    progress_q     <= progress_i;
    engine_fault_q <= engine_fault_i & {Engines{rst_ni && !clear_i}};
    fetch_fault_q  <= fetch_fault_i && rst_ni && !clear_i;
    engine_cause_q <= engine_cause_i;
    for (int unsigned e = 0; e < Engines; e++) engine_where_q[e*40 +: 40] <= engine_tag_i[e*60 + 20 +: 40];
    fetch_cause_q  <= fetch_cause_i;
    fetch_engine_q <= fetch_engine_i;
    fetch_where_q  <= {fetch_index_i, fetch_layer_i};
    blocked_q      <= blocked_i;
    missing_q      <= missing_i;
  end

  // The count is reloaded by progress; 1 is the last cycle of grace.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || !run_i) begin
      left_q    <= watchdog_i;
      expired_q <= 1'b0;
    end else begin
      left_q    <= (progress_q || watchdog_i == '0) ? watchdog_i : left_q - 1'b1;
      expired_q <= !progress_q && left_q == 32'd1 && watchdog_i != '0;
    end
  end

  always_comb begin
    hit           = 1'b0;
    watch_engine  = agc_isa_pkg::ENG_CTRL;
    watch_missing = '0;
    watch_where   = fetch_where_q;
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!hit && blocked_q[e]) begin
        hit           = 1'b1;
        watch_engine  = 4'(e + 1);
        watch_missing = missing_q[e*32 +: 32];
        watch_where   = head_i[e*40 +: 40];
      end
    end
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!hit && busy_i[e]) begin
        hit          = 1'b1;
        watch_engine = 4'(e + 1);
        watch_where  = newest_i[e*60 + 20 +: 40];
      end
    end
    watch_sem = '0;
    for (int unsigned s = 31; s >= 1; s--) begin
      if (watch_missing_q[s]) watch_sem = 5'(s);
    end
  end

  // Who waits has been waiting for long when the watchdog expires.
  always_ff @(posedge clk_i) begin
    watch_engine_q  <= watch_engine;
    watch_missing_q <= watch_missing;
    watch_where_q   <= watch_where;
  end

  always_comb begin
    fault_d  = 1'b0;
    cause_d  = agc_isa_pkg::FAULT_NONE;
    engine_d = agc_isa_pkg::ENG_CTRL;
    sem_d    = '0;
    where_d  = '0;
    if (overflow_q) begin
      fault_d = 1'b1;
      cause_d = agc_isa_pkg::FAULT_SEMAPHORE;
      where_d = overflow_where_q;
      for (int unsigned e = 0; e < Engines; e++) begin
        if (overflow_engine_q[e]) engine_d = 4'(e + 1);
      end
    end
    for (int unsigned e = 0; e < Engines; e++) begin
      if (!fault_d && engine_fault_q[e]) begin
        fault_d  = 1'b1;
        cause_d  = engine_cause_q[e*8 +: 8];
        engine_d = 4'(e + 1);
        where_d  = engine_where_q[e*40 +: 40];
      end
    end
    if (!fault_d && fetch_fault_q) begin
      fault_d  = 1'b1;
      cause_d  = fetch_cause_q;
      engine_d = fetch_engine_q;
      where_d  = fetch_where_q;
    end
    if (!fault_d && expired_q) begin
      fault_d  = 1'b1;
      cause_d  = agc_isa_pkg::FAULT_WATCHDOG;
      engine_d = watch_engine_q;
      sem_d    = watch_sem;
      where_d  = watch_where_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      fault_q  <= 1'b0;
      cause_q  <= agc_isa_pkg::FAULT_NONE;
      engine_q <= agc_isa_pkg::ENG_CTRL;
      sem_q    <= '0;
      where_q  <= '0;
    end else if (run_i && !fault_q) begin
      fault_q  <= fault_d;
      cause_q  <= cause_d;
      engine_q <= engine_d;
      sem_q    <= sem_d;
      where_q  <= where_d;
    end
  end

  // Posts play no part in where a fault happened.
  logic unused_posts;
  assign unused_posts = ^{engine_tag_i, newest_i, overflow_tag_i[19:0]};

  assign fault_o  = fault_q;
  assign cause_o  = cause_q;
  assign engine_o = engine_q;
  assign sem_o    = sem_q;
  assign index_o  = where_q[39:16];
  assign layer_o  = where_q[15:0];
endmodule
