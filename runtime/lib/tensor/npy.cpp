#include "agc/runtime/npy.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agc/isa/error.h"

namespace agc::runtime {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6;
constexpr size_t kMaxHeaderBytes = size_t{1} << 20;

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<uint64_t> shape;
};

/// Reads the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Header parse() {
    std::optional<std::string> descr;
    std::optional<bool> order;
    std::optional<std::vector<uint64_t>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !descr) {
        if (peek() == '[') throw Error("it holds records; only plain arrays can be used");
        descr = string();
      } else if (key == "fortran_order" && !order) {
        order = boolean();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        damaged();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (peek() != '\0' || !descr || !order || !shape) damaged();
    return {*descr, *order, *shape};
  }

 private:
  [[noreturn]] static void damaged() { throw Error("its .npy header is damaged"); }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') damaged();
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) damaged();
    std::string s(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return s;
  }
  bool boolean() {
    peek();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    damaged();
  }
  std::vector<uint64_t> tuple() {
    std::vector<uint64_t> values;
    expect('(');
    while (!accept(')')) {
      if (!std::isdigit(static_cast<unsigned char>(peek()))) damaged();
      uint64_t v = 0;
      for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
        if (v > (uint64_t{1} << 56)) damaged();
        v = 10 * v + uint64_t(text_[at_] - '0');
      }
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
      values.push_back(v);
      if (values.size() > 64) damaged();
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text_;
  size_t at_ = 0;
};

/// "float64 (<f8)" where the name is known.
std::string descrName(const std::string& descr) {
  std::string shown;
  for (char c : descr) shown += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
  if (shown.size() > 40) shown = shown.substr(0, 40) + "...";
  if (descr.size() < 3) return shown;
  const std::string kind = descr.substr(1);
  static const std::pair<const char*, const char*> kNames[] = {
      {"f2", "float16"}, {"f4", "float32"}, {"f8", "float64"}, {"i1", "int8"},   {"u1", "uint8"},  {"i2", "int16"},
      {"u2", "uint16"},  {"i4", "int32"},   {"u4", "uint32"},  {"i8", "int64"}, {"u8", "uint64"}, {"b1", "bool"}};
  for (const auto& [code, name] : kNames)
    if (kind == code) return fmt::format("{}{} ({})", descr[0] == '>' ? "big-endian " : "", name, shown);
  return shown;
}

bool matches(const std::string& descr, ElementType type) {
  switch (type) {
    case ElementType::Float32: return descr == "<f4";
    case ElementType::Int8: return descr.size() == 3 && descr.substr(1) == "i1";
    case ElementType::Uint8: return descr.size() == 3 && descr.substr(1) == "u1";
  }
  return false;
}

std::string tupleText(const std::vector<uint64_t>& shape) {
  return shape.size() == 1 ? fmt::format("({},)", shape[0]) : fmt::format("({})", fmt::join(shape, ", "));
}

/// Fortran order to C order: the file's first index runs fastest.
std::vector<uint8_t> reordered(const uint8_t* source, const std::vector<uint64_t>& shape, size_t elementSize) {
  const size_t rank = shape.size();
  std::vector<uint64_t> stride(rank, 1), index(rank, 0);
  uint64_t total = 1;
  for (size_t d = 0; d < rank; ++d) {
    stride[d] = total;
    total *= shape[d];
  }
  std::vector<uint8_t> out(total * elementSize);
  uint64_t from = 0;
  for (uint64_t n = 0; n < total; ++n) {
    std::memcpy(out.data() + n * elementSize, source + from * elementSize, elementSize);
    for (size_t d = rank; d-- > 0;) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return out;
}

}  // namespace

Array parseNpy(const uint8_t* data, size_t size, ElementType type, const std::vector<uint64_t>& shape) {
  if (size < kMagicBytes + 2 || std::memcmp(data, kMagic, kMagicBytes) != 0) throw Error("it is not an .npy file");
  const unsigned version = data[kMagicBytes];
  if (version < 1 || version > 3) throw Error(fmt::format("it is an .npy file of version {}; versions 1 to 3 are known", version));
  const size_t lengthBytes = version == 1 ? 2 : 4, lengthAt = kMagicBytes + 2;
  if (size < lengthAt + lengthBytes) throw Error("it is cut short inside its header");
  size_t headerBytes = 0;
  for (size_t b = lengthBytes; b-- > 0;) headerBytes = headerBytes << 8 | data[lengthAt + b];
  const size_t headerAt = lengthAt + lengthBytes;
  if (headerBytes > kMaxHeaderBytes) throw Error("its .npy header is damaged");
  if (size - headerAt < headerBytes) throw Error("it is cut short inside its header");
  const Header header = HeaderParser({reinterpret_cast<const char*>(data) + headerAt, headerBytes}).parse();

  if (!matches(header.descr, type))
    throw Error(fmt::format("it holds {} but {} is needed; convert it first, values are never cast silently", descrName(header.descr), elementTypeName(type)));
  if (header.shape != shape) throw Error(fmt::format("it has shape {} but {} is needed", tupleText(header.shape), tupleText(shape)));

  Array array{type, shape, {}};
  uint64_t bytes = elementBytes(type);
  for (uint64_t d : shape) bytes *= d;
  const size_t dataAt = headerAt + headerBytes;
  if (size - dataAt != bytes)
    throw Error(fmt::format("it is {}: shape {} has {} bytes of data, the file {}", size - dataAt < bytes ? "cut short" : "too long", tupleText(shape), bytes, size - dataAt));
  if (header.fortranOrder)
    array.data = reordered(data + dataAt, shape, elementBytes(type));
  else
    array.data.assign(data + dataAt, data + size);
  return array;
}

std::vector<uint8_t> formatNpy(const Array& array) {
  const char* descr = array.type == ElementType::Float32 ? "<f4" : array.type == ElementType::Int8 ? "|i1" : "|u1";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr, tupleText(array.shape));
  // Like NumPy: room to grow the first dimension in place, then 64-byte alignment of the data.
  if (!array.shape.empty()) header.append(21 - fmt::format("{}", array.shape[0]).size(), ' ');
  const size_t prefix = kMagicBytes + 4;
  header.append(64 - (prefix + header.size() + 1) % 64, ' ');
  header += '\n';
  std::vector<uint8_t> file(prefix + header.size() + array.data.size());
  std::memcpy(file.data(), kMagic, kMagicBytes);
  file[kMagicBytes] = 1;
  file[prefix - 2] = uint8_t(header.size() & 255);
  file[prefix - 1] = uint8_t(header.size() >> 8);
  std::memcpy(file.data() + prefix, header.data(), header.size());
  std::copy(array.data.begin(), array.data.end(), file.begin() + ptrdiff_t(prefix + header.size()));
  return file;
}

}  // namespace agc::runtime
