"""Work orders over HTTP. Nothing in an answer is about a patient."""

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from hemalum.capabilities.cases.model import Priority, Subspecialty
from hemalum.capabilities.cases.service import MOST_REASON
from hemalum.capabilities.orders import model
from hemalum.capabilities.orders.model import (
    REQUEST,
    PlacedOrder,
    PlacedState,
    Work,
    WorkOrder,
    WorkState,
    next_placed_states,
    next_states,
)
from hemalum.capabilities.orders.placing import ACCESSION
from hemalum.capabilities.orders.service import VIEW_CASE, Orders
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import kept_nowhere, require


async def _orders_of(request: Request) -> Orders:
    orders: Orders = request.app.state.orders
    return orders


router = APIRouter(tags=["orders"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW_CASE))]
Asker = Annotated[Actor, Depends(require(REQUEST))]
Accessioner = Annotated[Actor, Depends(require(ACCESSION))]
Desk = Annotated[Orders, Depends(_orders_of)]
Stain = Annotated[str, Field(max_length=model.MOST_STAIN)]


class WorkOrderShown(BaseModel):
    """Further work on one piece of a case."""

    id: str
    case_id: str
    case_number: str
    serial: int
    work: Work
    subject_id: str | None
    """Null for the whole case."""
    subject: str
    stains: list[str]
    copies: int
    priority: Priority
    reason: str
    words: str
    state: WorkState
    next_states: list[WorkState]
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str | None
    said: str
    """Why it was rejected or cancelled."""
    planned: list[str]
    """Ids of the pieces that were planned for it."""
    changed_at: datetime


class WorkPage(BaseModel):
    """A part of the list of the bench."""

    total: int
    offset: int
    items: list[WorkOrderShown]


class WorkCounts(BaseModel):
    """How many work orders are open."""

    by_state: dict[WorkState, int]
    by_case: dict[str, int]


class PlacedShown(BaseModel):
    """An order of a clinician. Who asked, and why, is told with the case."""

    id: str
    issuer: str
    number: str
    state: PlacedState
    next_states: list[PlacedState]
    specimen_ids: list[str]
    wants_revocation: bool
    """Whoever placed it took it back when the case was begun: people decide."""
    placed_at: datetime


class PlacedMoved(BaseModel):
    """Where an order of a clinician is to go; where it is, to keep what its placer took back."""

    state: PlacedState
    reason: str = Field(max_length=MOST_REASON)


class PanelShown(BaseModel):
    """Stains that are usually asked for together."""

    names: dict[str, str]
    """By language."""
    work: Work
    stains: list[str]
    fields: list[Subspecialty]
    """Where it is usual; everywhere if empty."""


class PanelsShown(BaseModel):
    """The usual stains of the laboratory."""

    stains: dict[Work, list[str]]
    panels: list[PanelShown]


class WorkRequested(BaseModel):
    """Further work, the same on each piece; one work order for each."""

    work: Work
    subject_ids: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[], max_length=model.MOST_SUBJECTS
    )
    """Parts, blocks or slides; a slide stands for its block where blocks are cut."""
    stains: list[Stain] = Field(default=[], max_length=model.MOST_STAINS)
    copies: int = Field(default=1, ge=1, le=model.MOST_COPIES)
    priority: Priority = Priority.ROUTINE
    reason: str = Field(default="", max_length=MOST_REASON)
    words: str = Field(default="", max_length=model.MOST_WORDS)


class WorkMoved(BaseModel):
    """Where an order is to go."""

    state: WorkState
    reason: str = Field(default="", max_length=MOST_REASON)


@router.get("/panels")
def list_panels(actor: Viewer, desk: Desk) -> PanelsShown:  # noqa: ARG001 (whoever sees cases may)
    """The usual stains of the laboratory, and those that are usually asked for together."""
    return PanelsShown(
        stains={work: list(names) for work, names in desk.panels.stains.items()},
        panels=[
            PanelShown(
                names=dict(each.names), work=each.work, stains=list(each.stains), fields=list(each.fields)
            )
            for each in desk.panels.panels
        ],
    )


@router.get("/counts")
def count_work(actor: Viewer, desk: Desk) -> WorkCounts:
    """How many work orders are open, by state and by case."""
    by_state, by_case = Counter[WorkState](), Counter[str]()
    for (case_id, state), many in desk.count_open(actor).items():
        by_state[state] += many
        by_case[case_id] += many
    return WorkCounts(by_state=dict(by_state), by_case=dict(by_case))


@router.get("/work")
def list_work(
    actor: Viewer,
    desk: Desk,
    state: Annotated[list[WorkState] | None, Query()] = None,
    work: Work | None = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> WorkPage:
    """Work orders for the bench, those that are open unless others are asked for: the most pressing first."""
    query = model.WorkQuery(work=work, offset=offset, limit=limit)
    if state:
        query = model.WorkQuery(tuple(state), work, offset, limit)
    total, found = desk.list_work(actor, query)
    return WorkPage(total=total, offset=offset, items=[shown_of(each) for each in found])


@router.get("/cases/{case_id}/work")
def list_case_work(case_id: str, actor: Viewer, desk: Desk) -> list[WorkOrderShown]:
    """The work orders of a case, oldest first."""
    return [shown_of(each) for each in desk.list_of_case(actor, case_id)]


@router.post("/cases/{case_id}/work", status_code=201)
def request_work(case_id: str, asked: WorkRequested, actor: Asker, desk: Desk) -> list[WorkOrderShown]:
    """Ask for further work; answers all work orders of the case."""
    wanted = model.WorkAsked(
        asked.work,
        tuple(asked.subject_ids),
        tuple(asked.stains),
        asked.copies,
        asked.priority,
        asked.reason,
        asked.words,
    )
    return [shown_of(each) for each in desk.request_work(actor, case_id, wanted)]


@router.get("/cases/{case_id}/placed")
def list_placed(case_id: str, actor: Viewer, desk: Desk) -> list[PlacedShown]:
    """The orders of clinicians that a case fulfils."""
    return [placed_of(each) for each in desk.placing.list_of_case(actor, case_id)]


@router.post("/placed/{order_id}/state")
def move_placed(order_id: str, asked: PlacedMoved, actor: Accessioner, desk: Desk) -> PlacedShown:
    """Hold an order of a clinician, release it, or revoke it."""
    return placed_of(desk.placing.move_placed(actor, order_id, asked.state, asked.reason))


@router.post("/work-orders/{order_id}/state")
def move_work(order_id: str, asked: WorkMoved, actor: Viewer, desk: Desk) -> WorkOrderShown:
    """Accept an order, reject it, begin, finish or cancel it."""
    return shown_of(desk.move_work(actor, order_id, asked.state, asked.reason))


def placed_of(order: PlacedOrder) -> PlacedShown:
    """An order of a clinician as it is answered."""
    return PlacedShown(
        id=order.id,
        issuer=order.issuer,
        number=order.number,
        state=order.state,
        next_states=list(next_placed_states(order.state)),
        specimen_ids=list(order.specimen_ids),
        wants_revocation=order.wants_revocation,
        placed_at=order.placed_at,
    )


def shown_of(order: WorkOrder) -> WorkOrderShown:
    """A work order as it is answered."""
    return WorkOrderShown(
        id=order.id,
        case_id=order.case_id,
        case_number=order.case_number,
        serial=order.serial,
        work=order.work,
        subject_id=order.subject_id,
        subject=order.subject,
        stains=list(order.stains),
        copies=order.copies,
        priority=order.priority,
        reason=order.reason,
        words=order.words,
        state=order.state,
        next_states=list(next_states(order.state)),
        requested_by_name=order.requested_by_name,
        requested_at=order.requested_at,
        decided_by_name=order.decided_by_name,
        said=order.said,
        planned=list(order.planned),
        changed_at=order.changed_at,
    )
