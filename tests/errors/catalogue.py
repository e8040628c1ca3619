"""The error catalogue: reads every refusal out of the C++ source and writes docs/errors.md.

A refusal is the argument of one of the reporting calls below. Its sentence is put together from the string literals of that
argument, with an ellipsis where a value is filled in; the sentence's own form "reason; cure" gives the columns. Refusals of whole areas
whose cure is always the same (a damaged file, a bug in the tools) take it from AREAS.

    python tests/errors/catalogue.py            # writes docs/errors.md
    python tests/errors/catalogue.py --check    # exit code 1 when it is not current
    python tests/errors/catalogue.py --untested # refusals of which no test names a part
"""
import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Where refusals come from, in the order of the page: title, folders or files, the cure where the sentence names none.
AREAS = [
    ("Reading the ONNX model", ["compiler/lib/Import"], "change the model as the sentence says and export it again"),
    ("The quantized graph", ["compiler/lib/Dialect/Qnn"], "quantize the named node's tensors as the sentence says"),
    ("Scheduling", ["compiler/lib/Schedule"], "take a larger core or a smaller layer"),
    ("Writing the program", ["compiler/lib/Emit", "compiler/lib/Dialect/Ovl"], "report it with the model: the compiler made it"),
    ("agcc and its tools: arguments and files", ["compiler/tools", "compiler/lib/Support"], "correct the arguments; --help lists them"),
    ("Cores, programs and assembler text", ["isa/lib"], "compile or assemble the program again"),
    ("Loading and verifying a program", ["runtime/lib/verify", "runtime/lib/manifest.cpp", "runtime/lib/program.cpp"],
     "compile the program again; one made by hand breaks the rule named"),
    ("Tensors, pictures and other files", ["runtime/lib/tensor", "runtime/lib/file.cpp"], "give a file as the sentence says"),
    ("Running", ["runtime/lib", "runtime/tools", "runtime/verilator"], "correct the arguments; --help lists them"),
]

CALLS = re.compile(r"(?<![\w:])(?:this->)?(?P<call>problem|refuse|fail|throw Error|throw DeviceFault|problems_?\.push_back|"
                   r"\w+(?:\(\))?(?:->|\.)emitError|\w+(?:->|\.)emitOpError|emitOpError|emitError)\s*(?P<open>[({])")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
SHORTEST_FRAGMENT = 8
FILLED = "\u2026"  # stands for a value


@dataclass
class Refusal:
    path: str
    line: int
    sentence: str
    internal: bool
    fragments: list = field(default_factory=list)
    tests: list = field(default_factory=list)

    def parts(self, otherwise):
        """Reason and cure."""
        reason, _, cure = self.sentence.partition("; ")
        return reason, cure or otherwise


def blank_comments(text):
    """The text with comments as spaces, line numbers kept."""
    pattern = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*.*?\*/', re.S)
    return pattern.sub(lambda m: m[0] if m[0][0] in "\"'" else re.sub(r"[^\n]", " ", m[0]), text)


def skip_literal(text, at):
    """Behind the string or character literal that begins at `at`."""
    quote, end = text[at], at + 1
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    return end + 1


def span(text, start, stops):
    """Index of the first of `stops` outside of brackets and literals."""
    depth, at = 0, start
    while at < len(text):
        c = text[at]
        if c == '"' or (c == "'" and not text[at - 1].isalnum()):
            at = skip_literal(text, at)
            continue
        if depth == 0 and c in stops:
            return at
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return at
        at += 1
    return at


def operands(expression):
    """Splits at + and << outside of brackets."""
    pieces, begin, at, depth = [], 0, 0, 0
    while at < len(expression):
        c = expression[at]
        if c == '"' or (c == "'" and not expression[at - 1].isalnum()):
            at = skip_literal(expression, at)
            continue
        depth += (c in "([{") - (c in ")]}")
        width = 2 if expression.startswith("<<", at) else 1 if c == "+" else 0
        if depth == 0 and width:
            pieces.append(expression[begin:at])
            begin = at = at + width
            continue
        at += 1
    return pieces + [expression[begin:]]


def unescape(literal):
    return literal.replace('\\"', '"').replace("\\n", " ").replace("\\\\", "\\")


def render(expression):
    """The sentence that `expression` makes, as a list of literal texts and None for what is filled in."""
    expression = expression.strip()
    question = span(expression, 0, "?")
    if question < len(expression) and expression[question] == "?":
        colon = question
        while True:  # `::` is no colon
            colon = span(expression, colon + 1, ":")
            if expression[colon:colon + 2] != "::":
                break
            colon += 1
        # Text in front of a conditional operand without brackets belongs to its condition.
        first, second = render(expression[question + 1:colon]), render(expression[colon + 1:])
        if any(first) or any(second):
            return first if not any(second) else second if not any(first) else [*first, " | ", *second]
        return [None]
    pieces = operands(expression)
    if len(pieces) > 1:
        return [part for piece in pieces for part in render(piece)]
    if expression.startswith('"') and not LITERAL.sub("", expression).strip():
        return [unescape("".join(LITERAL.findall(expression)))]
    call = re.match(r"^(?:std::string|llvm::Twine|fmt::format|llvm::formatv|::?\w*format\w*)?\s*\((.*)\)(?:\.str\(\))?$", expression, re.S)
    if call:
        inside = call[1]
        text = render(inside[:span(inside, 0, ",")])
        if "format" in expression.split("(")[0]:
            return [part for piece in text for part in split_format(piece)]
        return text
    return [None]


def split_format(text):
    if text is None:
        return [None]
    parts = []
    for index, piece in enumerate(re.split(r"\{[^{}]*\}", text)):
        if index:
            parts.append(None)
        if piece:
            parts.append(piece)
    return parts


def refusals_of(path):
    text = blank_comments(path.read_text())
    found = []
    for match in CALLS.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        before = text[line_start:match.start()]
        if re.match(r"\s*(?:\[\[noreturn\]\]\s*)?(?:static |inline |void |auto )*(?:void|bool|std::string)\s+(?:\w+::)*$", before):
            continue  # the function itself
        inner = text[match.end():span(text, match.end(), "")]
        behind = match.end() + len(inner) + 1
        tail = text[behind:span(text, behind, ";,")] if text[behind:behind + 20].lstrip().startswith("<<") else ""
        pieces = render(inner) if inner.strip() else []
        if tail:
            pieces = pieces + render(tail.lstrip()[2:])
        literals = [piece for piece in pieces if piece]
        sentence = re.sub(r"\s+", " ", "".join(FILLED if piece is None else piece for piece in pieces)).strip()
        sentence = re.sub(f"{FILLED}+", FILLED, sentence)
        if len("".join(literals)) < SHORTEST_FRAGMENT:
            continue  # hands on a sentence that was made elsewhere
        fragments = [piece.strip() for literal in literals for piece in literal.split(" | ")]
        found.append(Refusal(str(path.relative_to(ROOT)), text.count("\n", 0, match.start()) + 1, sentence,
                             "OpError" in match["call"], [f for f in fragments if len(f) >= SHORTEST_FRAGMENT]))
    return found


def sources(folder):
    base = ROOT / folder
    files = [base] if base.is_file() else sorted([*base.rglob("*.cpp"), *base.rglob("*.h")])
    return [f for f in files if "/test/" not in f.as_posix()]


def areas():
    seen = set()
    for title, folders, cure in AREAS:
        entries = []
        for folder in folders:
            for path in sources(folder):
                if path not in seen:
                    seen.add(path)
                    entries += refusals_of(path)
        yield title, cure, entries


def test_texts():
    for base in ("compiler/test", "isa/test", "runtime/test", "tests", "rtl/test"):
        for path in sorted((ROOT / base).rglob("*")):
            if path.suffix in (".py", ".cpp", ".h", ".mlir", ".test", ".sh") and path != Path(__file__).resolve():
                text = path.read_text()
                yield str(path.relative_to(ROOT)), re.sub(r"[\\{}\[\]()*.^$'\"+?|]", "", re.sub(r'"\s*\n\s*[rf]?"', "", text))


def find_tests(entries):
    texts = list(test_texts())
    for entry in entries:
        for fragment in sorted(entry.fragments, key=len, reverse=True):
            plain = re.sub(r"[\\{}\[\]()*.^$'\"+?|]", "", fragment)
            entry.tests = [name for name, text in texts if plain in text]
            if entry.tests:
                break


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def page(listing):
    lines = ["# Every refusal", "",
             "Generated from the source by `tests/errors/catalogue.py`. " + FILLED + " stands for a value; in front of most sentences stands what they",
             "are about: the ONNX node, the file, the instruction. All problems that can be told at once are told at once, the exit code is 1,",
             "and no output is left behind.", ""]
    for title, cure, entries in listing:
        shown = {}
        for entry in entries:
            if not entry.internal and entry.parts(cure)[0].strip(FILLED):
                shown.setdefault(entry.parts(cure), entry)
        if not shown:
            continue
        lines += [f"## {title}", "", "| message | cure | tested by |", "|---|---|---|"]
        for (reason, what), entry in shown.items():
            tests = ", ".join(f"`{Path(name).name}`" for name in entry.tests[:2]) or "-"
            lines.append(f"| {cell(reason)} | {cell(what)} | {tests} |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not current")
    parser.add_argument("--untested", action="store_true", help="list the refusals without a test")
    options = parser.parse_args()
    listing = list(areas())
    find_tests([entry for _, _, entries in listing for entry in entries])
    untested = [e for _, _, entries in listing for e in entries if not e.tests]
    if options.untested:
        for entry in untested:
            print(f"{entry.path}:{entry.line}: no test names: {entry.sentence}")
    text, target = page(listing), ROOT / "docs" / "errors.md"
    if options.check:
        if not target.exists() or target.read_text() != text:
            print("docs/errors.md is not current: run tests/errors/catalogue.py")
            return 1
        return 0
    if not options.untested:
        target.write_text(text)
        total = sum(len(entries) for _, _, entries in listing)
        print(f"{total} refusals, {len(untested)} without a test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
