#include "agc/isa/assembler.h"

#include <gtest/gtest.h>

#include "agc/isa/info.h"
#include "agc/isa/instruction.h"
#include "agc/isa/testing/random_instruction.h"

namespace agc::isa {
namespace {

std::string sentences(const AssembledCode& result) {
  std::string text;
  for (const SourceProblem& p : result.problems) text += std::to_string(p.line) + ":" + std::to_string(p.column) + ": " + p.sentence + "\n";
  return text;
}

std::vector<Instruction> accepted(std::string_view text) {
  AssembledCode result = assemble(text);
  EXPECT_EQ(result.problemCount, 0u) << sentences(result);
  return result.code;
}

/// "line:column" of every problem.
std::vector<std::string> places(const AssembledCode& result) {
  std::vector<std::string> all;
  for (const SourceProblem& p : result.problems) all.push_back(std::to_string(p.line) + ":" + std::to_string(p.column));
  return all;
}

using Places = std::vector<std::string>;

/// Both ways through text: words to text to words, and text to words to text.
TEST(Assembler, EveryInstructionWithRandomFieldsSurvives) {
  std::mt19937 rng(11);
  std::vector<size_t> seen(instructions().size());
  for (int round = 0; round < 200; ++round) {
    std::vector<Word> words;
    std::string text;
    for (int n = 0; n < 50; ++n) {
      Instruction instruction = testing::randomInstruction(rng);
      ++seen[instruction.index()];
      words.push_back(encode(instruction));
      text += print(instruction) + "  # " + std::to_string(n) + "\n";
    }
    std::string again;
    std::vector<Instruction> code = accepted(text);
    ASSERT_EQ(code.size(), words.size());
    for (size_t n = 0; n < code.size(); ++n) {
      ASSERT_EQ(encode(code[n]), words[n]) << print(code[n]);
      again += print(*decode(words[n])) + "  # " + std::to_string(n) + "\n";
    }
    ASSERT_EQ(again, text);
  }
  for (size_t n = 0; n < seen.size(); ++n) EXPECT_GT(seen[n], 20u) << instructions()[n].mnemonic;
}

TEST(Assembler, TakesCommentsBlankLinesAndAnyLineEnd) {
  std::vector<Instruction> code = accepted("\n# title\r\n\r\n  \t LOAD n0=0x10 seg=3 # words\r\n#LOAD\n\tEND");
  ASSERT_EQ(code.size(), 2u);
  EXPECT_EQ(print(code[0]), "LOAD seg=3 n0=16 n1=1 n2=1");
  EXPECT_EQ(print(code[1]), "END");
}

TEST(Assembler, LabelsCountInstructions) {
  std::vector<Instruction> code = accepted(
      "start: LOOP body=done count=4 d_in=16\n"
      "  CONV in_h=4   # first\n"
      "\n"
      "inner: again:\n"
      "  CONV in_h=5\n"
      "done: # behind the body\n"
      "last.1:END\n");
  ASSERT_EQ(code.size(), 4u);
  EXPECT_EQ(std::get<Loop>(code[0]).body, 2u);
  EXPECT_EQ(accepted("LOOP body=e\nCONV\ne:"), accepted("LOOP body=1\nCONV"));
}

TEST(Assembler, RefusesLabelsInWords) {
  AssembledCode result = assemble(
      "a: LOOP body=nowhere\n"
      "LOOP count=2 body=a\n"
      "LOOP body=next\n"
      "next: END\n"
      "a: 1b: :END\n");
  EXPECT_EQ(places(result), (Places{"1:14", "2:19", "3:11", "5:1", "5:4", "5:8"})) << sentences(result);
  EXPECT_EQ(result.problems[0].sentence, "LOOP: there is no label 'nowhere' for body; put 'nowhere:' in front of an instruction, or give a number.");
  EXPECT_EQ(result.problems[1].sentence,
            "LOOP: body must be 1 to 4095, but there are -2 instructions from here to the label 'a'; the label stands behind the last one that is "
            "counted.");
  EXPECT_EQ(result.problems[3].sentence, "The label 'a' is already in line 1; give one of them another name.");
  EXPECT_EQ(result.problems[4].sentence, "'1b' cannot be a label: letters, digits, '_' and '.' make one, and no digit or dot begins it.");
}

TEST(Assembler, FindsAllMistakesAtOnce) {
  AssembledCode result = assemble(
      "# two lines are good\n"
      "LOAD seg=9 sp=-1 nn=3 n0=1 n0=1\n"
      "  JUMP to=3\n"
      "LOAD\n"
      "\tCONV wait=1,32 in\n"
      "END post=1 layer=70000\n");
  EXPECT_EQ(places(result), (Places{"2:10", "2:15", "2:18", "2:28", "3:3", "5:14", "5:17", "6:1", "6:18"})) << sentences(result);
  EXPECT_EQ(result.problemCount, 9u);
}

TEST(Assembler, NothingIsNoProgram) {
  for (const char* text : {"", "\n\n", "# END", "label:\n"}) {
    AssembledCode result = assemble(text);
    ASSERT_EQ(result.problemCount, 1u) << text;
    EXPECT_EQ(result.problems[0].sentence, "The text has no instructions; a program has at least END.");
  }
  EXPECT_EQ(places(assemble("\n\n")), Places{"3:1"});
}

TEST(Assembler, KeepsItsLimits) {
  AssemblerLimits limits;
  limits.instructions = 3;
  limits.problems = 2;
  EXPECT_EQ(assemble("LOAD\nLOAD\nEND\n", limits).problemCount, 0u);
  AssembledCode result = assemble("LOAD\nLOAD\nLOAD\nEND\nJUMP\n", limits);
  EXPECT_EQ(places(result), Places{"4:1"});
  EXPECT_EQ(result.problems[0].sentence, "The program has more than 3 instructions, the most that is possible; use loops.");
  result = assemble("A\nB\nC\n", limits);
  EXPECT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problemCount, 3u);
}

TEST(Assembler, RandomEditsNeverCrash) {
  std::mt19937 rng(12);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int n = 0; n < 6; ++n) text += (n == 3 ? "x: " : "") + print(testing::randomInstruction(rng)) + "\n";
    for (int edits = 1 + round % 8; edits > 0; --edits) text[rng() % text.size()] = "\n:#= ,x0-\xff"[rng() % 10];
    AssembledCode result = assemble(text);
    if (result.problemCount) {
      ASSERT_FALSE(result.problems.empty());
      for (const SourceProblem& p : result.problems) EXPECT_TRUE(p.line >= 1 && p.column >= 1 && p.column <= text.size() + 1 && !p.sentence.empty());
      continue;
    }
    std::string again;
    for (const Instruction& instruction : result.code) again += print(instruction) + "\n";
    EXPECT_EQ(accepted(again), result.code);
  }
}

}  // namespace
}  // namespace agc::isa
