// Fixed latencies of the core's pipelines, in cycles, as the Verilog has them. They do not depend on shapes, models or core sizes.
#pragma once

#include <cstdint>

namespace agc::runtime::delays {

// Fetch unit and queues.
constexpr uint64_t fetchFirstAsk = 6;      // doorbell to the first burst chosen
constexpr uint64_t fetchAskSpacing = 4;    // steps in which the fetch unit plans a burst; from a LOOP to its first one, too
constexpr uint64_t fetchBufferWords = 64;  // prefetch buffer
constexpr uint64_t instructionWords = 4;
constexpr uint64_t fetchCheck = 3;         // last word of an instruction taken from the buffer to its dispatch
constexpr uint64_t roomRegister = 1;       // room in a full queue to the fetch unit
constexpr uint64_t grantSpacing = 2;       // one engine's waits are granted every other cycle
constexpr uint64_t grantToCommand = 2;     // decision to the offer to the engine
constexpr uint64_t headLeaves = 1;         // command taken to its place in the queue's head free
constexpr uint32_t dmaInFlight = 4;        // instructions that a DMA engine has begun and not finished
constexpr uint32_t convInFlight = 8;       // the same for the convolution engine

// DMA engines.
constexpr uint64_t firstRow = 3;           // command taken to its first row at the burst splitter
constexpr uint64_t loadPrepare = 3;        // the same in front of LOAD with split and LOAD_FOLD: command offered to command taken
constexpr uint64_t addressRegister = 1;    // burst chosen to its address at the port
constexpr uint64_t shareRegister = 1;      // the same for the register of the shared read port
constexpr uint64_t shareExtraBursts = 4;   // open bursts of the shared read port beyond two engines' worth
constexpr uint64_t readSlice = 1;          // data beat at the port to its word out of the engine
constexpr uint64_t loadSlice = 1;          // word of a LOAD out of the engine to it written in the scratchpad
constexpr uint64_t burstAccount = 2;       // last word of a burst of weights taken to its instruction seen without open bursts
constexpr uint64_t openBurstLeaves = 1;    // last word of a burst taken to its place among the open ones free
constexpr uint64_t routerAccount = 1;      // room for a burst of weights at its port to its end known to the choice among ports
constexpr uint64_t overlapRegister = 1;    // weights complete to a WLOAD that writes where they lie
constexpr uint64_t storeLength = 1;        // write address taken to its length known to the data side
constexpr uint64_t storeSlice = 1;         // word wanted by STORE to its request at the scratchpad
constexpr uint64_t scratchpadRead = 4;     // read taken by the scratchpad to its word usable
constexpr uint64_t doneRegister = 1;       // last event of an instruction to the report of its completion
constexpr uint64_t reportLeaves = 2;       // LOAD complete to the earliest last word of the next one, WLOAD to the next one complete: the report must have left
constexpr uint64_t postRegister = 1;       // report to the semaphores' input

// End of program.
constexpr uint64_t endRegister = 3;        // END reached and everything idle to done

// Convolution engine.
constexpr uint64_t convPrepare = 10;       // command taken to its tile ready for the loops
constexpr uint64_t convMultiply = 13;      // last reading beat to the accumulators handed to the drain
constexpr uint64_t convReadBehind = 8;     // last word of a tile written to the next one's first residual or partial sum at the drain
constexpr uint64_t convDrain = 29;         // pixel taken from the shadow set to its word written
constexpr uint64_t convDrainTable = 2;     // more with a table ...
constexpr uint64_t convDrainProduct = 5;   // ... and with a product in the second stage
constexpr uint64_t partialDrain = 5;       // the same for partial sums
constexpr uint64_t convRegisters = 1;      // CONV_GEO, CONV_EPI: engine drained to complete
constexpr uint64_t convTable = 36;         // CONV_TABLE: the same

}  // namespace agc::runtime::delays
