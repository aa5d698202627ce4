"""Trains the trunk that embeds tiles: `python training/tile_trunk.py --out FOLDER`.

FOLDER holds what `trunk_tiles.py` cut and drew to learn from. Two things are learnt at once: which two crops,
turned and stained anew, are of one tile among all of the batch (SimCLR, T. Chen et al., ICML 2020), of real
and of synthetic tissue; and what synthetic tissue is, of which the class is known.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from augment import Variety, varied
from exporting import export
from learning import Course, Loss, learn
from tile_networks import PretextNet, TileTrunk
from tiles_data import LEARNT_ORGANS, TILE_PX, Tiles

CROP_PX = 112
_COLOUR_STEP = 2
_BATCH = 16
"""Of each of both sets; each tile is met twice."""
_TEMPERATURE = 0.2
_SMOOTHING = 0.05
_VARIETY = Variety(scale=(0.8, 1.25), shift=0.0, strength=0.2, shade=0.08)
_SEED = 20261128


def train(drawn: Tiles, real: Tiles, out: Path, steps: int) -> TileTrunk:
    """The trunk after `steps`; goes on from a checkpoint in `out`."""
    sets = [torch.from_numpy(each.rgb) for each in (drawn, real)]
    chances = [_by_source(each.sources) for each in (drawn, real)]
    labels = torch.from_numpy(drawn.labels)

    def begin(random: np.random.Generator) -> Loss:
        def loss(net: nn.Module) -> Tensor:
            numbers = [
                torch.from_numpy(random.choice(len(chance), _BATCH, replace=False, p=chance))
                for chance in chances
            ]
            rgb = torch.cat([pictures[some] for pictures, some in zip(sets, numbers, strict=True)])
            planes = rgb.permute(0, 3, 1, 2).float() / 255
            given = torch.cat([varied(planes, random, _VARIETY, CROP_PX) for _ in range(2)])
            logits, directions = net(given.to(memory_format=torch.channels_last))
            of_drawn = torch.cat([half[:_BATCH] for half in logits.chunk(2)])
            truth = labels[numbers[0]].repeat(2)
            entropy = functional.cross_entropy(of_drawn, truth, label_smoothing=_SMOOTHING)
            return entropy + alike(*directions.chunk(2))

        return loss

    net = learn(
        lambda: PretextNet(2 * len(LEARNT_ORGANS), _COLOUR_STEP),
        begin,
        Course("tile-trunk", steps, _SEED),
        out,
    )
    return net.trunk.eval()


def alike(first: Tensor, second: Tensor) -> Tensor:
    """How badly the other crop of a tile is told from all other crops: equation 1 of T. Chen et al.

    Directions (n, d) of length 1; row n of both is of one tile.
    """
    every = torch.cat([first, second])
    near = every @ every.T / _TEMPERATURE
    near = near.masked_fill(torch.eye(len(every), dtype=torch.bool), -torch.inf)
    count = len(first)
    return functional.cross_entropy(near, torch.arange(2 * count).roll(count))


def _by_source(sources: np.ndarray) -> np.ndarray:
    """How likely each tile is drawn: large sources less than by their size."""
    _, source, sizes = np.unique(sources, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(sizes[source])
    return weights / weights.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not read: what is learnt from was drawn before")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    drawn, real = (Tiles.load(arguments.out / f"{name}.npz") for name in ("drawn", "real"))
    begun = time.process_time()
    trunk = train(drawn, real, arguments.out, arguments.steps)
    export(trunk, torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.out / "network.onnx", "embedding")
    spent = time.process_time() - begun
    print(f"\ntrained on {len(drawn.labels) + len(real.labels)} tiles in {spent:.0f} CPU-s")


if __name__ == "__main__":
    main()
