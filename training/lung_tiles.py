"""Trains the classifier of lung tiles: `python training/lung_tiles.py --data FOLDER --out FOLDER`.

Tried by cross-validation over whole sources: a network for each fold answers for the tiles that it did not
learn from, and the one that is exported learns from all tiles. Each is joined by the regression of colours
that is its baseline, weighed as for white cells: kinds of tissue of this set differ in colour.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from augment import Variety, varied
from baselines import fit_logistic, histograms
from exporting import export
from learning import Course, Loss, learn
from tile_networks import BesideColours, TileNet
from tiles_data import FOLDS, LUNG, TILE_PX, Tiles, is_tested, read_lung

CROP_PX = 112
_DIMENSIONS = 96
_COLOUR_STEP = 2
_BATCH = 24
_SMOOTHING = 0.05
_SHARE_OF_COLOURS = 0.35
_VARIETY = Variety(scale=(0.8, 1.25), shift=0.0, strength=0.2, shade=0.08)
_SEED = 20261128


def train(tiles: Tiles, out: Path, name: str, steps: int) -> nn.Module:
    """The classifier after `steps`; goes on from a checkpoint in `out`."""
    pictures, labels = torch.from_numpy(tiles.rgb), torch.from_numpy(tiles.labels)
    chances = _chances(tiles)

    def begin(random: np.random.Generator) -> Loss:
        def loss(net: nn.Module) -> Tensor:
            drawn = torch.from_numpy(random.choice(len(labels), _BATCH, replace=False, p=chances))
            rgb = pictures[drawn].permute(0, 3, 1, 2).float() / 255
            given = varied(rgb, random, _VARIETY, CROP_PX)
            logits = net(given.to(memory_format=torch.channels_last))
            return functional.cross_entropy(logits, labels[drawn], label_smoothing=_SMOOTHING)

        return loss

    def make() -> TileNet:
        return TileNet(_DIMENSIONS, len(LUNG), _COLOUR_STEP)

    net = learn(make, begin, Course(name, steps, _SEED), out)
    colours = fit_logistic(histograms(tiles.rgb), tiles.labels, len(LUNG))
    weights, offset = torch.from_numpy(colours.weights), torch.from_numpy(colours.offset)
    return BesideColours(net, weights, offset, _SHARE_OF_COLOURS).eval()


def _chances(tiles: Tiles) -> np.ndarray:
    """How likely each tile is drawn: classes alike, and large sources less than by their size."""
    _, source, sizes = np.unique(tiles.sources, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(sizes[source])
    weights /= np.bincount(tiles.labels, weights)[tiles.labels]
    return weights / weights.sum()


def answers(net: nn.Module, tiles: Tiles) -> np.ndarray:
    """Logits (n, classes)."""
    with torch.no_grad():
        batches = torch.from_numpy(tiles.rgb).permute(0, 3, 1, 2).split(16)
        return torch.cat([net(some.float() / 255) for some in batches]).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600, help="of each network")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    tiles = read_lung(arguments.data / "lung-tiles-lc25000")
    begun = time.process_time()
    logits = np.zeros((len(tiles.labels), len(LUNG)), np.float32)
    for fold in range(FOLDS):
        tested = is_tested(tiles, fold)
        net = train(tiles.chosen(~tested), arguments.out, f"lung-tiles-{fold}", arguments.steps)
        logits[tested] = answers(net, tiles.chosen(tested))
    np.save(arguments.out / "answers.npy", logits)
    net = train(tiles, arguments.out, "lung-tiles-all", arguments.steps)
    export(net, torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.out / "network.onnx", "scores")
    print(f"\ntrained on {len(tiles.labels)} tiles in {time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
