// Sentences of the verifier about fields, ranges and semaphores, each from a program that breaks one rule.
#include "verifier_expect.h"

namespace agc::runtime {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Verifier, GoodProgramsPass) {
  EXPECT_THAT(verify(copyProgram()), IsEmpty());
  EXPECT_THAT(verify(convProgram("tiny")), IsEmpty());
  EXPECT_THAT(verify(convProgram("z7020")), IsEmpty());
}

TEST(Verifier, SentenceNamesInstructionTextAndLayer) {
  ProgramBuilder b = convProgram();
  at<isa::Conv>(b, 4).out = 4090;
  EXPECT_THAT(verify(b), ElementsAre(::testing::AllOf(HasSubstr("instruction 4 (CONV "), HasSubstr("layer 1 \"/conv\": the output writes scratchpad words 4090 to 4113, but it has 4096"))));
}

// Stage 1: fields and ranges.

TEST(Verifier, EndIsOnceAndLast) {
  ProgramBuilder b = copyProgram();
  b.code.pop_back();
  expectRefused(b, "the last instruction is not END");
  ProgramBuilder c = copyProgram();
  c.end();
  expectRefused(c, "END before the end");
}

TEST(Verifier, LayerHasToExist) {
  ProgramBuilder b = copyProgram();
  header(b, 0).layer = 7;
  expectRefused(b, "layer 7 is not in the manifest");
}

TEST(Verifier, ConvolutionNeedsItsRegisters) {
  ProgramBuilder b = convProgram();
  b.code.erase(b.code.begin() + 2);
  expectRefused(b, "CONV before any CONV_GEO");
  ProgramBuilder c = convProgram();
  c.code.erase(c.code.begin() + 3);
  expectRefused(c, "CONV before any CONV_EPI");
}

TEST(Verifier, UpsampledReadsNeedUnitStride) {
  ProgramBuilder b = convProgram();
  at<isa::ConvGeo>(b, 2).up = 1;
  at<isa::ConvGeo>(b, 2).sx = 2;
  expectRefused(b, "up = 1 needs sx = 1");
}

TEST(Verifier, ColumnsApartByParityNeedAnEvenStride) {
  ProgramBuilder b = convProgram();
  at<isa::ConvGeo>(b, 2).split = 1, at<isa::ConvGeo>(b, 2).in_half = 3;
  expectRefused(b, "split = 1 needs an even sx, but sx is 1");
  at<isa::ConvGeo>(b, 2).up = 1;
  expectRefused(b, "split = 1 needs up = 0");
  // Stride 2 reads the 6 columns for 3 outputs.
  at<isa::ConvGeo>(b, 2).up = 0, at<isa::ConvGeo>(b, 2).sx = 2;
  at<isa::ConvGeo>(b, 2).out_split = 1, at<isa::ConvGeo>(b, 2).out_half = 3;  // written densely all the same
  EXPECT_THAT(verify(b), IsEmpty());
  at<isa::ConvGeo>(b, 2).in_half = 4080;
  expectRefused(b, "the input reads scratchpad words 4080 to 4100, but it has 4096");
}

TEST(Verifier, BlocksOfTwoRowsNeedDifferentBanks) {
  ProgramBuilder b = convProgram("tiny");
  auto& geo = at<isa::ConvGeo>(b, 2);
  geo.block = 1;
  expectRefused(b, "block = 1 needs sy*in_pitch = 2 modulo the 8 banks, so that the rows of a block lie in different banks, but it is 1*6");
  geo.in_pitch = 2;  // rows that overlap are still rows
  EXPECT_THAT(verify(b), IsEmpty());
  geo.sx = 2;
  expectRefused(b, "block = 1 needs sx = 1, or sx = 2 with split, but sx is 2 with split = 0");
  geo.sx = 1, geo.up = 1;
  expectRefused(b, "block = 1 needs up = 0");
  ProgramBuilder c = convProgram("z7020");
  at<isa::ConvGeo>(c, 2).block = 1, at<isa::ConvGeo>(c, 2).in_pitch = 2;
  expectRefused(c, "block = 1 needs sy*in_pitch = 4 modulo the 8 banks");
  at<isa::ConvGeo>(c, 2).in_pitch = 4;
  EXPECT_THAT(verify(c), IsEmpty());
  Program narrow = c.program();
  narrow.manifest.coreConfig.pixels = 6;
  EXPECT_THAT(runtime::verify(narrow), ElementsAre(HasSubstr("block = 1 needs a core with a multiple of 4 pixels and a bank for each, but z7020 has 6 pixels")));
}

TEST(Verifier, OutputColumnsGoApartInOneWay) {
  ProgramBuilder b = convProgram();
  auto& geo = at<isa::ConvGeo>(b, 2);
  geo.out_step = 2;
  geo.out_split = 1, geo.out_half = 3;
  expectRefused(b, "out_split = 1 needs out_step = 0, but out_step is 2");
  // Every third word: the STORE of dense rows meets words that nobody wrote.
  geo.out_split = 0;
  geo.out_pitch = 18;
  expectRefused(b, "reads scratchpad word 65, which nobody wrote");
  auto& store = at<isa::Store>(b, 5);
  store.n0 = 1, store.n1 = 24, store.s1 = 3, store.d1 = 1;
  EXPECT_THAT(verify(b), IsEmpty());
  at<isa::Conv>(b, 4).out = store.sp = 4096 - 3 * 23;
  EXPECT_THAT(verify(b), ::testing::Contains(HasSubstr("the output writes scratchpad words 4027 to 4096, but it has 4096")));
}

/// convProgram() with a residual at word 64 (where the output goes), loaded by instruction 0.
ProgramBuilder residualProgram() {
  ProgramBuilder b = convProgram();
  at<isa::ConvGeo>(b, 2).res_pitch = at<isa::ConvGeo>(b, 2).out_pitch;
  at<isa::ConvGeo>(b, 2).res_cpitch = at<isa::ConvGeo>(b, 2).out_cpitch;
  at<isa::ConvEpi>(b, 3).res = 1;
  at<isa::Conv>(b, 4).res = 64;
  b.code.insert(b.code.begin(), load(kInputs, 0, 64, 24));
  return b;
}

TEST(Verifier, ProductsHaveOneMultiplier) {
  ProgramBuilder b = residualProgram();
  at<isa::ConvEpi>(b, 4).op = 1, at<isa::ConvEpi>(b, 4).b = 5;
  expectRefused(b, "op = 1 (mul) needs b = 0, as it has one multiplier, a, but b is 5");
  at<isa::ConvEpi>(b, 4).b = 0;
  EXPECT_THAT(verify(b), IsEmpty());
  at<isa::ConvEpi>(b, 4).op = 3, at<isa::ConvEpi>(b, 4).b = 5;
  EXPECT_THAT(verify(b), IsEmpty());
}

TEST(Verifier, ResidualInPlaceAdvancesAsTheOutput) {
  ProgramBuilder still = residualProgram();
  at<isa::ConvEpi>(still, 4).res_still = 1;
  expectRefused(still, "the residual starts where the output does but stays in column 0 of each row");
  // One word for the plane, elsewhere: the other words need not be there.
  at<isa::ConvGeo>(still, 3).res_pitch = 0;
  at<isa::Conv>(still, 5).res = 200;
  expectRefused(still, "reads scratchpad word 200, which nobody wrote");
  at<isa::Load>(still, 0).sp = 200, at<isa::Load>(still, 0).n0 = 1;
  EXPECT_THAT(verify(still), IsEmpty());

  ProgramBuilder step = residualProgram();
  at<isa::ConvGeo>(step, 3).out_step = 1;
  EXPECT_THAT(verify(step), ::testing::Contains(HasSubstr("the residual starts where the output does but its columns do not lie 2 words apart")));
}

/// convProgram() with a table at weight-buffer word 20: instructions 2 WLOAD and 3 CONV_TABLE before the others.
ProgramBuilder tableProgram() {
  ProgramBuilder b = convProgram();
  const uint32_t values = b.weights(std::vector<int8_t>(256, -128));  // no weights: -128 is a value like others
  at<isa::ConvEpi>(b, 3).table = 1;
  isa::ConvTable table;
  table.wb = 20;
  b.code.insert(b.code.begin() + 2, {isa::Instruction(with(wload(values, 20, 4), {}, {5}, 1)), isa::Instruction(with(table, {5}, {}, 1))});
  return b;
}

TEST(Verifier, TablesAreLoadedBeforeTheyAreUsed) {
  ProgramBuilder b = tableProgram();
  EXPECT_THAT(verify(b), IsEmpty());
  for (uint32_t place : {1u, 2u}) {
    ProgramBuilder missing = convProgram();
    at<isa::ConvEpi>(missing, 3).table = place;
    expectRefused(missing, "CONV with table = " + std::to_string(place) + " before any CONV_TABLE");
  }
  ProgramBuilder race = b;
  header(race, 2).post = {};
  header(race, 3).wait = {};
  expectRefused(race, "reads weight-buffer word 20 while instruction 2 may still be writing it");
  ProgramBuilder unwritten = b;
  at<isa::ConvTable>(unwritten, 3).wb = 21;
  expectRefused(unwritten, "reads weight-buffer word 24, which nobody wrote");
  ProgramBuilder beyond = b;
  at<isa::ConvTable>(beyond, 3).wb = beyond.core().weightWords - 3;
  expectRefused(beyond, "the weight stream reads weight buffer words");
  // The words are free again when the table has been read, and not before.
  ProgramBuilder again = b;
  again.code.insert(again.code.begin() + 4, at<isa::Wload>(again, 2));
  header(again, 4) = {};
  expectRefused(again, "writes weight-buffer word 20 while instruction 3 may still be reading it");
  header(again, 3).post[0] = 6;
  header(again, 4).wait[0] = 6;
  EXPECT_THAT(verify(again), IsEmpty());
}

TEST(Verifier, ATableMayComeInALoop) {
  ProgramBuilder b = tableProgram();
  // Twice CONV_TABLE, CONV_GEO, CONV_EPI; the second time the table is there already, the first time it has to be.
  isa::Loop loop;
  loop.body = 3;
  loop.count = 2;
  header(b, 3) = {};
  b.code.insert(b.code.begin() + 3, {isa::Instruction(with(isa::ConvGeo(at<isa::ConvGeo>(b, 4)), {5}, {}, 1)), isa::Instruction(loop)});
  EXPECT_THAT(verify(b), IsEmpty());
}

TEST(Verifier, ClampsAreNotEmpty) {
  ProgramBuilder b = convProgram();
  at<isa::ConvEpi>(b, 3).lo1 = 5, at<isa::ConvEpi>(b, 3).hi1 = 4;
  expectRefused(b, "lo1 = 5 is above hi1 = 4");
  ProgramBuilder c = convProgram();
  at<isa::ConvEpi>(c, 3).res = 1, at<isa::ConvEpi>(c, 3).lo = 1, at<isa::ConvEpi>(c, 3).hi = 0;
  expectRefused(c, "lo = 1 is above hi = 0");
}

TEST(Verifier, RegionsLieInsideTheirMemories) {
  ProgramBuilder b = copyProgram();
  at<isa::Load>(b, 0).sp = 4081;
  expectRefused(b, "writes scratchpad words 4081 to 4096, but it has 4096");
  ProgramBuilder c = convProgram();
  at<isa::Wload>(c, 1).wb = 250;
  expectRefused(c, "writes weight buffer words 250 to 259, but it has 256");
  ProgramBuilder d = convProgram();
  at<isa::Conv>(d, 4).wb = 248;
  expectRefused(d, "the weight stream reads weight buffer words 248 to 257");
  ProgramBuilder e = copyProgram();
  at<isa::Load>(e, 0).dram = 1;
  expectRefused(e, "reads words 1 to 16 of segment 3, which has 16");
  ProgramBuilder f = copyProgram();
  at<isa::Store>(f, 1).n1 = 2, at<isa::Store>(f, 1).d1 = 16;
  expectRefused(f, "writes words 0 to 31 of segment 4, which has 16");
  ProgramBuilder g = convProgram();
  at<isa::Conv>(g, 4).in = (1u << 20) - 1;
  expectRefused(g, "the input reads scratchpad words 1048575 to");
}

TEST(Verifier, SplitAndFoldedLoadsLieInsideTheirMemories) {
  ProgramBuilder b = copyProgram();
  at<isa::Load>(b, 0).split = 1, at<isa::Load>(b, 0).half = 4089;
  expectRefused(b, "writes scratchpad words 4089 to 4096, but it has 4096");
  ProgramBuilder c = copyProgram();
  isa::LoadFold fold;
  fold.h = header(c, 0);
  fold.seg = kInputs, fold.w = 16, fold.n0 = 16, fold.c = 3, fold.kw = 7, fold.s2 = 2041;
  c.code[0] = fold;
  expectRefused(c, "writes scratchpad words 0 to 4097, but it has 4096");
  fold.s2 = 16, fold.n1 = 2, fold.d1 = 1;
  c.code[0] = fold;
  expectRefused(c, "reads words 0 to 16 of segment 3, which has 16");
}

// What a LOAD writes counts word by word: the halves of split rows may lie apart, and a store of what lies between them is refused.
TEST(Verifier, WordsOfSplitAndFoldedLoadsAreKnown) {
  ProgramBuilder b = copyProgram();
  at<isa::Load>(b, 0).split = 1, at<isa::Load>(b, 0).half = 8;
  EXPECT_THAT(verify(b), IsEmpty());
  at<isa::Load>(b, 0).half = 9;
  expectRefused(b, "reads scratchpad word 8, which nobody wrote");
  ProgramBuilder c = copyProgram();
  isa::LoadFold fold;
  fold.h = header(c, 0);
  fold.seg = kInputs, fold.w = 16, fold.n0 = 8, fold.sx = 2, fold.c = 3, fold.kw = 3, fold.s2 = 8;
  c.code[0] = fold;
  EXPECT_THAT(verify(c), IsEmpty());
  fold.s2 = 9;
  c.code[0] = fold;
  expectRefused(c, "reads scratchpad word 8, which nobody wrote");
}

TEST(Verifier, SegmentsHaveTheirUse) {
  ProgramBuilder b = copyProgram();
  at<isa::Store>(b, 1).seg = kInputs;
  expectRefused(b, "writes to segment 3");
  ProgramBuilder c = copyProgram();
  at<isa::Load>(c, 0).seg = 6;
  expectRefused(c, "segment 6 is not part of the program");
  ProgramBuilder d = convProgram();
  at<isa::Wload>(d, 1).seg = kInputs;
  expectRefused(d, "loads weights from segment 3");
}

TEST(Verifier, ResidualInPlaceHasTheOutputsPitches) {
  ProgramBuilder b = convProgram();
  at<isa::ConvEpi>(b, 3).res = 1;
  at<isa::Conv>(b, 4).res = at<isa::Conv>(b, 4).out;
  at<isa::ConvGeo>(b, 2).res_pitch = 7;
  expectRefused(b, "the residual starts where the output does but has other pitches");
  at<isa::ConvGeo>(b, 2).res_pitch = at<isa::ConvGeo>(b, 2).out_pitch;
  at<isa::ConvGeo>(b, 2).out_split = 1, at<isa::ConvGeo>(b, 2).out_half = 3;
  expectRefused(b, "the residual starts where the output does but its columns do not go apart by parity");
}

// Stage 2: semaphores.

TEST(Verifier, EveryWaitHasAPostBeforeIt) {
  ProgramBuilder b = copyProgram();
  header(b, 0).post[0] = 0;
  expectRefused(b, "waits for semaphore 1, which nothing before it has posted");
}

TEST(Verifier, SemaphoresEndAtZero) {
  ProgramBuilder b = copyProgram();
  header(b, 1).wait[0] = 0;
  header(b, 0).post[0] = 9;
  expectRefused(b, "semaphore 9 is left at 1");
}

TEST(Verifier, NoSemaphoreTwiceInAList) {
  ProgramBuilder b = copyProgram();
  header(b, 0).post[1] = 1, header(b, 1).wait[3] = 1;
  const auto findings = verify(b);
  ASSERT_GE(findings.size(), 2u);
  EXPECT_THAT(findings[0], HasSubstr("a semaphore is named twice among the posts"));
  EXPECT_THAT(findings[1], HasSubstr("a semaphore is named twice among the waits"));
}

TEST(Verifier, OnePosterAndOneWaiterPerSemaphore) {
  ProgramBuilder b = convProgram();
  header(b, 1).post[0] = 1, header(b, 4).wait[1] = 0;  // LOAD and WLOAD both post 1
  EXPECT_THAT(verify(b), ::testing::Contains(HasSubstr("WLOAD posts semaphore 1, which LOAD posts too")));
  ProgramBuilder c;
  c.add(with(load(kConstants, 0, 0, 8), {}, {1})).add(with(load(kConstants, 0, 8, 8), {}, {1}));
  c.parameter({});
  c.output("y", {8, 8});
  c.add(with(store(kOutputs, 0, 0, 8), {1}, {})).add(with(isa::ConvEpi{}, {1}, {})).end();
  expectRefused(c, "CONV waits for semaphore 1, for which STORE waits too");
}

TEST(Verifier, CountsStayBelow256) {
  auto program = [](int posts, bool paced) {
    ProgramBuilder b;
    b.parameter({});
    for (int i = 0; i < posts; ++i) {
      b.add(with(load(kConstants, 0, 0, 8), {}, {1}));
      if (paced) b.add(with(isa::ConvEpi{}, {1}, {}));
    }
    for (int i = 0; i < posts && !paced; ++i) b.add(with(isa::ConvEpi{}, {1}, {}));
    return b.end();
  };
  EXPECT_THAT(verify(program(200, false)), IsEmpty());
  EXPECT_THAT(verify(program(1000, true)), IsEmpty());
  const auto findings = verify(program(300, false));
  ASSERT_FALSE(findings.empty());
  EXPECT_THAT(findings[0], HasSubstr("semaphore 1 may count 256 here; 255 is the most"));
}

}  // namespace
}  // namespace agc::runtime
