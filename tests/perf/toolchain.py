"""What the benchmarks share: agcc and agc-run as functions, and tables in Markdown."""

import json
import subprocess
from pathlib import Path

import numpy as np

from tests.badinput.agcbin import Container

# Bytes a cycle of all reads and writes together, by memory profile (docs/machine.md); the others have no such limit.
PROFILE_BYTES = {"ddr3-z7020": 25, "stress": 25}


class ToolError(RuntimeError):
    """A tool refused; the message is its own sentence."""


def call(*arguments) -> str:
    """Runs a command -> what it printed. Throws ToolError."""
    try:
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    except OSError as error:
        raise ToolError(f"cannot run {arguments[0]}: {error.strerror}; build it with 'make tools' or name its folder with --tools") from None
    if done.returncode != 0:
        raise ToolError(done.stderr.strip() or f"{arguments[0]} ended with {done.returncode}")
    return done.stdout


class Program:
    """A compiled model in `folder`: `path`, and agcc's report of it as `report`."""

    def __init__(self, tools: Path, model: Path, core: str, folder: Path, shapes=()):
        self.tools, self.folder, self.path = Path(tools), Path(folder), Path(folder) / "prog.bin"
        call(self.tools / "agcc", model, "-o", self.path, "--core", core, "--report", self.folder / "report.json",
             *sum((["--shape", s] for s in shapes), []))
        self.report = json.loads((self.folder / "report.json").read_text())
        manifest = json.loads(Container(self.path.read_bytes()).section(b"MNFT")[1])
        self.inputs = {t["name"]: t for t in manifest["inputs"]}
        self.outputs = [t["name"] for t in manifest["outputs"]]

    def random_feeds(self, seed: int = 1) -> dict:
        """Inputs drawn evenly from all that their quantization can represent (integer borders: from all values)."""
        generator = np.random.default_rng(seed)
        feeds = {}
        for name, tensor in self.inputs.items():
            quant = tensor["quant"]
            low = -128 if quant["type"] == "int8" else 0
            q = generator.integers(low, low + 256, tensor["shape"])
            feeds[name] = (((q - quant["zero_point"]) * quant["scale"]) if tensor["dtype"] == "float32" else q).astype(tensor["dtype"])
        return feeds

    def run(self, feeds: dict, backend: str, memory: str, seed: int = 0) -> tuple[dict, dict]:
        """One run from cold -> (outputs by name, statistics of agc-run)."""
        arguments = []
        for k, (name, value) in enumerate(feeds.items()):
            np.save(self.folder / f"in_{k}.npy", value)
            arguments += ["--input", f"{name}={self.folder}/in_{k}.npy"]
        for k, name in enumerate(self.outputs):
            arguments += ["--output", f"{name}={self.folder}/out_{k}.npy"]
        call(self.tools / "agc-run", self.path, "--backend", backend, "--memory", memory, "--seed", seed,
             "--stats", self.folder / "stats.json", *arguments)
        return ({name: np.load(self.folder / f"out_{k}.npy") for k, name in enumerate(self.outputs)},
                json.loads((self.folder / "stats.json").read_text()))


def same_bytes(results) -> bool:
    """Whether all dictionaries of arrays hold the same bytes."""
    results = list(results)
    return all(other[name].tobytes() == value.tobytes() for other in results[1:] for name, value in results[0].items())


def table(head, rows) -> str:
    """Markdown, columns as wide as their longest cell."""
    lines = [list(map(str, head))] + [list(map(str, row)) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
