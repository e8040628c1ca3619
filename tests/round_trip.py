"""Programs to text and back, for the tests that compile: needs AGC_OBJDUMP and AGC_AS in the environment."""

import os
import subprocess
from pathlib import Path


def run(*command) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), f"{command[0]}: exit code {done.returncode}\n{done.stderr}"
    return done.stdout


def assemble(text: str, program: Path) -> bytes:
    """`text` with the other sections of `program`."""
    folder, source, result = (program.with_suffix(ending) for ending in (".sections", ".s", ".again"))
    run(os.environ["AGC_OBJDUMP"], program, "--sections", folder)
    source.write_text(text)
    run(os.environ["AGC_AS"], source, "--sections", folder, "-o", result)
    return result.read_bytes()


def check(program: Path):
    """agc-as makes the same bytes of what agc-objdump prints."""
    assert assemble(run(os.environ["AGC_OBJDUMP"], program), program) == program.read_bytes()
