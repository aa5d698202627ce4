"""The small networks that are shipped."""

import torch
from torch import Tensor, nn


def _twice(inward: int, outward: int) -> nn.Sequential:
    """Two convolutions of 3 x 3 with batch normalisation."""
    layers: list[nn.Module] = []
    for number in (inward, outward):
        layers += [nn.Conv2d(number, outward, 3, padding=1, bias=False), nn.BatchNorm2d(outward), nn.ReLU()]
    return nn.Sequential(*layers)


class NucleiNet(nn.Module):
    """A U-Net at half of the resolution; it gives logits of inside and of being near a middle.

    Takes red, green and blue of 0..1 (n, 3, height, width), sides multiples of 8, and gives two maps of them.
    Between its first and last layer a nucleus is 8 pixels across, which is enough, and costs a third of what
    full resolution would.
    """

    WIDTHS = (24, 48, 64)

    def __init__(self) -> None:
        super().__init__()
        widths = self.WIDTHS
        self.stem = nn.Conv2d(3, widths[0], 4, stride=2, padding=1)
        self.down = nn.ModuleList(
            _twice(*pair) for pair in zip((widths[0], *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            _twice(below + own, own) for own, below in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = nn.Sequential(nn.Conv2d(widths[0], 8, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, rgb: Tensor) -> Tensor:
        x = self.stem((rgb - 0.5) / 0.25)
        kept = []
        for number, layers in enumerate(self.down):
            x = layers(x if number == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        for layers, beside in zip(self.up, kept[-2::-1], strict=True):
            x = layers(torch.cat([nn.functional.interpolate(x, scale_factor=2.0, mode="nearest"), beside], 1))
        return self.head(x)


class CellNet(nn.Module):
    """A classifier of single cells; gives logits (n, classes). Takes red, green and blue of 0..1."""

    WIDTHS = (16, 32, 64, 96)

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            _twice(*pair) for pair in zip((3, *self.WIDTHS[:-1]), self.WIDTHS, strict=True)
        )
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(self.WIDTHS[-1], classes))

    def forward(self, rgb: Tensor) -> Tensor:
        x = (rgb - 0.7) / 0.25
        for stage in self.stages:
            x = nn.functional.max_pool2d(stage(x), 2)
        return self.head(x.mean((2, 3)))
