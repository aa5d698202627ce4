"""Operating points, what they say of slides, and how that becomes the place of a case. No I/O."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from hemalum.capabilities.cases.model import CaseBand, CaseId
from hemalum.kernel.errors import Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.sentence import Sentence

VIEW = "triage.view"
"""To see operating points, why a case stands where it does, and how long cases wait for a first look."""
MANAGE = "triage.manage"
"""To set and end operating points."""

MOST_REASON = 500
MOST_NUMBERS = 20_000
"""In each list of a rule."""
MOST_LABELLED = 20_000
"""Slides that a rule is fitted on."""

Share = Annotated[float, Meta(ge=0, le=1)]
Inside = Annotated[float, Meta(gt=0, lt=1)]
Scores = Annotated[tuple[float, ...], Meta(max_length=MOST_NUMBERS)]
Shares = Annotated[tuple[Share, ...], Meta(max_length=MOST_NUMBERS)]
Word = Annotated[str, Meta(min_length=1, max_length=100)]


class TriagePurpose(StrEnum):
    """What a threshold is for."""

    TRIAGE = "triage"
    """What reaches it is read first; what does not stays in its place."""
    RULE_OUT = "rule-out"
    """What stays below it on every slide is read last; what does not stays in its place."""


class CalibrationMethod(StrEnum):
    """How scores become probabilities."""

    PLATT = "platt"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A map from scores to probabilities, fitted on labelled slides."""

    method: CalibrationMethod
    slope: float = 0.0
    intercept: float = 0.0
    """Of the sigmoid (Platt)."""
    scores: Scores = ()
    probabilities: Shares = ()
    """The rising steps (isotonic)."""


@dataclass(frozen=True, slots=True)
class Site:
    """How strange labelled slides of one site were, for conformal prediction: 1 less the probability that
    each got for its true class, sorted."""

    organisation_id: Word
    negative: Shares
    positive: Shares


@dataclass(frozen=True, slots=True)
class Claim:
    """What a threshold reached on labelled slides that it was not fitted on, with 95 % intervals (Wilson)."""

    positive: Annotated[int, Meta(ge=0)]
    negative: Annotated[int, Meta(ge=0)]
    sensitivity: Share
    sensitivity_low: Share
    sensitivity_high: Share
    specificity: Share
    specificity_low: Share
    specificity_high: Share
    abstained: Share
    """Share of them of which nothing would be said."""


@dataclass(frozen=True, slots=True)
class Rule:
    """All that an operating point computes with: plain data, which laboratories pass on to each other."""

    purpose: TriagePurpose
    class_name: Word
    """Whose share of patches, of a head whose probability, is the score of a slide."""
    threshold: Inside
    """Of the probability."""
    calibration: Calibration
    alpha: Inside
    """The chance of an error that conformal prediction is held to, in each class and site."""
    sites: Annotated[tuple[Site, ...], Meta(max_length=1000)]
    """Of any other site nothing is said."""
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A rule in force for a version of a model, or one that was. Its rule never changes."""

    id: str
    organisation_id: OrganisationId
    version_id: str
    model_id: str
    model_version: str
    model_name: str
    number: int
    """Among those of this version, from 1."""
    rule: Rule
    reason: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None = None
    ended_by_name: str | None = None


class TriageOutcome(StrEnum):
    """What came of looking at a slide."""

    SCORED = "scored"
    ABSTAINED = "abstained"
    """Conformal prediction rules out neither class, or both; or the site is not known."""
    NOTHING_SAID = "nothing_said"
    """The model itself abstained: no tissue, or too little that it knows."""
    OUTSIDE = "outside"
    """Out of the validated use of the model."""
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    """The version is withdrawn; what it said before no longer counts."""
    EARLIER_SCAN = "earlier_scan"
    WAITING = "waiting"
    """No run has ended yet, or the slide is not scanned."""


NOT_FOR_IT = frozenset({TriageOutcome.OUTSIDE, TriageOutcome.REFUSED})
"""The slide is not what the model is for: another model may say what this one does not."""


@dataclass(frozen=True, slots=True)
class SlideRisk:
    """What an operating point says of a slide."""

    point_id: str
    outcome: TriageOutcome
    band: CaseBand
    why: Sentence | None = None
    """Of everything but a score."""
    run_id: str | None = None
    score: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class SlideVerdict:
    """What all points together say of one slide of a case."""

    label: str
    """Of the slide in its case, such as B/2/1."""
    image_id: ImageId | None
    risk: SlideRisk


@dataclass(frozen=True, slots=True)
class CaseRisk:
    """What is said of a case. Never changed: what is said later is another one."""

    case_id: CaseId
    organisation_id: OrganisationId
    band: CaseBand
    outcome: TriageOutcome
    reason: Sentence
    image_id: ImageId | None
    """The scan that decided."""
    point_id: str | None
    probability: float | None
    image_ids: tuple[ImageId, ...]
    """All scans of the case then."""
    arrived_at: datetime | None
    """When the first of them could be opened."""
    at: datetime


@dataclass(frozen=True, slots=True)
class OperatingPointChanged(Event):
    """A point of a version was put in force, or taken out of it."""

    version_id: str
    organisation_id: OrganisationId


@dataclass(frozen=True, slots=True)
class Labelled:
    """A slide of which it is known whether it is positive."""

    slide: str
    """The id of an image, or what stands on the label of a slide."""
    is_positive: bool


@dataclass(frozen=True, slots=True)
class FitAsked:
    """What to fit, and to what."""

    version_id: str
    class_name: str
    purpose: TriagePurpose
    method: CalibrationMethod = CalibrationMethod.PLATT
    sensitivity: float = 0.9
    """That the threshold is to reach."""
    alpha: float = 0.1


@dataclass(frozen=True, slots=True)
class LookTimes:
    """How long cases of a band waited from the first scan to the first time a person opened one of their
    slides."""

    band: CaseBand
    looked: int
    waiting: int
    """Nobody has looked yet; they are in no quantile."""
    median_h: float | None
    low_h: float | None
    high_h: float | None
    """The quartiles."""


def check_rule(rule: Rule, classes: frozenset[str]) -> None:
    """Whether a rule can be applied to a model that tells these classes apart.

    Raises:
        Invalid: it cannot. The sentence says why.
    """
    if rule.class_name not in classes:
        raise Invalid("The model has no class {name}.", name=rule.class_name)
    given = rule.calibration
    numbers = (given.slope, given.intercept, *given.scores)
    if not all(map(math.isfinite, numbers)):
        raise Invalid("A number of the calibration is not finite.")
    if given.method is CalibrationMethod.PLATT and given.slope <= 0:
        raise Invalid("The probability does not rise with the score: the score says nothing of these slides.")
    if given.method is CalibrationMethod.ISOTONIC:
        if len(given.scores) < 2 or len(given.scores) != len(given.probabilities):
            raise Invalid("An isotonic calibration needs as many probabilities as scores, two at least.")
        if not (_rises(given.scores) and _rises(given.probabilities)):
            raise Invalid("Scores and probabilities of an isotonic calibration rise.")
        if given.probabilities[0] == given.probabilities[-1]:
            raise Invalid(
                "The probability does not rise with the score: the score says nothing of these slides."
            )
    names = [one.organisation_id for one in rule.sites]
    if len(set(names)) != len(names):
        raise Invalid("A site appears twice in the rule.")
    if not all(_rises(one.negative) and _rises(one.positive) for one in rule.sites):
        raise Invalid("The errors known of a site have to be sorted.")


def verdict_of(risks: Mapping[str, SlideRisk]) -> SlideRisk:
    """What the points together, by their ids, say of one slide; there is at least one.

    The highest counts. Low needs a point that says so, and no other that is for such slides and could not
    say anything.
    """
    said = list(risks.values())
    high = [one for one in said if one.band is CaseBand.HIGH]
    if high:
        return max(high, key=lambda one: one.probability or 0.0)
    silent = [one for one in said if one.band is CaseBand.UNKNOWN and one.outcome not in NOT_FOR_IT]
    scored = [one for one in said if one.outcome is TriageOutcome.SCORED]
    low = [one for one in scored if one.band is CaseBand.LOW]
    return next(iter([*silent, *low, *sorted(scored, key=_by_probability), *said]))


def worst_of(slides: list[SlideVerdict]) -> SlideVerdict:
    """The slide that says where a case stands; there is at least one. Low only where all of them are."""
    order = {CaseBand.HIGH: 0, CaseBand.UNKNOWN: 1, CaseBand.MIDDLE: 2, CaseBand.LOW: 3}
    return min(slides, key=lambda one: (order[one.risk.band], _by_probability(one.risk)))


def _by_probability(risk: SlideRisk) -> float:
    return -(risk.probability or 0.0)


def _rises(values: tuple[float, ...]) -> bool:
    return all(one <= other for one, other in pairwise(values))
