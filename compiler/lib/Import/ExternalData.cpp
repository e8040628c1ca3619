#include "ExternalData.h"

#include "GraphOrder.h"
#include "onnx/onnx.pb.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace agc::import {

namespace fs = std::filesystem;

// How often the bytes of one file may be read: tied weights share them, a file made to hurt shares them a thousand times.
static constexpr uint64_t kMaxReads = 4;

namespace {

struct Place {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};

} // namespace

static std::optional<uint64_t> number(const std::string &text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > uint64_t(1) << 62)
    return std::nullopt;
  return value;
}

static std::string placeOf(const onnx::TensorProto &proto, Place &place) {
  for (const onnx::StringStringEntryProto &entry : proto.external_data()) {
    const std::string &key = entry.key();
    if (key == "location") {
      place.location = entry.value();
    } else if (key == "offset" || key == "length") {
      std::optional<uint64_t> value = number(entry.value());
      if (!value)
        return "is stored outside the file with " + key + " '" + printable(entry.value()) + "', which is no number; the file is damaged";
      if (key == "offset")
        place.offset = *value;
      else
        place.length = value;
    }  // "checksum" and what tools add say nothing that is needed
  }
  return {};
}

// The path of `location`, which may not lead out of `folder`, by itself or by symbolic links.
static std::string pathOf(const std::string &folder, const std::string &location, fs::path &path) {
  std::string start = "is stored in '" + printable(location) + "'";
  fs::path relative(location);
  bool inside = !location.empty() && location.find('\0') == std::string::npos && relative.is_relative();
  for (const fs::path &part : relative)
    inside = inside && part != "..";
  if (!inside)
    return start + ", which is no path inside the model's folder; save the model with its data beside it";
  std::error_code error;
  fs::path root = fs::canonical(folder, error);
  if (!error)
    path = fs::canonical(root / relative, error);
  if (error)
    return start + ", which can not be opened (" + error.message() + "); copy that file into the model's folder";
  auto [rest, unused] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (rest != root.end())
    return start + ", a link that leads out of the model's folder; copy the file itself there";
  if (!fs::is_regular_file(path, error) || error)
    return start + ", which is no file; copy the data into the model's folder";
  return {};
}

std::string ExternalData::read(const onnx::TensorProto &proto, int64_t bytes, std::string &data) {
  if (folder.empty())
    return "is stored outside the file; save the model in one file: onnx.save(onnx.load(path), out, save_as_external_data=False)";
  Place place;
  fs::path path;
  if (std::string why = placeOf(proto, place); !why.empty())
    return why;
  if (std::string why = pathOf(folder, place.location, path); !why.empty())
    return why;
  std::string start = "is stored in '" + printable(place.location) + "'";
  uint64_t needed = static_cast<uint64_t>(bytes);
  if (place.length && *place.length != needed)
    return start + " with " + std::to_string(*place.length) + " bytes where its shape needs " + std::to_string(needed) + "; the model is damaged";
  std::error_code error;
  uint64_t size = fs::file_size(path, error);
  if (error || place.offset > size || size - place.offset < needed)
    return start + " from byte " + std::to_string(place.offset) + " on, but the file has " + std::to_string(error ? 0 : size) + " bytes and " +
           std::to_string(needed) + " are needed; it is cut short or belongs to another model";
  uint64_t &sum = taken[path.string()];
  sum += needed;
  if (sum > kMaxReads * size)
    return start + ", whose bytes are used by so many tensors that the model is damaged";
  std::ifstream file(path, std::ios::binary);
  data.resize(needed);
  if (!file || !file.seekg(static_cast<std::streamoff>(place.offset)) || (needed && !file.read(data.data(), static_cast<std::streamsize>(needed))))
    return start + ", which can not be read; check its permissions";
  return {};
}

} // namespace agc::import
