"""Trains the nuclei network and exports it: `python training/nuclei.py --data FOLDER --out FOLDER`.

The network (a U-Net of O. Ronneberger et al., MICCAI 2015, with 0.2 million parameters) says for each pixel
whether it lies in a nucleus, how near the middle of one (the distance to the edge, by the largest of that
nucleus), and of which class that nucleus is. `hemalum.analysis.nuclei` makes nuclei of the first two and
gives each a class by the third. Half of each batch is of the Data Science Bowl, whose nuclei have no class,
and half of the synthetic slides that `nuclei_windows.py` drew into the FOLDER of `--out`. Stops and goes on:
the last checkpoint is taken up again.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional

from exporting import export
from hemalum.analysis.stain import RUIFROK_HE
from learning import Course, Loss, learn
from networks import NucleiNet
from nuclei_data import IN_COLOUR, Field, read_fields, split
from nuclei_drawn import CLASSES, DrawnNuclei

CROP_PX = 96
TILE_PX = 256
"""Of the network that is exported."""
BATCH = 16
CLASS_SHARE = 0.5
"""Of the loss of classes in the whole."""
_SEED = 20261129


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to take crops of."""

    planes: Tensor
    """Red, green, blue, inside and nearness to the middle, (5, height, width) uint8."""
    classes: Tensor
    """(1, height, width) uint8: one more than the number of the class; 0 where none is known."""
    chance: float
    """Of being drawn, by that of the others of its set."""
    on_dark: bool = False


def examples_of_fields(fields: Sequence[Field]) -> list[Example]:
    """Pictures whose nuclei have no class."""
    # By the root of what there is of a picture: a large one is not all that is learnt.
    return [
        Example(
            _planes(field.rgb, field.labels),
            torch.zeros((1, *field.labels.shape), dtype=torch.uint8),
            float(np.sqrt(field.labels.size * (field.nuclei + 1)))
            * (1.0 if field.kind == IN_COLOUR else 0.25),
            on_dark=bool(field.rgb.mean() < 100),
        )
        for field in fields
    ]


def examples_drawn(drawn: DrawnNuclei) -> list[Example]:
    """Windows of synthetic slides, all as likely."""
    return [
        Example(_planes(rgb, labels), torch.from_numpy(classes[None]), 1.0)
        for rgb, labels, classes in zip(drawn.rgb, drawn.labels, drawn.classes, strict=True)
    ]


class Sampler:
    """Crops, turned, scaled and stained anew: as many of each set."""

    def __init__(self, sets: Sequence[Sequence[Example]], random: np.random.Generator) -> None:
        self._random = random
        self._sets = sets
        chances = [np.array([each.chance for each in examples]) for examples in sets]
        self._chances = [each / each.sum() for each in chances]

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (n, 3, px, px) of 0..1, maps (n, 2, px, px) and classes (n, px, px).

        Maps are inside, and nearness to the middle. Classes are numbers, -1 where there is none.
        """
        rgb, maps, classes = [], [], []
        for examples, chances in zip(self._sets, self._chances, strict=True):
            for number in self._random.choice(len(examples), BATCH // len(self._sets), p=chances):
                example = examples[number]
                planes, of_class = self._crop(example)
                seen = self._stained(planes[:3]) if example.on_dark else planes[:3]
                rgb.append(self._restained(seen))
                inside = planes[3] > 0.5
                maps.append(torch.stack([inside.float(), planes[4]]))
                classes.append(torch.where(inside, of_class.long() - 1, -1))
        return torch.stack(rgb), torch.stack(maps), torch.stack(classes)

    def _crop(self, example: Example) -> tuple[Tensor, Tensor]:
        size = np.array(example.planes.shape[:0:-1])
        scale = float(np.exp(self._random.uniform(np.log(0.7), np.log(1.5))))
        angle = self._random.uniform(0, 2 * np.pi)
        mirrored = self._random.choice([-1.0, 1.0])
        reach = CROP_PX / scale
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn = turn @ np.diag([mirrored, 1.0])
        place = self._random.uniform(-0.9, 0.9, 2) * np.maximum(0, 1 - reach / size)
        middle = (1 + place) / 2 * size
        # Only what the crop can reach is made into numbers: some pictures have millions of pixels.
        around = reach / np.sqrt(2) + 1
        low = np.maximum(0, middle - around).astype(int)
        high = np.minimum(size, middle + around + 1).astype(int)
        sides = (high - low)[:, None]
        theta = np.concatenate([turn * reach / sides, 2 * (middle - low)[:, None] / sides - 1], 1)
        grid = functional.affine_grid(
            torch.tensor(theta[None], dtype=torch.float32), [1, 1, CROP_PX, CROP_PX], align_corners=False
        )
        cut = (slice(None), slice(low[1], high[1]), slice(low[0], high[0]))
        planes = _taken(example.planes[cut].float() / 255, grid, "bilinear")
        return planes, _taken(example.classes[cut].float(), grid, "nearest")[0]

    def _stained(self, rgb: Tensor) -> Tensor:
        """A fluorescent field as if stained by haematoxylin, on a ground of some eosin."""
        signal = rgb.amax(0) / rgb.max().clamp(min=1e-3)
        shades = torch.tensor(self._random.uniform(0, 1, (1, 1, 6, 6)), dtype=torch.float32)
        ground = functional.interpolate(shades, size=signal.shape, mode="bicubic")[0, 0].clamp(0, 1)
        strength = self._random.uniform(0.7, 1.8), self._random.uniform(0.05, 0.5)
        density = signal * strength[0] * torch.from_numpy(RUIFROK_HE[0])[:, None, None]
        density = density + ground * strength[1] * torch.from_numpy(RUIFROK_HE[1])[:, None, None]
        noise = torch.tensor(self._random.normal(0, 0.02, rgb.shape), dtype=torch.float32)
        return (10**-density + noise).clamp(0.01, 1)

    def _restained(self, rgb: Tensor) -> Tensor:
        """Strength and ground varied in optical density (D. Tellez et al., MedIA 58, 2019)."""
        density = -torch.log(rgb.clamp(min=1 / 255))
        ground = torch.quantile(density.reshape(3, -1), 0.05, dim=1)[:, None, None]
        gain = torch.tensor(self._random.uniform(0.75, 1.25, (3, 1, 1)) * self._random.uniform(0.7, 1.4))
        # Half of the crops lose their ground: tissue on glass and tissue on a violet haze are both met.
        lift = ground * float(self._random.choice([0.0, 1.0]) * self._random.uniform(0.5, 1.0))
        changed = (density - ground) * gain.float() + ground - lift
        if self._random.random() < 0.2:
            changed = changed.mean(0, keepdim=True).expand_as(changed)
        out = torch.exp(-changed.clamp(min=0))
        if self._random.random() < 0.3:
            sigma = self._random.uniform(0.3, 1.0)
            blurred = ndimage.gaussian_filter(out.numpy(), (0, sigma, sigma), truncate=2)
            out = torch.from_numpy(np.ascontiguousarray(blurred, dtype=np.float32))
        noise = torch.tensor(
            self._random.normal(0, self._random.uniform(0, 0.02), out.shape), dtype=torch.float32
        )
        return (out + noise).clamp(0, 1)


def _taken(planes: Tensor, grid: Tensor, mode: str) -> Tensor:
    return functional.grid_sample(planes[None], grid, mode, padding_mode="reflection", align_corners=False)[0]


def _planes(rgb: NDArray[np.uint8], labels: NDArray[np.int32]) -> Tensor:
    """Red, green, blue, inside and nearness to the middle, in one array to be sampled together."""
    maps = np.stack([labels > 0, centre(labels)]) * 255
    return torch.from_numpy(np.concatenate([rgb.transpose(2, 0, 1), np.rint(maps).astype(np.uint8)]))


def centre(labels: np.ndarray) -> np.ndarray:
    """The distance of each pixel to the edge of its nucleus, by the largest in that nucleus; 0 outside."""
    out = np.zeros(labels.shape, np.float32)
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        wider = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
        own = labels[wider] == number
        # Padded by itself at the rim of the picture: a nucleus cut there is not at its edge.
        distance = ndimage.distance_transform_edt(own)
        out[wider][own] = (distance / distance.max())[own]
    return out


def loss(given: tuple[Tensor, Tensor], maps: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy and soft Dice of inside; squared error of the middle, weighed up where nuclei are.

    And of classes the cross entropy where there is one (not -1), each by the root of its pixels in the batch.
    """
    logits, class_logits = given
    inside, middle = maps[:, 0], maps[:, 1]
    entropy = functional.binary_cross_entropy_with_logits(logits[:, 0], inside)
    share = torch.sigmoid(logits[:, 0])
    dice = 1 - (2 * (share * inside).sum() + 1) / (share.sum() + inside.sum() + 1)
    error = ((torch.sigmoid(logits[:, 1]) - middle) ** 2 * (1 + 4 * inside)).mean()
    return entropy + dice + 4 * error + CLASS_SHARE * _of_classes(class_logits, classes)


def _of_classes(logits: Tensor, classes: Tensor) -> Tensor:
    known = classes >= 0
    counts = torch.bincount(classes[known], minlength=logits.shape[1])
    weights = 1 / counts.clamp(min=1).sqrt()
    entropy = functional.cross_entropy(logits, classes, weight=weights, ignore_index=-1, reduction="sum")
    return entropy / (counts * weights).sum().clamp(min=1)


def train(sets: Sequence[Sequence[Example]], out: Path, steps: int) -> NucleiNet:
    """The network after `steps`; goes on from a checkpoint in `out`."""

    def begin(random: np.random.Generator) -> Loss:
        sampler = Sampler(sets, random)

        def of_batch(net: nn.Module) -> Tensor:
            pictures, maps, classes = sampler.batch()
            return loss(net(pictures.to(memory_format=torch.channels_last)), maps, classes)

        return of_batch

    course = Course("nuclei", steps, _SEED, weight_decay=1e-4)
    return learn(lambda: NucleiNet(len(CLASSES)), begin, course, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1300)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    begun = time.process_time()
    learnt, _ = split(read_fields(arguments.data / "nuclei-dsb2018"))
    drawn = DrawnNuclei.load(arguments.out / "drawn.npz")
    net = train([examples_of_fields(learnt), examples_drawn(drawn)], arguments.out, arguments.steps)
    export(net, torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.out / "network.onnx", "maps", "classes")
    spent = time.process_time() - begun
    print(f"\ntrained on {len(learnt)} pictures and {len(drawn.rgb)} windows in {spent:.0f} CPU-s")


if __name__ == "__main__":
    main()
