"""Trains the classifier of single blood cells: `python training/white_cells.py --data FOLDER --out FOLDER`.

The set is small, so it is tried by cross-validation: a network for each fold answers for the cells that it
did not learn from, and the one that is exported learns from all cells. Each is joined by the regression of
colours that is its baseline: kinds of blood cells differ in colour, and few cells teach a network less of it.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from augment import Variety, varied
from baselines import fit_logistic, histograms
from exporting import export
from learning import Course, Loss, learn
from tile_networks import BesideColours, TileNet, Turned
from white_cells_data import CLASSES, FOLDS, SIDE_PX, Cells, is_tested, read_cells

_BATCH = 24
_DIMENSIONS = 96
_SMOOTHING = 0.05
_SHARE_OF_COLOURS = 0.35
_VARIETY = Variety()
_SEED = 20261128


def train(cells: Cells, out: Path, name: str, steps: int) -> nn.Module:
    """The classifier after `steps`; goes on from a checkpoint in `out`."""
    pictures = torch.from_numpy(cells.rgb.transpose(0, 3, 1, 2) / np.float32(255))
    labels = torch.from_numpy(cells.labels)

    def begin(random: np.random.Generator) -> Loss:
        rounds = _rounds(len(labels), random)

        def loss(net: nn.Module) -> Tensor:
            drawn = next(rounds)
            given = varied(pictures[drawn], random, _VARIETY, SIDE_PX)
            logits = net(given.to(memory_format=torch.channels_last))
            return functional.cross_entropy(logits, labels[drawn], label_smoothing=_SMOOTHING)

        return loss

    def make() -> TileNet:
        return TileNet(_DIMENSIONS, len(CLASSES))

    net = learn(make, begin, Course(name, steps, _SEED), out)
    colours = fit_logistic(histograms(cells.rgb), cells.labels, len(CLASSES))
    weights, offset = torch.from_numpy(colours.weights), torch.from_numpy(colours.offset)
    return BesideColours(Turned(net), weights, offset, _SHARE_OF_COLOURS).eval()


def _rounds(count: int, random: np.random.Generator) -> Iterator[Tensor]:
    """Numbers of a batch: each is met once before any is met again."""
    while True:
        order = random.permutation(count)
        for first in range(0, count - _BATCH + 1, _BATCH):
            yield torch.from_numpy(order[first : first + _BATCH])


def answers(net: nn.Module, cells: Cells) -> np.ndarray:
    """Logits (n, classes)."""
    with torch.no_grad():
        pictures = torch.from_numpy(cells.rgb.transpose(0, 3, 1, 2) / np.float32(255))
        return torch.cat([net(some) for some in pictures.split(32)]).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=700, help="of each network")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    cells = read_cells(arguments.data / "blood-pbc")
    begun = time.process_time()
    logits = np.zeros((len(cells.labels), len(CLASSES)), np.float32)
    for fold in range(FOLDS):
        tested = is_tested(cells, fold)
        net = train(cells.chosen(~tested), arguments.out, f"white-cells-{fold}", arguments.steps)
        logits[tested] = answers(net, cells.chosen(tested))
    np.save(arguments.out / "answers.npy", logits)
    net = train(cells, arguments.out, "white-cells-all", arguments.steps)
    export(net, torch.zeros(1, 3, SIDE_PX, SIDE_PX), arguments.out / "network.onnx", "scores")
    print(f"\ntrained on {len(cells.labels)} cells in {time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
