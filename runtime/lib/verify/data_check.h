// Stage 3 of the verifier: every word that is touched. Overlapping accesses are ordered, nothing unwritten is read, weights and
// parameters are valid, outputs are complete.
#pragma once

#include "agc/runtime/verifier.h"

#include "findings.h"
#include "order.h"

namespace agc::runtime {

/// Relies on stages 1 and 2 having found nothing.
void checkData(const Program& program, const RunningCode& running, const Order& order, const VerifierLimits& limits, Findings& findings);

}  // namespace agc::runtime
