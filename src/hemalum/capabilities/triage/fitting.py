"""Operating points fitted on labelled slides. Runs in a child process: SciPy is for it alone."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hemalum.analysis.calibration import Probabilities, fit_conformal, fit_isotonic, fit_platt
from hemalum.kernel.errors import Invalid

LEAST_OF_EACH = 10
"""Labelled slides, positive and negative."""


def fit(
    scores: Sequence[float],
    positive: Sequence[bool],
    sites: Sequence[str],
    groups: Sequence[str],
    method: str,
    sensitivity: float,
    alpha: float,
) -> dict[str, Any]:
    """A calibration, a threshold and the errors of each site, as plain values.

    Slides are parted in two halves by their groups (cases), the same ones every time. On the first half
    scores become probabilities, and the threshold is set: below it lie at most k of n positive slides with
    k/(n + 1) <= 1 - sensitivity, so the next slide like them lies below it as seldom as stated (the rank
    argument of split conformal prediction: J. Lei et al., J Am Stat Assoc 113:1094, 2018, section 2.2). On
    the second half the errors of sites are learnt, and what the threshold reaches is counted.

    Raises:
        Invalid: there are too few slides for what is asked.
    """
    given, outcome = np.array(scores, np.float64), np.array(positive, bool)
    _check_many(outcome)
    first = _first_half(outcome, groups)
    if not {False, True} <= set(outcome[first].tolist()):
        raise Invalid("Positive and negative slides have to be of more than one case each.")
    if method == "platt":
        line = fit_platt(given[first], outcome[first])
        probabilities = line(given)
        calibration = {"method": method, "slope": line.slope, "intercept": line.intercept}
    else:
        steps = fit_isotonic(given[first], outcome[first])
        probabilities = steps(given)
        calibration = {
            "method": method,
            "scores": steps.scores.tolist(),
            "probabilities": np.clip(steps.probabilities, 0, 1).tolist(),
        }
    return {
        "calibration": calibration,
        "threshold": threshold_for(probabilities[first & outcome], sensitivity),
        "sites": _sites(probabilities[~first], outcome[~first], np.array(sites)[~first].tolist(), alpha),
        "held": [
            {"probability": float(probability), "positive": bool(label), "site": site}
            for probability, label, site in zip(
                probabilities[~first], outcome[~first], np.array(sites)[~first].tolist(), strict=True
            )
        ],
    }


def threshold_for(of_positive: Probabilities, sensitivity: float) -> float:
    """The highest probability that a positive slide reaches at this sensitivity, or better.

    Raises:
        Invalid: so few slides cannot show it.
    """
    many = len(of_positive)
    below = int((1 - sensitivity) * (many + 1) + 1e-9)
    if below < 1:
        raise Invalid(
            "A sensitivity of {sensitivity} is set by {least} positive slides or more; half of the labelled "
            "ones are {found}.",
            sensitivity=sensitivity,
            least=int(np.ceil(1 / (1 - sensitivity) - 1 - 1e-9)),
            found=many,
        )
    return float(np.clip(np.sort(of_positive)[below - 1], 1e-6, 1 - 1e-6))


def _check_many(outcome: Any) -> None:
    found = int(outcome.sum()), int((~outcome).sum())
    if min(found) < LEAST_OF_EACH:
        raise Invalid(
            "An operating point needs {least} positive and {least} negative slides with a finished run; "
            "there are {positive} and {negative}.",
            least=LEAST_OF_EACH,
            positive=found[0],
            negative=found[1],
        )


def _first_half(outcome: Any, groups: Sequence[str]) -> Any:
    """Every other group, of those with a positive slide and of those without one."""
    with_positive = {group for group, label in zip(groups, outcome.tolist(), strict=True) if label}
    ordered = sorted(
        set(groups), key=lambda one: (one in with_positive, hashlib.sha256(one.encode()).digest())
    )
    chosen: set[str] = set()
    for has_positive in (False, True):
        alike = [one for one in ordered if (one in with_positive) is has_positive]
        chosen |= set(alike[::2])
    return np.array([group in chosen for group in groups])


def _sites(
    probabilities: Probabilities, outcome: Any, sites: Sequence[str], alpha: float
) -> list[Mapping[str, Any]]:
    both = np.stack([1 - probabilities, probabilities], axis=1)
    fitted = fit_conformal(both, outcome.astype(np.int64), sites, alpha)
    return [
        {
            "organisation_id": site,
            "negative": _kept(fitted.strange.get((site, 0))),
            "positive": _kept(fitted.strange.get((site, 1))),
        }
        for site in sorted(set(sites))
    ]


def _kept(strange: Any) -> list[float]:
    return [] if strange is None else np.clip(strange, 0, 1).tolist()
