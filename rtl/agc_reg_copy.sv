// One of several registers with the same input, each for the sinks of a part of the engine, so that none drives them all.
//
// A module of its own, because synthesis would merge the copies into one register again: Yosys and Vivado keep the hierarchy and so the register.
(* keep_hierarchy = "yes" *)
module agc_reg_copy (
  input  logic clk_i,
  input  logic d_i,
  output logic q_o
);
  (* dont_touch = "true" *) logic value_q;
  always_ff @(posedge clk_i) value_q <= d_i;
  assign q_o = value_q;
endmodule
