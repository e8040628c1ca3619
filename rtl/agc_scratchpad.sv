// Activation scratchpad: `Banks` true dual port banks of 64-bit words, bank = word address mod Banks.
//
// Port A belongs to the convolution's input reads: every bank has its own address, one enable freezes RAMs and output registers together.
// Port B is shared by the clients below; clients that meet on one bank in one cycle are arbitrated, different banks work in parallel.
//
//            cycle 0          cycle 1         cycle 2         cycle 3
//   port B   valid & ready -> bank request -> RAM output   -> rvalid, rdata         (reads, in order, no back-pressure)
//                             RAM is written: a read that is granted after a write was granted sees it
//
// Arbitration: the client that a free-running counter points at wins where it asks, otherwise the lowest number. A client that holds its
// request is served within `Clients` cycles, and residual reads and write-back (clients 0 and 1) are ahead most of the time. A write that
// waits a cycle costs nothing; a read that does leaves a gap in the drain, which comes back as one in its writes, so that both streams may
// meet on a bank again and again.
//
// Clients: 0 convolution read, 1 convolution write, 2 LOAD write, 3 STORE read, 4 and 5 free. A client in neither mask gets no logic and is never
// ready. Only a client in both masks looks at its b_we_i. Clients check the range of their addresses: what lies above the last bank word wraps.
module agc_scratchpad #(
  parameter int unsigned Banks = 8,              // power of two, at least 2
  parameter int unsigned BankWords = 4096,       // power of two
  parameter int unsigned Clients = 6,
  parameter bit [Clients-1:0] ReadMask = Clients'('b001001),
  parameter bit [Clients-1:0] WriteMask = Clients'('b000110),
  localparam int unsigned BankAw = $clog2(BankWords)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    a_en_i,
  input  logic [Banks*BankAw-1:0] a_addr_i,
  output logic [Banks*64-1:0]     a_rdata_o,

  input  logic [Clients-1:0]      b_valid_i,
  output logic [Clients-1:0]      b_ready_o,
  input  logic [Clients-1:0]      b_we_i,
  input  logic [Clients*20-1:0]   b_addr_i,      // word address
  input  logic [Clients*64-1:0]   b_wdata_i,
  output logic [Clients-1:0]      b_rvalid_o,
  output logic [Clients*64-1:0]   b_rdata_o
);

  localparam int unsigned BankBits = $clog2(Banks);
  localparam bit [Clients-1:0] UsedMask = ReadMask | WriteMask;

  // The turn: one hot, walks over the clients.
  logic [Clients-1:0] turn_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) turn_q <= Clients'(1);
    else turn_q <= {turn_q[Clients-2:0], turn_q[Clients-1]};
  end

  // want[b][c]: client c asks for bank b; grant likewise.
  logic [Banks-1:0][Clients-1:0] want, grant;
  always_comb begin
    for (int unsigned b = 0; b < Banks; b++) begin
      for (int unsigned c = 0; c < Clients; c++) begin
        want[b][c] = UsedMask[c] && b_valid_i[c] && b_addr_i[20*c+:BankBits] == BankBits'(b);
      end
      // The client whose turn it is, or the first one. Spelled out, because a subtraction takes a carry chain, which is slower for so few.
      for (int unsigned c = 0; c < Clients; c++) begin
        logic yields;
        yields = |(want[b] & turn_q);
        for (int unsigned d = 0; d < c; d++) yields |= want[b][d];
        grant[b][c] = want[b][c] && (turn_q[c] || !yields);
      end
    end
  end

  // The same choice client by client, for those who wait for it: who goes before c and asks for the same bank? The way through the banks is
  // longer, because a grant has a word's address and data for sinks.
  always_comb begin
    for (int unsigned c = 0; c < Clients; c++) begin
      logic yields;
      yields = 1'b0;
      for (int unsigned d = 0; d < Clients; d++) begin
        if (d != c && UsedMask[d])
          yields |= b_valid_i[d] && (turn_q[d] || d < c) && b_addr_i[20*d+:BankBits] == b_addr_i[20*c+:BankBits];
      end
      b_ready_o[c] = UsedMask[c] && b_valid_i[c] && (turn_q[c] || !yields);
    end
  end

  // Request registers, one set per bank.
  logic [Banks-1:0]             req_en_q, req_we_q;
  logic [Banks-1:0][BankAw-1:0] req_addr_q, req_addr_d;
  logic [Banks-1:0][63:0]       req_wdata_q, req_wdata_d;
  logic [Banks-1:0]             req_we_d;
  always_comb begin
    req_addr_d = '0;
    req_wdata_d = '0;
    req_we_d = '0;
    for (int unsigned b = 0; b < Banks; b++) begin
      for (int unsigned c = 0; c < Clients; c++) begin
        if (UsedMask[c]) begin
          req_addr_d[b] |= b_addr_i[20*c+BankBits+:BankAw] & {BankAw{grant[b][c]}};
        end
        if (WriteMask[c]) begin
          req_wdata_d[b] |= b_wdata_i[64*c+:64] & {64{grant[b][c]}};
          req_we_d[b] |= grant[b][c] & (b_we_i[c] | ~ReadMask[c]);
        end
      end
    end
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned b = 0; b < Banks; b++) begin
      req_en_q[b] <= rst_ni & |grant[b];
      req_we_q[b] <= req_we_d[b];
    end
    req_addr_q <= req_addr_d;
    req_wdata_q <= req_wdata_d;
  end

  logic [Banks-1:0][63:0] b_bank_rdata;
  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    agc_sp_bank #(.Words(BankWords)) u_bank (
      .clk_i,
      .a_en_i,
      .a_addr_i (a_addr_i[BankAw*b+:BankAw]),
      .a_rdata_o(a_rdata_o[64*b+:64]),
      .b_en_i   (req_en_q[b]),
      .b_we_i   (req_we_q[b]),
      .b_addr_i (req_addr_q[b]),
      .b_wdata_i(req_wdata_q[b]),
      .b_rdata_o(b_bank_rdata[b])
    );
  end

  // Read returns: the bank number follows the request for three cycles.
  for (genvar c = 0; c < Clients; c++) begin : gen_return
    if (ReadMask[c]) begin : gen_read
      logic [2:0]          valid_q;
      logic [BankBits-1:0] bank1_q, bank2_q, bank3_q;
      always_ff @(posedge clk_i) begin
        if (!rst_ni) valid_q <= '0;
        else valid_q <= {valid_q[1:0], b_valid_i[c] & b_ready_o[c] & ~(WriteMask[c] & b_we_i[c])};
        bank1_q <= b_addr_i[20*c+:BankBits];
        bank2_q <= bank1_q;
        bank3_q <= bank2_q;
      end
      assign b_rvalid_o[c] = valid_q[2];
      assign b_rdata_o[64*c+:64] = b_bank_rdata[bank3_q];
    end else begin : gen_none
      assign b_rvalid_o[c] = 1'b0;
      assign b_rdata_o[64*c+:64] = '0;
    end
  end

  // Address bits above the last word, and data and direction of clients that do not write.
  logic unused;
  assign unused = ^{b_addr_i, b_wdata_i, b_we_i, b_valid_i};

endmodule
