"""The plain picture decoder: 3x3 convolutions, ReLU, residual adds and nearest upsampling.

It turns the rounded latent of a learned image codec, N x 96 x H/16 x W/16, into a picture
N x 3 x H x W with values near [0, 1]; `Exported` adds the final clamp.  The layer sequence is
held fixed: checkpoints name their weights by position in it (`n.0.weight`, `n.2.a.weight`, ...).
"""

import torch
from torch import nn
from torch.nn import functional

LATENT_CHANNELS = 96
STRIDE = 16  # picture pixels per latent sample, in each direction


def conv(inputs: int, outputs: int, kernel: int = 3) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride=1, padding=kernel // 2)


class Residual(nn.Module):
    """relu(x + b(relu(a(x)))), the shape of x unchanged."""

    def __init__(self, channels: int):
        super().__init__()
        self.a = conv(channels, channels)
        self.b = conv(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(x + self.b(functional.relu(self.a(x))))


class Upsample(nn.Module):
    """Nearest x2, then convolution and ReLU: N x inputs x H x W -> N x outputs x 2H x 2W."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.c = conv(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        return functional.relu(self.c(x))


class PlainDecoder(nn.Module):
    """Latent N x 96 x h x w -> picture N x 3 x 16h x 16w, not clamped."""

    def __init__(self):
        super().__init__()
        self.n = nn.Sequential(
            conv(LATENT_CHANNELS, 96), nn.ReLU(),
            Residual(96), Residual(96),
            Upsample(96, 96), Residual(96),
            Upsample(96, 64), Residual(64),
            Upsample(64, 48), Residual(48),
            Upsample(48, 32),
            conv(32, 32), nn.ReLU(),
            conv(32, 3, kernel=5),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.n(x)


class Exported(nn.Module):
    """The decoder as it is exported: the picture clamped to [0, 1]."""

    def __init__(self, decoder: PlainDecoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(x).clamp(0, 1)
