"""Decode a photograph with the example codec: compiler, simulator and Verilog core against ONNX Runtime.

    python demo.py --tools build/release/bin --out build/demo [--photo FILE]

The photograph (256x256 pixels; a larger one is cropped to its centre) is encoded by ONNX Runtime.  The
int8 decoder is compiled by agcc and run by agc-run twice, in the bit-exact simulator and in the
Verilated core.  Exit code 0 when both give the same bytes, 1 with a sentence otherwise.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pictures import Encoder, centre_crop, psnr, read_rgb, session, to_tensor

HERE = Path(__file__).resolve().parent
SIZE = 256
BACKENDS = ("sim", "verilator")
AMPLIFICATION = 32  # of the difference shown, for an eye to see single steps


def stop(sentence: str):
    print(f"demo: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def call(tool: Path, *arguments):
    """Runs a tool; what it wrote to standard error is shown when it refuses."""
    if not tool.is_file():
        stop(f"{tool} does not exist; build it first (make build) or name its folder with --tools")
    done = subprocess.run([str(tool), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
        stop(f"{tool.name} ended with exit code {done.returncode}")


def run(args, backend: str) -> tuple[np.ndarray, dict]:
    """One decode -> picture float32 1 x 3 x SIZE x SIZE and the statistics of agc-run."""
    image, stats = args.out / f"image_{backend}.npy", args.out / f"stats_{backend}.json"
    call(args.tools / "agc-run", args.out / "prog.bin", "--backend", backend, "--input", f"latent={args.out / 'latent.npy'}",
         "--output", f"image={image}", "--stats", stats)
    return np.load(image, allow_pickle=False), json.loads(stats.read_text())


def to_rgb(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(picture[0], 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))


def write_sheet(path: Path, panels: list[tuple[str, np.ndarray]]):
    """Pictures side by side, each under its label."""
    bar, gap = 26, 8
    sheet = Image.new("RGB", (len(panels) * (SIZE + gap) - gap, SIZE + bar), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for index, (label, picture) in enumerate(panels):
        x = index * (SIZE + gap)
        draw.text((x + SIZE // 2, bar // 2), label, fill="black", font=font, anchor="mm")
        sheet.paste(to_rgb(picture), (x, bar))
    sheet.save(path)


def parse():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--tools", type=Path, required=True, help="folder of agcc and agc-run")
    p.add_argument("--out", type=Path, required=True, help="folder for everything the demo writes")
    p.add_argument("--photo", type=Path, default=HERE / "astronaut.png")
    p.add_argument("--model", type=Path, default=HERE / "models" / f"lic_plain_{SIZE}_s8.onnx")
    p.add_argument("--encoder", type=Path, default=HERE / "models" / "lic_gdn48_ga.onnx")
    return p.parse_args()


def main():
    args = parse()
    args.out.mkdir(parents=True, exist_ok=True)
    original = to_tensor(centre_crop(read_rgb(args.photo), SIZE))
    latent = Encoder(args.encoder)(original)
    np.save(args.out / "latent.npy", latent)
    print(f"{args.photo.name}, {SIZE}x{SIZE}, encoded by ONNX Runtime: latent {'x'.join(map(str, latent.shape))}, "
          f"integers from {latent.min():.0f} to {latent.max():.0f}", flush=True)
    reference = session(args.model).run(["image"], {"latent": latent})[0]

    call(args.tools / "agcc", args.model, "-o", args.out / "prog.bin", "--core", "z7020",
         "--report", args.out / "report.txt", "--quiet")
    print(f"{args.model.name} compiled by agcc for core z7020: {(args.out / 'prog.bin').stat().st_size:,} bytes", flush=True)
    pictures, stats = {}, {}
    for backend in BACKENDS:
        pictures[backend], stats[backend] = run(args, backend)
        print(f"decoded by agc-run --backend {backend}: {stats[backend]['cycles']:,} cycles", flush=True)
    same = pictures["sim"].tobytes() == pictures["verilator"].tobytes()
    ours = pictures["verilator"]
    if ours.shape != reference.shape:
        stop(f"the decoded picture has shape {ours.shape}, the reference {reference.shape}")

    rows = [("PSNR to the original, ONNX Runtime", f"{psnr(reference, original):.2f} dB"),
            ("PSNR to the original, Verilog core", f"{psnr(ours, original):.2f} dB"),
            ("PSNR, Verilog core against ONNX Runtime", f"{psnr(ours, reference):.2f} dB"),
            ("simulator and Verilog, same bytes", "yes" if same else "NO")]
    for backend in BACKENDS:
        s = stats[backend]
        rows += [(f"cycles, {backend} (memory {s['memory']})", f"{s['cycles']:,}"),
                 (f"MAC utilisation, {backend}", f"{100 * s['mac_utilization']:.1f} %")]
    s = stats["verilator"]
    rows += [("multiply-accumulates", f"{s['macs']:,}"),
             ("DRAM read / written / compulsory", f"{s['dram_bytes_read']:,} / {s['dram_bytes_written']:,} / {s['dram_bytes_compulsory']:,} bytes")]
    width = max(len(name) for name, _ in rows)
    print("\n" + "\n".join(f"{name:<{width}}  {value}" for name, value in rows))

    sheet = args.out / "pictures.png"
    difference = np.abs(ours - reference) * AMPLIFICATION
    write_sheet(sheet, [("original", original), ("ONNX Runtime", reference), ("Verilog core", ours),
                        (f"difference x{AMPLIFICATION}", difference)])
    print(f"\npictures           {sheet}\nlayers and cycles  {args.out / 'report.txt'}\nprogram, latent, outputs, statistics in {args.out}")
    if not same:
        count = int(np.count_nonzero(pictures["sim"] != pictures["verilator"]))
        stop(f"simulator and Verilog differ in {count} of {ours.size} samples; they must be equal to the byte")


if __name__ == "__main__":
    main()
