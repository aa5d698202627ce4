"""What an operating point makes of a run: a band for a score, and a name for everything else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.analysis.calibration import fit_conformal, fit_platt
from hemalum.capabilities.cases.model import CaseBand
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.triage.fitting import fit, threshold_for
from hemalum.capabilities.triage.model import (
    Calibration,
    CalibrationMethod,
    OperatingPoint,
    Rule,
    Site,
    SlideRisk,
    SlideVerdict,
    TriageOutcome,
    TriagePurpose,
    check_rule,
    verdict_of,
    worst_of,
)
from hemalum.capabilities.triage.rules import read_labels, read_rule, write_rule
from hemalum.capabilities.triage.weighing import answers_of, probability_of, reason_of, weigh
from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.sentence import Sentence

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ERRORS = tuple(np.linspace(0.01, 0.3, 40).tolist())
STEPS = CalibrationMethod.ISOTONIC
RULE = Rule(
    TriagePurpose.TRIAGE,
    "violet",
    0.7,
    Calibration(CalibrationMethod.PLATT, slope=10.0, intercept=-5.0),
    0.1,
    (Site("home", ERRORS, ERRORS),),
)
POINT = OperatingPoint(
    "p", OrganisationId("home"), "v", "sample.violet", "1.2.0", "Violet", 1, RULE, "ours", NOW, "Li"
)


def run(score: float = 0.9, **values: Any) -> InferenceRun:
    return replace(
        InferenceRun(
            id="r",
            organisation_id=OrganisationId("home"),
            image_id=ImageId("i"),
            generation="g",
            number=1,
            version_id="v",
            model_id="sample.violet",
            model_version="1.2.0",
            model_name="Violet",
            model_name_zh="",
            address="",
            task="tile-score",
            is_shadow=False,
            state=RunState.DONE,
            reason=None,
            outside=(),
            pass_id="",
            created_at=NOW,
            created_by=None,
            scores={"violet": score},
        ),
        **values,
    )


def test_a_score_becomes_a_band() -> None:
    risk = weigh(POINT, run(0.9), "g", "home")
    assert (risk.outcome, risk.band) == (TriageOutcome.SCORED, CaseBand.HIGH)
    assert risk.probability == pytest.approx(1 / (1 + np.exp(-4)))
    below = weigh(POINT, run(0.1), "g", "home")
    assert (below.outcome, below.band) == (TriageOutcome.SCORED, CaseBand.MIDDLE)
    out = replace(POINT, rule=replace(RULE, purpose=TriagePurpose.RULE_OUT))
    assert weigh(out, run(0.1), "g", "home").band is CaseBand.LOW
    assert weigh(out, run(0.9), "g", "home").band is CaseBand.MIDDLE


SAID = Sentence("The slide has no physical scale; somebody has to state it.")
SILENT: dict[str, tuple[InferenceRun | None, str, str, TriageOutcome]] = {
    "no run": (None, "g", "home", TriageOutcome.WAITING),
    "at work": (run(0.0, state=RunState.RUNNING), "g", "home", TriageOutcome.WAITING),
    "failed": (run(0.0, state=RunState.FAILED), "g", "home", TriageOutcome.FAILED),
    "cancelled": (run(0.0, state=RunState.CANCELLED), "g", "home", TriageOutcome.CANCELLED),
    "refused": (run(0.0, state=RunState.REFUSED, reason=SAID), "g", "home", TriageOutcome.REFUSED),
    "blank": (run(0.0, state=RunState.ABSTAINED, reason=SAID), "g", "home", TriageOutcome.NOTHING_SAID),
    "outside": (run(0.0, outside=(SAID,)), "g", "home", TriageOutcome.OUTSIDE),
    "earlier scan": (run(0.0), "h", "home", TriageOutcome.EARLIER_SCAN),
    "no number": (run(float("nan")), "g", "home", TriageOutcome.FAILED),
    "no class": (run(0.0, scores={}), "g", "home", TriageOutcome.FAILED),
    "other site": (run(0.0), "g", "county", TriageOutcome.ABSTAINED),
    "unsure": (run(0.62), "g", "home", TriageOutcome.ABSTAINED),
}


@pytest.mark.parametrize("purpose", TriagePurpose)
@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_score_is_named_and_never_low(name: str, purpose: TriagePurpose) -> None:
    """Scores of 0 would be low ones, if they counted."""
    asked, generation, site, outcome = SILENT[name]
    point = replace(POINT, rule=replace(RULE, purpose=purpose))
    if name == "unsure":
        wide = Site("home", tuple(np.linspace(0.3, 0.9, 40)), tuple(np.linspace(0.3, 0.9, 40)))
        point = replace(point, rule=replace(point.rule, sites=(wide,)))
    risk = weigh(point, asked, generation, site)
    assert (risk.outcome, risk.band) == (outcome, CaseBand.UNKNOWN)
    assert risk.why is not None
    said = reason_of(SlideVerdict("B/2/1", ImageId("i"), risk), point)
    assert str(said).startswith("No score: ")
    assert str(said).endswith("Slide B/2/1.")


def test_the_row_says_probability_slide_model_and_point() -> None:
    risk = weigh(POINT, run(0.75), "g", "home")
    assert str(reason_of(SlideVerdict("B/2/1", ImageId("i"), risk), POINT)) == (
        "High 0.92 · slide B/2/1 · Violet 1.2.0 for triage"
    )


def risk_of(
    band: CaseBand, outcome: TriageOutcome = TriageOutcome.SCORED, probability: float = 0.5
) -> SlideRisk:
    return SlideRisk("p", outcome, band, None, None, None, probability)


RISKS = st.one_of(
    st.tuples(st.sampled_from([CaseBand.HIGH, CaseBand.MIDDLE, CaseBand.LOW]), st.just(TriageOutcome.SCORED)),
    st.tuples(
        st.just(CaseBand.UNKNOWN),
        st.sampled_from([one for one in TriageOutcome if one is not TriageOutcome.SCORED]),
    ),
)


@given(st.lists(RISKS, min_size=1, max_size=6))
def test_a_case_is_low_only_where_every_slide_is(kinds: list[tuple[CaseBand, TriageOutcome]]) -> None:
    slides = [SlideVerdict(str(n), None, risk_of(*kind)) for n, kind in enumerate(kinds)]
    worst = worst_of(slides).risk
    bands = {band for band, _ in kinds}
    assert (worst.band is CaseBand.LOW) == (bands == {CaseBand.LOW})
    assert (worst.band is CaseBand.HIGH) == (CaseBand.HIGH in bands)
    if CaseBand.UNKNOWN in bands and CaseBand.HIGH not in bands:
        assert worst.outcome is not TriageOutcome.SCORED


@given(st.lists(RISKS, min_size=1, max_size=4))
def test_points_of_one_slide_are_low_only_where_none_abstained(
    kinds: list[tuple[CaseBand, TriageOutcome]],
) -> None:
    said = verdict_of({str(n): risk_of(*kind) for n, kind in enumerate(kinds)})
    bands = {band for band, _ in kinds}
    assert (said.band is CaseBand.HIGH) == (CaseBand.HIGH in bands)
    if said.band is CaseBand.LOW:
        silent = {outcome for band, outcome in kinds if band is CaseBand.UNKNOWN}
        assert silent <= {TriageOutcome.REFUSED, TriageOutcome.OUTSIDE}


def test_answers_are_those_of_conformal_prediction() -> None:
    chance = np.random.default_rng(3)
    labels = chance.integers(0, 2, 300)
    probability = np.clip(chance.normal(0.3 + 0.4 * labels, 0.2), 0.01, 0.99)
    fitted = fit_conformal(np.stack([1 - probability, probability], 1), labels, ["home"] * 300, 0.1)
    site = Site("home", tuple(fitted.strange["home", 0].tolist()), tuple(fitted.strange["home", 1].tolist()))
    rule = replace(RULE, sites=(site,))
    for one in (0.05, 0.3, 0.5, 0.7, 0.95):
        expected = fitted.answers(np.array([[1 - one, one]]), "home")[0]
        assert answers_of(rule, one, "home") == tuple(expected)


def test_the_sigmoid_is_the_likeliest_one() -> None:
    """At the maximum the score is nothing to be gained by: both derivatives of the likelihood are zero."""
    chance = np.random.default_rng(1)
    scores = chance.normal(0.1, 0.03, 4000)
    positive = chance.random(4000) < 1 / (1 + np.exp(-(60 * scores - 7)))
    fitted = fit_platt(scores, positive)
    assert fitted.slope == pytest.approx(60, rel=0.1)
    many = positive.sum()
    targets = np.where(positive, (many + 1) / (many + 2), 1 / (4000 - many + 2))
    wrong = fitted(scores) - targets
    assert wrong.sum() == pytest.approx(0, abs=1e-2)
    assert (wrong * scores).sum() == pytest.approx(0, abs=1e-3)
    assert probability_of(
        Calibration(CalibrationMethod.PLATT, fitted.slope, fitted.intercept), 0.1
    ) == pytest.approx(float(fitted(np.array([0.1]))[0]))


def test_the_threshold_is_missed_as_seldom_as_promised() -> None:
    """Over many draws the next positive slide lies below it at most as often as stated."""
    chance = np.random.default_rng(7)
    missed = [chance.random() < threshold_for(chance.random(40), 0.9) for _ in range(4000)]
    assert np.mean(missed) == pytest.approx(4 / 41, abs=0.015)
    with pytest.raises(Invalid, match="49 positive slides"):
        threshold_for(chance.random(48), 0.98)


def cohort(count: int, groups: int) -> dict[str, Any]:
    chance = np.random.default_rng(5)
    positive = chance.random(count) < 0.5
    scores = np.clip(chance.normal(0.3 + 0.3 * positive, 0.12), 0, 1)
    return {
        "scores": scores.tolist(),
        "positive": positive.tolist(),
        "sites": ["home"] * count,
        "groups": [f"case {number % groups}" for number in range(count)],
    }


@pytest.mark.parametrize("method", CalibrationMethod)
def test_what_is_fitted_separates_halves_by_case(method: CalibrationMethod) -> None:
    given_ = cohort(400, 200)
    found = fit(**given_, method=method.value, sensitivity=0.9, alpha=0.1)
    assert 120 <= len(found["held"]) <= 280
    (site,) = found["sites"]
    assert len(site["negative"]) + len(site["positive"]) == len(found["held"])
    held = [one["probability"] >= found["threshold"] for one in found["held"] if one["positive"]]
    assert np.mean(held) > 0.8
    # The same slides are parted the same way every time.
    assert fit(**given_, method=method.value, sensitivity=0.9, alpha=0.1) == found


def test_too_few_slides_make_no_point() -> None:
    few = cohort(12, 12)
    with pytest.raises(Invalid, match="needs 10 positive"):
        fit(**few, method="platt", sensitivity=0.9, alpha=0.1)


def test_rules_are_data() -> None:
    assert read_rule(write_rule(RULE)) == RULE
    for bad in (
        "",
        "{}",
        "[]",
        write_rule(RULE).replace("0.7", "7"),
        write_rule(RULE).replace("triage", "x"),
    ):
        with pytest.raises(Invalid):
            read_rule(bad)
    check_rule(RULE, frozenset({"violet"}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"class_name": "green"}, "no class green"),
        ({"calibration": Calibration(CalibrationMethod.PLATT, slope=-1.0)}, "does not rise"),
        ({"calibration": Calibration(CalibrationMethod.PLATT, slope=float("inf"))}, "not finite"),
        (
            {"calibration": Calibration(STEPS, scores=(0.1,), probabilities=(0.2,))},
            "as many",
        ),
        (
            {
                "calibration": Calibration(
                    CalibrationMethod.ISOTONIC, scores=(0.1, 0.2), probabilities=(0.3, 0.2)
                )
            },
            "isotonic calibration rise",
        ),
        ({"sites": (Site("home", (), ()), Site("home", (), ()))}, "twice"),
        ({"sites": (Site("home", (0.3, 0.1), ()),)}, "sorted"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_rule(replace(RULE, **change), frozenset({"violet"}))


def test_labels_are_read_from_a_table() -> None:
    assert [one.is_positive for one in read_labels("\ufeffslide,label\na,1\nb,negative\n")] == [True, False]
    for bad in ("a,b\n1,2\n", "slide,label\na,2\n", "slide,label\n,1\n", ""):
        with pytest.raises(Invalid):
            read_labels(bad)
