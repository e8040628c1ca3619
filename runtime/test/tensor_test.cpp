// Files and borders of tensors.
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>

#include <sys/resource.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agc/isa/error.h"
#include "agc/runtime/border.h"
#include "agc/runtime/npy.h"
#include "agc/runtime/png_image.h"
#include "agc/runtime/tensor_file.h"

namespace agc::runtime {
namespace {

using ::testing::HasSubstr;
using Shape = std::vector<uint64_t>;
using Bytes = std::vector<uint8_t>;

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Array floats(const Shape& shape, const std::vector<float>& values) {
  Array a{ElementType::Float32, shape, Bytes(values.size() * 4)};
  std::memcpy(a.data.data(), values.data(), a.data.size());
  return a;
}

std::vector<float> values(const Array& a) {
  std::vector<float> v(a.data.size() / 4);
  std::memcpy(v.data(), a.data.data(), a.data.size());
  return v;
}

/// An .npy file with this header text and data.
Bytes npyFile(const std::string& header, const Bytes& data, uint8_t version = 1) {
  Bytes f{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0, uint8_t(header.size()), uint8_t(header.size() >> 8)};
  if (version > 1) f.insert(f.end(), {0, 0});
  f.insert(f.end(), header.begin(), header.end());
  f.insert(f.end(), data.begin(), data.end());
  return f;
}

std::string npyRefusal(const Bytes& file, ElementType type = ElementType::Int8, const Shape& shape = {2, 3}) {
  return refusal([&] { parseNpy(file.data(), file.size(), type, shape); });
}

const std::string kHeader = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n";
const Bytes kData{1, 2, 3, 4, 5, 6};

TEST(Npy, RoundTrip) {
  for (const Shape& shape : {Shape{5}, Shape{1, 2}, Shape{1, 3, 4, 5}}) {
    uint64_t n = 1;
    for (uint64_t d : shape) n *= d;
    for (ElementType type : {ElementType::Float32, ElementType::Int8, ElementType::Uint8}) {
      Array a{type, shape, Bytes(n * elementBytes(type))};
      for (size_t i = 0; i < a.data.size(); ++i) a.data[i] = uint8_t(7 * i);
      const Bytes file = formatNpy(a);
      EXPECT_EQ((file.size() - a.data.size()) % 64, 0u);
      EXPECT_EQ(parseNpy(file.data(), file.size(), type, shape).data, a.data);
    }
  }
}

TEST(Npy, VersionsQuotesAndOrders) {
  for (uint8_t version : {1, 2, 3}) {
    const Bytes f = npyFile(kHeader, kData, version);
    EXPECT_EQ(parseNpy(f.data(), f.size(), ElementType::Int8, {2, 3}).data, kData);
  }
  const Bytes odd = npyFile("{\"shape\":(2L,3L),\"fortran_order\":False,\"descr\":\"<i1\"}", kData);
  EXPECT_EQ(parseNpy(odd.data(), odd.size(), ElementType::Int8, {2, 3}).data, kData);
  const Bytes fortran = npyFile("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", {1, 4, 2, 5, 3, 6});
  EXPECT_EQ(parseNpy(fortran.data(), fortran.size(), ElementType::Int8, {2, 3}).data, kData);
}

TEST(Npy, NothingIsCastOrReshaped) {
  EXPECT_THAT(npyRefusal(npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", kData)), HasSubstr("holds float64 (<f8) but int8 is needed"));
  EXPECT_THAT(npyRefusal(npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", kData)), HasSubstr("holds uint8 (|u1) but int8 is needed"));
  EXPECT_THAT(npyRefusal(npyFile("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", kData), ElementType::Float32), HasSubstr("holds big-endian float32 (>f4)"));
  EXPECT_THAT(npyRefusal(npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", kData)), HasSubstr("holds records"));
  EXPECT_THAT(npyRefusal(npyFile(kHeader, kData), ElementType::Int8, {3, 2}), HasSubstr("has shape (2, 3) but (3, 2) is needed"));
  EXPECT_THAT(npyRefusal(npyFile(kHeader, kData), ElementType::Int8, {6}), HasSubstr("but (6,) is needed"));
}

TEST(Npy, DamageIsRefused) {
  EXPECT_THAT(npyRefusal({}), HasSubstr("not an .npy file"));
  EXPECT_THAT(npyRefusal(npyFile(kHeader, kData, 9)), HasSubstr("version 9"));
  EXPECT_THAT(npyRefusal(npyFile(kHeader, {1, 2, 3})), HasSubstr("cut short: shape (2, 3) has 6 bytes of data, the file 3"));
  EXPECT_THAT(npyRefusal(npyFile(kHeader, Bytes(7))), HasSubstr("too long"));
  for (const char* header : {"", "{", "{}", "x", "{'descr'", "{'descr': '|i1', 'fortran_order': False}", "{'descr': '|i1', 'fortran_order': 0, 'shape': (2,3)}",
                             "{'descr': '|i1', 'fortran_order': False, 'shape': (2,3)} x", "{'descr': '|i1', 'fortran_order': False, 'shape': (-2,3)}",
                             "{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999999,3)}", "{'descr': '|i1', 'fortran_order': False, 'shape': (2 3)}",
                             "{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (2,3)}", "{'descr: '|i1'}"})
    EXPECT_THAT(npyRefusal(npyFile(header, kData)), HasSubstr("header is damaged")) << header;
  const Bytes good = npyFile(kHeader, kData);
  for (size_t size = 0; size < good.size(); ++size) EXPECT_NE(npyRefusal({good.begin(), good.begin() + ptrdiff_t(size)}), "accepted");
}

TEST(Png, RoundTripOfBytesAndFloats) {
  for (uint64_t channels : {1, 3}) {
    const Shape shape{1, channels, 5, 7};
    Array bytes{ElementType::Uint8, shape, Bytes(channels * 35)};
    for (size_t i = 0; i < bytes.data.size(); ++i) bytes.data[i] = uint8_t(37 * i);
    const Bytes file = formatPng(bytes);
    EXPECT_EQ(parsePng(file.data(), file.size(), ElementType::Uint8, shape).data, bytes.data);
    EXPECT_EQ(parsePng(file.data(), file.size(), ElementType::Int8, shape).data, bytes.data);
    const Array f = parsePng(file.data(), file.size(), ElementType::Float32, shape);
    for (size_t i = 0; i < bytes.data.size(); ++i) EXPECT_EQ(values(f)[i], float(bytes.data[i]) / 255.0f);
    EXPECT_EQ(formatPng(f), file);
  }
}

TEST(Png, FloatsAreClampedAndRounded) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Bytes file = formatPng(floats({1, 1, 1, 8}, {-1, 0, 2, nan, inf, -inf, 100.4f / 255, 100.6f / 255}));
  EXPECT_EQ(parsePng(file.data(), file.size(), ElementType::Uint8, {1, 1, 1, 8}).data, (Bytes{0, 0, 255, 0, 255, 0, 100, 101}));
}

TEST(Png, OtherShapesAndDamageAreRefused) {
  Array rgb{ElementType::Uint8, {1, 3, 4, 4}, Bytes(48)};
  const Bytes file = formatPng(rgb);
  auto refusalOf = [](const Bytes& f, const Shape& shape) { return refusal([&] { parsePng(f.data(), f.size(), ElementType::Uint8, shape); }); };
  EXPECT_THAT(refusalOf(file, {1, 3, 4, 5}), HasSubstr("is 4 wide and 4 high but the tensor has shape 1x3x4x5: 5 wide and 4 high"));
  EXPECT_THAT(refusalOf(file, {1, 1, 4, 4}), HasSubstr("is an RGB picture but the tensor has shape 1x1x4x4"));
  EXPECT_THAT(refusalOf(file, {1, 8, 4, 4}), HasSubstr("use an .npy file"));
  EXPECT_THAT(refusalOf(file, {2, 3, 4, 4}), HasSubstr("use an .npy file"));
  EXPECT_THAT(refusalOf({1, 2, 3}, {1, 3, 4, 4}), HasSubstr("not a PNG"));
  for (size_t size = 0; size < file.size(); ++size) EXPECT_NE(refusalOf({file.begin(), file.begin() + ptrdiff_t(size)}, {1, 3, 4, 4}), "accepted") << size;
  // A text of a gigabyte, says its length: no room is made for what the file cannot hold.
  Bytes claims = file;
  const Bytes header{0x44, 0x41, 0x54, 0x1a, 'z', 'T', 'X', 't'};
  claims.insert(claims.begin() + 33, header.begin(), header.end());
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_EQ(refusalOf(claims, {1, 3, 4, 4}), "it is a damaged PNG: it is cut short");
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 100 << 10) << "kilobytes";
  std::mt19937 random(1);
  for (int n = 0; n < 2000; ++n) {  // no crash; checksums find most of it
    Bytes f = file;
    for (int k = 0; k < 3; ++k) f[random() % f.size()] = uint8_t(random());
    refusalOf(f, {1, 3, 4, 4});
  }
}

TensorInfo tensor(const Shape& shape, ElementType dtype, Quantization quant) {
  TensorInfo t;
  t.name = "t", t.shape = shape, t.dtype = dtype, t.quant = quant, t.bytes = planeShape(shape).c8Bytes();
  return t;
}

TEST(Border, QuantizesAsOnnxDoes) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const std::vector<float> x{0, 0.25f, 0.75f, -0.25f, -0.75f, 1e30f, -1e30f, nan, inf, -inf, 60.0f, 59.9f};
  auto quantized = [&](Quantization q) {
    const TensorInfo t = tensor({1, 1, 1, x.size()}, ElementType::Float32, q);
    Bytes device(t.bytes, 0xee);
    packTensor(t, floats(t.shape, x), device.data());
    std::vector<int> lanes;
    for (size_t i = 0; i < x.size(); ++i) lanes.push_back(int8_t(device[8 * i]));
    for (size_t i = 0; i < device.size(); ++i)
      if (i % 8 != 0) {
        EXPECT_EQ(int8_t(device[i]), q.type == ElementType::Int8 ? q.zeroPoint : q.zeroPoint - 128);
      }
    return lanes;
  };
  // As ONNX Runtime 1.31 answers for scale 0.5 and zero point 7.
  EXPECT_EQ(quantized({ElementType::Int8, 0.5f, 7}), (std::vector<int>{7, 7, 9, 7, 5, 127, -128, -128, 127, -128, 127, 127}));
  EXPECT_EQ(quantized({ElementType::Uint8, 0.5f, 7}), (std::vector<int>{-121, -121, -119, -121, -123, 127, -128, -128, 127, -128, -1, -1}));
}

TEST(Border, RoundsHalfToEvenOverTheWholeRange) {
  std::vector<float> x;
  for (int i = -600; i <= 600; ++i) x.push_back(float(i) / 4);
  const TensorInfo t = tensor({1, 1, 1, x.size()}, ElementType::Float32, {ElementType::Int8, 1.0f, 0});
  Bytes device(t.bytes);
  packTensor(t, floats(t.shape, x), device.data());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(int8_t(device[8 * i]), int(std::min(127.0f, std::max(-128.0f, std::nearbyint(x[i]))))) << x[i];
}

TEST(Border, LayoutAndRoundTrip) {
  for (ElementType type : {ElementType::Int8, ElementType::Uint8})
    for (const Shape& shape : {Shape{1, 11, 3, 5}, Shape{2, 8, 2, 2}, Shape{1, 9}, Shape{3}, Shape{1, 17, 4}}) {
      const TensorInfo t = tensor(shape, type, {type, 1.0f, 3});
      Array a{type, shape, Bytes(t.elements())};
      for (size_t i = 0; i < a.data.size(); ++i) a.data[i] = uint8_t(31 * i + 5);
      Bytes device(t.bytes);
      packTensor(t, a, device.data());
      EXPECT_EQ(unpackTensor(t, device.data()).data, a.data);
      // Channel c of pixel p lies at block c / 8, lane c % 8.
      const PlaneShape s = planeShape(shape);
      const uint64_t plane = s.height * s.width, c = s.channels - 1;
      EXPECT_EQ(device[(c / 8 * plane + plane - 1) * 8 + c % 8], a.data[c * plane + plane - 1] ^ (type == ElementType::Uint8 ? 0x80 : 0));
    }
}

TEST(Border, Dequantizes) {
  const TensorInfo t = tensor({1, 2, 1, 1}, ElementType::Float32, {ElementType::Uint8, 0.1f, 3});
  const Bytes device{0x80 ^ 250, 0x80 ^ 0, 9, 9, 9, 9, 9, 9};
  EXPECT_EQ(values(unpackTensor(t, device.data())), (std::vector<float>{247.0f * 0.1f, -3.0f * 0.1f}));
}

TEST(Border, WrongArrayIsRefused) {
  const TensorInfo t = tensor({1, 2, 1, 1}, ElementType::Float32, {});
  Bytes device(t.bytes);
  EXPECT_THAT(refusal([&] { packTensor(t, floats({1, 2}, {1, 2}), device.data()); }), HasSubstr("not float32 1x2"));
}

TEST(TensorFile, EndingDecides) {
  const TensorInfo t = tensor({1, 2, 1, 1}, ElementType::Int8, {});
  EXPECT_THAT(refusal([&] { requireTensorFile("a.jpg", t); }), HasSubstr("a.jpg ends in neither .npy nor .png"));
  EXPECT_THAT(refusal([&] { requireTensorFile("a.PNG", t); }), HasSubstr("a.PNG cannot hold tensor \"t\": a PNG is a tensor 1x3xHxW"));
  EXPECT_EQ(refusal([&] { requireTensorFile("a.NPY", t); }), "accepted");
}

}  // namespace
}  // namespace agc::runtime
