#include "agc/runtime/verifier.h"

#include "agc/isa/error.h"
#include "data_check.h"
#include "field_check.h"
#include "order.h"

namespace agc::runtime {

std::vector<std::string> verify(const Program& program, const VerifierLimits& limits) {
  const RunningCode running(program);
  Findings findings(program, running, limits.findings);
  Order order;
  if (running.order().problem() != isa::LoopOrder::Problem::None)
    findings.atCode(running.order().problemLoop(), "{}", running.order().problemText());
  if (findings.empty()) checkFields(program, running, findings);
  if (findings.empty()) order.build(program, running, findings);
  if (findings.empty()) checkData(program, running, order, limits, findings);
  return findings.take();
}

void verifyOrThrow(const Program& program, const std::string& name) {
  const auto findings = verify(program);
  if (findings.empty()) return;
  std::string more;
  if (findings.size() > 1) more = fmt::format(" ({} more; agc-objdump --verify lists them)", findings.size() - 1);
  throw Error(fmt::format("{}: the program is refused: {}{}", name, findings.front(), more));
}

}  // namespace agc::runtime
