"""The small networks that are shipped."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


def _twice(inward: int, outward: int, stride: int = 1) -> nn.Sequential:
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
            _twice(*pair) for pair in zip((widths[0], *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            _twice(below + own, own) for own, below in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = nn.Sequential(nn.Conv2d(widths[0], 4 * maps, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, rgb: Tensor) -> Tensor:
        x = self.stem((rgb - 0.5) / 0.25)
        kept = []
        for number, layers in enumerate(self.down):
            x = layers(x if number == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        for layers, beside in zip(self.up, kept[-2::-1], strict=True):
            x = layers(torch.cat([nn.functional.interpolate(x, scale_factor=2.0, mode="nearest"), beside], 1))
        return self.head(x)


class NucleiNet(HalfNet):
    """Logits of inside of a nucleus and of being near its middle.

    Between its first and last layer a nucleus is 8 pixels across, which is enough, and costs a third of what
    full resolution would.
    """

    def __init__(self) -> None:
        super().__init__((24, 48, 64), maps=2)


class ArtefactNet(HalfNet):
    """Logits of what is seen at each pixel. Four scales: a fold is told by what lies around it."""

    def __init__(self, classes: int) -> None:
        super().__init__((16, 24, 40, 56), classes)


class TileNet(nn.Module):
    """What a picture shows: logits (n, classes), by way of an embedding. Takes red, green and blue of 0..1.

    Every stage is averaged over the picture and goes into the embedding, not the last alone: what of a small
    set can be told by colour and fine texture need not be learnt through all stages. `colours` sees single
    pixels, so its mean is a histogram of colours whose bins are learnt.
    """

    WIDTHS = (16, 32, 64, 128)
    COLOURS = 32

    def __init__(self, dimensions: int, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        widths = self.WIDTHS
        self.colours = nn.Sequential(
            nn.Conv2d(3, self.COLOURS, 1), nn.ReLU(), nn.Conv2d(self.COLOURS, self.COLOURS, 1), nn.ReLU()
        )
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.stages = nn.ModuleList(_twice(inward, outward, stride=2) for inward, outward in pairwise(widths))
        pooled = self.COLOURS + sum(widths[1:])
        self.embedding = nn.Sequential(nn.BatchNorm1d(pooled), nn.Linear(pooled, dimensions))
        self.head = nn.Sequential(nn.ReLU(), nn.Dropout(dropout), nn.Linear(dimensions, classes))

    def embed(self, rgb: Tensor) -> Tensor:
        """The embedding (n, dimensions)."""
        given = (rgb - 0.7) / 0.25
        means = [self.colours(given).mean((2, 3))]
        x = self.stem(given)
        for stage in self.stages:
            x = stage(x)
            means.append(x.mean((2, 3)))
        return self.embedding(torch.cat(means, 1))

    def forward(self, rgb: Tensor) -> Tensor:
        return self.head(self.embed(rgb))


class Turned(nn.Module):
    """The mean answer of a classifier on the eight ways to turn and mirror a square picture."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, rgb: Tensor) -> Tensor:
        ways = [
            self.net(sides.flip(axes) if axes else sides)
            for sides in (rgb, rgb.transpose(2, 3))
            for axes in ((), (2,), (3,), (2, 3))
        ]
        return torch.stack(ways).mean(0)


class BesideColours(nn.Module):
    """A classifier and a regression of colours, as one: their logits, weighed.

    `weights` (512, classes) and `offset` (classes,) are those of roots of `baselines.histograms`.
    """

    def __init__(self, net: nn.Module, weights: Tensor, offset: Tensor, share: float) -> None:
        super().__init__()
        self.net, self.share, self.levels = net, share, round(len(weights) ** (1 / 3))
        self.register_buffer("weights", weights.float())
        self.register_buffer("offset", offset.float())

    def forward(self, rgb: Tensor) -> Tensor:
        levels = self.levels
        # Colours come as whole numbers by 255; half of one keeps rounding from moving them to another bin.
        bins = torch.floor((rgb * 255 + 0.5) * (levels / 256)).clamp(0, levels - 1)
        which = ((bins[:, 0] * levels + bins[:, 1]) * levels + bins[:, 2]).flatten(1).long()
        empty = rgb.new_zeros((rgb.shape[0], self.levels**3))
        counts = empty.scatter_add(1, which, torch.ones_like(which, dtype=torch.float32))
        of_colours = (counts / which.shape[1]).sqrt() @ self.weights + self.offset
        own = self.net(rgb).log_softmax(1)
        return (1 - self.share) * own + self.share * of_colours.log_softmax(1)


class Chosen(nn.Module):
    """The first so many logits of a network."""

    def __init__(self, net: nn.Module, classes: int) -> None:
        super().__init__()
        self.net, self.classes = net, classes

    def forward(self, rgb: Tensor) -> Tensor:
        return self.net(rgb)[:, : self.classes]


class Embedding(nn.Module):
    """The embedding of a network of tiles."""

    def __init__(self, net: TileNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, rgb: Tensor) -> Tensor:
        return self.net.embed(rgb)
