"""Triage over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from hemalum.capabilities.cases.model import CaseBand
from hemalum.capabilities.triage.model import (
    MANAGE,
    MOST_LABELLED,
    MOST_REASON,
    VIEW,
    CalibrationMethod,
    FitAsked,
    Labelled,
    OperatingPoint,
    TriageOutcome,
    TriagePurpose,
)
from hemalum.capabilities.triage.rules import read_rule
from hemalum.capabilities.triage.service import Triage
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import require

router = APIRouter(tags=["triage"])

Viewer = Annotated[Actor, Depends(require(VIEW))]
Manager = Annotated[Actor, Depends(require(MANAGE))]


async def _triage_of(request: Request) -> Triage:
    triage: Triage = request.app.state.triage
    return triage


Desk = Annotated[Triage, Depends(_triage_of)]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Reason = Annotated[str, Field(max_length=MOST_REASON)]


class PointClaim(BaseModel):
    """What a threshold reached on slides that it was not fitted on, with 95 % intervals."""

    positive: int
    negative: int
    sensitivity: float
    sensitivity_low: float
    sensitivity_high: float
    specificity: float
    specificity_low: float
    specificity_high: float
    abstained: float


class PointSite(BaseModel):
    """A site of which a point may say something, with how many labelled slides showed its errors."""

    organisation_id: str
    negative: int
    positive: int


class TriagePoint(BaseModel):
    """An operating point, in force or ended."""

    id: str
    version_id: str
    model_id: str
    model_version: str
    model_name: str
    model_name_zh: str
    number: int
    """Among those of this version, from 1."""
    purpose: TriagePurpose
    class_title: str
    class_title_zh: str
    threshold: float
    method: CalibrationMethod
    alpha: float
    sites: list[PointSite]
    claim: PointClaim | None
    reason: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None
    ended_by_name: str | None


class PointSet(BaseModel):
    """A rule as `hemalum triage show --rule` writes it."""

    version_id: Id
    rule: str = Field(max_length=2_000_000)
    reason: Reason


class SlideLabelled(BaseModel):
    """A slide of which it is known whether it is positive."""

    slide: Id
    """The id of an image, or what stands on the label of a slide."""
    positive: bool


class PointFit(BaseModel):
    """What to fit, to what, and why."""

    version_id: Id
    class_name: Annotated[str, Field(min_length=1, max_length=100)]
    purpose: TriagePurpose
    method: CalibrationMethod = CalibrationMethod.PLATT
    sensitivity: float = 0.9
    alpha: float = 0.1
    slides: list[SlideLabelled] = Field(max_length=MOST_LABELLED)
    reason: Reason


class PointEnded(BaseModel):
    """Why a point ends."""

    reason: Reason


class CaseRiskShown(BaseModel):
    """What was said of a case at a time."""

    band: CaseBand
    outcome: TriageOutcome
    reason: Sentence
    image_id: str | None
    point_id: str | None
    probability: float | None
    at: datetime


class SlideRiskShown(BaseModel):
    """What a point said of a run on a slide."""

    image_id: str
    point_id: str
    run_id: str | None
    outcome: TriageOutcome
    band: CaseBand
    score: float | None
    """Share of patches."""
    probability: float | None
    why: Sentence | None


class CaseTriage(BaseModel):
    """Why a case stands where it does, the newest first."""

    history: list[CaseRiskShown]
    slides: list[SlideRiskShown]


class FirstLook(BaseModel):
    """How long the cases of a band waited for a person to open the first of their slides, in hours."""

    band: CaseBand
    looked: int
    waiting: int
    """Nobody has looked yet; they are in no quantile."""
    median_h: float | None
    low_h: float | None
    high_h: float | None
    """The quartiles."""


@router.get("/points")
def list_points(actor: Viewer, desk: Desk) -> list[TriagePoint]:
    """The operating points of one's organisation, the newest first, with those that have ended."""
    return [_shown(desk, each) for each in desk.list_points(actor)]


@router.post("/points", status_code=201)
def set_point(asked: PointSet, actor: Manager, desk: Desk) -> TriagePoint:
    """Put a rule in force, in the place of the earlier one of this version for the same purpose."""
    return _shown(desk, desk.set(actor, asked.version_id, read_rule(asked.rule), asked.reason))


@router.post("/points/fit", status_code=201)
def fit_point(asked: PointFit, actor: Manager, desk: Desk) -> TriagePoint:
    """Fit a rule on labelled slides on which the version has run, and put it in force."""
    wanted = FitAsked(
        asked.version_id, asked.class_name, asked.purpose, asked.method, asked.sensitivity, asked.alpha
    )
    slides = [Labelled(each.slide, each.positive) for each in asked.slides]
    return _shown(desk, desk.fit(actor, wanted, slides, asked.reason))


@router.post("/points/{point_id}/end")
def end_point(point_id: str, asked: PointEnded, actor: Manager, desk: Desk) -> TriagePoint:
    """Take a point out of force: no case stands where it does by it any more."""
    return _shown(desk, desk.end(actor, point_id, asked.reason))


@router.get("/cases/{case_id}")
def show_triage_of_case(case_id: str, actor: Viewer, desk: Desk) -> CaseTriage:
    """Why a case stands where it does, and what was said of its slides."""
    shown = desk.show_case(actor, case_id)
    return CaseTriage(
        history=[
            CaseRiskShown(
                band=one.band,
                outcome=one.outcome,
                reason=one.reason,
                image_id=one.image_id,
                point_id=one.point_id,
                probability=one.probability,
                at=one.at,
            )
            for one in shown.history
        ],
        slides=[
            SlideRiskShown(
                image_id=image_id,
                point_id=one.point_id,
                run_id=one.run_id,
                outcome=one.outcome,
                band=one.band,
                score=one.score,
                probability=one.probability,
                why=one.why,
            )
            for image_id, one in shown.slides
        ],
    )


@router.get("/first-looks")
def list_first_looks(actor: Viewer, desk: Desk, begin: datetime, end: datetime) -> list[FirstLook]:
    """How long the cases that came from `begin` on and before `end` waited for a first look, by band."""
    return [
        FirstLook(
            band=one.band,
            looked=one.looked,
            waiting=one.waiting,
            median_h=one.median_h,
            low_h=one.low_h,
            high_h=one.high_h,
        )
        for one in desk.looking.report(actor, begin, end)
    ]


def _shown(desk: Triage, point: OperatingPoint) -> TriagePoint:
    rule = point.rule
    contract = desk.inference.models.get_version(point.organisation_id, point.version_id).contract
    titles = {one.name: one for output in contract.outputs for one in output.classes}
    meant = titles[rule.class_name]
    claim = rule.claim
    return TriagePoint(
        id=point.id,
        version_id=point.version_id,
        model_id=point.model_id,
        model_version=point.model_version,
        model_name=point.model_name,
        model_name_zh=contract.identity.name_zh,
        number=point.number,
        purpose=rule.purpose,
        class_title=meant.title,
        class_title_zh=meant.title_zh,
        threshold=rule.threshold,
        method=rule.calibration.method,
        alpha=rule.alpha,
        sites=[
            PointSite(
                organisation_id=one.organisation_id, negative=len(one.negative), positive=len(one.positive)
            )
            for one in rule.sites
        ],
        claim=None
        if claim is None
        else PointClaim(
            positive=claim.positive,
            negative=claim.negative,
            sensitivity=claim.sensitivity,
            sensitivity_low=claim.sensitivity_low,
            sensitivity_high=claim.sensitivity_high,
            specificity=claim.specificity,
            specificity_low=claim.specificity_low,
            specificity_high=claim.specificity_high,
            abstained=claim.abstained,
        ),
        reason=point.reason,
        made_at=point.made_at,
        made_by_name=point.made_by_name,
        ended_at=point.ended_at,
        ended_by_name=point.ended_by_name,
    )
