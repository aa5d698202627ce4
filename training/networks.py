"""The small networks of pixels."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def twice(inward: int, outward: int, stride: int = 1) -> nn.Sequential:
    """Two convolutions of 3 x 3 with batch normalisation; the first takes steps of `stride`."""
    layers: list[nn.Module] = []
    for number, step in ((inward, stride), (outward, 1)):
        convolution = nn.Conv2d(number, outward, 3, stride=step, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(outward), nn.ReLU()]
    return nn.Sequential(*layers)


class HalfNet(nn.Module):
    """A U-Net (O. Ronneberger et al., MICCAI 2015) that works at half of the resolution.

    Takes red, green and blue of 0..1 (n, 3, height, width), sides multiples of 2 to the number of widths, and
    gives so many maps of logits of them.
    """

    def __init__(self, widths: Sequence[int], maps: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 4, stride=2, padding=1)
        self.down = nn.ModuleList(
            twice(*pair) for pair in zip((widths[0], *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            twice(below + own, own) for own, below in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = nn.Sequential(nn.Conv2d(widths[0], 4 * maps, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, rgb: Tensor) -> Tensor:
        return self.head(self.features(rgb))

    def features(self, rgb: Tensor) -> Tensor:
        """What the maps are made of, at half of the resolution: (n, first width, height / 2, width / 2)."""
        x = self.stem((rgb - 0.5) / 0.25)
        kept = []
        for number, layers in enumerate(self.down):
            x = layers(x if number == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        for layers, beside in zip(self.up, kept[-2::-1], strict=True):
            x = layers(torch.cat([nn.functional.interpolate(x, scale_factor=2.0, mode="nearest"), beside], 1))
        return x


class NucleiNet(HalfNet):
    """Logits of inside of a nucleus and of being near its middle, and those of its class at each pixel.

    Between its first and last layer a nucleus is 8 pixels across, which is enough, and costs a third of what
    full resolution would. Classes are told at half of the resolution: a nucleus has pixels enough to vote.
    """

    def __init__(self, classes: int) -> None:
        widths = (24, 48, 64)
        super().__init__(widths, maps=2)
        self.classes = nn.Conv2d(widths[0], classes, 3, padding=1)

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 2, height, width) and (n, classes, height, width)."""
        x = self.features(rgb)
        classes = nn.functional.interpolate(self.classes(x), scale_factor=2.0, mode="nearest")
        return self.head(x), classes


class ArtefactNet(HalfNet):
    """Logits of what is seen at each pixel. Four scales: a fold is told by what lies around it."""

    def __init__(self, classes: int) -> None:
        super().__init__((16, 24, 40, 56), classes)
