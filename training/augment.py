"""Pictures of one batch, each turned, moved, scaled and stained anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Variety:
    """How much pictures are varied."""

    scale: tuple[float, float] = (0.8, 1.2)
    """Of what is seen: above 1 things get smaller."""
    shift: float = 0.1
    """Of half of a side."""
    strength: float = 0.1
    """By how much all of the stain may be stronger or weaker, a share."""
    shade: float = 0.05
    """The same for each colour by itself."""
    noise: float = 0.01
    """Standard deviation, of 1."""


def varied(pictures: Tensor, random: np.random.Generator, variety: Variety, side_px: int) -> Tensor:
    """Squares (n, 3, side, side) out of pictures (n, 3, h, w) of 0..1."""
    grid = places(pictures.shape, random, variety, side_px)
    moved = functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    return restained(moved, random, variety)


def places(shape: Sequence[int], random: np.random.Generator, variety: Variety, side_px: int) -> Tensor:
    """Where each pixel of squares is taken from pictures of this shape, as `grid_sample` reads it."""
    count, _, height, width = shape
    reach = np.array([[side_px / width], [side_px / height]])
    free = np.maximum(0, 1 - reach[:, 0])
    thetas = []
    for _ in range(count):
        angle, scale = random.uniform(0, 2 * np.pi), random.uniform(*variety.scale)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
        turn = turn @ np.diag([random.choice([-1.0, 1.0]), 1.0]) * reach
        place = random.uniform(-1, 1, 2) * np.maximum(free, variety.shift)
        thetas.append(np.concatenate([turn, place[:, None]], 1))
    theta = torch.tensor(np.array(thetas), dtype=torch.float32)
    return functional.affine_grid(theta, [count, 3, side_px, side_px], align_corners=False)


def restained(pictures: Tensor, random: np.random.Generator, variety: Variety) -> Tensor:
    """Pictures stained anew, in optical density (D. Tellez et al., MedIA 58, 2019)."""
    each, all_ = (len(pictures), 3, 1, 1), (len(pictures), 1, 1, 1)
    gain = random.uniform(1 - variety.shade, 1 + variety.shade, each)
    gain = gain * random.uniform(1 - variety.strength, 1 + variety.strength, all_)
    ground = random.uniform(-0.4 * variety.shade, 0.4 * variety.shade, each)
    noise = random.normal(0, variety.noise, pictures.shape).astype(np.float32)
    density = -torch.log(pictures.clamp(min=1 / 255))
    changed = density * torch.tensor(gain, dtype=torch.float32) + torch.tensor(ground, dtype=torch.float32)
    return (torch.exp(-changed) + torch.from_numpy(noise)).clamp(0, 1)
