#include "agcc/Dialect/Qnn/Sentences.h"

#include <cstdio>

namespace agc::qnn {

void keepOnOneLine(std::vector<std::string> &sentences, size_t first) {
  for (size_t n = first; n < sentences.size(); ++n) {
    std::string shown;
    for (unsigned char c : sentences[n]) {
      char escape[8] = {static_cast<char>(c)};
      if (c < 0x20 || c == 0x7f)
        std::snprintf(escape, sizeof escape, "\\x%02x", c);
      shown += escape;
    }
    sentences[n] = shown;
  }
}

} // namespace agc::qnn
