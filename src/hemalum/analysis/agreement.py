"""How far what was found agrees with what is so: overlap, instances, ranking, and how sure that is.

Numbers are counted over all pictures before they are divided, so that an empty picture does no harm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from hemalum.analysis.basins import Labels

MATCHED_ABOVE = 0.5
"""Intersection over union: above it one instance can match only one other (Kirillov et al., section 4.1)."""


def dice(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Twice the overlap by the sum of both (L. R. Dice, Ecology 26, 1945); 1 where both are empty."""
    both = int(found.sum()) + int(truth.sum())
    return 2 * int((found & truth).sum()) / both if both else 1.0


@dataclass(frozen=True, slots=True)
class Matches:
    """Instances of one or more pictures that match, and those without a match."""

    matched: int
    overlap: float
    """Sum of intersection over union of the matched."""
    only_found: int
    only_true: int

    def __add__(self, other: "Matches") -> "Matches":
        return Matches(
            self.matched + other.matched,
            self.overlap + other.overlap,
            self.only_found + other.only_found,
            self.only_true + other.only_true,
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, the recognition quality of Kirillov; 1 without instances."""
        every = self.matched + (self.only_found + self.only_true) / 2
        return self.matched / every if every else 1.0

    @property
    def panoptic_quality(self) -> float:
        """A. Kirillov et al., Panoptic segmentation, CVPR 2019, equation 1; 1 without instances."""
        every = self.matched + (self.only_found + self.only_true) / 2
        return self.overlap / every if every else 1.0


def match(truth: Labels, found: Labels) -> Matches:
    """Instances (0 is ground) that overlap by more than `MATCHED_ABOVE`."""
    _, _, ratio = matched(truth, found)
    return Matches(
        len(ratio),
        float(ratio.sum()),
        int((np.bincount(found.ravel())[1:] > 0).sum()) - len(ratio),
        int((np.bincount(truth.ravel())[1:] > 0).sum()) - len(ratio),
    )


def matched(truth: Labels, found: Labels) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The number of the true and of the found instance of each match, and its intersection over union."""
    truth_sizes, found_sizes = np.bincount(truth.ravel()), np.bincount(found.ravel())
    pairs, shared = np.unique(
        truth.ravel().astype(np.int64) * len(found_sizes) + found.ravel(), return_counts=True
    )
    of_truth, of_found = pairs // len(found_sizes), pairs % len(found_sizes)
    real = (of_truth > 0) & (of_found > 0)
    of_truth, of_found, shared = of_truth[real], of_found[real], shared[real]
    ratio = shared / (truth_sizes[of_truth] + found_sizes[of_found] - shared)
    is_match = ratio > MATCHED_ABOVE
    return of_truth[is_match], of_found[is_match], ratio[is_match]


def cohen_kappa(table: NDArray[np.int64]) -> float | None:
    """Agreement of two raters beyond chance (J. Cohen, Educational and Psychological Measurement 20, 1960).

    `table[i, j]` is how many items the first put in class i, the second in j. None where there are none, or
    where both put all in one class and chance alone would agree.
    """
    total = int(table.sum())
    if not total:
        return None
    observed = float(np.trace(table)) / total
    expected = float((table.sum(axis=1) / total) @ (table.sum(axis=0) / total))
    return None if expected >= 1 else (observed - expected) / (1 - expected)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two limits."""

    value: float
    lower: float
    upper: float


def bootstrapped[T](
    groups: Sequence[Sequence[T]],
    statistic: Callable[[Sequence[T]], float],
    *,
    seed: int,
    rounds: int = 1000,
    coverage: float = 0.95,
) -> Interval:
    """A statistic with the percentile interval of whole groups drawn with replacement.

    The cluster bootstrap of C. A. Field and A. H. Welsh (JRSS B 69, 2007): what is of one slide, patient or
    source is not independent and goes together. The same seed gives the same interval.
    """
    if not groups:
        raise ValueError("Nothing to estimate from.")
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        chosen = random.integers(0, len(groups), len(groups))
        drawn.append(statistic([item for number in chosen for item in groups[number]]))
    outside = (1 - coverage) / 2 * 100
    lower, upper = np.percentile(drawn, [outside, 100 - outside])
    return Interval(statistic([item for group in groups for item in group]), float(lower), float(upper))


def auc(scores: NDArray[Any], positive: NDArray[np.bool_], coverage: float = 0.95) -> Interval:
    """Area under the ROC curve with the interval of E. R. DeLong et al. (Biometrics 44, 1988).

    Placements by midranks (X. Sun and W. Xu, IEEE Signal Processing Letters 21, 2014). Both classes must
    occur. Needs independent samples: with several of one patient, take `bootstrapped`.
    """
    cases, controls = scores[positive], scores[~positive]
    if not len(cases) or not len(controls):
        raise ValueError("Both classes must occur.")
    all_ranks = stats.rankdata(np.concatenate([cases, controls]))
    above = (all_ranks[: len(cases)] - stats.rankdata(cases)) / len(controls)
    below = 1 - (all_ranks[len(cases) :] - stats.rankdata(controls)) / len(cases)
    value = float(above.mean())
    variance = sum(part.var(ddof=1) / len(part) for part in (above, below) if len(part) > 1)
    reach = float(stats.norm.ppf((1 + coverage) / 2) * np.sqrt(variance))
    return Interval(value, max(0.0, value - reach), min(1.0, value + reach))
