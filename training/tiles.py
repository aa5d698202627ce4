"""Trains the trunk of tiles and the lung classifier: `python training/tiles.py --data FOLDER --out FOLDER`.

Both are one network: it learns to tell three kinds of lung tiles apart, and tumour of three synthetic organs.
What it gives before its last layer is the embedding. With `--rehearse`, tiles to learn from are parted once
more: for choices, which the tiles to test on must not see.
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
from networks import Chosen, Embedding, TileNet
from tiles_data import LEARNT_ORGANS, LUNG, TILE_PX, Tiles, read_lung, split, synthetic

CROP_PX = 112
DIMENSIONS = 128
_BATCH = 16
"""Of each of both sets."""
_SMOOTHING = 0.05
_VARIETY = Variety(scale=(0.8, 1.25), shift=0.0, strength=0.2, shade=0.08)
_SEED = 20261128
_SLIDES, _TILES = 6, 20


def train(lung: Tiles, drawn: Tiles, out: Path, steps: int) -> TileNet:
    """The network after `steps`; goes on from a checkpoint in `out`. Its first logits are those of lung."""
    sets = [(torch.from_numpy(each.rgb), torch.from_numpy(each.labels)) for each in (lung, drawn)]
    chances = [_chances(each) for each in (lung, drawn)]
    lung_classes = slice(0, len(LUNG))
    synthetic_classes = slice(len(LUNG), None)

    def begin(random: np.random.Generator) -> Loss:
        def loss(net: nn.Module) -> Tensor:
            given, truths = [], []
            for (pictures, labels), chance in zip(sets, chances, strict=True):
                some = torch.from_numpy(random.choice(len(labels), _BATCH, replace=False, p=chance))
                rgb = pictures[some].permute(0, 3, 1, 2).float() / 255
                given.append(varied(rgb, random, _VARIETY, CROP_PX))
                truths.append(labels[some])
            logits = net(torch.cat(given).to(memory_format=torch.channels_last))
            return sum(
                functional.cross_entropy(part[:, classes], truth, label_smoothing=_SMOOTHING)
                for part, classes, truth in zip(
                    logits.split(_BATCH), (lung_classes, synthetic_classes), truths, strict=True
                )
            )

        return loss

    def make() -> TileNet:
        return TileNet(DIMENSIONS, len(LUNG) + 2 * len(LEARNT_ORGANS))

    return learn(make, begin, Course("tiles", steps, _SEED), out)


def _chances(tiles: Tiles) -> np.ndarray:
    """How likely each tile is drawn: classes alike, and large sources less than by their size."""
    _, source, sizes = np.unique(tiles.sources, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(sizes[source])
    weights /= np.bincount(tiles.labels, weights)[tiles.labels]
    return weights / weights.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder lung-tiles-lc25000")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--rehearse", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    begun = time.process_time()
    learnt, tested = split(read_lung(arguments.data))
    if arguments.rehearse:
        learnt, tested = split(learnt)
    drawn = synthetic(LEARNT_ORGANS, _SLIDES, _TILES, _SEED)
    print(f"read and drew tiles in {time.process_time() - begun:.0f} CPU-s", flush=True)
    net = train(learnt, drawn, arguments.out, arguments.steps)
    print(f"\ntrained on {len(learnt.labels)} lung tiles in {time.process_time() - begun:.0f} CPU-s")
    lung = Chosen(net, len(LUNG)).eval()
    if arguments.rehearse:
        _rehearse(lung, learnt, tested)
        return
    example = torch.zeros(1, 3, TILE_PX, TILE_PX)
    export(lung, example, arguments.out / "lung.onnx", "scores")
    export(Embedding(net).eval(), example, arguments.out / "trunk.onnx", "embedding")


def _rehearse(net: nn.Module, learnt: Tiles, tested: Tiles) -> None:
    plain = fit_logistic(histograms(learnt.rgb), learnt.labels, len(LUNG))(histograms(tested.rgb))
    with torch.no_grad():
        batches = torch.from_numpy(tested.rgb).permute(0, 3, 1, 2).split(16)
        answers = torch.cat([net(some.float() / 255) for some in batches]).argmax(1).numpy()
    right, floor = answers == tested.labels, plain.argmax(1) == tested.labels
    print(f"rehearsed on {len(right)}: {right.mean():.3f}, baseline {floor.mean():.3f}")


if __name__ == "__main__":
    main()
