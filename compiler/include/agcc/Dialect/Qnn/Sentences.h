// Sentences about a model, which may hold names from it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace agc::qnn {

// Control characters of the sentences from number `first` on become escapes such as \x0a: a name of the model cannot end a line
// or speak to the terminal.
void keepOnOneLine(std::vector<std::string> &sentences, size_t first);

} // namespace agc::qnn
