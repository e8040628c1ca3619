// Destinations of the instructions that are begun and not complete. The words of two instructions may land in any order, so one that
// writes where an earlier one still writes has to wait for it.
module agc_ranges #(
  parameter int unsigned Slots = 4,
  parameter int unsigned Width = 16,
  localparam int unsigned IdW  = $clog2(Slots)
) (
  input  logic             clk_i,

  input  logic             set_i,      // an instruction begins
  input  logic [IdW-1:0]   id_i,       // in this slot
  input  logic [Width-1:0] first_i,    // it writes first_i .. first_i + count_i - 1
  input  logic [Width-1:0] count_i,    // at least 1
  input  logic [Slots-1:0] live_i,     // slots in use
  output logic             overlap_o   // it writes where one of these does
);
  logic [Width-1:0] first_q [Slots];
  logic [Width:0]   end_q [Slots];
  logic [Width:0]   last_end;

  assign last_end = {1'b0, first_i} + {1'b0, count_i};

  always_comb begin
    overlap_o = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (live_i[s] && {1'b0, first_i} < end_q[s] && {1'b0, first_q[s]} < last_end) overlap_o = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (set_i) begin
      first_q[id_i] <= first_i;
      end_q[id_i]   <= last_end;
    end
  end
endmodule
