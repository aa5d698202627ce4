"""Trains the network of tissue and artefacts: `python training/artefacts.py --out FOLDER`.

FOLDER holds what `artefacts_windows.py` drew to learn from.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from artefacts_data import CLASSES, TILE_PX, Windows
from augment import Variety, places, restained
from exporting import export
from learning import Course, Loss, learn
from networks import ArtefactNet

CROP_PX = 128
_BATCH = 12
_REAL_SHARE = 0.5
_VARIETY = Variety(scale=(0.6, 1.5), shift=0.0, strength=0.25, shade=0.12)
_WEIGHTS = (0.6, 0.6, 1.0, 1.5, 1.0, 2.0)
"""Of the classes in the loss: folds and edges are small."""
_SEED = 20261128


def train(drawn: Windows, real: Windows, out: Path, steps: int) -> ArtefactNet:
    """The network after `steps`; goes on from a checkpoint in `out`."""
    sets = [(torch.from_numpy(each.rgb), torch.from_numpy(each.classes)) for each in (drawn, real)]
    counts = (_BATCH - round(_BATCH * _REAL_SHARE), round(_BATCH * _REAL_SHARE))
    weights = torch.tensor(_WEIGHTS)

    def begin(random: np.random.Generator) -> Loss:
        def of_batch(net: nn.Module) -> Tensor:
            crops, truths = [], []
            for (pictures, classes), count in zip(sets, counts, strict=True):
                some = torch.from_numpy(random.integers(0, len(pictures), count))
                rgb = pictures[some].permute(0, 3, 1, 2).float() / 255
                grid = places(rgb.shape, random, _VARIETY, CROP_PX)
                crops.append(_taken(rgb, grid, "bilinear"))
                truths.append(_taken(classes[some][:, None].float(), grid, "nearest")[:, 0].long())
            given = restained(torch.cat(crops), random, _VARIETY)
            return _loss(net(given.to(memory_format=torch.channels_last)), torch.cat(truths), weights)

        return of_batch

    return learn(
        lambda: ArtefactNet(len(CLASSES)), begin, Course("artefacts", steps, _SEED, weight_decay=1e-4), out
    )


def _taken(planes: Tensor, grid: Tensor, mode: str) -> Tensor:
    return functional.grid_sample(planes, grid, mode, padding_mode="reflection", align_corners=False)


def _loss(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy, and soft Dice of the classes of the batch (F. Milletari et al., 3DV 2016)."""
    entropy = functional.cross_entropy(logits, truth, weight=weights)
    share = logits.softmax(1)
    is_class = functional.one_hot(truth, len(weights)).permute(0, 3, 1, 2)
    both = (share * is_class).sum((0, 2, 3))
    total = share.sum((0, 2, 3)) + is_class.sum((0, 2, 3))
    return entropy + 1 - ((2 * both + 1) / (total + 1)).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not read: what is learnt from was drawn before")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    drawn, real = (Windows.load(arguments.out / f"{name}.npz") for name in ("drawn", "real"))
    begun = time.process_time()
    net = train(drawn, real, arguments.out, arguments.steps)
    export(net, torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.out / "network.onnx", "classes")
    print(f"\ntrained in {time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
