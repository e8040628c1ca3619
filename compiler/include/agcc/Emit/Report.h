// What a user reads about a compiled program.
#pragma once

#include <string>

#include "agcc/Emit/Assembly.h"
#include "agcc/Emit/Prediction.h"

namespace agc::emit {

/// A table of layers with totals below.
std::string reportText(const Assembly &assembly, const Prediction &prediction, const std::string &model, int64_t programBytes);

/// The same as JSON.
std::string reportJson(const Assembly &assembly, const Prediction &prediction, const std::string &model, int64_t programBytes);

}  // namespace agc::emit
