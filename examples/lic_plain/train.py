"""Train the plain decoder on the rounded latents of the codec's encoder.

    python train.py --images PHOTOS --eval KODAK --state state.pt --minutes 100

Crops are cut from the photographs, encoded one by one (so that their borders look to the decoder
as borders of small pictures do) and kept; training then touches the decoder alone.  The loss is
the mean squared error.  Convolution weights are stepped by Muon: a momentum buffer, seen as a
matrix outputs x (inputs * taps), is replaced by its nearest orthogonal matrix.  For a budget
of minutes on a CPU it gets further than Adam, which steps biases and the last layer.

Two threads compute gradients of small batches on their own copies of the weights, and a step is
taken whenever enough gradients have come in.  On a machine that is shared, a thread that is not
scheduled then delays its own gradient only, where a parallel loop would wait for it.

The state file holds weights, their moving average (what is evaluated and exported), optimizer
state, iteration and the minutes done; a run that finds it goes on from it, otherwise from `--init`.
"""

import argparse
import copy
import os
import threading
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # parallelism is by batch, see above

import numpy as np
import torch
from PIL import Image

from network import STRIDE, PlainDecoder
from pictures import Encoder, centre_crop, list_images, psnr, read_rgb, to_tensor

HERE = Path(__file__).resolve().parent


def cut_crops(files, encoder, count: int, size: int, rng):
    """`count` random crops -> latents int8 count x 96 x size/16 x size/16, pictures uint8 count x 3 x size x size.

    Half of them are cut from a picture that was made smaller by up to 2, which sharpens it.
    Where a latent leaves int8 it is clipped; that is rarer than one in a million.
    """
    images = [Image.fromarray(read_rgb(f)) for f in files]
    images = [i for i in images if min(i.size) >= size]
    latents, pictures = [], []
    for _ in range(count):
        image = images[rng.integers(len(images))]
        if rng.random() < 0.5:
            scale = rng.uniform(max(0.5, (size + 1) / min(image.size)), 1.0)
            image = image.resize([round(s * scale) for s in image.size], Image.Resampling.BICUBIC)
        x = rng.integers(image.width - size + 1)
        y = rng.integers(image.height - size + 1)
        rgb = np.asarray(image.crop((x, y, x + size, y + size)))
        if rng.random() < 0.5:
            rgb = rgb[:, ::-1]
        if rng.random() < 0.25:
            rgb = rgb.transpose(1, 0, 2)
        rgb = np.ascontiguousarray(rgb)
        latents.append(np.clip(encoder(to_tensor(rgb))[0], -128, 127).astype(np.int8))
        pictures.append(rgb.transpose(2, 0, 1))
    return torch.from_numpy(np.stack(latents)), torch.from_numpy(np.stack(pictures))


def orthogonalize(matrix: torch.Tensor) -> torch.Tensor:
    """Nearest semi-orthogonal matrix, by five Newton-Schulz steps (coefficients of Jordan et al., 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-12)
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Optimizer:
    """Muon for the weights of inner convolutions, Adam for the rest; one learning-rate factor for both."""

    def __init__(self, model, muon_rate: float, adam_rate: float, momentum: float = 0.95):
        last = list(model.n)[-1]
        self._muon = [p for p in model.parameters() if p.dim() == 4 and p is not last.weight]
        inner = {id(p) for p in self._muon}
        self._momentum = momentum
        self._muon_rate = muon_rate
        self._adam_rate = adam_rate
        self._buffers = [torch.zeros_like(p) for p in self._muon]
        self._adam = torch.optim.Adam([p for p in model.parameters() if id(p) not in inner], adam_rate,
                                      betas=(0.9, 0.99))

    @torch.no_grad()
    def step(self, factor: float):
        for group in self._adam.param_groups:
            group["lr"] = self._adam_rate * factor
        self._adam.step()
        for p, buffer in zip(self._muon, self._buffers):
            buffer.lerp_(p.grad, 1 - self._momentum)
            direction = p.grad.lerp(buffer, self._momentum)  # Nesterov
            update = orthogonalize(direction.flatten(1))
            # Row norms of the update are those of a matrix with unit-variance inputs, whatever its shape.
            scale = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
            p.add_(update.reshape(p.shape), alpha=-self._muon_rate * factor * scale)

    def state(self) -> dict:
        return {"adam": self._adam.state_dict(), "muon": self._buffers}

    def load(self, state: dict):
        self._adam.load_state_dict(state["adam"])
        for mine, saved in zip(self._buffers, state["muon"]):
            mine.copy_(saved)


class Trainer:
    """Shared weights, the threads that send gradients for them, and the moving average."""

    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
        self.model = PlainDecoder().to(memory_format=torch.channels_last)
        self.optimizer = Optimizer(self.model, args.muon_rate, args.adam_rate)
        self.average = copy.deepcopy(self.model)
        self.iteration = 0
        self.seconds_before = 0.0  # spent by earlier runs on the same state file
        self.pending = 0
        self.losses = []
        self.start = time.monotonic()
        self.failure = None
        self._load()
        for p in self.model.parameters():
            p.grad = torch.zeros_like(p)

    def _load(self):
        path = self.args.state if self.args.state.exists() else self.args.init
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(saved.get("raw", saved["model"]))
        self.average.load_state_dict(saved["model"])
        if path == self.args.state:
            self.optimizer.load(saved["optimizer"])
            self.iteration = saved["it"]
            self.seconds_before = saved["seconds"]
        print(f"starting from {path} at iteration {self.iteration}", flush=True)

    def save(self, score: float):
        state = {"model": {k: v.contiguous() for k, v in self.average.state_dict().items()},
                 "raw": self.model.state_dict(), "optimizer": self.optimizer.state(),
                 "it": self.iteration, "seconds": self.seconds(), "psnr": score}
        partial = self.args.state.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.args.state)  # a run killed here leaves the older state whole

    def seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.start

    def progress(self) -> float:
        return min(1.0, self.seconds() / (60 * self.args.minutes))

    def factor(self) -> float:
        """Warm-up over 30 steps, flat, then linear to nearly 0 over the last `--decay` of the time."""
        warm = min(1.0, (self.iteration + 1) / 30)
        return warm * max(0.01, min(1.0, (1 - self.progress()) / self.args.decay))

    def work(self, seed: int, latents, pictures):
        """Body of one thread: batches until the time is over."""
        try:
            generator = torch.Generator().manual_seed(seed)
            local = copy.deepcopy(self.model)
            while self.progress() < 1 and self.failure is None:
                with self.lock, torch.no_grad():
                    for mine, shared in zip(local.parameters(), self.model.parameters()):
                        mine.copy_(shared)
                pick = torch.randint(len(latents), (self.args.batch,), generator=generator)
                x = latents[pick].float().contiguous(memory_format=torch.channels_last)
                y = pictures[pick].float().div_(255)
                loss = torch.mean((local(x) - y) ** 2)
                gradients = torch.autograd.grad(loss, list(local.parameters()))
                self.accept(gradients, loss.item())
        except Exception as error:  # the main thread waits on a clock, so it has to be told
            self.failure = error
            raise

    @torch.no_grad()
    def accept(self, gradients, loss: float):
        with self.lock:
            for p, g in zip(self.model.parameters(), gradients):
                p.grad.add_(g, alpha=1 / self.args.accumulate)
            self.pending += 1
            self.losses.append(loss)
            if self.pending < self.args.accumulate:
                return
            self.optimizer.step(self.factor())
            for p in self.model.parameters():
                p.grad.zero_()
            self.pending = 0
            self.iteration += 1
            decay = min(self.args.average, (1 + self.iteration) / (10 + self.iteration))
            for mean, p in zip(self.average.parameters(), self.model.parameters()):
                mean.lerp_(p, 1 - decay)

    @torch.no_grad()
    def evaluate(self, tests) -> float:
        with self.lock:
            snapshot = copy.deepcopy(self.average)
        return float(np.mean([psnr(snapshot(x).numpy(), y) for x, y in tests]))


def parse():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--images", type=Path, nargs="+", required=True, help="folders of photographs")
    p.add_argument("--eval", type=Path, required=True, help="folder of photographs of at least 256x256, never trained on")
    p.add_argument("--eval-every", type=int, default=1, help="take each k-th picture of --eval")
    p.add_argument("--encoder", type=Path, default=HERE / "models" / "lic_gdn48_ga.onnx")
    p.add_argument("--init", type=Path, default=HERE / "lic_plain.pt", help="checkpoint to begin with")
    p.add_argument("--state", type=Path, required=True, help="checkpoint to write, and to go on from where it exists")
    p.add_argument("--minutes", type=float, default=60, help="wall clock, earlier runs on the same state included")
    p.add_argument("--decay", type=float, default=0.6, help="last part of the time in which the learning rate falls")
    p.add_argument("--crop", type=int, default=128, help="pixels, a multiple of 16")
    p.add_argument("--crops", type=int, default=6000)
    p.add_argument("--batch", type=int, default=2, help="crops per gradient")
    p.add_argument("--accumulate", type=int, default=2, help="gradients per step")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--muon-rate", type=float, default=0.01)
    p.add_argument("--adam-rate", type=float, default=1e-3)
    p.add_argument("--average", type=float, default=0.998, help="decay of the moving average per step")
    p.add_argument("--report", type=float, default=120, help="seconds between evaluations")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    if args.crop % STRIDE:
        p.error(f"--crop {args.crop} is not a multiple of {STRIDE}")
    return args


def main():
    args = parse()
    torch.set_num_threads(1)
    encoder = Encoder(args.encoder)
    tests = []
    for file in list_images(args.eval)[::args.eval_every]:
        picture = to_tensor(centre_crop(read_rgb(file), 256))
        tests.append((torch.from_numpy(encoder(picture)), picture))
    trainer = Trainer(args)
    rng = np.random.default_rng(args.seed + trainer.iteration)
    files = [f for folder in args.images for f in list_images(folder)]
    latents, pictures = cut_crops(files, encoder, args.crops, args.crop, rng)
    print(f"{len(files)} photographs, {args.crops} crops of {args.crop}x{args.crop}, "
          f"evaluated on {len(tests)} crops; {trainer.evaluate(tests):.2f} dB before", flush=True)

    trainer.start = time.monotonic()
    threads = [threading.Thread(target=trainer.work, args=(int(rng.integers(2**31)), latents, pictures), daemon=True)
               for _ in range(args.threads)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        due = time.monotonic() + args.report
        while time.monotonic() < due and any(t.is_alive() for t in threads):
            threads[0].join(0.5)
            threads[-1].join(0.5)
        if trainer.failure is not None:
            raise SystemExit(f"training stopped: {trainer.failure}")
        with trainer.lock:
            recent, trainer.losses = trainer.losses, []
        score = trainer.evaluate(tests)
        with trainer.lock:
            trainer.save(score)
        if recent:
            print(f"{trainer.seconds():6.0f} s  iteration {trainer.iteration}  rate x{trainer.factor():.3f}  "
                  f"loss {-10 * np.log10(np.mean(recent)):.2f} dB  eval {score:.2f} dB", flush=True)


if __name__ == "__main__":
    main()
