"""Classifiers and embeddings of whole pictures."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from networks import twice


class TileTrunk(nn.Module):
    """Numbers (n, 256) that tell how a picture looks. Takes red, green and blue of 0..1 (n, 3, h, w).

    Every stage is averaged over the picture, not the last alone: what of a small set can be told by colour
    and fine texture need not be learnt through all stages. `colours` sees single pixels, so its mean is a
    histogram of colours whose bins are learnt; of large pictures every `colour_step`-th row and column is
    enough for it.
    """

    WIDTHS = (16, 32, 64, 128)
    COLOURS = 32
    DIMENSIONS = COLOURS + sum(WIDTHS[1:])

    def __init__(self, colour_step: int) -> None:
        super().__init__()
        widths, self.colour_step = self.WIDTHS, colour_step
        self.colours = nn.Sequential(
            nn.Conv2d(3, self.COLOURS, 1), nn.ReLU(), nn.Conv2d(self.COLOURS, self.COLOURS, 1), nn.ReLU()
        )
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.stages = nn.ModuleList(twice(inward, outward, stride=2) for inward, outward in pairwise(widths))
        self.even = nn.BatchNorm1d(self.DIMENSIONS)

    def forward(self, rgb: Tensor) -> Tensor:
        given = (rgb - 0.7) / 0.25
        means = [self.colours(given[:, :, :: self.colour_step, :: self.colour_step]).mean((2, 3))]
        x = self.stem(given)
        for stage in self.stages:
            x = stage(x)
            means.append(x.mean((2, 3)))
        return self.even(torch.cat(means, 1))


class TileNet(nn.Module):
    """What a picture shows: logits (n, classes) of a trunk, by way of `dimensions` numbers."""

    def __init__(self, dimensions: int, classes: int, colour_step: int = 1, dropout: float = 0.3) -> None:
        super().__init__()
        self.trunk = TileTrunk(colour_step)
        self.head = nn.Sequential(
            nn.Linear(TileTrunk.DIMENSIONS, dimensions),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(dimensions, classes),
        )

    def forward(self, rgb: Tensor) -> Tensor:
        return self.head(self.trunk(rgb))


class PretextNet(nn.Module):
    """A trunk with what it learns by: logits of classes, and directions (n, 64) of length 1."""

    DIRECTIONS = 64

    def __init__(self, classes: int, colour_step: int) -> None:
        super().__init__()
        self.trunk = TileTrunk(colour_step)
        self.head = nn.Linear(TileTrunk.DIMENSIONS, classes)
        self.projection = nn.Sequential(
            nn.Linear(TileTrunk.DIMENSIONS, 128), nn.ReLU(), nn.Linear(128, self.DIRECTIONS)
        )

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        embedding = self.trunk(rgb)
        return self.head(embedding), nn.functional.normalize(self.projection(embedding), dim=1)


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
