#include "agc/runtime/png_image.h"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <png.h>

#include "agc/isa/error.h"

namespace agc::runtime {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr uint64_t kMaxSide = 1 << 16;
constexpr size_t kLeastChunkLimit = 1 << 20;  // a small file may hold a compressed colour profile

/// What libpng's callbacks see. libpng leaves by longjmp, so everything with a destructor lives outside of the frames that it
/// jumps over.
struct Reader {
  const uint8_t* data;
  size_t size, at = 0;
  std::string problem{};
};

struct Writer {
  std::vector<uint8_t> bytes{};
  std::string problem{};
};

template <typename Context>
void onError(png_structp png, png_const_charp message) {
  static_cast<Context*>(png_get_error_ptr(png))->problem = message;
  png_longjmp(png, 1);
}

void onWarning(png_structp, png_const_charp) {}

void onRead(png_structp png, png_bytep out, size_t bytes) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (reader->size - reader->at < bytes) png_error(png, "it is cut short");
  std::memcpy(out, reader->data + reader->at, bytes);
  reader->at += bytes;
}

void onWrite(png_structp png, png_bytep in, size_t bytes) {
  auto* writer = static_cast<Writer*>(png_get_io_ptr(png));
  writer->bytes.insert(writer->bytes.end(), in, in + bytes);
}

void onFlush(png_structp) {}

struct Info {
  uint32_t width, height;
  int depth, colour;
  bool transparent;
};

/// Reads the chunks before the pixels. Free of objects with destructors, as is decodePixels.
bool decodeInfo(png_structp png, png_infop info, Info* out) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_info(png, info);
  png_uint_32 width = 0, height = 0;
  png_get_IHDR(png, info, &width, &height, &out->depth, &out->colour, nullptr, nullptr, nullptr);
  out->width = width;
  out->height = height;
  out->transparent = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  return true;
}

bool decodePixels(png_structp png, uint8_t* pixels, size_t rowBytes, uint32_t height) {
  if (setjmp(png_jmpbuf(png))) return false;
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass)
    for (uint32_t y = 0; y < height; ++y) png_read_row(png, pixels + size_t(y) * rowBytes, nullptr);
  png_read_end(png, nullptr);
  return true;
}

bool encode(png_structp png, png_infop info, const uint8_t* pixels, uint32_t width, uint32_t height, size_t channels) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_IHDR(png, info, width, height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; ++y) png_write_row(png, pixels + size_t(y) * width * channels);
  png_write_end(png, info);
  return true;
}

/// libpng makes room for a chunk before it looks whether the file holds as much, up to 2 GiB; so this is looked at first.
void checkChunks(const uint8_t* data, size_t size) {
  constexpr size_t frame = 12;  // length, type, checksum
  for (size_t at = kSignatureBytes; at < size;) {
    if (size - at < frame) throw Error("it is a damaged PNG: it is cut short");
    const size_t length = size_t{data[at]} << 24 | size_t{data[at + 1]} << 16 | size_t{data[at + 2]} << 8 | data[at + 3];
    if (length > size - at - frame) throw Error("it is a damaged PNG: it is cut short");
    if (std::memcmp(data + at + 4, "IEND", 4) == 0) return;  // what follows is not read
    at += frame + length;
  }
}

void checkInfo(const Info& info, const std::vector<uint64_t>& shape) {
  if (info.colour == PNG_COLOR_TYPE_PALETTE) throw Error("it is a picture with a palette; save it as 8-bit RGB or grey");
  if ((info.colour & PNG_COLOR_MASK_ALPHA) || info.transparent) throw Error("it has an alpha channel (transparency); save it without, as 8-bit RGB or grey");
  if (info.depth != 8) throw Error(fmt::format("it has {} bits per channel; save it with 8", info.depth));
  const uint64_t channels = info.colour == PNG_COLOR_TYPE_RGB ? 3 : 1;
  if (channels != shape[1])
    throw Error(fmt::format("it is {} but the tensor has shape {}", channels == 3 ? "an RGB picture" : "a grey picture", shapeText(shape)));
  if (info.width != shape[3] || info.height != shape[2])
    throw Error(fmt::format("it is {} wide and {} high but the tensor has shape {}: {} wide and {} high", info.width, info.height, shapeText(shape), shape[3], shape[2]));
}

}  // namespace

void requirePngShape(const std::vector<uint64_t>& shape) {
  if (shape.size() != 4 || shape[0] != 1 || (shape[1] != 1 && shape[1] != 3) || shape[2] > kMaxSide || shape[3] > kMaxSide)
    throw Error(fmt::format("a PNG is a tensor 1x3xHxW or 1x1xHxW, this one has shape {}; use an .npy file", shapeText(shape)));
}

Array parsePng(const uint8_t* data, size_t size, ElementType type, const std::vector<uint64_t>& shape) {
  requirePngShape(shape);
  if (size < kSignatureBytes || png_sig_cmp(data, 0, kSignatureBytes) != 0) throw Error("it is not a PNG file");
  checkChunks(data, size);
  Reader reader{data, size};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, onError<Reader>, onWarning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  struct Guard {
    png_structp* png;
    png_infop* info;
    ~Guard() { png_destroy_read_struct(png, info, nullptr); }
  } guard{&png, &info};
  if (!info) throw Error("there is no memory to decode it");
  png_set_read_fn(png, &reader, onRead);
  png_set_user_limits(png, kMaxSide, kMaxSide);
  // What a chunk may become when it is decompressed.
  png_set_chunk_malloc_max(png, std::max<size_t>(size, kLeastChunkLimit));

  Info picture{};
  if (!decodeInfo(png, info, &picture)) throw Error("it is a damaged PNG: " + reader.problem);
  checkInfo(picture, shape);
  const size_t channels = shape[1], plane = size_t(picture.width) * picture.height;
  std::vector<uint8_t> pixels(plane * channels);
  if (!decodePixels(png, pixels.data(), picture.width * channels, picture.height)) throw Error("it is a damaged PNG: " + reader.problem);

  Array array{type, shape, std::vector<uint8_t>(pixels.size() * elementBytes(type))};
  for (size_t c = 0; c < channels; ++c)
    for (size_t p = 0; p < plane; ++p) {
      const uint8_t byte = pixels[p * channels + c];
      const size_t to = c * plane + p;
      if (type == ElementType::Float32) {
        const float value = float(byte) / 255.0f;
        std::memcpy(array.data.data() + 4 * to, &value, 4);
      } else {
        array.data[to] = byte;
      }
    }
  return array;
}

std::vector<uint8_t> formatPng(const Array& array) {
  requirePngShape(array.shape);
  const size_t channels = array.shape[1], plane = array.shape[2] * array.shape[3];
  std::vector<uint8_t> pixels(plane * channels);
  for (size_t c = 0; c < channels; ++c)
    for (size_t p = 0; p < plane; ++p) {
      const size_t from = c * plane + p;
      uint8_t byte;
      if (array.type == ElementType::Float32) {
        float v;
        std::memcpy(&v, array.data.data() + 4 * from, 4);
        v = v > 0.0f ? std::min(v, 1.0f) : 0.0f;  // false for NaN
        byte = uint8_t(std::lrintf(v * 255.0f));
      } else {
        byte = array.data[from];
      }
      pixels[p * channels + c] = byte;
    }

  Writer writer;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, onError<Writer>, onWarning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  struct Guard {
    png_structp* png;
    png_infop* info;
    ~Guard() { png_destroy_write_struct(png, info); }
  } guard{&png, &info};
  if (!info) throw Error("there is no memory to encode the picture");
  png_set_write_fn(png, &writer, onWrite, onFlush);
  if (!encode(png, info, pixels.data(), uint32_t(array.shape[3]), uint32_t(array.shape[2]), channels))
    throw Error("the picture cannot be encoded: " + writer.problem);
  return std::move(writer.bytes);
}

}  // namespace agc::runtime
