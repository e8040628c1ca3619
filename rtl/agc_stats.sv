// Event counters: 64 of 32 bits behind 64 event lines, and four totals.
//
//   events -> 64 small counters of 7 bits -> one visit a cycle in turn adds a small counter to its 32-bit word in distributed RAM
//
//   visit:  which one  ->  its small counter to zero, both numbers out  ->  sum, to the RAM and to a reader
//
// A read steals a visit and gets the sum, so what is read is exact. A counter is visited at least every 96 cycles (64, and
// a read is at most every third cycle), so 7 bits do. The small counters are kept bit by bit (plane b holds bit b of all of them).
module agc_stats #(
  parameter int unsigned Ports = 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             zero_i,          // all counters to zero

  input  logic [63:0]      event_i,         // one line for each register from BUSY to the end of SEM_WAIT
  input  logic             mac_i,
  input  logic [Ports-1:0] read_beat_i,
  input  logic [Ports-1:0] write_beat_i,
  input  logic             instruction_i,

  input  logic             rd_valid_i,      // not more often than every third cycle
  input  logic [5:0]       rd_index_i,
  output logic [31:0]      rd_count_o,      // three cycles later
  output logic [31:0]      mac_o,
  output logic [31:0]      read_o,
  output logic [31:0]      write_o,
  output logic [31:0]      instructions_o
);
  localparam int unsigned Small = 7;

  (* ram_style = "distributed" *) logic [31:0] mem [64];

  logic [63:0] plane_q [Small];
  logic [63:0] plane_d [Small];
  logic [63:0] event_q, ripple, keep, used_q;
  logic [5:0]  turn_q, visit_q, sum_visit_q;
  logic        rd_q, sum_rd_q, sum_valid_q;
  logic [6:0]  small_count, small_q;
  logic [31:0] word, word_q, sum, rd_count_q;

  assign keep = ~(64'd1 << visit_q);
  assign sum  = word_q + 32'(small_q);

  always_comb begin
    for (int unsigned b = 0; b < Small; b++) small_count[b] = plane_q[b][visit_q];
    word = used_q[visit_q] ? mem[visit_q] : 32'd0;
    // A read may visit what the visit before has not written yet.
    if (sum_valid_q && sum_visit_q == visit_q) word = sum;
  end

  always_comb begin
    ripple = event_q;
    for (int unsigned b = 0; b < Small; b++) begin
      plane_d[b] = (plane_q[b] & keep) ^ ripple;
      ripple    &= plane_q[b] & keep;
    end
  end

  // All events count a cycle late: they come from ends of long ways.
  always_ff @(posedge clk_i) event_q <= event_i;

  always_ff @(posedge clk_i) begin
    visit_q     <= rd_valid_i ? rd_index_i : turn_q;
    rd_q        <= rd_valid_i;
    word_q      <= word;
    small_q     <= small_count;
    sum_visit_q <= visit_q;
    sum_rd_q    <= rd_q;
    mem[sum_visit_q] <= sum;
    if (sum_rd_q) rd_count_q <= sum;
  end

  // What is zeroed while a sum is on its way stays zero: its word does not count as used, and it is not handed to the next visit.
  always_ff @(posedge clk_i) begin
    sum_valid_q <= rst_ni && !zero_i;
    if (!rst_ni || zero_i) begin
      turn_q <= '0;
      used_q <= '0;
      for (int unsigned b = 0; b < Small; b++) plane_q[b] <= '0;
    end else begin
      if (!rd_valid_i) turn_q <= turn_q + 1'b1;
      used_q <= used_q | ~keep;
      for (int unsigned b = 0; b < Small; b++) plane_q[b] <= plane_d[b];
    end
  end

  assign rd_count_o = rd_count_q;

  logic [31:0] mac_q, read_q, write_q, instructions_q, read_beats, write_beats;

  logic             mac_event_q, instruction_event_q;
  logic [Ports-1:0] read_event_q, write_event_q;
  always_ff @(posedge clk_i) begin
    mac_event_q         <= mac_i;
    read_event_q        <= read_beat_i;
    write_event_q       <= write_beat_i;
    instruction_event_q <= instruction_i;
  end

  always_comb begin
    read_beats  = '0;
    write_beats = '0;
    for (int unsigned p = 0; p < Ports; p++) begin
      read_beats  = read_beats + 32'(read_event_q[p]);
      write_beats = write_beats + 32'(write_event_q[p]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || zero_i) begin
      mac_q          <= '0;
      read_q         <= '0;
      write_q        <= '0;
      instructions_q <= '0;
    end else begin
      mac_q          <= mac_q + 32'(mac_event_q);
      read_q         <= read_q + read_beats;
      write_q        <= write_q + write_beats;
      instructions_q <= instructions_q + 32'(instruction_event_q);
    end
  end

  assign mac_o          = mac_q;
  assign read_o         = read_q;
  assign write_o        = write_q;
  assign instructions_o = instructions_q;
endmodule
