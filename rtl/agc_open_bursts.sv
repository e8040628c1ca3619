// Bursts of a read port that are open, in the order of their addresses, and where the next word goes.
//
//   push_* -> [ FIFO ] -+-> [ next one ] -+-> register of the oldest one: destination of its next word, note
//                       +-----------------+
//
// Both outputs are registers, because words are compared and arbitrated with them. An entry gets there two cycles behind its push at the
// earliest, and no word of a memory comes sooner: its address must be taken in between. The FIFO gives its entry away as soon as the place of the
// next one is free, so the end of a burst, which is known late in a cycle, does not reach the FIFO.
module agc_open_bursts #(
  parameter int unsigned NoteW = 1,    // what goes along with a burst
  parameter int unsigned Depth = 8     // bursts, those in the registers among them; from 3
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,

  input  logic             push_i,     // ignored without room
  output logic             room_o,
  input  logic [19:0]      dst_i,
  input  logic [NoteW-1:0] note_i,

  input  logic             take_i,     // a word is taken
  input  logic             last_i,     // the last one of its burst
  output logic [19:0]      dst_o,      // where this word goes
  output logic [NoteW-1:0] note_o,
  output logic             open_o      // any burst
);
  logic             waiting, head_q, next_q, load;
  logic [19:0]      dst_q, next_dst_q, first;
  logic [NoteW-1:0] note_q, next_note_q, note;

  agc_fifo #(.Width(20 + NoteW), .Depth(Depth > 2 ? Depth - 2 : 1)) u_fifo (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i(push_i),
    .wr_ready_o(room_o),
    .wr_data_i ({dst_i, note_i}),
    .rd_valid_o(waiting),
    .rd_ready_i(!next_q),
    .rd_data_o ({first, note})
  );

  assign load = !head_q || (take_i && last_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      head_q <= 1'b0;
      next_q <= 1'b0;
    end else begin
      if (load) head_q <= next_q || waiting;
      next_q <= !load && (next_q || waiting);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!next_q) begin
      next_dst_q  <= first;
      next_note_q <= note;
    end
    if (load) begin
      dst_q  <= next_q ? next_dst_q : first;
      note_q <= next_q ? next_note_q : note;
    end else if (take_i) begin
      dst_q <= dst_q + 1'b1;
    end
  end

  assign dst_o  = dst_q;
  assign note_o = note_q;
  assign open_o = waiting || next_q || head_q;
endmodule
