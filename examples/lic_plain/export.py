"""Export the trained decoder: checkpoint -> fp32 ONNX -> int8 QDQ ONNX, and reference cases.

    python export.py --checkpoint lic_plain.pt --calibration PHOTOS --cases OTHER_PHOTOS --out models

For each size N this writes OUT/lic_plain_N_s8.onnx and OUT/lic_plain_N_s8_K.npz.  A case holds `in_latent`,
float32 1 x 96 x N/16 x N/16 with integer values, and `out_image`, float32 1 x 3 x N x N, computed by
ONNX Runtime on that very file with graph optimisation disabled.  Photographs themselves are not written.

With `--keep FILE` the averaged weights alone are kept in FILE, in half precision.  What is exported
are always these rounded weights, so that FILE remakes the same models.
"""

import argparse
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from network import LATENT_CHANNELS, STRIDE, Exported, PlainDecoder
from pictures import Encoder, centre_crop, list_images, psnr, read_rgb, session, to_tensor

HERE = Path(__file__).resolve().parent


class Latents(CalibrationDataReader):
    """Feeds calibration latents to the quantizer one at a time."""

    def __init__(self, latents):
        self._remaining = iter(latents)

    def get_next(self):
        latent = next(self._remaining, None)
        return None if latent is None else {"latent": latent}


def load_half(path: Path) -> tuple[dict, dict]:
    """The averaged weights of a checkpoint, rounded to half precision, and the whole checkpoint."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    return {name: value.half().contiguous() for name, value in saved["model"].items()}, saved


def export_fp32(decoder: PlainDecoder, size: int, path: Path):
    latent = torch.zeros(1, LATENT_CHANNELS, size // STRIDE, size // STRIDE)
    torch.onnx.export(Exported(decoder).eval(), (latent,), str(path), input_names=["latent"], output_names=["image"],
                      opset_version=17, dynamo=False)


def quantize(fp32: Path, int8: Path, latents):
    """int8 activations (asymmetric) and weights (symmetric, per output channel); ranges are minimum and maximum."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
        quantize_static(str(prepared), str(int8), Latents(latents), quant_format=QuantFormat.QDQ, per_channel=True,
                        weight_type=QuantType.QInt8, activation_type=QuantType.QInt8,
                        calibrate_method=CalibrationMethod.MinMax,
                        extra_options={"WeightSymmetric": True, "ActivationSymmetric": False})
    for tensor in onnx.load(str(int8)).graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.int8 and values.ndim == 4 and values.min() == -128:
            raise SystemExit(f"{int8}: weight {tensor.name} holds -128, which the core does not take")


def parse():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--checkpoint", type=Path, default=HERE / "lic_plain.pt")
    p.add_argument("--encoder", type=Path, default=HERE / "models" / "lic_gdn48_ga.onnx")
    p.add_argument("--calibration", type=Path, required=True, help="folder of photographs for the activation ranges")
    p.add_argument("--calibration-count", type=int, default=24, help="photographs used, spread over the folder")
    p.add_argument("--cases", type=Path, nargs="+", required=True, help="photographs for the reference cases")
    p.add_argument("--sizes", type=int, nargs="+", default=[64, 256], help="picture sizes, multiples of 16")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--keep", type=Path, help="write the averaged weights there, in half precision")
    return p.parse_args()


def main():
    args = parse()
    torch.set_num_threads(1)
    logging.getLogger().setLevel(logging.ERROR)
    weights, saved = load_half(args.checkpoint)
    if args.keep:
        torch.save({"model": weights, "it": saved["it"], "psnr": saved["psnr"]}, args.keep)
    decoder = PlainDecoder()
    decoder.load_state_dict(weights)
    encoder = Encoder(args.encoder)
    photographs = list_images(args.calibration)
    photographs = photographs[::max(1, len(photographs) // args.calibration_count)][:args.calibration_count]
    args.out.mkdir(parents=True, exist_ok=True)
    for size in args.sizes:
        calibration = [encoder(to_tensor(centre_crop(read_rgb(f), size))) for f in photographs]
        int8 = args.out / f"lic_plain_{size}_s8.onnx"
        with tempfile.TemporaryDirectory() as folder:
            fp32 = Path(folder) / "decoder.onnx"
            export_fp32(decoder, size, fp32)
            quantize(fp32, int8, calibration)
            exact, quantized = session(fp32), session(int8)
        for index, file in enumerate(args.cases):
            picture = to_tensor(centre_crop(read_rgb(file), size))
            latent = encoder(picture)
            reference = exact.run(None, {"latent": latent})[0]
            image = quantized.run(None, {"latent": latent})[0]
            np.savez_compressed(int8.with_name(f"{int8.stem}_{index}.npz"), in_latent=latent, out_image=image)
            print(f"{size}x{size} {file.name}: fp32 {psnr(reference, picture):.2f} dB, int8 {psnr(image, picture):.2f} dB, "
                  f"int8 against fp32 {psnr(image, reference):.2f} dB", flush=True)


if __name__ == "__main__":
    main()
