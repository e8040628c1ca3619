"""What is simulated and what is synthesized are one source but for the text under AGC_FAST_SIM, which this test keeps the only exception.

    python one_source.py rtl/agc_*.sv

The whole-core tests run with and without that define (agc_vcore_tiny, agc_vcore_tiny_synthesized).
"""

import re
import sys
from pathlib import Path

ALLOWED = "AGC_FAST_SIM"
COMMENT = re.compile(r"/\*.*?\*/|//(?!\s*(?:synthesis|synopsys|pragma)\b)[^\n]*", re.DOTALL)
# Conditions on anything else, text that one tool drops, and code from outside of Verilog.
RULES = [
    (re.compile(r"`(?:ifdef|ifndef|elsif)\s+(?!" + ALLOWED + r"\b)(\w+)"), "depends on the macro '{}'"),
    (re.compile(r"`(define|undef)\b"), "changes macros (`{})"),
    (re.compile(r"\b(translate_off|synthesis_off)\b"), "is hidden from synthesis ({})"),
    (re.compile(r"\bimport\s+\"(DPI(?:-C)?)\""), "calls C ({})"),
    (re.compile(r"\$(c|system|fopen|readmemh|readmemb|random|urandom)\b"), "uses ${}"),
]


def problems(text: str) -> list[str]:
    code = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    found = [(m.start(), sentence.format(m.group(1))) for pattern, sentence in RULES for m in pattern.finditer(code)]
    return [f"line {code.count(chr(10), 0, start) + 1} {sentence}" for start, sentence in sorted(found)]


def main():
    bad = [f"{path}: {problem}" for path in sys.argv[1:] for problem in problems(Path(path).read_text())]
    # The rules themselves: a source with one breach of each.
    probe = '`ifdef VERILATOR\n`define X\n// synthesis translate_off\nimport "DPI-C" f;\n$random // $random\n`ifdef AGC_FAST_SIM\n'
    if len(sys.argv) < 2 or len(problems(probe)) != 5:
        sys.exit("one_source: no sources, or the rules find nothing in a bad one")
    if bad:
        sys.exit("\n".join(bad) + f"\nonly {ALLOWED} may part simulation from synthesis: the tests run with and without it")


if __name__ == "__main__":
    main()
