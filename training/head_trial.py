"""Two heads tried on slides of patients that they had not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bags import BadBags, Bag, by_patient
from heads import Head, learn_attention, learn_mean
from hemalum.analysis.agreement import Interval, auc, bootstrapped
from hemalum.analysis.calibration import softmax

FOLDS = 5
ATTENTION, MEAN = "gated attention", "mean pooling"
_FEWEST_PATIENTS = FOLDS
_NOTHING_SAID = 0.5
_SAME = 1e-9
_SEED = 20261128


@dataclass(frozen=True, slots=True)
class HeadTrial:
    """How two heads fare by cross-validation, patients kept together."""

    slides: int
    patients: int
    attention: Interval
    """Area under the ROC curve; of more than two classes the mean of each against the others."""
    mean: Interval
    gain: Interval
    """Of attention on mean pooling, over the same patients."""

    @property
    def better(self) -> str:
        """Which serves: the simpler one where both are equal."""
        return ATTENTION if self.gain.value > _SAME else MEAN

    @property
    def beats_chance(self) -> bool:
        """Whether what serves tells classes apart for sure: the lower limit lies above one half."""
        served = self.attention if self.better == ATTENTION else self.mean
        return served.lower > _NOTHING_SAID


def try_heads(bags: Sequence[Bag], classes: int, progress: Callable[[str], None] = print) -> HeadTrial:
    """Both heads on every slide, each learnt from the folds without its patient.

    Raises:
        BadBags: a class has fewer patients than there are folds.
    """
    folds = folds_of(bags, classes)
    said = {name: np.zeros((len(bags), classes)) for name in (ATTENTION, MEAN)}
    for number, held in enumerate(folds, 1):
        out = set(held)
        learnt = [bag for at, bag in enumerate(bags) if at not in out]
        heads: dict[str, Head] = {
            ATTENTION: learn_attention(learnt, classes, _SEED + number),
            MEAN: learn_mean(learnt, classes),
        }
        for at in held:
            for name, head in heads.items():
                said[name][at] = softmax(head.logits(bags[at].features.astype(np.float64)))
        progress(f"fold {number} of {FOLDS}")
    labels = np.array([bag.label for bag in bags])
    groups = by_patient(bags)

    def area(name: str) -> Callable[[Sequence[int]], float]:
        return lambda some: mean_auc(said[name][list(some)], labels[list(some)])

    def gain(some: Sequence[int]) -> float:
        return area(ATTENTION)(some) - area(MEAN)(some)

    return HeadTrial(
        len(bags),
        len(groups),
        bootstrapped(groups, area(ATTENTION), seed=_SEED),
        bootstrapped(groups, area(MEAN), seed=_SEED),
        bootstrapped(groups, gain, seed=_SEED),
    )


def folds_of(bags: Sequence[Bag], classes: int) -> list[list[int]]:
    """The numbers of the bags in each fold: a patient lies in one, and classes are spread evenly.

    Raises:
        BadBags: a class has fewer patients than there are folds.
    """
    random = np.random.default_rng(_SEED)
    groups = by_patient(bags)
    folds: list[list[int]] = [[] for _ in range(FOLDS)]
    place = 0
    for number in range(classes):
        # A patient with slides of several classes counts for the highest.
        own = [group for group in groups if max(bags[at].label for at in group) == number]
        if len(own) < _FEWEST_PATIENTS:
            raise BadBags(
                f"A class has {len(own)} patients; the trial needs at least {_FEWEST_PATIENTS} of each."
            )
        for at in random.permutation(len(own)):
            folds[place % FOLDS] += own[at]
            place += 1
    return folds


def mean_auc(likely: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The area under the ROC curve of each class against the others, and their mean; of two classes, one."""
    count = likely.shape[1]
    found = []
    for number in range(1, count) if count == 2 else range(count):
        own = labels == number
        # Draws of the bootstrap may lack a class: they say nothing of it.
        found.append(auc(likely[:, number], own).value if 0 < own.sum() < len(own) else _NOTHING_SAID)
    return float(np.mean(found))
