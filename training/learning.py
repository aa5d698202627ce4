"""How each network of this folder learns: one loop, with checkpoints that a training goes on from."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from progress import Progress

type Loss = Callable[[nn.Module], Tensor]
"""The loss of a network on the next batch."""

_AVERAGED = 0.99
"""The weights kept are the running mean of those of the steps: steadier than any of them."""
_WARM_STEPS = 30
_CHECKPOINT_STEPS = 50


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast a network learns."""

    name: str
    """Of its checkpoint and in the line of progress."""
    steps: int
    seed: int
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2


def learn[N: nn.Module](
    make: Callable[[], N], begin: Callable[[np.random.Generator], Loss], course: Course, out: Path
) -> N:
    """The network after all steps, with averaged weights; goes on from `out`/NAME.checkpoint.

    `make` gives a new network, `begin` the losses of its batches. AdamW (I. Loshchilov and F. Hutter, ICLR
    2019) with a rate that falls along a cosine to a fiftieth.
    """
    torch.manual_seed(course.seed)
    net, averaged = make().to(memory_format=torch.channels_last), make()
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), course.learning_rate, weight_decay=course.weight_decay)
    checkpoint, done = out / f"{course.name}.checkpoint", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        done = state["done"]
    loss = begin(np.random.default_rng(course.seed + done))
    progress = Progress(course.name, course.steps, done)
    net.train()
    for step in range(done, course.steps):
        for group in optimiser.param_groups:
            group["lr"] = course.learning_rate * _share_of_rate(step, course.steps)
        value = loss(net)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        _average(averaged, net, min(_AVERAGED, (step + 1) / (step + 10)))
        progress.step(step + 1, value.item())
        if (step + 1) % _CHECKPOINT_STEPS == 0 or step + 1 == course.steps:
            state = {
                "net": net.state_dict(),
                "averaged": averaged.state_dict(),
                "optimiser": optimiser.state_dict(),
                "done": step + 1,
            }
            # Written beside it first: a checkpoint is whole or it is not there.
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
    return averaged.eval()


def _share_of_rate(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / _WARM_STEPS)
    return warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))


def _average(averaged: nn.Module, net: nn.Module, kept: float) -> None:
    with torch.no_grad():
        for mean, now in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - kept)
            else:
                mean.copy_(now)
