"""How wide the requantization multiplier has to be: prints the tables of docs/numerics.md.

    python -m tests.numerics.precision [--cases N] [--model MODEL.onnx ...]

Single ops: the fraction of outputs equal to ONNX Runtime's, for all outputs that do not saturate and for those farther
than 2^-10 step from a rounding tie, the worst case of the latter, and the largest difference in steps.
Models: for pairs of widths, requantization + residual add, PSNR against the reference cases MODEL_K.npz beside each model, worst of them and all of them.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx

from . import cases
from .compare import compare, psnr, reference_session
from .executor import Executor

WIDTHS = (16, 17, 18, 20, 22, 24, 25)
# (requantization, residual add): where it can differ, which of the two matters.
MODEL_WIDTHS = ((16, 16), (17, 17), (18, 18), (18, 25), (25, 18), (25, 20), (25, 25))


def single_ops(count: int):
    print("| op | bits | outputs | equal | equal outside ties | worst case | largest difference |")
    print("|---|---|---|---|---|---|---|")
    for make in (cases.conv, cases.add, cases.resize):
        results = {bits: [] for bits in WIDTHS}
        for seed in range(count):
            case = make(seed)
            reference = reference_session(case.model).run(None, case.feeds)[0]
            for bits in WIDTHS:
                results[bits].append(compare(case, bits, bits, reference))
        for bits, all_cases in results.items():
            total = {f: sum(getattr(r, f) for r in all_cases) for f in ("counted", "equal", "outside_ties", "equal_outside_ties")}
            print(f"| {make.__name__} | {bits} | {total['counted']} | {100 * total['equal'] / total['counted']:.4f}% | "
                  f"{100 * total['equal_outside_ties'] / total['outside_ties']:.4f}% | {100 * min(r.fraction for r in all_cases):.3f}% | "
                  f"{max(r.max_difference for r in all_cases)} |", flush=True)


def whole_models(paths: list[Path]):
    print(f"\n| model | {' | '.join(f'{bits} + {add_bits}' for bits, add_bits in MODEL_WIDTHS)} |\n|---|{'---|' * len(MODEL_WIDTHS)}")
    for path in paths:
        model = onnx.load(str(path))
        files = sorted(path.parent.glob(f"{path.stem}_*.npz"))
        if not files:
            raise SystemExit(f"{path} has no reference case {path.stem}_K.npz beside it")
        cells = []
        for bits, add_bits in MODEL_WIDTHS:
            values = []
            for file in files:
                data = np.load(file)
                outputs = Executor(model, bits, add_bits)({i.name: data[f"in_{i.name}"] for i in model.graph.input})
                values += [psnr(ours, data[f"out_{o.name}"]) for ours, o in zip(outputs, model.graph.output)]
            cells.append(f"{min(values):.1f} ({', '.join(f'{v:.1f}' for v in values)})")
        print(f"| {path.stem} | {' | '.join(cells)} |", flush=True)


def main():
    examples = Path(__file__).resolve().parents[2] / "examples" / "lic_plain" / "models"
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--cases", type=int, default=60, help="random cases per op")
    p.add_argument("--model", type=Path, nargs="+", default=sorted(examples.glob("*_64_s8.onnx")))
    args = p.parse_args()
    single_ops(args.cases)
    whole_models(args.model)


if __name__ == "__main__":
    main()
