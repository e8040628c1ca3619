// Which of nested loops end with a step: the AND of the step and of the last-turn flags of all loops inside. A module of its own, so that
// each output is mapped flat and not through the one before, which matters to registers that all hang on the outermost ones.
module agc_loop_ends #(
  parameter int unsigned Loops = 2
) (
  input  logic             step_i,
  input  logic [Loops-1:0] last_i,  // this is the loop's last turn; 0: the innermost loop
  output logic [Loops:0]   end_o    // k: the innermost k loops end
);
  assign end_o[0] = step_i;
  for (genvar k = 1; k <= Loops; k++) begin : gen_loop
    assign end_o[k] = step_i && &last_i[k-1:0];
  end
endmodule
