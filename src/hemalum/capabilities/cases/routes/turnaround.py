"""How long cases take, over HTTP. Nothing of a patient is in it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from hemalum.capabilities.cases.model import Priority, Subspecialty
from hemalum.capabilities.cases.routes.parts import Desk, Overseer
from hemalum.capabilities.cases.turnaround import (
    AGES_D,
    EDGES_H,
    Group,
    GroupBy,
    Span,
    Turn,
    TurnaroundQuery,
)
from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere

router = APIRouter(tags=["cases"], dependencies=[Depends(kept_nowhere)])


class StepTaken(BaseModel):
    """How long a step took in a group of cases."""

    count: int
    median_h: float
    p90_h: float


class TurnaroundGroup(BaseModel):
    """Cases that were told apart from others."""

    name: str
    count: int
    within: int
    low: float
    high: float
    """The 95 % interval of the share within target."""
    steps: dict[Span, StepTaken]


class TurnShown(BaseModel):
    """A case that took long."""

    case_id: str
    number: str
    subspecialty: Subspecialty
    priority: Priority
    total_h: float
    is_within: bool
    final_at: datetime


class TurnaroundShown(BaseModel):
    """How long cases took."""

    whole: TurnaroundGroup
    groups: list[TurnaroundGroup]
    edges_h: list[float]
    histogram: list[int]
    """Cases by total time: up to each edge, and beyond the last."""
    slowest: list[TurnShown]
    ages_d: list[float]
    backlog: list[int]
    """Open cases by age."""
    backlog_late: list[int]


async def _asked(
    begin: datetime,
    end: datetime,
    by: GroupBy = GroupBy.NOTHING,
    subspecialty: Annotated[Subspecialty | None, Query()] = None,
    priority: Annotated[Priority | None, Query()] = None,
) -> TurnaroundQuery:
    return TurnaroundQuery(begin, end, by, subspecialty, priority)


Asked = Annotated[TurnaroundQuery, Depends(_asked)]


@router.get("/turnaround")
def show_turnaround(asked: Asked, actor: Overseer, desk: Desk) -> TurnaroundShown:
    """How long cases took that became final in a period, and how old those are that are open now."""
    report = desk.turnaround.report(actor, asked)
    return TurnaroundShown(
        whole=_group(report.whole),
        groups=[_group(each) for each in report.groups],
        edges_h=list(EDGES_H),
        histogram=list(report.histogram),
        slowest=[_turn(each) for each in report.slowest],
        ages_d=list(AGES_D),
        backlog=list(report.backlog.counts),
        backlog_late=list(report.backlog.late),
    )


@router.get("/turnaround.csv", response_class=Response)
def export_turnaround(asked: Asked, actor: Overseer, desk: Desk) -> Response:
    """The cases of a period with when each reached what, as a table; readers for those who may know them."""
    turns = desk.turnaround.list_turns(actor, asked)
    times = ("received_at", "accessioned_at", "grossed_at", "ready_at", "assigned_at", "final_at", "due_at")
    heads = ("case", "subspecialty", "priority", "reader", *times, "total_h", "within_target")
    lines = [BYTE_ORDER_MARK, line_of(heads)]
    for turn in turns:
        moments = [getattr(turn, name) for name in times]
        cells = (
            turn.number,
            turn.subspecialty.value,
            turn.priority.value,
            turn.reader or "",
            *("" if one is None else one.isoformat() for one in moments),
            f"{turn.hours(Span.TOTAL):.2f}",
            str(int(turn.is_within)),
        )
        lines.append(line_of(cells))
    headers = KEPT_NOWHERE | {"content-disposition": 'attachment; filename="turnaround.csv"'}
    return Response("".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _group(group: Group) -> TurnaroundGroup:
    return TurnaroundGroup(
        name=group.name,
        count=group.count,
        within=group.within,
        low=group.low,
        high=group.high,
        steps={
            step: StepTaken(count=taken.count, median_h=taken.median_h, p90_h=taken.p90_h)
            for step, taken in group.steps.items()
        },
    )


def _turn(turn: Turn) -> TurnShown:
    return TurnShown(
        case_id=turn.case_id,
        number=turn.number,
        subspecialty=turn.subspecialty,
        priority=turn.priority,
        total_h=turn.hours(Span.TOTAL) or 0.0,
        is_within=turn.is_within,
        final_at=turn.final_at,
    )
