// Event counters: 64 of 32 bits behind 64 event lines, and four totals.
//
//   events -> 64 small counters of 7 bits -> one visit a cycle in turn adds a small counter to its 32-bit word in distributed RAM
//
// A read steals the visit of its cycle and gets the sum, so what is read is exact. A counter is visited at least every 96 cycles (64, and
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
  output logic [31:0]      rd_count_o,      // in the next cycle
  output logic [31:0]      mac_o,
  output logic [31:0]      read_o,
  output logic [31:0]      write_o,
  output logic [31:0]      instructions_o
);
  localparam int unsigned Small = 7;

  (* ram_style = "distributed" *) logic [31:0] mem [64];

  logic [63:0] plane_q [Small];
  logic [63:0] plane_d [Small];
  logic [63:0] ripple, keep, used_q;
  logic [5:0]  turn_q, visit;
  logic [6:0]  small_count;
  logic [31:0] sum, rd_count_q;

  assign visit = rd_valid_i ? rd_index_i : turn_q;
  assign keep  = ~(64'd1 << visit);
  assign sum   = (used_q[visit] ? mem[visit] : 32'd0) + 32'(small_count);

  always_comb begin
    for (int unsigned b = 0; b < Small; b++) small_count[b] = plane_q[b][visit];
  end

  always_comb begin
    ripple = event_i;
    for (int unsigned b = 0; b < Small; b++) begin
      plane_d[b] = (plane_q[b] & keep) ^ ripple;
      ripple    &= plane_q[b] & keep;
    end
  end

  always_ff @(posedge clk_i) begin
    mem[visit] <= sum;
    if (rd_valid_i) rd_count_q <= sum;
  end

  always_ff @(posedge clk_i) begin
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

  always_comb begin
    read_beats  = '0;
    write_beats = '0;
    for (int unsigned p = 0; p < Ports; p++) begin
      read_beats  = read_beats + 32'(read_beat_i[p]);
      write_beats = write_beats + 32'(write_beat_i[p]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || zero_i) begin
      mac_q          <= '0;
      read_q         <= '0;
      write_q        <= '0;
      instructions_q <= '0;
    end else begin
      mac_q          <= mac_q + 32'(mac_i);
      read_q         <= read_q + read_beats;
      write_q        <= write_q + write_beats;
      instructions_q <= instructions_q + 32'(instruction_i);
    end
  end

  assign mac_o          = mac_q;
  assign read_o         = read_q;
  assign write_o        = write_q;
  assign instructions_o = instructions_q;
endmodule
