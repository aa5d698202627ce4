"""Triage on synthetic cohorts of which the truth is known: what a point promises beside what it keeps.

Scores are shares of patches drawn from beta distributions: of positive slides a few to most patches are
found, of negative ones few. A point is fitted at one site on 800 labelled slides, as `hemalum triage fit`
does it, and applied to new slides of that site, of the same site after its scores drifted, and of a site that
it was not fitted at; all of it many times, since what is promised holds on average over labelled slides.
There is no peer: this measures the method and no model.

    .venv/bin/python benchmarks/triage.py
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.agreement import auc
from hemalum.analysis.calibration import expected_calibration_error
from hemalum.capabilities.triage.fitting import fit
from hemalum.capabilities.triage.model import Calibration, CalibrationMethod, Rule, Site, TriagePurpose
from hemalum.capabilities.triage.weighing import answers_of, probability_of
from hemalum.kernel.typed import typed
from measure import Others, Result, arguments, met

POSITIVE_SHARE = 0.15
LABELLED, NEW = 800, 1_000
SENSITIVITY = 0.95
ALPHAS = (0.02, 0.05, 0.1, 0.2)
ROUNDS = 30


@dataclass(frozen=True)
class Cohort:
    """Slides with their truth."""

    scores: NDArray[np.float64]
    positive: NDArray[np.bool_]
    site: str


def draw(count: int, seed: int, site: str, drift: float = 0.0) -> Cohort:
    """A cohort; `drift` is added to every score, as a warmer stain would."""
    chance = np.random.default_rng(seed)
    positive = chance.random(count) < POSITIVE_SHARE
    scores = np.where(positive, chance.beta(2.0, 4.0, count), chance.beta(1.0, 14.0, count))
    return Cohort(np.clip(scores + drift, 0, 1), positive, site)


def point_of(cohort: Cohort, alpha: float) -> Rule:
    """A rule fitted on a cohort, each slide a case of its own."""
    names = [str(number) for number in range(len(cohort.scores))]
    found = fit(
        cohort.scores.tolist(),
        cohort.positive.tolist(),
        [cohort.site] * len(names),
        names,
        CalibrationMethod.PLATT.value,
        SENSITIVITY,
        alpha,
    )
    sites = tuple(typed(one, Site) for one in found["sites"])
    calibration = typed(found["calibration"], Calibration)
    return Rule(TriagePurpose.RULE_OUT, "tumour", found["threshold"], calibration, alpha, sites)


@dataclass(frozen=True)
class Kept:
    """What a point did on a cohort."""

    abstained: float
    ruled_out: float
    missed: float
    """Share of positive slides that were ruled out."""
    wrong_positive: float
    """Share of positive slides of which positive was ruled out, whatever the threshold."""
    wrong_negative: float
    calibration_error: float


def kept_by(rule: Rule, cohort: Cohort) -> Kept:
    """The point applied to every slide of a cohort, as the node does it."""
    probability = np.array([probability_of(rule.calibration, one) for one in cohort.scores])
    known = any(one.organisation_id == cohort.site for one in rule.sites)
    answers = np.array([answers_of(rule, one, cohort.site) for one in probability])
    says = (answers[:, 0] != answers[:, 1]) & known
    low = says & answers[:, 0] & (probability < rule.threshold)
    both = np.stack([1 - probability, probability], axis=1)
    return Kept(
        float(1 - says.mean()),
        float(low.mean()),
        float(low[cohort.positive].mean()),
        float((~answers[cohort.positive, 1]).mean()),
        float((~answers[~cohort.positive, 0]).mean()),
        expected_calibration_error(both, cohort.positive.astype(np.int64)),
    )


def mean_of(rounds: Sequence[Kept]) -> Kept:
    return Kept(*(float(np.mean([getattr(one, name.name) for one in rounds])) for name in fields(Kept)))


def row(name: str, alpha: float, kept: Kept) -> list[str]:
    return [
        name,
        f"{alpha:g}",
        f"{kept.abstained:.3f}",
        f"{kept.ruled_out:.3f}",
        f"{kept.missed:.3f}",
        f"{kept.wrong_positive:.3f}",
        f"{kept.wrong_negative:.3f}",
        f"{kept.calibration_error:.3f}",
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    watch = Others()
    large = draw(20 * NEW, 0, "north")
    area = auc(large.scores, large.positive)
    here: dict[float, list[Kept]] = {alpha: [] for alpha in ALPHAS}
    drifted: list[Kept] = []
    elsewhere: list[Kept] = []
    for number in range(options.rounds):
        learnt = draw(LABELLED, 4 * number + 1, "north")
        new = draw(NEW, 4 * number + 2, "north")
        for alpha, kept in here.items():
            kept.append(kept_by(point_of(learnt, alpha), new))
        rule = point_of(learnt, 0.1)
        drifted.append(kept_by(rule, draw(NEW, 4 * number + 3, "north", drift=0.08)))
        elsewhere.append(kept_by(rule, draw(NEW, 4 * number + 4, "south")))
    means = {alpha: mean_of(kept) for alpha, kept in here.items()}
    unknown = mean_of(elsewhere)
    errors = max(max(one.wrong_positive, one.wrong_negative) - alpha for alpha, one in means.items())
    missed = max(one.missed for one in means.values())
    flagged = 1 - means[0.1].ruled_out
    Result(
        name="triage",
        title="Triage: abstention and errors on synthetic cohorts",
        command="make bench-triage",
        columns=[
            "new slides of",
            "alpha",
            "abstained",
            "ruled out",
            "positive ruled out",
            "errors, positive",
            "errors, negative",
            "calibration error",
        ],
        rows=[
            *(row("the site itself", alpha, one) for alpha, one in means.items()),
            row("the same, drifted", 0.1, mean_of(drifted)),
            row("another site", 0.1, unknown),
        ],
        wanted=[
            ("errors of each class at most 0.02 above alpha", f"{errors:+.3f}", met(errors <= 0.02)),
            (
                f"at most {1 - SENSITIVITY:.2f} of positive slides ruled out",
                f"{missed:.3f}",
                met(missed <= 1 - SENSITIVITY),
            ),
            (
                "nothing said of a site that is not known",
                f"{unknown.abstained:.0%}",
                met(unknown.abstained == 1),
            ),
        ],
        notes=[
            f"Means of {options.rounds} rounds, each a point fitted on {LABELLED} labelled slides, "
            f"{POSITIVE_SHARE:.0%} of them positive, for a sensitivity of {SENSITIVITY}, and {NEW:,} new "
            f"slides. AUC of the score {area.value:.3f} ({area.lower:.3f} to {area.upper:.3f}, DeLong). "
            f"At alpha 0.1, {flagged:.0%} of all slides are not ruled out.",
            "Errors: the true class was ruled out, among all slides of that class.",
            "After a drift no promise holds: a point has to be fitted anew, and nothing notices by itself.",
        ],
        versions={},
        raw={},
        others=watch.share(),
    ).finish(options.publish)


if __name__ == "__main__":
    main()
