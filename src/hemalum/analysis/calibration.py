"""Probabilities that mean what they say, and sets of answers that are right as often as promised.

What is fitted here is fitted on cases that the model did not learn from, and holds only for cases like them:
a site, a scanner or a stain of its own needs its own fit. Only fitting loads SciPy: what was fitted is
applied in servers.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Probabilities = NDArray[np.float64]

_LEAST_TEMPERATURE, _LARGEST_TEMPERATURE = 0.05, 20.0


def softmax(logits: NDArray[Any], temperature: float = 1.0) -> Probabilities:
    """Probabilities of classes (..., classes)."""
    scaled = np.asarray(logits, np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def fit_temperature(logits: NDArray[Any], labels: NDArray[np.integer[Any]]) -> float:
    """What to divide logits (n, classes) by so that the labels are likeliest.

    C. Guo et al., On calibration of modern neural networks, ICML 2017, section 4.2. The order of
    classes stays.
    """
    from scipy import optimize

    rows = np.arange(len(labels))

    def unlikely(log_temperature: float) -> float:
        likely = softmax(logits, float(np.exp(log_temperature)))[rows, labels]
        return float(-np.log(np.maximum(likely, 1e-300)).mean())

    bounds = (np.log(_LEAST_TEMPERATURE), np.log(_LARGEST_TEMPERATURE))
    return float(np.exp(optimize.minimize_scalar(unlikely, bounds=bounds, method="bounded").x))


@dataclass(frozen=True, slots=True)
class Platt:
    """A sigmoid from scores to probabilities."""

    slope: float
    intercept: float

    def __call__(self, scores: NDArray[Any]) -> Probabilities:
        raised = np.clip(self.slope * np.asarray(scores, np.float64) + self.intercept, -700, 700)
        return np.asarray(1 / (1 + np.exp(-raised)))


def fit_platt(scores: NDArray[Any], positive: NDArray[np.bool_]) -> Platt:
    """The sigmoid under which the outcomes are likeliest, each of them drawn a little towards the middle.

    J. Platt, Probabilistic outputs for support vector machines, 1999, section 2.2, with its targets
    (n + 1)/(n + 2) and 1/(n + 2), so that scores that part the classes do not make anything certain. A score
    that says nothing, or the opposite, gets a slope of zero or less: it is for the caller to refuse that.
    """
    from scipy import optimize

    given, is_positive = np.asarray(scores, np.float64), np.asarray(positive, bool)
    many = int(is_positive.sum())
    targets = np.where(is_positive, (many + 1) / (many + 2), 1 / (len(given) - many + 2))
    # Scores of any scale are fitted on one of about 1.
    middle, spread = float(given.mean()), float(given.std()) or 1.0
    scaled = (given - middle) / spread

    def unlikely(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        raised = line[0] * scaled + line[1]
        wrong = 1 / (1 + np.exp(-np.clip(raised, -700, 700))) - targets
        loss = float((np.logaddexp(0, raised) - targets * raised).sum())
        return loss, np.array([(wrong * scaled).sum(), wrong.sum()])

    steep, intercept = optimize.minimize(unlikely, np.array([1.0, 0.0]), jac=True, method="BFGS").x
    return Platt(float(steep / spread), float(intercept - steep * middle / spread))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising step function from scores to probabilities, linear between the middles of its steps."""

    scores: NDArray[np.float64]
    probabilities: Probabilities

    def __call__(self, scores: NDArray[Any]) -> Probabilities:
        return np.asarray(np.interp(scores, self.scores, self.probabilities))


def fit_isotonic(scores: NDArray[Any], positive: NDArray[np.bool_]) -> Isotonic:
    """The rising function of the scores nearest to the outcomes, by pooling adjacent violators.

    B. Zadrozny and C. Elkan, Transforming classifier scores into accurate multiclass probability estimates,
    KDD 2002.
    """
    from scipy import optimize

    levels, places = np.unique(np.asarray(scores, np.float64), return_inverse=True)
    counts = np.bincount(places).astype(np.float64)
    means = np.bincount(places, weights=positive.astype(np.float64)) / counts
    fitted = optimize.isotonic_regression(means, weights=counts).x
    return Isotonic(levels, np.asarray(fitted, np.float64))


def expected_calibration_error(
    probabilities: Probabilities, labels: NDArray[np.integer[Any]], bins: int = 15
) -> float:
    """Mean distance between how sure and how right the likeliest class is, in bins (Guo et al. 2017)."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    # A bin holds its upper end: (0, 1/15], (1/15, 2/15], ...
    places = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    gap = np.abs(np.bincount(places, sure, bins) - np.bincount(places, right, bins))
    return float(gap.sum() / counts.sum())


@dataclass(frozen=True, slots=True)
class Conformal:
    """Which answers cannot be ruled out at a chance `alpha` of ruling out the true one.

    Mondrian inductive conformal prediction (V. Vovk et al., Algorithmic Learning in a Random World, 2005,
    section 4.5; for pathology H. Olsson et al., Nature Communications 13:7761, 2022): the promise holds in
    each class and each site, as long as cases come as those did that it was fitted on. One answer is a
    prediction; several, or none, are a reason to abstain.
    """

    alpha: float
    strange: Mapping[tuple[Hashable, int], NDArray[np.float64]]
    """Sorted strangeness of the true class of the cases it was fitted on, for each site and class."""

    def p_values(self, probabilities: Probabilities, site: Hashable) -> Probabilities:
        """For each case (n, classes): the share of fitted cases of that class that were at least as strange.

        1 for a class that the site never showed: it cannot be ruled out.
        """
        out = np.ones_like(probabilities, dtype=np.float64)
        for number in range(probabilities.shape[1]):
            known = self.strange.get((site, number))
            if known is None:
                continue
            below = np.searchsorted(known, 1 - probabilities[:, number], side="left")
            out[:, number] = (len(known) - below + 1) / (len(known) + 1)
        return out

    def answers(self, probabilities: Probabilities, site: Hashable) -> NDArray[np.bool_]:
        """For each case (n, classes): which classes cannot be ruled out."""
        kept: NDArray[np.bool_] = self.p_values(probabilities, site) > self.alpha
        return kept


def fit_conformal(
    probabilities: Probabilities,
    labels: NDArray[np.integer[Any]],
    sites: Sequence[Hashable],
    alpha: float,
) -> Conformal:
    """Fits on cases (n, classes) with their true class and site.

    A class of which a site showed fewer than 1/alpha - 1 cases is never ruled out there.
    """
    if not 0 < alpha < 1:
        raise ValueError("The chance of an error lies between 0 and 1.")
    strange: dict[tuple[Hashable, int], list[float]] = {}
    for row, label, site in zip(probabilities, labels.tolist(), sites, strict=True):
        strange.setdefault((site, label), []).append(1 - float(row[label]))
    return Conformal(alpha, {key: np.sort(np.array(values)) for key, values in strange.items()})
