// docs/ops.md, from the table beside the importer's handlers.
#pragma once

#include <string>
#include <vector>

namespace agc {

// The page. Ops that have a handler and no row in the table are appended to `missing`, and rows without a handler.
std::string opsPage(std::vector<std::string> &missing);

} // namespace agc
