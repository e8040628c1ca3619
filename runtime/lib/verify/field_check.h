// Stage 1 of the verifier: each instruction on its own, against the core and the segments; order of CONV_GEO, CONV_EPI, END.
#pragma once

#include "findings.h"

namespace agc::runtime {

void checkFields(const Program& program, const RunningCode& running, Findings& findings);

}  // namespace agc::runtime
