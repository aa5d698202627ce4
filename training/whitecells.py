"""Trains the classifier of single blood cells: `python training/whitecells.py --data FOLDER --out FOLDER`.

Beside it a logistic regression of colour histograms is fitted to the same cells: the baseline to beat. With
`--rehearse`, cells to learn from are parted once more: for choices, which the cells to test on must not see.
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
from networks import TileNet, Turned
from whitecells_data import CLASSES, SIDE_PX, Cells, read_cells, split

_BATCH = 24
_DIMENSIONS = 96
_SMOOTHING = 0.05
_VARIETY = Variety()
_SEED = 20261128


def train(cells: Cells, out: Path, steps: int) -> TileNet:
    """The network after `steps`; goes on from a checkpoint in `out`."""
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

    return learn(make, begin, Course("whitecells", steps, _SEED), out)


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
    parser.add_argument("--data", type=Path, required=True, help="the folder blood-pbc")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--rehearse", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    learnt, tested = split(read_cells(arguments.data))
    if arguments.rehearse:
        learnt, tested = split(learnt)
    begun = time.process_time()
    net = Turned(train(learnt, arguments.out, arguments.steps)).eval()
    plain = fit_logistic(histograms(learnt.rgb), learnt.labels, len(CLASSES))(histograms(tested.rgb))
    print(f"\ntrained on {len(learnt.labels)} cells in {time.process_time() - begun:.0f} CPU-s")
    if arguments.rehearse:
        right = answers(net, tested).argmax(1) == tested.labels
        print(f"rehearsed: {right.mean():.3f}, baseline {(plain.argmax(1) == tested.labels).mean():.3f}")
        return
    export(net, torch.zeros(1, 3, SIDE_PX, SIDE_PX), arguments.out / "whitecells.onnx", "scores")
    np.save(arguments.out / "whitecells.baseline.npy", plain)


if __name__ == "__main__":
    main()
