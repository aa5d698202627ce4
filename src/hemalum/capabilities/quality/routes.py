"""Rescreening over HTTP. What describes a patient stands in bodies only."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hemalum.capabilities.cases.model import Priority, Subspecialty
from hemalum.capabilities.quality import model
from hemalum.capabilities.quality.model import (
    ARBITRATE,
    HAND_IN,
    MANAGE,
    REREAD,
    VIEW,
    Answers,
    Board,
    Defect,
    Gravity,
    PlanAsked,
    Rate,
    RateBy,
    ReaderKind,
    Reread,
    Standing,
    State,
    Strata,
    Verdict,
)
from hemalum.capabilities.quality.rates import RateQuery
from hemalum.capabilities.quality.reading import MOST_REASON, Comparison, Trouble
from hemalum.capabilities.quality.service import Rescreening, Shown, ShownPlan
from hemalum.capabilities.reports.model import MOST_VALUE, Value
from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere, require


async def _rescreening_of(request: Request) -> Rescreening:
    rescreening: Rescreening = request.app.state.rescreening
    return rescreening


router = APIRouter(tags=["quality"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW))]
Manager = Annotated[Actor, Depends(require(MANAGE))]
Reader = Annotated[Actor, Depends(require(REREAD))]
Arbiter = Annotated[Actor, Depends(require(ARBITRATE))]
Program = Annotated[Actor, Depends(require(HAND_IN))]
Desk = Annotated[Rescreening, Depends(_rescreening_of)]

Id = Annotated[str, Field(min_length=1, max_length=80)]
ValueText = Annotated[str, Field(max_length=MOST_VALUE)]
type RereadValue = bool | float | ValueText | list[Id]
"""Yes or no, a number, the id of an option or a text, ids of options."""


class RereadText(BaseModel):
    """The same in both languages."""

    en: str
    zh: str


# Plans --------------------------------------------------------------------------------------------------


class PlanStrata(BaseModel):
    """Which signed cases a plan is about; all that is stated has to fit, and what is empty fits all."""

    model_config = ConfigDict(extra="forbid")

    templates: list[Id] = Field(default=[], max_length=model.MOST_STRATA)
    fields: list[Subspecialty] = Field(default=[], max_length=model.MOST_STRATA)
    priorities: list[Priority] = Field(default=[], max_length=model.MOST_STRATA)
    sites: list[Id] = Field(default=[], max_length=model.MOST_STRATA)
    readers: list[Id] = Field(default=[], max_length=model.MOST_STRATA)
    """Ids of those who signed."""


class PlanDraft(BaseModel):
    """A plan as a quality manager sets it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=model.MOST_NAME)
    share: float = Field(gt=0, le=1)
    strata: PlanStrata = PlanStrata()
    by_person: bool = True
    by_model: str = Field(default="", max_length=model.MOST_NAME)


class PlanShown(BaseModel):
    """A plan with how far it got."""

    id: str
    name: str
    share: float
    strata: PlanStrata
    by_person: bool
    by_model: str
    anchor: str
    """Stands in the log since before the first day; the seeds of all days hash to it."""
    first_day: date
    last_day: date | None
    made_by_name: str
    made_at: datetime
    signed: int
    drawn: int


class LotShown(BaseModel):
    """What became of one signed case."""

    case_id: str
    case_number: str
    lot: float
    is_drawn: bool


class ProofShown(BaseModel):
    """All by which anybody can draw the cases of a day again."""

    plan_id: str
    day: date
    share: float
    anchor: str
    seed: str
    """Hashed `steps` times by SHA-256 it is the anchor."""
    steps: int
    lots: list[LotShown]


def _plan(shown: ShownPlan) -> PlanShown:
    plan, strata = shown.plan, shown.plan.strata
    return PlanShown(
        id=plan.id,
        name=plan.name,
        share=plan.share,
        strata=PlanStrata(
            templates=list(strata.templates),
            fields=list(strata.fields),
            priorities=list(strata.priorities),
            sites=list(strata.sites),
            readers=list(strata.readers),
        ),
        by_person=plan.by_person,
        by_model=plan.by_model,
        anchor=plan.anchor,
        first_day=plan.first_day,
        last_day=plan.last_day,
        made_by_name=plan.made_by_name,
        made_at=plan.made_at,
        signed=shown.signed,
        drawn=shown.drawn,
    )


@router.get("/plans")
def list_plans(actor: Viewer, desk: Desk) -> list[PlanShown]:
    """What is read again, the newest plan first."""
    return [_plan(one) for one in desk.list_plans(actor)]


@router.post("/plans", status_code=201)
def set_plan(asked: PlanDraft, actor: Manager, desk: Desk) -> PlanShown:
    """Set a plan that is in force from tomorrow on."""
    stated = asked.strata
    strata = Strata(
        tuple(stated.templates),
        tuple(stated.fields),
        tuple(stated.priorities),
        tuple(stated.sites),
        tuple(stated.readers),
    )
    wanted = PlanAsked(asked.name, asked.share, strata, asked.by_person, asked.by_model)
    return _plan(ShownPlan(desk.plan(actor, wanted), 0, 0))


@router.post("/plans/{plan_id}/end", status_code=204)
def end_plan(plan_id: str, actor: Manager, desk: Desk) -> None:
    """End a plan with this day."""
    desk.end_plan(actor, plan_id)


@router.get("/plans/{plan_id}/days/{day}")
def prove_day(plan_id: str, day: date, actor: Manager, desk: Desk) -> ProofShown:
    """The seed of a day that is over, and the lot of every case of that day. That it was told is recorded."""
    proof = desk.prove(actor, plan_id, day)
    return ProofShown(
        plan_id=proof.plan.id,
        day=proof.day,
        share=proof.plan.share,
        anchor=proof.plan.anchor,
        seed=proof.seed,
        steps=proof.steps,
        lots=[
            LotShown(case_id=one.case_id, case_number=one.case_number, lot=one.lot, is_drawn=one.is_drawn)
            for one in proof.lots
        ],
    )


# The board ----------------------------------------------------------------------------------------------


class RereadShown(BaseModel):
    """A signed case that is read a second time. Nothing in it tells what the first report says."""

    id: str
    plan_id: str
    case_id: str
    case_number: str
    template_id: str
    """Empty for a report in free text alone."""
    template_digest: str
    field: Subspecialty
    priority: Priority
    signed_at: datetime
    signer_name: str | None
    """Null until it is completed."""
    state: State
    by_person: bool
    by_model: str
    gravity: Gravity | None
    """Null until it is completed."""
    standing: Standing | None
    defect: Defect | None
    decided_by_name: str | None
    offers_amendment: bool
    may_read: bool
    may_decide: bool
    is_mine: bool
    drawn_at: datetime
    changed_at: datetime


class BoardShown(BaseModel):
    """A list of the board, and how many stand on each."""

    items: list[RereadShown]
    counts: dict[Board, int]


class RereadAnswers(BaseModel):
    """Answers to the template of the first report."""

    model_config = ConfigDict(extra="forbid")

    values: dict[Id, RereadValue] = Field(default={}, max_length=200)
    words: str = Field(default="", max_length=model.MOST_WORDS)
    """The diagnosis in free text."""

    def stated(self) -> Answers:
        values: dict[str, Value] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.values.items()
        }
        return Answers(values, self.words)


class ModelAnswers(RereadAnswers):
    """What a model answers. An element that it does not answer is not compared."""

    name: str = Field(min_length=1, max_length=model.MOST_NAME)
    version: str = Field(min_length=1, max_length=model.MOST_NAME)


class RereadTrouble(BaseModel):
    """What is missing or wrong."""

    kind: str
    subject: str
    text: RereadText


class RereadCheck(BaseModel):
    """What answers amount to."""

    values: dict[str, RereadValue]
    """With those that follow by rules."""
    problems: list[RereadTrouble]


class DifferenceShown(BaseModel):
    """An element that two readings answer otherwise."""

    element: str
    label: RereadText
    first: RereadText | None
    second: RereadText | None
    gravity: Gravity


class SecondReading(BaseModel):
    """One second reading beside the first report."""

    kind: ReaderKind
    name: str
    version: str
    at: datetime
    gravity: Gravity
    values: dict[str, RereadValue]
    words: str
    differences: list[DifferenceShown]


class ComparisonShown(BaseModel):
    """All readings of a case, side by side."""

    reread: RereadShown
    first_values: dict[str, RereadValue]
    first_words: str
    seconds: list[SecondReading]
    rules_source: str
    decided_words: str


class VerdictAsked(BaseModel):
    """What an arbiter decides."""

    model_config = ConfigDict(extra="forbid")

    standing: Standing
    gravity: Gravity
    defect: Defect
    words: str = Field(min_length=1, max_length=model.MOST_WORDS)


class GivenUp(BaseModel):
    """Why a reread is not completed."""

    reason: str = Field(min_length=1, max_length=MOST_REASON)


def _shown(shown: Shown) -> RereadShown:
    one, signed = shown.reread, shown.reread.signed
    return RereadShown(
        id=one.id,
        plan_id=one.plan_id,
        case_id=signed.case_id,
        case_number=signed.number,
        template_id=signed.template_id,
        template_digest=signed.template_digest,
        field=signed.field,
        priority=signed.priority,
        signed_at=signed.signed_at,
        signer_name=signed.signer_name if shown.tells_people else None,
        state=one.state,
        by_person=one.by_person,
        by_model=one.by_model,
        gravity=one.gravity if shown.tells_people else None,
        standing=one.standing,
        defect=one.defect,
        decided_by_name=one.decided_by_name,
        offers_amendment=shown.offers_amendment,
        may_read=shown.may_read,
        may_decide=shown.may_decide,
        is_mine=shown.is_mine,
        drawn_at=one.drawn_at,
        changed_at=one.changed_at,
    )


def _plain(values: Any) -> dict[str, RereadValue]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _text(both: tuple[str, str] | None) -> RereadText | None:
    return None if both is None else RereadText(en=both[0], zh=both[1])


def _trouble(one: Trouble) -> RereadTrouble:
    return RereadTrouble(kind=one.kind, subject=one.subject, text=RereadText(en=one.text.en, zh=one.text.zh))


@router.get("/rereads")
def list_rereads(actor: Viewer, desk: Desk, board: Board = Board.TO_READ) -> BoardShown:
    """A list of the board, the newest first."""
    items, counts = desk.list_rereads(actor, board)
    return BoardShown(items=[_shown(one) for one in items], counts={one: counts.get(one, 0) for one in Board})


@router.get("/rereads/{reread_id}")
def show_reread(reread_id: str, actor: Viewer, desk: Desk) -> RereadShown:
    """One reread."""
    return _shown(desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/begin")
def begin_reread(reread_id: str, actor: Reader, desk: Desk) -> RereadShown:
    """Take a case to read it a second time, or to decide where readings differ."""
    desk.readings.begin(actor, reread_id)
    return _shown(desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/give-back")
def give_reread_back(reread_id: str, actor: Reader, desk: Desk) -> RereadShown:
    """Let somebody else have it."""
    desk.readings.give_back(actor, reread_id)
    return _shown(desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/check")
def check_reread(reread_id: str, asked: RereadAnswers, actor: Reader, desk: Desk) -> RereadCheck:
    """What answers amount to, without keeping them."""
    content, troubles = desk.readings.check(actor, reread_id, asked.stated())
    return RereadCheck(values=_plain(content.values), problems=[_trouble(one) for one in troubles])


@router.post("/rereads/{reread_id}/answer")
def answer_reread(reread_id: str, asked: RereadAnswers, actor: Reader, desk: Desk) -> RereadShown:
    """Say what was seen."""
    desk.readings.answer(actor, reread_id, asked.stated())
    return _shown(desk.get_reread(actor, reread_id))


@router.get("/rereads/{reread_id}/comparison")
def compare_reread(reread_id: str, actor: Viewer, desk: Desk) -> ComparisonShown:
    """All readings side by side: for the third reader, and for others once it is decided."""
    return _comparison(desk.readings.compare(actor, reread_id), desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/decision")
def decide_reread(reread_id: str, asked: VerdictAsked, actor: Arbiter, desk: Desk) -> RereadShown:
    """Say which reading stands. Nothing is amended by it."""
    verdict = Verdict(asked.standing, asked.gravity, asked.defect, asked.words)
    desk.readings.decide(actor, reread_id, verdict)
    return _shown(desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/give-up")
def give_reread_up(reread_id: str, asked: GivenUp, actor: Manager, desk: Desk) -> RereadShown:
    """End a reread that cannot be completed."""
    desk.readings.give_up(actor, reread_id, asked.reason)
    return _shown(desk.get_reread(actor, reread_id))


@router.post("/rereads/{reread_id}/model-readings", status_code=204)
def hand_model_reading_in(reread_id: str, asked: ModelAnswers, actor: Program, desk: Desk) -> None:
    """Hand the second reading of a model in."""
    desk.readings.hand_in(actor, reread_id, asked.name, asked.version, asked.stated())


def _comparison(found: Comparison, shown: Shown) -> ComparisonShown:
    return ComparisonShown(
        reread=_shown(shown),
        first_values=_plain(found.first.values),
        first_words=found.first.words,
        seconds=[
            SecondReading(
                kind=one.reading.kind,
                name=one.reading.name if shown.tells_people or one.reading.version else "",
                version=one.reading.version,
                at=one.reading.at,
                gravity=one.reading.gravity,
                values={} if one.reading.answers is None else _plain(one.reading.answers.values),
                words="" if one.reading.answers is None else one.reading.answers.words,
                differences=[
                    DifferenceShown(
                        element=each.element,
                        label=RereadText(en=each.label_en, zh=each.label_zh),
                        first=_text(each.first),
                        second=_text(each.second),
                        gravity=each.gravity,
                    )
                    for each in one.differences
                ],
            )
            for one in found.seconds
        ],
        rules_source=found.rules_source,
        decided_words=found.decided_words,
    )


# Rates --------------------------------------------------------------------------------------------------


class RateShown(BaseModel):
    """How many rereads of a group differ, each share with its 95 % interval."""

    name: str
    count: int
    differing: int
    major: int
    low: float
    high: float
    major_low: float
    major_high: float


class ChartPointShown(BaseModel):
    """A month of the chart of major discrepancies."""

    month: str
    count: int
    major: int
    centre: float
    limit: int | None
    """From so many on it is no chance; null for the first month."""
    is_alarm: bool


class RatesShown(BaseModel):
    """Rates of a time."""

    whole: RateShown
    groups: list[RateShown]
    chart: list[ChartPointShown]


_COLUMNS = (
    *("case", "site", "field", "template", "priority", "signed_by", "signed_at", "drawn_at"),
    *("completed_at", "gravity", "standing", "defect", "model"),
)
"""Of the table of completed rereads."""


async def _query(begin: datetime, end: datetime, by: RateBy = RateBy.NOTHING) -> RateQuery:
    return RateQuery(begin, end, by)


Asked = Annotated[RateQuery, Depends(_query)]


def _rate(rate: Rate) -> RateShown:
    return RateShown(
        name=rate.name,
        count=rate.count,
        differing=rate.differing,
        major=rate.major,
        low=rate.low,
        high=rate.high,
        major_low=rate.major_low,
        major_high=rate.major_high,
    )


@router.get("/rates")
def show_rates(asked: Asked, actor: Viewer, desk: Desk) -> RatesShown:
    """How often second readings differed; who signed is told to those who manage quality."""
    report = desk.rates.report(actor, asked)
    return RatesShown(
        whole=_rate(report.whole),
        groups=[_rate(one) for one in report.groups],
        chart=[
            ChartPointShown(
                month=one.month,
                count=one.count,
                major=one.major,
                centre=one.centre,
                limit=one.limit,
                is_alarm=one.is_alarm,
            )
            for one in report.chart
        ],
    )


@router.get("/rates.csv", response_class=Response)
def export_rates(asked: Asked, actor: Viewer, desk: Desk) -> Response:
    """The completed rereads of a time as a table; who signed for those who manage quality."""
    rereads, of_people = desk.rates.list_completed(actor, asked)
    lines = [BYTE_ORDER_MARK, line_of(_COLUMNS), *(line_of(_cells(one, of_people)) for one in rereads)]
    headers = KEPT_NOWHERE | {"content-disposition": 'attachment; filename="rescreening.csv"'}
    return Response("".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _cells(one: Reread, of_people: bool) -> list[str]:
    signed = one.signed
    return [
        signed.number,
        signed.site,
        signed.field.value,
        signed.template_id,
        signed.priority.value,
        signed.signer_name if of_people else "",
        signed.signed_at.isoformat(),
        one.drawn_at.isoformat(),
        one.changed_at.isoformat(),
        *("" if told is None else told.value for told in (one.gravity, one.standing, one.defect)),
        one.by_model,
    ]
