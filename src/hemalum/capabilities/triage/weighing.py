"""An operating point applied to a run: a probability and a band, or a named reason for none."""

import math
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.calibration import Conformal, Isotonic, Platt
from hemalum.capabilities.cases.model import CaseBand
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.triage.model import (
    Calibration,
    CalibrationMethod,
    OperatingPoint,
    Rule,
    SlideRisk,
    SlideVerdict,
    TriageOutcome,
    TriagePurpose,
)
from hemalum.kernel.sentence import Sentence

_LEAST_SHOWN, _MOST_SHOWN = 0.01, 0.99
"""Nothing is certain, and two digits must not say so."""
_NO_RUN = Sentence("The model has not looked at it yet.")
WITHDRAWN = Sentence("The version of the model is withdrawn.")
_EARLIER = Sentence("The model looked at an earlier scan.")
_CANCELLED = Sentence("The run of the model was cancelled.")
_FAILED = Sentence("The run of the model failed.")
_NO_NUMBER = Sentence("The run of the model gave no number.")
_UNKNOWN_SITE = Sentence("The rule was fitted at other sites.")
_UNSURE = Sentence("Neither answer can be ruled out.")
_STRANGE = Sentence("It resembles none of the slides that the rule was fitted on.")
_UNSCANNED = Sentence("The slide is not scanned yet.")

UNSCANNED = SlideRisk("", TriageOutcome.WAITING, CaseBand.UNKNOWN, _UNSCANNED)


def probability_of(calibration: Calibration, score: float) -> float:
    """What a score means as a probability."""
    if calibration.method is CalibrationMethod.PLATT:
        found = Platt(calibration.slope, calibration.intercept)(np.array([score]))
    else:
        steps = Isotonic(np.array(calibration.scores), np.array(calibration.probabilities))
        found = steps(np.array([score]))
    return float(found[0])


def answers_of(rule: Rule, probability: float, site: str) -> tuple[bool, bool]:
    """Whether negative and positive cannot be ruled out, by the errors that the site showed."""
    strange: dict[tuple[Hashable, int], NDArray[np.float64]] = {
        (one.organisation_id, number): np.array(values)
        for one in rule.sites
        for number, values in enumerate((one.negative, one.positive))
        if values
    }
    conformal = Conformal(rule.alpha, strange)
    negative, positive = conformal.answers(np.array([[1 - probability, probability]]), site)[0]
    return bool(negative), bool(positive)


def weigh(point: OperatingPoint, run: InferenceRun | None, generation: str | None, site: str) -> SlideRisk:
    """What a point says of a slide of a site, whose scan has this generation, by the newest run on it."""
    if run is None or run.state.is_live:
        return silent(point, run, TriageOutcome.WAITING, _NO_RUN)
    if run.generation != (generation or ""):
        return silent(point, run, TriageOutcome.EARLIER_SCAN, _EARLIER)
    if run.state is not RunState.DONE:
        outcome, otherwise = {
            RunState.ABSTAINED: (TriageOutcome.NOTHING_SAID, _NO_NUMBER),
            RunState.REFUSED: (TriageOutcome.REFUSED, _NO_NUMBER),
            RunState.CANCELLED: (TriageOutcome.CANCELLED, _CANCELLED),
        }.get(run.state, (TriageOutcome.FAILED, _FAILED))
        return silent(point, run, outcome, run.reason or otherwise)
    if run.outside:
        return silent(point, run, TriageOutcome.OUTSIDE, run.outside[0])
    score = run.scores.get(point.rule.class_name)
    if score is None or not math.isfinite(score):
        return silent(point, run, TriageOutcome.FAILED, _NO_NUMBER)
    return _scored(point, run, score, site)


def _scored(point: OperatingPoint, run: InferenceRun, score: float, site: str) -> SlideRisk:
    rule = point.rule
    probability = probability_of(rule.calibration, score)
    if not any(one.organisation_id == site for one in rule.sites):
        return _abstains(point, run, score, probability, _UNKNOWN_SITE)
    negative, positive = answers_of(rule, probability, site)
    if negative and positive:
        return _abstains(point, run, score, probability, _UNSURE)
    if not negative and not positive:
        return _abstains(point, run, score, probability, _STRANGE)
    reaches = probability >= rule.threshold
    band = CaseBand.MIDDLE
    if rule.purpose is TriagePurpose.TRIAGE and reaches:
        band = CaseBand.HIGH
    if rule.purpose is TriagePurpose.RULE_OUT and not reaches and negative:
        band = CaseBand.LOW
    return SlideRisk(point.id, TriageOutcome.SCORED, band, None, run.id, score, probability)


def reason_of(verdict: SlideVerdict, point: OperatingPoint | None) -> Sentence:
    """Why a case stands where it does: what the row of the worklist says."""
    risk, slide = verdict.risk, verdict.label
    if risk.why is not None or risk.probability is None or point is None:
        return Sentence("No score: {why} Slide {slide}.", {"why": risk.why or _NO_NUMBER, "slide": slide})
    by = Sentence(
        "{model} {version} for {point}",
        {"model": point.model_name, "version": point.model_version, "point": _said(point.rule)},
    )
    probability = _shown(risk.probability)
    match risk.band:
        case CaseBand.HIGH:
            return Sentence(
                "High {probability} · slide {slide} · {by}",
                {"probability": probability, "slide": slide, "by": by},
            )
        case CaseBand.LOW:
            return Sentence(
                "Low, at most {probability} on every slide · {by}", {"probability": probability, "by": by}
            )
        case _:
            return Sentence(
                "Not decided {probability} · slide {slide} · {by}",
                {"probability": probability, "slide": slide, "by": by},
            )


def _said(rule: Rule) -> Sentence:
    is_triage = rule.purpose is TriagePurpose.TRIAGE
    if rule.claim is None:
        return Sentence("triage") if is_triage else Sentence("rule-out")
    reached = round(rule.claim.sensitivity, 2)
    if is_triage:
        return Sentence("triage, sensitivity {sensitivity}", {"sensitivity": reached})
    return Sentence("rule-out, sensitivity {sensitivity}", {"sensitivity": reached})


def _shown(probability: float) -> float:
    return round(min(max(probability, _LEAST_SHOWN), _MOST_SHOWN), 2)


def silent(
    point: OperatingPoint, run: InferenceRun | None, outcome: TriageOutcome, why: Sentence
) -> SlideRisk:
    """That a point says nothing of a slide, by name."""
    return SlideRisk(point.id, outcome, CaseBand.UNKNOWN, why, None if run is None else run.id)


def _abstains(
    point: OperatingPoint, run: InferenceRun, score: float, probability: float, why: Sentence
) -> SlideRisk:
    return SlideRisk(point.id, TriageOutcome.ABSTAINED, CaseBand.UNKNOWN, why, run.id, score, probability)
