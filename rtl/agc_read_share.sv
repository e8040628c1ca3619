// Several read masters on one AXI port: fixed priority for addresses (lower index first), answers go back in the order of the addresses
// (one ID, so the memory answers in order). The address is registered, so it stays while the memory lets it wait.
module agc_read_share #(
  parameter int unsigned Masters = 2,
  parameter int unsigned Depth   = 16   // open bursts of all masters together
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic [Masters-1:0]    ar_valid_i,
  output logic [Masters-1:0]    ar_ready_o,
  input  logic [Masters*32-1:0] ar_addr_i,
  input  logic [Masters*4-1:0]  ar_len_i,
  output logic [Masters-1:0]    r_valid_o,
  input  logic [Masters-1:0]    r_ready_i,

  output logic                  m_arvalid_o,
  input  logic                  m_arready_i,
  output logic [31:0]           m_araddr_o,
  output logic [3:0]            m_arlen_o,
  input  logic                  m_rvalid_i,
  output logic                  m_rready_o,
  input  logic                  m_rlast_i
);
  logic               valid_q, free, room, owner_valid, pop;
  logic [31:0]        addr_q, addr_d;
  logic [3:0]         len_q, len_d;
  logic [Masters-1:0] pick, owner;

  assign free = (!valid_q || m_arready_i) && room;

  always_comb begin
    pick   = '0;
    addr_d = '0;
    len_d  = '0;
    for (int unsigned k = 0; k < Masters; k++) begin
      if (pick == '0 && ar_valid_i[k]) begin
        pick[k] = 1'b1;
        addr_d  = ar_addr_i[k*32 +: 32];
        len_d   = ar_len_i[k*4 +: 4];
      end
    end
  end

  assign ar_ready_o = free ? pick : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (free && pick != '0) valid_q <= 1'b1;
    else if (m_arready_i) valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (free) begin
      addr_q <= addr_d;
      len_q  <= len_d;
    end
  end

  agc_fifo #(.Width(Masters), .Depth(Depth)) u_owner (
    .clk_i, .rst_ni,
    .clear_i   (1'b0),
    .wr_valid_i(free && pick != '0),
    .wr_ready_o(room),
    .wr_data_i (pick),
    .rd_valid_o(owner_valid),
    .rd_ready_i(pop),
    .rd_data_o (owner)
  );

  assign m_arvalid_o = valid_q;
  assign m_araddr_o  = addr_q;
  assign m_arlen_o   = len_q;
  assign m_rready_o  = owner_valid && |(owner & r_ready_i);
  assign r_valid_o   = (m_rvalid_i && owner_valid) ? owner : '0;
  assign pop         = m_rvalid_i && m_rready_o && m_rlast_i;
endmodule
