// Register slice with two entries: cuts the data and the ready path of a stream without losing a beat.
module agc_skid #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);
  logic             out_valid_q, spare_valid_q;
  logic             ready_q;   // the spare one is free: a register of its own, because the data hang on spare_valid_q
  logic [Width-1:0] out_q, spare_q;

  assign in_ready_o  = ready_q;
  assign out_valid_o = out_valid_q;
  assign out_data_o  = out_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q   <= 1'b0;
      spare_valid_q <= 1'b0;
      ready_q       <= 1'b1;
    end else if (!out_valid_q || out_ready_i) begin
      out_valid_q   <= spare_valid_q || in_valid_i;
      spare_valid_q <= 1'b0;
      ready_q       <= 1'b1;
    end else if (in_valid_i) begin
      spare_valid_q <= 1'b1;
      ready_q       <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!out_valid_q || out_ready_i) out_q <= spare_valid_q ? spare_q : in_data_i;
    if (!spare_valid_q) spare_q <= in_data_i;
  end
endmodule
