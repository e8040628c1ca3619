// Names of the user's graph inside sentences, and a look at JSON before it is parsed.
#pragma once

#include <string>
#include <vector>

namespace agc::runtime {

/// `text` on one line: control characters and backslashes as escapes (\n, \x1b, \\).
std::string oneLine(const std::string& text);

/// `"a"`, each as `oneLine`.
std::string inQuotes(const std::string& text);

/// `"a", "b"`.
std::string inQuotes(const std::vector<std::string>& texts);

/// True when the lists and objects of a JSON text nest deeper than `levels`. Parsers and printers of JSON may take a stack frame a level;
/// nothing that agcc reads needs more than a few.
bool nestsDeeper(const std::string& json, size_t levels = 64);

}  // namespace agc::runtime
