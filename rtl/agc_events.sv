// Event outputs for timelines and statistics: one start and one completion pulse per engine with layer and index of the instruction.
// END starts when it is reached and is complete when the program is.
module agc_events #(
  parameter int unsigned Queues   = 4,   // queue e belongs to engine e + 1
  localparam int unsigned Engines = 7
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,

  input  logic [Queues-1:0]     start_i,
  input  logic [Queues*60-1:0]  start_tag_i,   // {index, layer, posts}
  input  logic [Queues-1:0]     done_i,        // one-hot
  input  logic [59:0]           done_tag_i,
  input  logic                  ended_i,       // END was reached, level
  input  logic                  finished_i,    // the program is complete, pulse
  input  logic [15:0]           end_layer_i,
  input  logic [23:0]           end_index_i,

  output logic [Engines-1:0]    evt_start_o,
  output logic [Engines*16-1:0] evt_start_layer_o,
  output logic [Engines*24-1:0] evt_start_index_o,
  output logic [Engines-1:0]    evt_done_o,
  output logic [Engines*16-1:0] evt_layer_o,
  output logic [Engines*24-1:0] evt_index_o
);
  logic ended_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) ended_q <= 1'b0;
    else                    ended_q <= ended_i;
  end

  always_comb begin
    evt_start_o       = '0;
    evt_start_layer_o = '0;
    evt_start_index_o = '0;
    evt_done_o        = '0;
    evt_layer_o       = '0;
    evt_index_o       = '0;

    evt_start_o[0]          = ended_i && !ended_q;
    evt_start_layer_o[15:0] = end_layer_i;
    evt_start_index_o[23:0] = end_index_i;
    evt_done_o[0]           = finished_i;
    evt_layer_o[15:0]       = end_layer_i;
    evt_index_o[23:0]       = end_index_i;
    for (int unsigned e = 0; e < Queues; e++) begin
      evt_start_o[e + 1]                = start_i[e];
      evt_start_layer_o[(e+1)*16 +: 16] = start_tag_i[e*60 + 20 +: 16];
      evt_start_index_o[(e+1)*24 +: 24] = start_tag_i[e*60 + 36 +: 24];
      evt_done_o[e + 1]                 = done_i[e];
      evt_layer_o[(e+1)*16 +: 16]       = done_tag_i[35:20];
      evt_index_o[(e+1)*24 +: 24]       = done_tag_i[59:36];
    end
  end

  // Posts are no part of an event.
  logic unused_posts;
  assign unused_posts = ^{start_tag_i, done_tag_i};
endmodule
