#include "agc/runtime/text.h"

#include <fmt/format.h>

namespace agc::runtime {

std::string oneLine(const std::string& text) {
  std::string shown;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      shown += "\\n";
    else if (c == '\\')
      shown += "\\\\";
    else if (byte < 0x20 || byte == 0x7f)
      shown += fmt::format("\\x{:02x}", byte);
    else
      shown += c;
  }
  return shown;
}

std::string inQuotes(const std::string& text) { return '"' + oneLine(text) + '"'; }

std::string inQuotes(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& t : texts) all += (all.empty() ? "" : ", ") + inQuotes(t);
  return all;
}

bool nestsDeeper(const std::string& json, size_t levels) {
  size_t depth = 0;
  bool inText = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inText && c == '\\')
      ++i;
    else if (c == '"')
      inText = !inText;
    else if (!inText && (c == '[' || c == '{') && ++depth > levels)
      return true;
    else if (!inText && (c == ']' || c == '}') && depth > 0)
      --depth;
  }
  return false;
}

}  // namespace agc::runtime
