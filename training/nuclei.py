"""Trains the nuclei network and exports it: `python training/nuclei.py --data FOLDER --out FOLDER`.

The network (a U-Net of O. Ronneberger et al., MICCAI 2015, with 0.2 million parameters) says for each pixel
whether it lies in a nucleus, and how near the middle of one: the distance to the edge, by the largest of that
nucleus. `hemalum.analysis.nuclei.part` makes nuclei of the two. Stops and goes on: the last checkpoint is
taken up again.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional

from exporting import export
from hemalum.analysis.stain import RUIFROK_HE
from learning import Course, Loss, learn
from networks import NucleiNet
from nuclei_data import IN_COLOUR, Field, read_fields, split

CROP_PX = 96
TILE_PX = 256
"""Of the network that is exported."""
BATCH = 8
_SEED = 20261128


class Sampler:
    """Batches of crops, turned, scaled and stained anew."""

    def __init__(self, fields: list[Field], random: np.random.Generator) -> None:
        self._random = random
        self._images = [_planes(field) for field in fields]
        self._colour = [field.kind == IN_COLOUR for field in fields]
        self._dark_ground = [field.rgb.mean() < 100 for field in fields]
        # A source is drawn evenly with its crops: a large one is not all that is learnt.
        sizes = np.array([np.sqrt(field.labels.size * (field.nuclei + 1)) for field in fields])
        kinds = np.array([1.0 if field.kind == IN_COLOUR else 0.25 for field in fields])
        self._chance = sizes * kinds / (sizes * kinds).sum()

    def batch(self) -> tuple[Tensor, Tensor]:
        """Pictures (n, 3, px, px) of 0..1 and targets (n, 2, px, px): inside, and nearness to the middle."""
        drawn = self._random.choice(len(self._images), BATCH, p=self._chance)
        crops = torch.cat([self._crop(self._images[number]) for number in drawn])
        rgb = crops[:, :3].clone()
        for place, number in enumerate(drawn):
            if self._dark_ground[number]:
                rgb[place] = self._stained(rgb[place])
            rgb[place] = self._restained(rgb[place])
        targets = torch.stack([(crops[:, 3] > 0.5).float(), crops[:, 4]], 1)
        return rgb, targets

    def _crop(self, image: Tensor) -> Tensor:
        height, width = image.shape[1:]
        scale = float(np.exp(self._random.uniform(np.log(0.7), np.log(1.5))))
        angle = self._random.uniform(0, 2 * np.pi)
        mirrored = self._random.choice([-1.0, 1.0])
        reach = CROP_PX / scale
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn = turn @ np.diag([mirrored, 1.0]) * np.array([[reach / width], [reach / height]])
        place = self._random.uniform(-0.9, 0.9, 2) * np.maximum(
            0, 1 - np.array([reach / width, reach / height])
        )
        theta = torch.tensor(np.concatenate([turn, place[:, None]], 1)[None], dtype=torch.float32)
        grid = functional.affine_grid(theta, [1, 1, CROP_PX, CROP_PX], align_corners=False)
        return functional.grid_sample(image[None], grid, padding_mode="reflection", align_corners=False)

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


def _planes(field: Field) -> Tensor:
    """Red, green, blue, inside and nearness to the middle, in one array to be sampled together."""
    inside = (field.labels > 0).astype(np.float32)
    planes = np.concatenate(
        [field.rgb.transpose(2, 0, 1) / np.float32(255), inside[None], centre(field.labels)[None]]
    )
    return torch.from_numpy(planes.astype(np.float32))


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


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy and soft Dice of inside; squared error of the middle, weighed up where nuclei are."""
    inside, middle = targets[:, 0], targets[:, 1]
    entropy = functional.binary_cross_entropy_with_logits(logits[:, 0], inside)
    share = torch.sigmoid(logits[:, 0])
    dice = 1 - (2 * (share * inside).sum() + 1) / (share.sum() + inside.sum() + 1)
    error = ((torch.sigmoid(logits[:, 1]) - middle) ** 2 * (1 + 4 * inside)).mean()
    return entropy + dice + 4 * error


def train(fields: list[Field], out: Path, steps: int) -> NucleiNet:
    """The network after `steps`; goes on from a checkpoint in `out`."""

    def begin(random: np.random.Generator) -> Loss:
        sampler = Sampler(fields, random)

        def of_batch(net: nn.Module) -> Tensor:
            pictures, targets = sampler.batch()
            return loss(net(pictures.to(memory_format=torch.channels_last)), targets)

        return of_batch

    return learn(NucleiNet, begin, Course("nuclei", steps, _SEED, weight_decay=1e-4), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    learnt, _ = split(read_fields(arguments.data / "nuclei-dsb2018"))
    begun = time.process_time()
    net = train(learnt, arguments.out, arguments.steps)
    export(net, torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.out / "network.onnx", "maps")
    print(f"\ntrained on {len(learnt)} pictures in {time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
