// Sentences of the verifier about data: what is read, written and ordered, each from a program that breaks one rule.
#include "verifier_expect.h"

#include <chrono>

namespace agc::runtime {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Verifier, EachSemaphoreOfAProgramIsNeeded) {
  for (uint8_t s = 1; s <= 3; ++s) {
    ProgramBuilder b = convProgram();
    for (isa::Instruction& i : b.code) {
      for (uint8_t& w : isa::header(i).wait)
        if (w == s) w = 0;
      for (uint8_t& p : isa::header(i).post)
        if (p == s) p = 0;
    }
    const auto findings = verify(b);
    ASSERT_EQ(findings.size(), 1u) << int(s);
    EXPECT_THAT(findings[0], HasSubstr("no semaphore orders the two"));
  }
}

TEST(Verifier, WriteAfterReadNeedsOrder) {
  // A second LOAD over what STORE still reads.
  auto program = [](bool ordered) {
    ProgramBuilder b;
    b.input("x", {1, 8, 1, 16});
    b.output("y", {1, 8, 1, 16});
    b.add(with(load(kInputs, 0, 0, 16), {}, {1})).add(with(store(kOutputs, 0, 0, 16), {1}, ordered ? std::vector<uint8_t>{2} : std::vector<uint8_t>{}));
    b.add(with(load(kInputs, 0, 8, 8), ordered ? std::vector<uint8_t>{2} : std::vector<uint8_t>{}, {})).end();
    return b;
  };
  EXPECT_THAT(verify(program(true)), IsEmpty());
  expectRefused(program(false), "writes scratchpad word 8 while instruction 1 may still be reading it");
}

TEST(Verifier, WeightBufferIsOrdered) {
  ProgramBuilder b = convProgram();
  b.code.insert(b.code.begin() + 5, wload(0, 9, 1));  // over the last tap
  expectRefused(b, "writes weight-buffer word 9 while instruction 4 may still be reading it");
}

TEST(Verifier, WorkspaceIsOrdered) {
  auto program = [](bool ordered) {
    ProgramBuilder b;
    b.input("x", {1, 8, 1, 8});
    b.output("y", {1, 8, 1, 8});
    b.workspace(8);
    const std::vector<uint8_t> none, two{2};
    b.add(with(load(kInputs, 0, 0, 8), {}, {1})).add(with(store(kWorkspace, 0, 0, 8), {1}, ordered ? two : none));
    b.add(with(load(kWorkspace, 0, 8, 8), ordered ? two : none, {3})).add(with(store(kOutputs, 0, 8, 8), {3}, {})).end();
    return b;
  };
  EXPECT_THAT(verify(program(true)), IsEmpty());
  expectRefused(program(false), "reads workspace word 0 while instruction 1 may still be writing it");
}

TEST(Verifier, NothingUnwrittenIsRead) {
  ProgramBuilder b = copyProgram();
  at<isa::Store>(b, 1).sp = 1;
  expectRefused(b, "reads scratchpad word 16, which nobody wrote");
  ProgramBuilder c = convProgram();
  at<isa::Conv>(c, 4).wb = 1;
  EXPECT_THAT(verify(c), ::testing::Contains(HasSubstr("reads weight-buffer word 10, which nobody wrote")));
  ProgramBuilder d = copyProgram();
  d.workspace(16);
  at<isa::Load>(d, 0).seg = kWorkspace;
  expectRefused(d, "reads workspace word 0, which nobody wrote");
}

TEST(Verifier, InputsAreReadInsideTensorsOnly) {
  ProgramBuilder b;
  b.input("a", {1, 8, 1, 4});
  b.input("b", {1, 8, 1, 4});
  b.output("y", {1, 8, 1, 8});
  b.add(with(load(kInputs, 0, 0, 8), {}, {1})).add(with(store(kOutputs, 0, 0, 8), {1}, {})).end();
  EXPECT_THAT(verify(b), IsEmpty());  // two tensors side by side
  b.inputs[1].offset = 64;
  at<isa::Load>(b, 0).n0 = 12;
  expectRefused(b, "reads words 0 to 11 of segment 3, which no input tensor fills");
}

TEST(Verifier, OutputsAreComplete) {
  ProgramBuilder b = copyProgram();
  at<isa::Store>(b, 1).n0 = 15;
  expectRefused(b, "output \"y\" is never written at word 15 of segment 4");
}

TEST(Verifier, ConvolutionKeepsItsOperandsApart) {
  ProgramBuilder input = convProgram();
  at<isa::Conv>(input, 4).out = 23;
  EXPECT_THAT(verify(input), ::testing::Contains(HasSubstr("its output overlaps its input at scratchpad word 23")));

  // Residual exactly in place is right; shifted by a word it is not.
  auto residual = [](uint32_t shift) {
    ProgramBuilder b = convProgram();
    at<isa::Load>(b, 0).sp = 0;
    auto& geo = at<isa::ConvGeo>(b, 2);
    geo.res_pitch = geo.out_pitch;
    geo.res_cpitch = geo.out_cpitch;
    at<isa::ConvEpi>(b, 3).res = 1;
    at<isa::Conv>(b, 4).res = 64 + shift;
    b.code.insert(b.code.begin(), load(kInputs, 0, 64, 24));
    b.code.insert(b.code.begin(), load(kInputs, 0, 72, 24));
    return b;
  };
  EXPECT_THAT(verify(residual(0)), IsEmpty());
  expectRefused(residual(1), "its output overlaps its residual operand at scratchpad word 65");

  ProgramBuilder self = residual(0);
  at<isa::ConvGeo>(self, 4).out_pitch = at<isa::ConvGeo>(self, 4).res_pitch = 5;
  at<isa::Store>(self, 7).n0 = 21;
  at<isa::Store>(self, 7).dram = 0;
  self.outputs[0].shape = {1, 8, 1, 21};
  self.outputs[0].bytes = 168;
  expectRefused(self, "the output overlaps itself at scratchpad word 69");
  // Without a residual too: with block = 1 the rows are not written one after the other.
  ProgramBuilder rows = convProgram();
  at<isa::ConvGeo>(rows, 2).out_pitch = 5;
  at<isa::Store>(rows, 5).n0 = 21;
  rows.outputs[0].shape = {1, 8, 1, 21};
  rows.outputs[0].bytes = 168;
  expectRefused(rows, "the output overlaps itself at scratchpad word 69");
}

TEST(Verifier, PartialSums) {
  // First half out, second half in and done; drain after drain needs no semaphore, even without CONV_EPI's drain between.
  ProgramBuilder b = convProgram();
  isa::ConvEpi out = at<isa::ConvEpi>(b, 3), in = out;
  out.part_out = 1;
  in.part_in = 1;
  isa::Conv first = at<isa::Conv>(b, 4), second = first;
  first.part = second.part = 1000;
  first.h.post = {};
  second.h.wait = {};
  b.code[3] = with(out, {}, {}, 1);
  b.code[4] = first;
  b.code.insert(b.code.begin() + 5, {isa::Instruction(with(in, {}, {}, 1)), isa::Instruction(second)});
  EXPECT_THAT(verify(b), IsEmpty());

  ProgramBuilder overlap = b;
  at<isa::Conv>(overlap, 6).out = 1040;
  at<isa::Store>(overlap, 7).sp = 1040;
  expectRefused(overlap, "its output overlaps its partial sums at scratchpad word 1040");

  // The last part may add a residual too, in place of the output.
  ProgramBuilder residual = b;
  at<isa::ConvEpi>(residual, 5).res = 1;
  at<isa::Conv>(residual, 6).res = at<isa::Conv>(residual, 6).out;
  at<isa::ConvGeo>(residual, 2).res_pitch = at<isa::ConvGeo>(residual, 2).out_pitch;
  at<isa::ConvGeo>(residual, 2).res_cpitch = at<isa::ConvGeo>(residual, 2).out_cpitch;
  expectRefused(residual, "reads scratchpad word 64, which nobody wrote");
  residual.code.insert(residual.code.begin(), load(kInputs, 0, 64, 24));
  EXPECT_THAT(verify(residual), IsEmpty());

  ProgramBuilder missing = b;
  at<isa::Conv>(missing, 4).part = 1001;
  expectRefused(missing, "reads scratchpad word 1000, which nobody wrote");
}

TEST(Verifier, ConvolutionAfterConvolution) {
  // A second CONV reads the first one's output: as input it needs a semaphore, or CONV_GEO's wait for the drain, between.
  auto program = [](int between) {
    ProgramBuilder b = convProgram();
    isa::Conv second = at<isa::Conv>(b, 4);
    auto& first = at<isa::Conv>(b, 4);
    second.in = 64;
    second.out = 128;
    second.h.wait = {};
    second.h.post = {3, 0, 0, 0};
    first.h.post = {uint8_t(between == 1 ? 4 : 0), 0, 0, 0};
    if (between == 1) second.h.wait[0] = 4;
    at<isa::Store>(b, 5).sp = 128;
    b.code.insert(b.code.begin() + 5, second);
    if (between == 2) b.code.insert(b.code.begin() + 5, b.code[2]);
    return b;
  };
  EXPECT_THAT(verify(program(1)), IsEmpty());
  EXPECT_THAT(verify(program(2)), IsEmpty());
  expectRefused(program(0), "reads scratchpad word 64 while instruction 4 may still be writing it");
}

TEST(Verifier, ResidualAfterConvolutionNeedsNoSemaphore) {
  ProgramBuilder b = convProgram();
  auto& geo = at<isa::ConvGeo>(b, 2);
  geo.res_pitch = geo.out_pitch;
  geo.res_cpitch = geo.out_cpitch;
  at<isa::ConvEpi>(b, 3).res = 1;
  // The first adds x itself, the second the first one's output. LOAD fills input and residual.
  at<isa::Conv>(b, 4).res = 0;
  isa::Conv second = at<isa::Conv>(b, 4);
  at<isa::Conv>(b, 4).h.post = {};
  second.h.wait = {};
  second.res = 64;
  second.out = 64;
  b.code.insert(b.code.begin() + 5, second);
  EXPECT_THAT(verify(b), IsEmpty());
}

TEST(Verifier, ParameterWordsAndWeightsAreValid) {
  ProgramBuilder negative = convProgram();
  const uint32_t sign = isa::parameterMLsb + isa::parameterMWidth - 1;
  negative.constants[sign / 8] |= uint8_t(1u << sign % 8);
  expectRefused(negative, "is not a parameter word");
  ProgramBuilder reserved = convProgram();
  reserved.constants[63] |= 0x80;  // bit 63 of the last lane
  expectRefused(reserved, "is not a parameter word");
  ProgramBuilder weight = convProgram();
  weight.constants[64 + 5] = 0x80;
  expectRefused(weight, "weight-buffer word 1 (word 8 of the constants) holds a weight of -128");
}

TEST(Verifier, HostileProgramsAreBounded) {
  ProgramBuilder b;
  b.input("x", {1, 8, 64, 32});
  isa::Load l = load(kInputs, 0, 0, 2048);
  l.n1 = 8191;  // pitch 0: the same words again and again
  l.n2 = 1023;
  for (int i = 0; i < 1000; ++i) b.add(l);
  b.end();
  const auto start = std::chrono::steady_clock::now();
  expectRefused(b, "more than the verifier follows");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));

  ProgramBuilder w = copyProgram();
  w.workspace(1u << 20);
  isa::Store s = store(kWorkspace, 0, 0, 1);
  s.n1 = 128, s.d1 = 4096;
  w.code.insert(w.code.begin() + 1, with(s, {}, {}, 1));
  w.code[1] = with(s, {1}, {}, 1);
  header(w, 2).wait[0] = 0;
  VerifierLimits limits;
  limits.dramWords = 100000;
  EXPECT_THAT(runtime::verify(w.program(), limits), ElementsAre(HasSubstr("words of workspace and outputs, more than the verifier follows")));
}

TEST(Verifier, FindingsAreLimited) {
  ProgramBuilder b;
  b.input("x", {1, 8, 1, 16});
  for (int i = 0; i < 100; ++i) b.add(load(kInputs, 10, 0, 16));
  b.end();
  EXPECT_EQ(verify(b).size(), VerifierLimits{}.findings);
}

TEST(Verifier, ThrowNamesTheFileAndTheCount) {
  ProgramBuilder b;
  b.input("x", {1, 8, 1, 16});
  b.add(load(kInputs, 10, 0, 16)).add(load(kInputs, 11, 0, 16)).end();
  try {
    verifyOrThrow(b.program(), "p.bin");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("p.bin: the program is refused: instruction 0"));
    EXPECT_THAT(e.what(), HasSubstr("(1 more; agc-objdump --verify lists them)"));
  }
}

}  // namespace
}  // namespace agc::runtime
