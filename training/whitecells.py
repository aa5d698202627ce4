"""Trains the classifier of single blood cells: `python training/whitecells.py --data FOLDER --out FOLDER`.

Beside it a logistic regression of colour histograms is fitted to the same cells: the baseline to beat.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from exporting import export
from networks import CellNet
from progress import Progress
from whitecells_data import CLASSES, SIDE_PX, Cells, histograms, read_cells, split

_BATCH = 16
_LEARNING_RATE = 3e-3
_SMOOTHING = 0.05
_CHECKPOINT_STEPS = 40


def train(cells: Cells, out: Path, steps: int, seed: int) -> CellNet:
    """The network after `steps`; goes on from `out`/whitecells.checkpoint where there is one."""
    torch.manual_seed(seed)
    net = CellNet(len(CLASSES)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), _LEARNING_RATE, weight_decay=1e-2)
    checkpoint, done = out / "whitecells.checkpoint", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        done = state["done"]
    random = np.random.default_rng(seed + done)
    pictures = torch.from_numpy(cells.rgb.transpose(0, 3, 1, 2) / np.float32(255))
    labels = torch.from_numpy(cells.labels)
    progress = Progress("white cells", steps, done)
    net.train()
    for step in range(done, steps):
        for group in optimiser.param_groups:
            warm = min(1.0, (step + 1) / 30)
            group["lr"] = _LEARNING_RATE * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))
        drawn = torch.from_numpy(random.choice(len(labels), _BATCH, replace=False))
        logits = net(_varied(pictures[drawn], random).to(memory_format=torch.channels_last))
        value = functional.cross_entropy(logits, labels[drawn], label_smoothing=_SMOOTHING)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        progress.step(step + 1, value.item())
        if (step + 1) % _CHECKPOINT_STEPS == 0 or step + 1 == steps:
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "done": step + 1}
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
    return net.eval()


def _varied(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Turned, mirrored, moved, scaled and stained anew, each for itself."""
    thetas = []
    for _ in range(len(pictures)):
        angle, scale = random.uniform(0, 2 * np.pi), random.uniform(0.8, 1.2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
        turn = turn @ np.diag([random.choice([-1.0, 1.0]), 1.0])
        thetas.append(np.concatenate([turn, random.uniform(-0.1, 0.1, (2, 1))], 1))
    theta = torch.tensor(np.array(thetas), dtype=torch.float32)
    grid = functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    turned = functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    density = -torch.log(turned.clamp(min=1 / 255))
    shape = (len(pictures), 3, 1, 1)
    gain = torch.tensor(
        random.uniform(0.95, 1.05, shape) * random.uniform(0.9, 1.1, (len(pictures), 1, 1, 1))
    )
    ground = torch.tensor(random.uniform(-0.02, 0.02, shape))
    noise = torch.tensor(random.normal(0, 0.01, turned.shape), dtype=torch.float32)
    return (torch.exp(-(density * gain.float() + ground.float())) + noise).clamp(0, 1)


def baseline(learnt: Cells, tested: Cells) -> np.ndarray:
    """Probabilities (n, classes) that a logistic regression of colour histograms gives the tested cells."""
    x = torch.from_numpy(histograms(learnt.rgb)).float()
    mean, spread = x.mean(0), x.std(0) + 0.02
    layer = torch.nn.Linear(x.shape[1], len(CLASSES))
    torch.nn.init.zeros_(layer.weight)
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")
    labels = torch.from_numpy(learnt.labels)

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = (
            functional.cross_entropy(layer((x - mean) / spread), labels) + 2e-3 * layer.weight.square().sum()
        )
        value.backward()
        return value

    optimiser.step(closure)
    with torch.no_grad():
        seen = torch.from_numpy(histograms(tested.rgb)).float()
        return layer((seen - mean) / spread).softmax(1).double().numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder blood-pbc")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    learnt, tested = split(read_cells(arguments.data))
    begun = time.process_time()
    net = train(learnt, arguments.out, arguments.steps, seed=20261128)
    export(net, torch.zeros(1, 3, SIDE_PX, SIDE_PX), arguments.out / "whitecells.onnx", "scores")
    np.save(arguments.out / "whitecells.baseline.npy", baseline(learnt, tested))
    print(f"\ntrained on {len(learnt.labels)} cells in {time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
