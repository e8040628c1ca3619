// Names of the user's graph inside sentences.
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

}  // namespace agc::runtime
