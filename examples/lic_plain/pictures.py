"""Pictures and their latents: what training, export and the demo share.

Only numpy, Pillow and ONNX Runtime are needed here, so that the demo runs without torch.
Pictures are float32 arrays 1 x 3 x H x W in [0, 1], RGB.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png"}


def list_images(folder: str | Path) -> list[Path]:
    """The picture files of `folder`, sorted by name; an empty folder is an error."""
    files = sorted(f for f in Path(folder).iterdir() if f.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"{folder} holds no .jpg or .png file; name a folder of photographs")
    return files


def read_rgb(path: str | Path) -> np.ndarray:
    """uint8 H x W x 3."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def to_tensor(rgb: np.ndarray) -> np.ndarray:
    """uint8 H x W x 3 -> float32 1 x 3 x H x W in [0, 1]."""
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)


def centre_crop(rgb: np.ndarray, size: int) -> np.ndarray:
    """The central size x size pixels of a picture that is at least as large."""
    height, width = rgb.shape[:2]
    if min(height, width) < size:
        raise SystemExit(f"a picture of {width}x{height} is smaller than the crop of {size}x{size}")
    y, x = (height - size) // 2, (width - size) // 2
    return rgb[y:y + size, x:x + size]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB for pictures in [0, 1]; inf where both are equal."""
    mse = float(np.mean((np.clip(a, 0, 1).astype(np.float64) - np.clip(b, 0, 1)) ** 2))
    return float("inf") if mse == 0 else -10 * float(np.log10(mse))


def session(path: str | Path, optimize: bool = False, threads: int = 1) -> onnxruntime.InferenceSession:
    """A CPU session; by default with graph optimisation disabled, the literal meaning of a QDQ file."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    if not optimize:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Encoder:
    """The analysis transform of the codec, run by ONNX Runtime: picture -> rounded latent."""

    def __init__(self, path: str | Path):
        self._session = session(path, optimize=True)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """1 x 3 x H x W, H and W multiples of 16 -> integers as float32, 1 x 96 x H/16 x W/16."""
        return np.rint(self._session.run(None, {self._input: picture})[0]).astype(np.float32)
