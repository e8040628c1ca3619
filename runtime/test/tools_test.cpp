// Parts of the tools: arguments, figures, files.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agc/isa/error.h"
#include "agc/runtime/file.h"
#include "bindings.h"
#include "program_builder.h"
#include "stats.h"

namespace agc::runtime {
namespace {

using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

Manifest manifest() {
  ProgramBuilder b;
  b.input("x", {1, 8, 4, 6});
  b.input("a=b", {1, 3, 4, 6});
  b.input("a", {1, 8});
  b.output("y", {1, 3, 4, 6});
  b.output("z", {1, 8});
  b.end();
  return b.program().manifest;
}

TEST(Bindings, NamesAreVerbatim) {
  const Manifest m = manifest();
  const Bindings b = bindTensors(m, {"a=b=p=q.png", "a=b.npy", "x=x.npy"}, {"z=out.npy"});
  ASSERT_EQ(b.inputs.size(), 3u);  // in the program's order
  EXPECT_EQ(b.inputs[0].path, "x.npy");
  EXPECT_EQ(b.inputs[1].path, "p=q.png");
  EXPECT_EQ(b.inputs[2].path, "b.npy");
  ASSERT_EQ(b.outputs.size(), 1u);
  EXPECT_EQ(b.outputs[0].tensor->name, "z");
}

TEST(Bindings, AllProblemsAtOnce) {
  const Manifest m = manifest();
  EXPECT_THAT(refusal([&] { bindTensors(m, {"x=a.npy", "x=b.npy", "u=c.npy", "v=d.npy", "w"}, {"k=e.npy", "y=f.jpg", "z=f.jpg"}); }),
              AllOf(HasSubstr("missing input \"a=b\", \"a\""), HasSubstr("input \"x\" given more than once"), HasSubstr("unknown input \"u\", \"v\""),
                    HasSubstr("\"w\" is not of the form NAME=FILE"), HasSubstr("unknown output \"k\""),
                    HasSubstr("the program's outputs are \"y\" (int8 1x3x4x6), \"z\" (int8 1x8)"), HasSubstr("f.jpg ends in neither"), HasSubstr("two outputs go to f.jpg")));
}

TEST(Stats, AllKeysOfTheContract) {
  const Program p = convProgram().program();
  RunResult r;
  r.cycles = 1000, r.instructions = 7, r.dramRead = 11, r.dramWritten = 22, r.hostNs = 33, r.hostCpuNs = 32;
  r.engines[static_cast<size_t>(isa::Engine::Conv)] = {800, 70, 6, 5};
  r.layers = {{1, 900, 10, 20}, {0, 100, 1, 2}};
  const auto j = nlohmann::json::parse(statsJson(p, r, {"sim", "ideal"}));
  EXPECT_EQ(j.size(), 15u);
  EXPECT_EQ(j["backend"], "sim");
  EXPECT_EQ(j["core"], "tiny");
  EXPECT_EQ(j["memory"], "ideal");
  EXPECT_EQ(j["cycles"], 1000);
  EXPECT_EQ(j["macs"], 13824);
  EXPECT_DOUBLE_EQ(j["mac_utilization"], 13824.0 / (1000 * 256));
  EXPECT_EQ(j["dram_bytes_read"], 11);
  EXPECT_EQ(j["dram_bytes_written"], 22);
  EXPECT_EQ(j["dram_bytes_compulsory"], 384);
  EXPECT_EQ(j["instructions"], 7);
  EXPECT_EQ(j["program_bytes"], p.fileBytes);
  EXPECT_EQ(j["host_ns"], 33);
  EXPECT_EQ(j["engines"], nlohmann::json::parse(R"({"CONV": {"busy": 800, "wait": 70, "stall": 6, "empty": 5}})"));
  EXPECT_EQ(j["host_cpu_ns"], 32);
  ASSERT_EQ(j["layers"].size(), 2u);
  EXPECT_EQ(j["layers"][0].size(), 7u);
  EXPECT_EQ(j["layers"][0]["names"][0], "/conv");
  EXPECT_EQ(j["layers"][0]["ops"][0], "Conv");
  EXPECT_EQ(j["layers"][0]["cycles"], 900);
  EXPECT_DOUBLE_EQ(j["layers"][0]["mac_utilization"], 13824.0 / (900 * 256));
  EXPECT_EQ(j["layers"][1]["names"].size(), 0u);
  EXPECT_THAT(statsTable(p, r, {"sim", "ideal"}), AllOf(HasSubstr("1000 cycles"), HasSubstr("/conv")));
}

class AtomicFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "out").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string content() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t entries() const { return size_t(std::distance(std::filesystem::directory_iterator(folder_), {})); }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(AtomicFileTest, AppearsWhenComplete) {
  AtomicFile f(path_);
  f.write("abc", 3);
  EXPECT_FALSE(std::filesystem::exists(path_));
  f.commit();
  EXPECT_EQ(content(), "abc");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, LeavesTheOldFileWithoutCommit) {
  std::ofstream(path_) << "old";
  {
    AtomicFile f(path_);
    f.write("new", 3);
    f.finish();
  }
  EXPECT_EQ(content(), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, FollowsLinks) {
  std::ofstream(folder_ / "target") << "old";
  std::filesystem::create_symlink("target", path_);
  AtomicFile f(path_);
  f.write("new", 3);
  f.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(entries(), 2u);
}

TEST_F(AtomicFileTest, SaysWhyNot) {
  EXPECT_THAT(refusal([] { AtomicFile f("/nonexistent/out"); }), HasSubstr("cannot write /nonexistent/out: No such file"));
  EXPECT_THAT(refusal([&] { AtomicFile f(folder_.string()); }), HasSubstr("Is a directory"));
  EXPECT_THAT(refusal([] { AtomicFile f(""); }), HasSubstr("is empty"));
  EXPECT_THAT(refusal([] {
                AtomicFile f("/dev/full");
                f.write("abc", 3);
              }),
              HasSubstr("cannot write /dev/full: No space left"));
}

}  // namespace
}  // namespace agc::runtime
