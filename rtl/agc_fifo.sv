// First-word fall-through FIFO in distributed RAM.
//
//   wr_valid_i/wr_ready_o ->  [ LUTRAM, Depth entries ]  -> rd_valid_o/rd_ready_i
//
// The oldest entry is visible on rd_data_o in the cycle after it was written. Writes while full and reads while empty are ignored.
// clear_i empties it. Depth: any number from 1; the memory is rounded up to a power of two by the mapper.
module agc_fifo #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,

  input  logic             wr_valid_i,
  output logic             wr_ready_o,
  input  logic [Width-1:0] wr_data_i,

  output logic             rd_valid_o,
  input  logic             rd_ready_i,
  output logic [Width-1:0] rd_data_o
);
  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CntW = $clog2(Depth + 1);
  localparam logic [PtrW-1:0] Last = PtrW'(Depth - 1);
  localparam logic [CntW-1:0] Full = CntW'(Depth);

  (* ram_style = "distributed" *) logic [Width-1:0] mem [Depth];

  logic [PtrW-1:0] wr_ptr_q, rd_ptr_q;
  logic [CntW-1:0] count_q;
  logic            room_q, valid_q;   // not full, not empty: registers as they are needed outside
  logic            push, pop;

  assign wr_ready_o = room_q;
  assign rd_valid_o = valid_q;
  assign rd_data_o  = mem[rd_ptr_q];
  assign push       = wr_valid_i && room_q;
  assign pop        = rd_ready_i && valid_q;

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_ptr_q] <= wr_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
      room_q   <= 1'b1;
      valid_q  <= 1'b0;
    end else begin
      if (push) wr_ptr_q <= (wr_ptr_q == Last) ? '0 : wr_ptr_q + 1'b1;
      if (pop)  rd_ptr_q <= (rd_ptr_q == Last) ? '0 : rd_ptr_q + 1'b1;
      if (push && !pop) begin
        count_q <= count_q + 1'b1;
        room_q  <= count_q != Full - 1'b1;
        valid_q <= 1'b1;
      end else if (pop && !push) begin
        count_q <= count_q - 1'b1;
        room_q  <= 1'b1;
        valid_q <= count_q != CntW'(1);
      end
    end
  end
endmodule
