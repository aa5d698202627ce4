"""What is learnt from slides that have one label each: two heads over the embeddings of their tiles.

Both are small enough for a processor: they are written in NumPy and the same seed gives the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from bags import Bag
from hemalum.analysis.calibration import softmax

type Matrix = NDArray[np.float64]

_HIDDEN = 32
_STEPS = 800
_WARM_STEPS = 50
_LEARNING_RATE = 3e-3
_DECAY = 1e-2
_MOST_TILES = 1024
"""Of a slide in one step of learning; all of them count when it is judged."""
_PENALTY = 1.0
"""Of squared weights against the sum of losses, as C = 1 of other packages."""
_LEAST_SPREAD = 1e-6


class Head(Protocol):
    """What was learnt."""

    def logits(self, features: Matrix) -> Matrix:
        """For each class, of a slide with these embeddings (tiles, dimensions)."""
        ...

    def attention(self, features: Matrix) -> Matrix:
        """How much each tile counts, (tiles,); they sum to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Scale:
    """Brings each dimension to mean 0 and spread 1 over all tiles learnt from."""

    mean: Matrix
    spread: Matrix

    def of(self, features: Matrix) -> Matrix:
        return (features - self.mean) / self.spread


@dataclass(frozen=True, slots=True)
class MeanHead:
    """Logistic regression of the mean of all tiles: the baseline that any other has to beat."""

    scale: Scale
    weights: Matrix
    """(dimensions, classes)"""
    offset: Matrix
    """(classes,)"""

    def logits(self, features: Matrix) -> Matrix:
        return self.scale.of(features).mean(axis=0) @ self.weights + self.offset

    def attention(self, features: Matrix) -> Matrix:
        return np.full(len(features), 1 / len(features))


@dataclass(frozen=True, slots=True)
class AttentionHead:
    """Gated attention over tiles, then a linear layer (M. Ilse et al., ICML 2018, equations 7 and 9)."""

    scale: Scale
    tangent: Matrix
    """V: (dimensions, hidden)"""
    gate: Matrix
    """U: (dimensions, hidden)"""
    chosen: Matrix
    """w: (hidden,)"""
    weights: Matrix
    """(dimensions, classes)"""
    offset: Matrix
    """(classes,)"""

    def logits(self, features: Matrix) -> Matrix:
        scaled = self.scale.of(features)
        return self._attended(scaled) @ scaled @ self.weights + self.offset

    def attention(self, features: Matrix) -> Matrix:
        return self._attended(self.scale.of(features))

    def _attended(self, scaled: Matrix) -> Matrix:
        return softmax((np.tanh(scaled @ self.tangent) * _sigmoid(scaled @ self.gate)) @ self.chosen)


def learn_mean(bags: Sequence[Bag], classes: int) -> MeanHead:
    """The baseline, learnt from bags of `classes` classes."""
    scale = _scale_of(bags)
    means = np.array([scale.of(bag.features.astype(np.float64)).mean(axis=0) for bag in bags])
    truth = np.eye(classes)[[bag.label for bag in bags]]
    shape = (means.shape[1] + 1, classes)

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(shape)
        likely = softmax(means @ weights[:-1] + weights[-1])
        value = -np.log(np.maximum((likely * truth).sum(axis=1), 1e-300)).sum()
        slope = np.vstack([means.T @ (likely - truth), (likely - truth).sum(axis=0)])
        slope[:-1] += _PENALTY * weights[:-1]
        return float(value + _PENALTY / 2 * (weights[:-1] ** 2).sum()), slope.ravel()

    found = optimize.minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B")
    weights = found.x.reshape(shape)
    return MeanHead(scale, weights[:-1], weights[-1])


def learn_attention(bags: Sequence[Bag], classes: int, seed: int) -> AttentionHead:
    """Gated attention, learnt from bags of `classes` classes; classes are met equally often."""
    random = np.random.default_rng(seed)
    dimensions = bags[0].features.shape[1]
    head = AttentionHead(
        _scale_of(bags),
        random.normal(0, dimensions**-0.5, (dimensions, _HIDDEN)),
        random.normal(0, dimensions**-0.5, (dimensions, _HIDDEN)),
        random.normal(0, _HIDDEN**-0.5, _HIDDEN),
        np.zeros((dimensions, classes)),
        np.zeros(classes),
    )
    of_class = [[bag for bag in bags if bag.label == number] for number in range(classes)]
    moments: dict[str, tuple[Matrix, Matrix]] = {}
    for step in range(_STEPS):
        group = of_class[step % classes]
        bag = group[random.integers(len(group))]
        tiles = bag.features
        if len(tiles) > _MOST_TILES:
            tiles = tiles[random.choice(len(tiles), _MOST_TILES, replace=False)]
        slopes = slopes_of(head, tiles.astype(np.float64), bag.label)
        rate = _LEARNING_RATE * min(1.0, (step + 1) / _WARM_STEPS) * 0.5 * (1 + np.cos(np.pi * step / _STEPS))
        head = _moved(head, slopes, moments, step, rate)
    return head


def slopes_of(head: AttentionHead, features: Matrix, label: int) -> dict[str, Matrix]:
    """The gradient of the cross entropy of one slide, by the name of the weights."""
    scaled = head.scale.of(features)
    bent, open_ = np.tanh(scaled @ head.tangent), _sigmoid(scaled @ head.gate)
    gated = bent * open_
    attended = softmax(gated @ head.chosen)
    pooled = attended @ scaled
    wrong = softmax(pooled @ head.weights + head.offset)
    wrong[label] -= 1
    of_tiles = scaled @ (head.weights @ wrong)
    of_scores = attended * (of_tiles - attended @ of_tiles)
    of_gated = np.outer(of_scores, head.chosen)
    return {
        "tangent": scaled.T @ (of_gated * open_ * (1 - bent**2)),
        "gate": scaled.T @ (of_gated * bent * open_ * (1 - open_)),
        "chosen": gated.T @ of_scores,
        "weights": np.outer(pooled, wrong),
        "offset": wrong,
    }


def _moved(
    head: AttentionHead,
    slopes: dict[str, Matrix],
    moments: dict[str, tuple[Matrix, Matrix]],
    step: int,
    rate: float,
) -> AttentionHead:
    """One step of Adam with decoupled decay (I. Loshchilov and F. Hutter, ICLR 2019)."""
    changed = {}
    for name, slope in slopes.items():
        before = getattr(head, name)
        mean, square = moments.get(name, (np.zeros_like(slope), np.zeros_like(slope)))
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        moments[name] = mean, square
        moved = mean / (1 - 0.9 ** (step + 1)) / (np.sqrt(square / (1 - 0.999 ** (step + 1))) + 1e-8)
        changed[name] = before - rate * (moved + _DECAY * before)
    return replace(head, **changed)


def _scale_of(bags: Sequence[Bag]) -> Scale:
    """Every slide counts the same, however many tiles it has."""
    means = np.array([bag.features.mean(axis=0, dtype=np.float64) for bag in bags])
    squares = np.array([(bag.features.astype(np.float64) ** 2).mean(axis=0) for bag in bags])
    mean = means.mean(axis=0)
    spread = np.sqrt(np.maximum(squares.mean(axis=0) - mean**2, 0))
    return Scale(mean, np.where(spread < _LEAST_SPREAD, 1.0, spread))


def _sigmoid(values: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-np.clip(values, -60, 60)))
